//! Files, links and devices that a checkout can contain, and how each is read or refused.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use super::{Folder, LinkTarget};
use crate::files::text::NotRead;

/// A checkout, with a secret outside it.
fn checkout() -> (tempfile::TempDir, Folder, PathBuf) {
    let whole = tempfile::tempdir().unwrap();
    let top = whole.path().join("checkout");
    fs::create_dir_all(top.join(".git")).unwrap();
    fs::create_dir_all(top.join("below/deep")).unwrap();
    fs::write(whole.path().join("token"), "secret").unwrap();
    fs::write(top.join(".git/config"), "secret").unwrap();
    fs::write(top.join("below/deep/file.yaml"), "ours").unwrap();
    let folder = Folder::open(&top).unwrap();
    (whole, folder, top)
}

fn reason(folder: &Folder, name: &str) -> String {
    match folder.text(Path::new(name)) {
        Ok(text) => format!("{} {}", text.text, if text.came_through_link { "through a link" } else { "itself" }),
        Err(error) => {
            let all = folder.texts(&[name.into()]);
            assert_eq!(
                all[0].as_ref().unwrap_err().to_string(),
                error.to_string(),
                "`texts` returns the same error as `text`"
            );
            error.to_string()
        }
    }
}

#[test]
fn only_ordinary_files_of_the_folder_are_read() {
    let (whole, folder, top) = checkout();
    let links: [(&str, &Path); 11] = [
        ("absolute", &whole.path().join("token")),
        ("up", Path::new("../token")),
        ("environ", Path::new("/proc/self/environ")),
        ("device", Path::new("/dev/zero")),
        ("git", Path::new(".git/config")),
        ("nowhere", Path::new("nothing")),
        ("round", Path::new("round")),
        ("inside", Path::new("below/deep/file.yaml")),
        ("dir", Path::new("below/deep")),
        ("twice", Path::new("inside")),
        ("through", Path::new("dir/file.yaml")),
    ];
    for (name, target) in links {
        symlink(target, top.join(name)).unwrap();
    }
    rustix::fs::mkfifoat(rustix::fs::CWD, top.join("pipe"), rustix::fs::Mode::RWXU).unwrap();
    let _socket = UnixListener::bind(top.join("socket")).unwrap();
    for (name, expected) in [
        ("below/deep/file.yaml", "ours itself"),
        ("inside", "ours through a link"),
        ("twice", "ours through a link"),
        ("through", "ours through a link"),
        ("absolute", "it is a link that leads out of its folder"),
        ("up", "it is a link that leads out of its folder"),
        ("environ", "it is a link that leads out of its folder"),
        ("device", "it is a link that leads out of its folder"),
        ("git", "it is a link into git's own folder"),
        ("nowhere", "it does not exist, or the link to it leads nowhere"),
        ("missing", "it does not exist, or the link to it leads nowhere"),
        ("below", "it is a folder, not a file"),
        ("dir", "it is a folder, not a file"),
        ("pipe", "it is not an ordinary file"),
    ] {
        assert_eq!(reason(&folder, name), expected, "{name}");
    }
    assert!(folder.text(Path::new("round")).is_err() && folder.text(Path::new("socket")).is_err());
    assert!(folder.text(Path::new("dir/file.yaml")).is_err(), "a linked folder is not entered");
    assert!(folder.text(Path::new("../token")).is_err() && folder.text(&whole.path().join("token")).is_err());
    for (name, target) in [
        ("inside", LinkTarget::File),
        ("dir", LinkTarget::Folder),
        ("up", LinkTarget::Outside),
        ("nowhere", LinkTarget::Nowhere),
    ] {
        assert_eq!(folder.target_of(Path::new(name)), target, "{name}");
    }
}

#[test]
fn many_files_are_read_in_their_order() {
    let (_whole, folder, top) = checkout();
    let names: Vec<PathBuf> = (0..40).map(|number| format!("below/{}/{number}.yaml", number % 3).into()).collect();
    for name in &names {
        fs::create_dir_all(top.join(name).parent().unwrap()).unwrap();
        fs::write(top.join(name), name.to_string_lossy().as_bytes()).unwrap();
    }
    let texts = folder.texts(&names).into_iter().map(|text| PathBuf::from(text.unwrap().text));
    assert_eq!(texts.collect::<Vec<_>>(), names);
}

#[test]
fn a_file_that_is_too_large_or_grows_is_not_read() {
    let (_whole, folder, top) = checkout();
    let file = fs::File::create(top.join("large")).unwrap();
    file.set_len(super::LARGEST).unwrap();
    assert!(folder.text(Path::new("large")).is_ok());
    let open = folder.file(Path::new("large")).unwrap();
    file.set_len(super::LARGEST + 1).unwrap();
    assert!(matches!(open.text(), Err(NotRead::TooLarge { .. })), "it grew while it was open");
    assert!(matches!(folder.text(Path::new("large")), Err(NotRead::TooLarge { .. })));
}

#[test]
fn an_open_file_is_read_after_its_name_changes() {
    let (whole, folder, top) = checkout();
    let open = folder.file(Path::new("below/deep/file.yaml")).unwrap();
    fs::remove_file(top.join("below/deep/file.yaml")).unwrap();
    symlink(whole.path().join("token"), top.join("below/deep/file.yaml")).unwrap();
    assert_eq!(open.text().unwrap().text, "ours");
}

#[test]
fn nothing_is_written_through_a_link() {
    let (whole, folder, top) = checkout();
    let target = whole.path().join("token");
    symlink(&target, top.join("report")).unwrap();
    symlink(whole.path().join("new"), top.join("fresh")).unwrap();
    symlink(whole.path(), top.join("out")).unwrap();
    for name in ["report", "fresh"] {
        let name = Path::new(name);
        assert!(folder.replace(name, b"x").is_err() && folder.append(name, b"x").is_err(), "{}", name.display());
        assert!(folder.create(name, b"x").is_err(), "{}", name.display());
    }
    assert!(folder.subfolder(Path::new("out/below")).is_err() && folder.subfolder(Path::new("../x")).is_err());
    assert_eq!(fs::read_to_string(&target).unwrap(), "secret");
    assert!(!whole.path().join("new").exists() && !whole.path().join("below").exists());
    let below = folder.subfolder(Path::new("below/new")).unwrap();
    below.replace(Path::new("report"), b"long text").unwrap();
    below.replace(Path::new("report"), b"text").unwrap();
    below.append(Path::new("report"), b" and more").unwrap();
    assert_eq!(fs::read_to_string(top.join("below/new/report")).unwrap(), "text and more");
    assert!(below.create(Path::new("report"), b"x").is_err());
}
