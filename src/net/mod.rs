//! Requests over HTTP, whoever answers them: how they leave, and when they may be sent again. It knows no service.

pub mod transport;
pub mod again;
pub mod clock;
