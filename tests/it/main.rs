//! What the whole tool does, mostly through the real binary.

mod afterwards;
mod columns;
mod dates;
mod debt;
mod emulate;
mod explain;
mod independent_schema;
mod json;
mod loader_laws;
mod loading;
mod nasty;
mod recovery;
mod scheduler_laws;
mod sessions;
mod support;
mod swap;
mod tenant_laws;
mod terminal;
mod tidy;
mod watch;
