//! The use cases, one file each: options in, an answer out. No command line, no printing, no exit codes, and no
//! environment variables except through [`ports::Ports`].

pub mod ports;
pub mod failure;
mod configuration;
mod tenant;
pub mod planned;

pub mod plan;
mod saved;
mod merge_preview;
pub mod apply;
pub mod watch;
pub mod validate;
pub mod drift;
pub mod status;
pub mod forecast;
pub mod doctor;
pub mod comment;
pub mod destination;
pub mod pull_request_comment;
pub mod explain;
pub mod init;
pub mod schema;
pub mod emulate;
