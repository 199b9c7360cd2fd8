//! The pipelines that users copy, and the action that they call. Judges that are none of ours read them (`check-jsonschema`, `shellcheck`,
//! `zizmor`); then what a host would run is run here, with an `allot` that records how it is called and exits as it is told, and
//! with the real one.

mod action;
mod azure;
mod called;
mod github;
mod gitlab;
mod judges;
mod machine;
mod real;
mod scripts;
