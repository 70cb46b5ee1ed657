//! promscope
