//! Reads a configuration: from the disk, or from a commit.

pub mod configuration;
mod files;
pub mod base;
pub mod seed;
