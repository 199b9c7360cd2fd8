//! Tests with real files. Each test waits for a change with a generous timeout. To show that there was only one change, the test
//! then writes a mark, which must be the next change.

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::timeout;

use super::watcher::{Watcher, digest_of};
use crate::model::source::Sources;

/// Every YAML file below a folder and its text.
fn content(folder: &Path) -> String {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml") {
                files.push(format!("{}={}", path.display(), fs::read_to_string(&path).unwrap_or_default()));
            }
        }
    }
    files.sort();
    files.join("\n")
}

struct House {
    folder: TempDir,
    looks: Cell<usize>,
}

impl House {
    fn new() -> House {
        let house = House { folder: tempfile::tempdir().unwrap(), looks: Cell::new(0) };
        fs::create_dir_all(house.root().join("environments")).unwrap();
        fs::create_dir_all(house.root().join(".git/objects")).unwrap();
        fs::create_dir_all(house.root().join(".allotment")).unwrap();
        house.write("allotment.yaml", "version: 1");
        house.write("environments/hr.yaml", "one");
        house.write("environments/it.yaml", "two");
        house
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("capacity")
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.root().join(path), text).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.root().join(from), self.root().join(to)).unwrap();
    }

    fn watcher(&self) -> Watcher<impl FnMut() -> String> {
        Watcher::new(&self.root(), || {
            self.looks.set(self.looks.get() + 1);
            content(&self.root())
        })
        .unwrap()
    }
}

/// The digest after the next change.
async fn next(watcher: &mut Watcher<impl FnMut() -> String>) -> String {
    let change = timeout(Duration::from_secs(60), watcher.next_change()).await;
    change.expect("a change within a minute").unwrap();
    watcher.seen.clone()
}

/// Edits the files, and checks that the edit is exactly one change and that this change shows all of it.
async fn one_change(does: impl Fn(&House)) {
    let house = House::new();
    let mut watcher = house.watcher();
    does(&house);
    let seen = next(&mut watcher).await;
    assert_eq!(seen, content(&house.root()), "the change shows all that was done");
    house.write("environments/mark.yaml", "mark");
    let marked = next(&mut watcher).await;
    assert_eq!(marked, content(&house.root()));
    assert!(marked.contains("=mark") && !seen.contains("=mark"), "the mark is the next change");
}

/// Edits the files, and checks that the edit is no change.
async fn no_change(does: impl Fn(&House)) {
    let house = House::new();
    let mut watcher = house.watcher();
    does(&house);
    house.write("environments/mark.yaml", "mark");
    assert_eq!(next(&mut watcher).await, content(&house.root()));
}

#[tokio::test]
async fn writing_in_place() {
    one_change(|house| house.write("environments/hr.yaml", "three")).await;
}

#[tokio::test]
async fn saving_as_vim_does() {
    one_change(|house| {
        house.write("environments/4913", "");
        fs::remove_file(house.root().join("environments/4913")).unwrap();
        house.rename("environments/hr.yaml", "environments/hr.yaml~");
        house.write("environments/hr.yaml", "three");
        fs::remove_file(house.root().join("environments/hr.yaml~")).unwrap();
    })
    .await;
}

#[tokio::test]
async fn replacing_as_sed_does_twice_in_a_row() {
    let house = House::new();
    let mut watcher = house.watcher();
    for text in ["three", "four"] {
        house.write("environments/sedAbC123", text);
        house.rename("environments/sedAbC123", "environments/hr.yaml");
        let seen = next(&mut watcher).await;
        assert!(seen.contains(text), "a watch of the file itself would be lost after the first time");
        assert_eq!(seen, content(&house.root()));
    }
}

#[tokio::test]
async fn several_files_at_once() {
    one_change(|house| {
        for number in 0..200 {
            house.write(&format!("environments/team-{number}.yaml"), "text");
        }
    })
    .await;
}

#[tokio::test]
async fn a_new_folder_in_a_new_folder_and_what_is_written_there_later() {
    let house = House::new();
    let mut watcher = house.watcher();
    fs::create_dir_all(house.root().join("environments/emea/de")).unwrap();
    house.write("environments/emea/de/hr.yaml", "three");
    assert_eq!(next(&mut watcher).await, content(&house.root()));
    house.write("environments/emea/de/hr.yaml", "four");
    let seen = next(&mut watcher).await;
    assert!(seen.contains("=four"), "new folders are watched too");
}

#[tokio::test]
async fn a_folder_made_again_is_one_change_and_watched_again() {
    let house = House::new();
    let mut watcher = house.watcher();
    fs::remove_dir_all(house.root().join("environments")).unwrap();
    fs::create_dir(house.root().join("environments")).unwrap();
    house.write("environments/hr.yaml", "three");
    assert_eq!(next(&mut watcher).await, content(&house.root()));
    house.write("environments/hr.yaml", "four");
    assert!(next(&mut watcher).await.contains("=four"));
}

#[tokio::test]
async fn a_missing_root_is_awaited() {
    let house = House::new();
    let mut watcher = house.watcher();
    let away = house.folder.path().join("away");
    fs::rename(house.root(), &away).unwrap();
    let (changed, ()) = tokio::join!(timeout(Duration::from_secs(60), watcher.next_change()), async {
        // Longer than the watcher takes to notice: a missing root is no change.
        tokio::time::sleep(Duration::from_millis(700)).await;
        fs::write(away.join("environments/hr.yaml"), "three").unwrap();
        fs::rename(&away, house.root()).unwrap();
    });
    changed.unwrap().unwrap();
    assert!(watcher.seen.contains("=three"));
    house.write("environments/hr.yaml", "four");
    assert!(next(&mut watcher).await.contains("=four"), "it is watched again");
}

#[tokio::test]
async fn a_root_made_again_at_once_is_watched_again() {
    let house = House::new();
    let mut watcher = house.watcher();
    fs::remove_dir_all(house.root()).unwrap();
    fs::create_dir_all(house.root().join("environments")).unwrap();
    house.write("environments/hr.yaml", "three");
    assert_eq!(next(&mut watcher).await, content(&house.root()));
    house.write("environments/hr.yaml", "four");
    assert!(next(&mut watcher).await.contains("=four"));
}

#[tokio::test]
async fn touching_or_saving_the_same_text_is_no_change() {
    no_change(|house| {
        house.write("environments/hr.yaml", "one");
        let file = fs::File::options().write(true).open(house.root().join("allotment.yaml")).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    })
    .await;
}

#[tokio::test]
async fn files_of_git_and_editors_cause_no_read() {
    let house = House::new();
    let mut watcher = house.watcher();
    house.write(".git/HEAD", "ref: refs/heads/main");
    house.write(".allotment/tenant.db", "bytes");
    house.write("environments/.hr.yaml.swp", "bytes");
    let waited = timeout(Duration::from_millis(400), watcher.next_change()).await;
    assert!(waited.is_err(), "no change comes of it");
    assert_eq!(house.looks.get(), 1, "the files are read at the start only");
}

#[tokio::test]
async fn git_is_let_finish() {
    let house = House::new();
    house.write(".git/HEAD", "ref: refs/heads/main\n");
    let mut watcher = house.watcher();
    house.write(".git/index.lock", "");
    house.write("environments/hr.yaml", "three");
    assert!(timeout(Duration::from_millis(600), watcher.next_change()).await.is_err(), "git is still at work");
    house.write("environments/it.yaml", "four");
    fs::remove_file(house.root().join(".git/index.lock")).unwrap();
    assert_eq!(next(&mut watcher).await, content(&house.root()));
}

#[test]
fn a_missing_folder_cannot_be_watched() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let error = Watcher::new(&missing, String::new).err().unwrap();
    assert_eq!(error.to_string(), format!("cannot watch {}", missing.display()));
}

#[test]
fn the_digest_tells_names_and_texts_apart() {
    let digest = |files: &[(&str, &str)]| {
        let mut sources = Sources::new();
        for (name, text) in files {
            sources.add(*name, *text);
        }
        digest_of(&sources)
    };
    let one = digest(&[("a.yaml", "bc")]);
    assert_eq!(one.len(), 64);
    assert_eq!(one, digest(&[("a.yaml", "bc")]));
    assert_ne!(one, digest(&[("a.yamlb", "c")]));
    assert_ne!(one, digest(&[("a.yaml", "bc"), ("b.yaml", "")]));
}
