//! Renders views as text for a terminal.

pub mod lines;
mod rows;
mod groups;
pub mod plan;
pub mod run;
pub mod status;
pub mod forecast;
pub mod validate;
pub mod watch;
pub mod drift;
pub mod doctor;
pub mod failure;
