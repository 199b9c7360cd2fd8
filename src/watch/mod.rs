//! Watches the files of a configuration, and decides when a pass is made.

pub mod state;
pub mod step;
pub mod watcher;
mod filesystem;
mod folders;
mod git;
mod relevant;

#[cfg(test)]
mod tests;
