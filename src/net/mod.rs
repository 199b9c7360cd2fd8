//! HTTP requests to any service: the transport, its limits, and the delays before a retry.

pub mod transport;
pub mod retry;
pub mod clock;
pub mod bounds;
pub mod patience;
pub mod page;
