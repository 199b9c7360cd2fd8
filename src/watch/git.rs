//! What git is doing with the working tree of a configuration.

use std::path::Path;

use crate::git::discover::discover;

/// The files by which git says that it is in the middle of something, and what that is.
const SIGNS: [(&str, &str); 8] = [
    ("index.lock", "another git command"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
    ("MERGE_HEAD", "a merge"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("sequencer", "a cherry-pick or a revert of several commits"),
    ("BISECT_LOG", "a bisection"),
];

/// What git is in the middle of, in the working tree that a folder belongs to; `None` if the folder belongs to none.
pub(super) fn at_work(folder: &Path) -> Option<&'static str> {
    let git_dir = discover(folder).ok()?.git_dir;
    SIGNS.iter().find(|(sign, _)| git_dir.join(sign).symlink_metadata().is_ok()).map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{SIGNS, at_work};

    #[test]
    fn git_is_at_work_in_its_own_working_tree_only() {
        let folder = tempfile::tempdir().unwrap();
        let (repository, linked) = (folder.path().join("capacity"), folder.path().join("linked"));
        let root = repository.join("tenants/contoso");
        for git_dir in [".git", ".git/worktrees/linked"] {
            fs::create_dir_all(repository.join(git_dir).join("objects")).unwrap();
            fs::write(repository.join(git_dir).join("HEAD"), "ref: refs/heads/main\n").unwrap();
        }
        fs::create_dir_all(&root).unwrap();
        fs::create_dir_all(&linked).unwrap();
        fs::write(linked.join(".git"), "gitdir: ../capacity/.git/worktrees/linked\n").unwrap();
        assert_eq!((at_work(&root), at_work(&linked)), (None, None));
        for (sign, what) in SIGNS {
            for (git_dir, expected) in [(".git", (Some(what), None)), (".git/worktrees/linked", (None, Some(what)))] {
                let sign = repository.join(git_dir).join(sign);
                fs::write(&sign, "").unwrap();
                assert_eq!((at_work(&root), at_work(&linked)), expected);
                fs::remove_file(sign).unwrap();
            }
        }
    }
}
