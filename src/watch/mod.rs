//! Watches the folder of a configuration, and reports when the content of its files changed.

pub mod watcher;
mod folders;
mod relevant;
mod settle;

#[cfg(test)]
mod tests;
