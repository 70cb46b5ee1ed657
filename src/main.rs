//! promscope
fn main() {}
