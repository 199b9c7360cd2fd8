//! Applies an approved plan: reads before every write, sends what the schedule allows, and confirms by reading after.

pub mod executor;
pub mod options;
pub mod event;
pub mod stop;
mod pass;
mod work;
mod reads;
mod cells;
mod others;
mod patience;
mod breaker;
mod setting;

#[cfg(test)]
mod tests;
