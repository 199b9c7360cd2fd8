//! YAML text to documents with places, documents to what is desired, and every complaint about them. Pure: no file is opened here.

pub mod tree;

pub mod parse;
pub mod typed;
pub mod inputs;
pub mod includes;
pub mod early;
pub mod near;
pub mod check;
pub mod documents;
pub mod schema;
mod decode;
mod digest;
mod resolve;
mod surroundings;
pub mod starter;
