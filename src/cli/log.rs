//! The log of the program (`-v`, `ALLOT_LOG`) on stderr. Its values come from hosts, files and tenants, and are made safe for a terminal and
//! for the log of a CI host.

use std::fmt::Debug;
use std::io::{self, Write as _};

use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use crate::report::safe::ci_log::logged;

/// Logs to stderr, if that was asked for.
pub(super) fn start(verbose: u8, has_colour: bool) {
    let asked = std::env::var("ALLOT_LOG").ok().filter(|filter| !filter.is_empty());
    let filter = match (asked, verbose) {
        (Some(filter), _) => filter,
        (None, 0) => return,
        (None, 1) => "allotment=info".to_owned(),
        (None, _) => "allotment=trace".to_owned(),
    };
    let field = |writer: &mut Writer<'_>, field: &Field, value: &dyn Debug| {
        let value = logged(&format!("{value:?}"));
        match field.name() {
            "message" => write!(writer, "{value}"),
            name => write!(writer, "{name}={value}"),
        }
    };
    let built = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(has_colour)
        .fmt_fields(debug_fn(field).delimited(" "))
        .with_writer(io::stderr)
        .try_init();
    if let Err(error) = built {
        let _ = writeln!(io::stderr(), "note: the log cannot be started: {error}");
    }
}
