//! Reads a configuration: from the disk, or from a commit.

pub mod configuration;
mod files;
mod left_out;
pub mod patterns;
pub mod base;
pub mod seed;
