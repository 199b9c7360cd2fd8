//! The plan: what changes, in which order, and what the pools hold before and after.
//!
//! Plain data without clock or place of execution: the same input gives the same bytes.

pub mod change;
pub mod pool;
pub mod draft;
pub mod order;
