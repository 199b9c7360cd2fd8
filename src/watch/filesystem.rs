//! File systems that report no events, or not those of other machines.

use std::path::Path;

/// Why the system reports no events about a folder; `None` if it does, as far as is known.
#[cfg(target_os = "linux")]
pub(super) fn without_events(folder: &Path) -> Option<&'static str> {
    // The magic numbers of statfs(2).
    const REMOTE: [(u32, &str); 6] = [
        (0x6969, "NFS reports no events of other machines"),
        (0xff53_4d42, "CIFS reports no events of other machines"),
        (0xfe53_4d42, "SMB reports no events of other machines"),
        (0x6573_5546, "FUSE reports no events of the other side"),
        (0x0102_1997, "9P reports no events of the other side"),
        (0x5346_4846, "the file system of the Windows host reports no events"),
    ];
    let kind = rustix::fs::statfs(folder).ok()?.f_type;
    REMOTE.iter().find(|(magic, _)| i128::from(kind) & 0xffff_ffff == i128::from(*magic)).map(|(_, why)| *why)
}

/// Why the system reports no events about a folder; `None` if it does, as far as is known.
#[cfg(not(target_os = "linux"))]
pub(super) fn without_events(_folder: &Path) -> Option<&'static str> {
    None
}
