//! The conserving order: at every moment, whichever requests in flight have taken effect, no pool holds more than it may.
//!
//! [`order::order`] says which writes a draft takes and in which order; [`machine::Schedule`] decides while they run which
//! may be sent next. Both know amounts only: no clock, no tenant, no threads. [`holdings`] keeps the books.

mod cells;
pub mod holdings;
mod work;
mod contested;
mod exact;
mod greedy;
pub mod order;
pub mod outcome;
pub mod machine;
