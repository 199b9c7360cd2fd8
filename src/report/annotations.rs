//! Findings at their lines, as CI hosts take them. Everything that a host reads as its own language is escaped; every path is relative
//! to where the command ran, and to the repository where that is known.

mod annotated;
mod azure;
mod fingerprint;
mod github;
mod gitlab;
mod junit;
mod sarif;

pub use self::annotated::{Annotated, Reach};
pub use self::azure::azure;
pub use self::github::github;
pub use self::gitlab::gitlab;
pub use self::junit::junit;
pub use self::sarif::sarif;
