//! How a command ended.

/// How a command ended. The command line turns it into an exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everything that was asked for was done.
    Fine,
    /// Something failed.
    Failed,
    /// The tenant differs from the configuration, and the caller asked for a code of its own for that.
    Changes,
    /// Refused: an invalid configuration, headroom, a rule, a stale plan.
    Refused,
    /// Some changes of a plan were applied, and others were not.
    Partial,
    /// Interrupted by the person who started it.
    Interrupted,
}
