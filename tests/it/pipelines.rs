//! The pipelines that users copy, the action that they call, and the workflows of this repository. Judges that are none of ours read them
//! (`check-jsonschema`, `shellcheck`, `zizmor`, `actionlint`); then what a host would run is run here, with an `allot` that records how it is called and ends as a test wants it,
//! with the real one, and in a checkout in which a stranger committed whatever may do harm.

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
