//! Plans: compares desired with observed state, checks the changes and orders the writes. Pure: dates and readings are passed in.

mod words;
mod pools;
mod entry;
mod day_sums;
mod matching;
pub mod planner;
pub mod forecast;
pub mod check;
pub mod schedule;
pub mod limits;
pub mod guard;
pub mod identity;
pub mod end;
pub mod status;
pub mod origin;
pub mod guard_changes;
pub mod merge_preview;

#[cfg(test)]
mod fixture;
