//! Decides which file system events can change the configuration. The decision depends only on the path and the kind of
//! an event.

use std::path::{Component, Path};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind};

/// Folders that never contain configuration: git's and ours.
const IGNORED_FOLDERS: [&str; 2] = [".git", ".allotment"];

/// Whether a folder is neither read nor watched.
pub(super) fn is_ignored_folder(name: &std::ffi::OsStr) -> bool {
    IGNORED_FOLDERS.iter().any(|ignored| name == *ignored)
}

/// Whether an event can change the configuration. Reads of files are events too but never relevant, because otherwise the watcher
/// would wake itself by reading the files.
pub(super) fn is_relevant(root: &Path, event: &Event) -> bool {
    if event.need_rescan() {
        return true;
    }
    let reads_only = match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
        EventKind::Access(_) => true,
        _ => false,
    };
    !reads_only && (event.paths.is_empty() || event.paths.iter().any(|path| path_matters(root, path)))
}

/// Whether an event can create, remove, rename or replace a folder.
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

/// Whether a path can belong to the configuration.
fn path_matters(root: &Path, path: &Path) -> bool {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let hidden = inside.components().any(|part| matches!(part, Component::Normal(name) if is_ignored_folder(name)));
    !hidden && !inside.file_name().is_some_and(|name| is_temporary(&name.to_string_lossy()))
}

/// Whether a file is one that editors create beside the file that they save.
fn is_temporary(name: &str) -> bool {
    // vim tests with a file of this name whether the folder is writable.
    name == "4913"
        || name.ends_with('~')
        || name.starts_with(".#")
        || (name.starts_with('.') && [".swp", ".swo", ".swx"].iter().any(|end| name.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use notify::event::{
        AccessKind, AccessMode, CreateKind, DataChange, Flag, MetadataKind, ModifyKind, RemoveKind, RenameMode,
    };
    use notify::{Event, EventKind};

    use super::is_relevant;

    fn check(kind: EventKind, paths: &[&str], expected: bool) {
        let root = Path::new("/team/capacity");
        let event = paths.iter().fold(Event::new(kind), |event, path| event.add_path(root.join(path)));
        assert_eq!(is_relevant(root, &event), expected, "{kind:?} {paths:?}");
    }

    const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));

    #[test]
    fn writes_are_relevant_and_reads_are_not() {
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), &["allotment.yaml"], false);
        check(EventKind::Access(AccessKind::Read), &["allotment.yaml"], false);
        check(EventKind::Access(AccessKind::Close(AccessMode::Read)), &["allotment.yaml"], false);
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), &["allotment.yaml"], true);
        check(WRITTEN, &["environments/hr.yaml"], true);
        check(EventKind::Create(CreateKind::Folder), &["environments/emea"], true);
        check(EventKind::Remove(RemoveKind::File), &["environments/hr.yaml"], true);
        check(EventKind::Modify(ModifyKind::Metadata(MetadataKind::Permissions)), &["environments/hr.yaml"], true);
    }

    #[test]
    fn files_of_git_editors_and_ours_are_not_relevant() {
        for path in [
            ".git/index.lock",
            ".git/objects/ab/cdef",
            ".allotment/tenant.db-wal",
            "environments/.hr.yaml.swp",
            "environments/.hr.yaml.swx",
            "environments/hr.yaml~",
            "environments/.#hr.yaml",
            "environments/4913",
        ] {
            check(WRITTEN, &[path], false);
        }
        check(WRITTEN, &["environments/swp.yaml"], true);
        check(WRITTEN, &[".github/capacity.yaml"], true);
    }

    #[test]
    fn a_rename_is_relevant_if_one_of_its_paths_is() {
        let renamed = EventKind::Modify(ModifyKind::Name(RenameMode::Both));
        check(renamed, &["environments/hr.yaml~", "environments/hr.yaml"], true);
        check(renamed, &["environments/hr.yaml~", "environments/.hr.yaml.swp"], false);
    }

    #[test]
    fn events_that_were_lost_matter() {
        let event = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert!(is_relevant(Path::new("/team"), &event));
        check(EventKind::Any, &[], true);
    }

    #[test]
    fn a_root_inside_an_ignored_folder_is_watched() {
        let root = Path::new("/home/me/.git/capacity");
        let event = Event::new(WRITTEN).add_path(root.join("allotment.yaml"));
        assert!(is_relevant(root, &event));
    }
}
