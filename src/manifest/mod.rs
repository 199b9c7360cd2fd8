//! Turns YAML text into decoded files with places, and decoded files into a desired state or findings. Opens no file.

pub mod tree;

pub mod parse;
pub mod typed;
pub mod inputs;
pub mod includes;
pub mod early;
pub mod check;
pub mod documents;
pub mod schema;
mod core_type;
mod decode;
mod mistakes;
mod other_format;
mod quoting;
mod digest;
mod resolve;
mod surroundings;
pub mod shortened;
pub mod starter;
