//! Tenants: the port through which the tool reads and writes, and the adapters behind it.

pub mod port;
pub mod seed;
pub mod observe;
pub mod local;
pub mod power_platform;

#[cfg(test)]
pub(crate) mod fake;
