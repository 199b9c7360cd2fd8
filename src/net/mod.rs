//! HTTP requests to any service: the transport, and the delays before a retry.

pub mod transport;
pub mod retry;
pub mod clock;
pub mod page;
