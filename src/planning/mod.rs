//! Desired and observed become changes, headroom, guards and an order of writes. Pure: dates and readings are passed in.

mod words;
mod pools;
mod pairing;
pub mod planner;
pub mod forecast;
pub mod headroom;
pub mod schedule;
pub mod guard;
pub mod identity;
pub mod status;
pub mod aftermath;
pub mod origin;
pub mod meeting;

#[cfg(test)]
mod fixture;
