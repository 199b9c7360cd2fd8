//! One short file for each command.

pub mod init;
pub mod validate;
pub mod plan;
pub mod apply;
pub mod drift;
pub mod status;
pub mod forecast;
pub mod doctor;
pub mod comment;
pub mod watch;
pub mod emulate;
pub mod explain;
pub mod schema;
pub mod completions;
pub mod man;
