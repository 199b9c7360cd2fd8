//! The plan: the changes, the order of the writes, and the pools before and after. Plain data: the same input gives the same bytes.

pub mod change;
pub mod comparison;
pub mod pool;
pub mod draft;
pub mod order;
pub mod guards;
