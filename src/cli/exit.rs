//! The exit codes.

use crate::model::ending::Ending;

/// The exit code of an ending. The numbers are frozen.
pub const fn code(ending: Ending) -> u8 {
    match ending {
        Ending::Fine => 0,
        Ending::Failed => 1,
        Ending::Changes => 2,
        Ending::Refused => 3,
        Ending::Partial => 4,
        Ending::Interrupted => 130,
    }
}
