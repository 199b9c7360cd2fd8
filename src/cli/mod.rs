//! The face: what can be typed, what it means, how it ends. The only wing that knows all others.

pub mod args;
pub mod ci;
pub mod posting;
pub mod context;
pub mod exit;
pub mod output;
mod pipe;
pub mod faces;
pub mod configuration;
pub mod tenant;
pub mod branches;
pub mod progress;
pub mod interrupt;
pub mod question;
pub mod commands;
pub mod door;
pub mod stopped;
