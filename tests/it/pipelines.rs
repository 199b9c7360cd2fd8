//! The pipelines that users copy, the action that they call, and the workflows of this repository. Independent linters check them
//! (`check-jsonschema`, `shellcheck`, `zizmor`, `actionlint`). Then their scripts run here: with a fake `allot` that records its calls
//! and exits as the test wants, with the real `allot`, and in a checkout with hostile files.

mod action;
mod azure;
mod called;
mod github;
mod gitlab;
mod hostile;
mod judges;
mod machine;
mod own;
mod real;
mod scripts;
mod stranger;
