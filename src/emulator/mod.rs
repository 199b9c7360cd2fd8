//! The HTTP surface of the service over a built-in tenant, for tests and for clients without a tenant.
//!
//! `router` makes it, `serve` binds it to a socket. What is known of the service, and how certainly, stands in the docs of
//! each file; what nobody knows can be switched in `faults`. The amounts live in the tenant, which enforces its own rules.

pub mod faults;
pub mod errors;
pub mod filter;
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
pub mod router;
pub mod tls;
pub mod serve;

#[cfg(test)]
mod tests;
