//! Tenants of the real service: its shapes, its hosts, and the client that reads and writes it.
//!
//! `wire` only computes: it translates the service's shapes to the model and back.

pub mod wire;
pub mod endpoints;
pub mod token;
pub mod credential;
mod refusal;
mod client;
mod pages;
mod memory;
mod shared;
pub mod tenant;
pub mod reader;
pub mod writer;

#[cfg(test)]
mod tests;
