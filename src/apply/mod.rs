//! Applies an approved plan: reads before every write, sends what the schedule allows, and confirms each write by a later read.
//!
//! [`executor`] is the loop. `sender` decides which writes go out and what their responses mean, `confirmer` decides when to
//! read and judges readings, `pacing` holds the retries, the circuit breaker and the pauses, `put_off` the writes that wait
//! for another read, and `counting` and `others` count the units that others allocate meanwhile.

pub mod executor;
pub mod options;
pub mod event;
pub mod stop;
mod sender;
mod confirmer;
mod counting;
mod pacing;
mod put_off;
mod others;
mod setting;
mod writes;
mod snapshots;
mod comparison;
mod stopping;
mod totals;
mod errors;
mod left_out;
mod outcomes;

#[cfg(test)]
mod tests;
