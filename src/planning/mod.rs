//! Desired and observed become changes, headroom, guards and an order of writes. Pure: dates and readings are passed in.

mod words;
mod pools;
mod matching;
pub mod planner;
pub mod forecast;
pub mod check;
pub mod schedule;
pub mod guard;
pub mod identity;
pub mod status;
pub mod after_apply;
pub mod origin;
pub mod merge_preview;

#[cfg(test)]
mod fixture;
