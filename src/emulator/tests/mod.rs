//! Tests of the router in process: every route and every fault.

mod allocations;
mod described;
mod fixture;
mod guard;
mod newest;
mod others;
mod random_faults;
