//! An emulator of the service's HTTP interface on top of a built-in tenant, for tests and for clients without a tenant.
//!
//! `router` builds it, `serve` binds it to a socket, and `guard` refuses other names and web pages. The tenant holds
//! the amounts and enforces its rules. `faults` selects among behaviours that are not documented. Each file cites the
//! section of powerplatform-api.md that describes the known behaviour.

pub mod faults;
pub mod errors;
pub mod filter;
mod memory;
pub mod state;
pub mod documents;
mod locks;
pub mod request;
pub mod allocations;
pub mod entitlements;
pub mod reports;
pub mod environments;
pub mod settings;
pub mod login;
pub mod random_faults;
pub mod control;
pub mod names;
pub mod guard;
pub mod router;
pub mod tls;
pub mod serve;

#[cfg(test)]
mod tests;
