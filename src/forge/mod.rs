//! Where pull requests are: the port that comments and statuses go through, and the adapters behind it.

pub mod port;
pub mod places;
pub mod client;
pub mod github;
pub mod gitlab;
pub mod azure;
