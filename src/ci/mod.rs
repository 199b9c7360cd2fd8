//! The CI host that runs this process, and the job on it. Only computes: the environment variables are passed in.

pub mod host;
pub mod job;
