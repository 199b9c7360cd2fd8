//! Tenants: the port that the engine reads and writes through, and the adapters behind it.

pub mod port;
pub mod seed;
pub mod local;
pub mod power_platform;
