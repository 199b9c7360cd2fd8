//! The CI host that runs this process, and the job on it. This module does no I/O: the caller passes the environment variables and the
//! event in.

pub mod event;
pub mod host;
pub mod job;
pub mod variables;
pub mod who;
