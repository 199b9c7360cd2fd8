//! Golden sessions of the real binary: `tests/sessions/*.trycmd`, one readable file each, with the commands as typed, what
//! they print (both streams), their exit codes, and the files they read and leave (`NAME.in`, `NAME.out`).
//!
//! `TRYCMD=overwrite cargo test sessions` rewrites the expected output; review every line before you commit it.

use crate::support::SCRUBBED;

/// The date of every session.
const TODAY: &str = "2026-11-24T09:30:00Z";

#[test]
fn every_session_goes_as_written() {
    let cases = trycmd::TestCases::new();
    // Empty is as good as unset, and all that can be done here.
    SCRUBBED.iter().for_each(|name| {
        cases.env(*name, "");
    });
    cases
        .env("ALLOT_CLOCK", TODAY)
        .env("NO_COLOR", "1")
        .register_bin("cat", std::path::Path::new("/bin/cat"))
        .register_bin("sed", std::path::Path::new("/bin/sed"))
        .register_bin("rm", std::path::Path::new("/bin/rm"))
        .case("tests/sessions/*.trycmd");
}
