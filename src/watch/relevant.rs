//! Decides which events of the file system can change the configuration, and what they say about a file. The decision depends only on the
//! paths and the kind of an event.

use std::ffi::OsStr;
use std::path::Path;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind};

use super::step::Touch;
use crate::model::source::is_yaml;

/// What an event says about its paths; `None` if it cannot change the configuration. Reads of files are events too. They count for nothing:
/// otherwise the watcher would wake itself by reading the files.
pub(super) fn touch(event: &Event, path: &Path, root_name: &OsStr) -> Option<Touch> {
    let name = path.file_name()?;
    let holds_configuration = || is_yaml(path) || name == root_name;
    match event.kind {
        _ if is_temporary(&name.to_string_lossy()) => None,
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => holds_configuration().then_some(Touch::Done),
        EventKind::Access(_) => None,
        EventKind::Modify(ModifyKind::Data(_)) => holds_configuration().then_some(Touch::Written),
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Remove(_) => Some(Touch::Done),
        // A change of rights can make a file readable, and what is created can be a folder.
        EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Other => Some(Touch::Changed),
    }
}

/// Whether an event can create, remove, rename or replace a folder or a link, so that watches may belong to something else now.
pub(super) fn moves_folders(event: &Event) -> bool {
    matches!(
        event.kind,
        EventKind::Any
            | EventKind::Other
            | EventKind::Create(_)
            | EventKind::Remove(_)
            | EventKind::Modify(ModifyKind::Any | ModifyKind::Name(_) | ModifyKind::Other)
    )
}

/// Whether a file is git's, ours, or one that editors create beside the file that they save.
fn is_temporary(name: &str) -> bool {
    [".git", ".allotment"].contains(&name)
        || name.ends_with('~')
        || name.starts_with(".#")
        || (name.starts_with('.') && [".swp", ".swo", ".swx"].iter().any(|end| name.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::Path;

    use notify::event::{
        AccessKind, AccessMode, CreateKind, DataChange, MetadataKind, ModifyKind, RemoveKind, RenameMode,
    };
    use notify::{Event, EventKind};

    use super::{Touch, touch};

    fn check(kind: EventKind, path: &str, expected: Option<Touch>) {
        let path = Path::new("/team/capacity").join(path);
        assert_eq!(touch(&Event::new(kind), &path, OsStr::new("allotment.yaml")), expected, "{kind:?} {path:?}");
    }

    const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));

    #[test]
    fn a_write_goes_on_until_the_file_is_closed_and_reads_count_for_nothing() {
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), "allotment.yaml", None);
        check(EventKind::Access(AccessKind::Read), "allotment.yaml", None);
        check(EventKind::Access(AccessKind::Close(AccessMode::Read)), "allotment.yaml", None);
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), "allotment.yaml", Some(Touch::Done));
        check(WRITTEN, "environments/hr.yaml", Some(Touch::Written));
        check(WRITTEN, "environments/notes.txt", None);
        check(EventKind::Create(CreateKind::Folder), "environments/emea", Some(Touch::Changed));
        check(EventKind::Create(CreateKind::Folder), "environments/4913", Some(Touch::Changed));
        check(EventKind::Remove(RemoveKind::File), "environments/hr.yaml", Some(Touch::Done));
        check(EventKind::Modify(ModifyKind::Name(RenameMode::To)), "..data", Some(Touch::Done));
        let rights = EventKind::Modify(ModifyKind::Metadata(MetadataKind::Permissions));
        check(rights, "environments/hr.yaml", Some(Touch::Changed));
    }

    #[test]
    fn files_of_git_editors_and_ours_count_for_nothing() {
        for path in
            [".git", ".allotment", "environments/.hr.yaml.swp", "environments/hr.yaml~", "environments/.#hr.yaml"]
        {
            check(EventKind::Create(CreateKind::Any), path, None);
        }
        check(WRITTEN, "environments/swp.yaml", Some(Touch::Written));
    }
}
