//! Desired and observed become changes, headroom, guards and an order of writes. Pure: dates and readings are passed in.

pub mod schedule;
