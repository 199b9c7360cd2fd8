//! Hosts of pull requests: the port for comments and statuses, and its adapters.

pub mod port;
pub mod places;
pub mod client;
pub mod github;
pub mod gitlab;
pub mod azure;
