//! The environment variables of the process, as a caller passes them in.

/// Looks up an environment variable of the process.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;
