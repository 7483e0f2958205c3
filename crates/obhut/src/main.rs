//! The Obhut command line.
fn main() {}
