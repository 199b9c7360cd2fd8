pub(super) mod harness;
mod confirming;
mod failing;
mod laws;
mod sending;
mod setting;
mod stopping;
mod weather;
