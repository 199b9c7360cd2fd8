//! Reads a git repository: commits, merges of two commits, and the files of a commit.
//!
//! A checkout may be a stranger's pull request. So `discover` finds the repository by its `.git`, which no commit can contain, and
//! only `command` starts git, so that git runs no program that a repository names, prompts no user, and fetches nothing.

pub mod error;
pub mod discover;
mod command;
mod mirror;
pub mod repository;
pub mod tree;
