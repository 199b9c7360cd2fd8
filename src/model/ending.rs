//! The result of a command, which decides its exit code.

/// The result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The command did everything.
    Fine,
    /// Something failed.
    Failed,
    /// The tenant differs from the configuration, and the caller asked for a separate exit code for that.
    Changes,
    /// Refused: an invalid configuration, no headroom, a rule, or a stale plan.
    Refused,
    /// Some changes of a plan were applied, or may have been, and others were not.
    Partial,
    /// The user interrupted the command.
    Interrupted,
}
