//! Golden sessions of the real binary: `tests/sessions/*.trycmd`, one readable file each, with the commands as typed, what
//! they print (both streams), their exit codes, and the files they read and leave (`NAME.in`, `NAME.out`).
//!
//! `TRYCMD=overwrite cargo test sessions` takes over what was printed; every line of it is then read before it is kept.

/// The day on which every session happens.
const TODAY: &str = "2026-11-24T09:30:00Z";

#[test]
fn every_session_goes_as_written() {
    trycmd::TestCases::new()
        .env("ALLOT_CLOCK", TODAY)
        .env("NO_COLOR", "1")
        .env("GITHUB_ACTIONS", "")
        .env("GITLAB_CI", "")
        .env("TF_BUILD", "")
        .register_bin("cat", std::path::Path::new("/bin/cat"))
        .register_bin("sed", std::path::Path::new("/bin/sed"))
        .register_bin("rm", std::path::Path::new("/bin/rm"))
        .case("tests/sessions/*.trycmd");
}
