//! The HTTP surface of the service over a built-in tenant, for tests and for clients without a tenant.
//!
//! `router` makes it, `serve` binds it to a socket, `guard` keeps other names and web pages out. The docs of each file say what is
//! known of the service, and how certainly; what is unknown can be switched in `faults`. The amounts live in the tenant, which
//! enforces its own rules.

pub mod faults;
pub mod errors;
pub mod filter;
mod memory;
pub mod state;
pub mod documents;
pub mod asked;
pub mod allocations;
pub mod entitlements;
pub mod reports;
pub mod environments;
pub mod settings;
pub mod login;
pub mod weather;
pub mod control;
pub mod names;
pub mod guard;
pub mod router;
pub mod tls;
pub mod serve;

#[cfg(test)]
mod tests;
