//! Checks whether pools, purchases and budgets suffice, today and on every later date. Pure.

pub(crate) mod pool_check;
mod debts;
mod purchases;
mod rooms;
mod budget_use;
pub mod budgets;
pub mod headroom;
