//! What a stranger commits may run nothing on the machine that plans it, and show nothing of that machine.

/// What the built-in tenant of every checkout here starts with.
const SEED: &str = r#"tenant: contoso
purchased: { app-passes: 50 }
environments:
  - { id: "00000000-0000-4000-8000-000000000001", name: HR }
"#;

mod files;
mod git;
mod writing;
