//! The order of writes: no pool ever holds more than its ceiling, whichever writes in flight have taken effect.
//!
//! [`order::order`] splits a draft into writes and orders them. [`machine::Schedule`] decides during a run which write may be sent next.
//! [`holdings`] keeps the books. All of them know amounts only: no clock, no service, no threads.

mod numbers;
pub mod holdings;
mod batch;
mod contested;
mod exact;
mod greedy;
pub mod order;
pub mod not_sent;
pub mod machine;
