//! The built-in tenant: one SQLite file beside the root file, started from a seed. It enforces the rules of the service.

pub mod faults;
pub mod place;
pub mod store;
pub mod shared;
pub mod tenant;
pub mod reader;
pub mod rules;
pub mod writer;

#[cfg(test)]
mod tests;
