//! Reading a git repository: commits, what merging two of them makes, and the files of a commit.
//!
//! A checkout may be a stranger's pull request. So `discover` finds the repository by its `.git`, which no commit can contain, and
//! `command` is the one place that starts git: there no configuration, attribute or hook of a repository starts another program,
//! git asks no user for anything, and nothing is fetched.

pub mod error;
pub mod discover;
mod command;
mod mirror;
pub mod repository;
pub mod tree;
