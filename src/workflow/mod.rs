//! The use cases: options in, an answer out. No command line, no printing, no exit codes, no environment variables.

pub mod examine;
pub mod pull_request_comment;
