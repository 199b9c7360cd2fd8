//! The shapes of the service's interface, and the model's values in them. Only computes.
//!
//! An unknown field, value or rule is kept as received, and sent back unchanged.

pub mod consumption;
pub mod document;
pub mod entitlements;
pub mod environments;
pub mod reports;
pub mod rows;
pub mod settings;
