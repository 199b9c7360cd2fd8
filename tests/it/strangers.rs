//! Committed files can neither run programs on the machine that plans nor disclose files of that machine.

/// The seed of the built-in tenant in every checkout of these tests.
const SEED: &str = r#"tenant: contoso
purchased: { app-passes: 50 }
environments:
  - { id: "00000000-0000-4000-8000-000000000001", name: HR }
"#;

mod files;
mod git;
mod writing;
