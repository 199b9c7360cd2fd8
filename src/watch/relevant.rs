//! Which events of the file system can mean that the configuration changed. Pure, over paths and kinds.

use std::path::{Component, Path};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind};

/// Folders in which nothing belongs to the configuration: git's and ours.
const PASSED_OVER: [&str; 2] = [".git", ".allotment"];

/// Whether a folder is not looked into.
pub(super) fn is_passed_over(name: &std::ffi::OsStr) -> bool {
    PASSED_OVER.iter().any(|passed| name == *passed)
}

/// Whether an event can matter. Reading a file is an event too, and does not: a watcher that reads the files after an event would
/// wake itself.
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

/// Whether an event can mean that a folder of this name is another one than before, or none.
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
    let hidden = inside.components().any(|part| matches!(part, Component::Normal(name) if is_passed_over(name)));
    !hidden && !inside.file_name().is_some_and(|name| is_temporary(&name.to_string_lossy()))
}

/// Files that editors make beside the one they save.
fn is_temporary(name: &str) -> bool {
    // vim tries whether it can write with a file of this name.
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
    fn reading_does_not_matter_and_writing_does() {
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
    fn what_git_and_editors_and_we_write_for_ourselves_does_not_matter() {
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
    fn a_rename_matters_where_one_of_its_ends_does() {
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
    fn a_root_below_a_folder_named_like_one_of_ours_is_watched_all_the_same() {
        let root = Path::new("/home/me/.git/capacity");
        let event = Event::new(WRITTEN).add_path(root.join("allotment.yaml"));
        assert!(is_relevant(root, &event));
    }
}
