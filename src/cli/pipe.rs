//! Whether the program that reads our output has ended, as `head` does.

use std::io;

/// The error codes of Windows for a pipe without a reader: broken (109), closing (232), no process at the other end (233).
const CLOSED_ON_WINDOWS: [i32; 3] = [109, 232, 233];

/// Whether a write failed because its reader has ended.
pub(super) fn is_closed_pipe(error: &io::Error) -> bool {
    is_closed(error.kind(), error.raw_os_error().filter(|_| cfg!(windows)))
}

fn is_closed(kind: io::ErrorKind, windows: Option<i32>) -> bool {
    kind == io::ErrorKind::BrokenPipe || windows.is_some_and(|code| CLOSED_ON_WINDOWS.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_pipe_without_a_reader_is_closed() {
        for (kind, windows, expected) in [
            (io::ErrorKind::BrokenPipe, None, true),
            (io::ErrorKind::Other, Some(109), true),
            (io::ErrorKind::Other, Some(232), true),
            (io::ErrorKind::Other, Some(233), true),
            (io::ErrorKind::StorageFull, Some(112), false),
            (io::ErrorKind::PermissionDenied, None, false),
        ] {
            assert_eq!(is_closed(kind, windows), expected, "{kind} {windows:?}");
        }
        assert!(is_closed_pipe(&io::ErrorKind::BrokenPipe.into()));
    }
}
