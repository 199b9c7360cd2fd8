//! The door: parse, run, exit.

fn main() {}
