//! The shapes of the service's interface, and the model's values in them. Nothing here talks to anybody.
//!
//! A field, a value or a rule that is not known here is kept as it came, and goes back as it came.

pub mod document;
pub mod entitlements;
pub mod environments;
pub mod reports;
pub mod settings;
