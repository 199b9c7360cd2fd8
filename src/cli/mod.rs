//! The command line: what can be typed, what is printed, and how the process ends. Every command turns its arguments into the options
//! of a workflow, and its answer into text and an exit code. The workflows themselves are in `src/workflow`.

pub mod door;
pub mod commands;
pub mod args;
pub mod context;
pub mod present;
mod application;
pub mod question;
pub mod progress;
mod watching;
pub mod interrupt;
pub mod bar;
mod log;
pub mod output;
mod pipe;
pub mod runtime;
pub mod exit;
