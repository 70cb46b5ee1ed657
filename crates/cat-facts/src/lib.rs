//! cat-facts
