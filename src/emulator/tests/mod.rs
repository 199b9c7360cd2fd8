//! The router called in process: every address, every fault, and laws of both.

mod allocations;
mod described;
mod fixture;
mod guard;
mod newest;
mod others;
mod weather;
