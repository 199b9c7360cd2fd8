//! Findings as annotations in the formats of CI hosts. Text that a host would parse as its own syntax is escaped. Paths are relative
//! to the repository if it is known, and otherwise to the working folder.

mod annotated;
mod azure;
mod fingerprint;
mod github;
mod gitlab;
mod junit;
mod sarif;
mod warning;

pub use self::annotated::{Annotated, Reach};
pub use self::azure::azure;
pub use self::github::github;
pub use self::gitlab::gitlab;
pub use self::junit::junit;
pub use self::sarif::sarif;
pub use self::warning::warning;
