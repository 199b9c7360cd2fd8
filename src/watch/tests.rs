//! Tests with real files. Each test waits for a change with a generous timeout. To show that there was only one change, the test
//! then writes a mark, which must be the next change.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, sleep, timeout};

use super::state::Watch;
use super::step::{Appointments, Manner, Moment, PassEnd, Step, Touch};
use super::watcher::Watcher;

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

    fn watch(&self) -> Eyes<'_> {
        let root_file = self.root().join("allotment.yaml");
        let mut watcher = Watcher::new(&root_file).unwrap();
        watcher.follow(&self.folders(), &[]).unwrap();
        let state = Watch::new(Manner { applies: false, sees_closes: watcher.sees_closes() });
        Eyes { house: self, watcher, state, began: Instant::now() }
    }

    /// The folders below the root, relative to it.
    fn folders(&self) -> Vec<PathBuf> {
        let mut folders = vec![PathBuf::new()];
        let mut at = 0;
        while let Some(folder) = folders.get(at).cloned() {
            let entries = fs::read_dir(self.root().join(&folder)).into_iter().flatten().filter_map(Result::ok);
            let visible = entries.filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
            folders.extend(visible.filter(|entry| entry.path().is_dir()).map(|entry| folder.join(entry.file_name())));
            at += 1;
        }
        folders
    }
}

/// A watch of a house, by the clock of the machine.
struct Eyes<'a> {
    house: &'a House,
    watcher: Watcher,
    state: Watch,
    began: Instant,
}

impl Eyes<'_> {
    fn now(&self) -> Moment {
        Moment { running: self.began.elapsed(), wall: jiff::Timestamp::UNIX_EPOCH }
    }

    /// What the files hold at the next pass.
    async fn next(&mut self) -> String {
        timeout(Duration::from_secs(60), self.pass()).await.expect("a pass within a minute")
    }

    async fn pass(&mut self) -> String {
        let mut read = String::new();
        loop {
            let now = self.now();
            self.watcher.tell(&mut self.state, now);
            match self.state.next(now) {
                Step::Wait(most) => {
                    let wait = sleep(most.unwrap_or(Duration::from_secs(3600)));
                    tokio::select! { () = self.watcher.hear() => {}, () = wait => {} }
                }
                Step::Look => self.state.looked(now, self.watcher.obstacle()),
                Step::Read => {
                    self.house.looks.set(self.house.looks.get() + 1);
                    read = content(&self.house.root());
                    if self.watcher.follow(&self.house.folders(), &[]).unwrap() {
                        self.state.touched(now, self.house.root(), Touch::Done);
                    }
                    self.watcher.tell(&mut self.state, now);
                    self.state.read(now, read.clone(), self.watcher.obstacle());
                }
                Step::Pass(_) => {
                    self.state.ended(now, PassEnd::Done, Appointments::default());
                    return read;
                }
                Step::Note(_) => {}
                Step::End => panic!("no one asked it to end"),
            }
        }
    }
}

/// Edits the files, and checks that the edit is exactly one change and that this change shows all of it.
async fn one_change(does: impl Fn(&House)) {
    let house = House::new();
    let mut eyes = house.watch();
    eyes.next().await;
    does(&house);
    let seen = eyes.next().await;
    assert_eq!(seen, content(&house.root()), "the change shows all that was done");
    house.write("environments/mark.yaml", "mark");
    let marked = eyes.next().await;
    assert_eq!(marked, content(&house.root()));
    assert!(marked.contains("=mark") && !seen.contains("=mark"), "the mark is the next change");
}

/// Edits the files, and checks that the edit is no change.
async fn no_change(does: impl Fn(&House)) {
    let house = House::new();
    let mut eyes = house.watch();
    eyes.next().await;
    does(&house);
    house.write("environments/mark.yaml", "mark");
    assert_eq!(eyes.next().await, content(&house.root()));
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
    let mut eyes = house.watch();
    eyes.next().await;
    for text in ["three", "four"] {
        house.write("environments/sedAbC123", text);
        house.rename("environments/sedAbC123", "environments/hr.yaml");
        let seen = eyes.next().await;
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
    let mut eyes = house.watch();
    eyes.next().await;
    fs::create_dir_all(house.root().join("environments/emea/de")).unwrap();
    house.write("environments/emea/de/hr.yaml", "three");
    assert_eq!(eyes.next().await, content(&house.root()));
    house.write("environments/emea/de/hr.yaml", "four");
    let seen = eyes.next().await;
    assert!(seen.contains("=four"), "new folders are watched too");
}

#[tokio::test]
async fn a_folder_made_again_is_one_change_and_watched_again() {
    let house = House::new();
    let mut eyes = house.watch();
    eyes.next().await;
    fs::remove_dir_all(house.root().join("environments")).unwrap();
    fs::create_dir(house.root().join("environments")).unwrap();
    house.write("environments/hr.yaml", "three");
    assert_eq!(eyes.next().await, content(&house.root()));
    house.write("environments/hr.yaml", "four");
    assert!(eyes.next().await.contains("=four"));
}

#[tokio::test]
async fn a_missing_root_is_awaited() {
    let house = House::new();
    let mut eyes = house.watch();
    eyes.next().await;
    let away = house.folder.path().join("away");
    fs::rename(house.root(), &away).unwrap();
    let (changed, ()) = tokio::join!(timeout(Duration::from_secs(60), eyes.pass()), async {
        // Longer than the watcher takes to notice: a missing root is no change.
        tokio::time::sleep(Duration::from_millis(700)).await;
        fs::write(away.join("environments/hr.yaml"), "three").unwrap();
        fs::rename(&away, house.root()).unwrap();
    });
    assert!(changed.unwrap().contains("=three"));
    house.write("environments/hr.yaml", "four");
    assert!(eyes.next().await.contains("=four"), "it is watched again");
}

#[tokio::test]
async fn a_root_made_again_at_once_is_watched_again() {
    let house = House::new();
    let mut eyes = house.watch();
    eyes.next().await;
    fs::remove_dir_all(house.root()).unwrap();
    fs::create_dir_all(house.root().join("environments")).unwrap();
    house.write("environments/hr.yaml", "three");
    house.write("allotment.yaml", "version: 1");
    assert_eq!(eyes.next().await, content(&house.root()));
    house.write("environments/hr.yaml", "four");
    assert!(eyes.next().await.contains("=four"));
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
    let mut eyes = house.watch();
    eyes.next().await;
    house.write(".git/HEAD", "ref: refs/heads/main");
    house.write(".allotment/tenant.db", "bytes");
    house.write("environments/.hr.yaml.swp", "bytes");
    let waited = timeout(Duration::from_millis(400), eyes.pass()).await;
    assert!(waited.is_err(), "no change comes of it");
    assert_eq!(house.looks.get(), 1, "the files are read at the start only");
}

#[tokio::test]
async fn git_is_let_finish() {
    let house = House::new();
    house.write(".git/HEAD", "ref: refs/heads/main\n");
    let mut eyes = house.watch();
    eyes.next().await;
    house.write(".git/index.lock", "");
    house.write("environments/hr.yaml", "three");
    assert!(timeout(Duration::from_millis(600), eyes.pass()).await.is_err(), "git is still at work");
    house.write("environments/it.yaml", "four");
    fs::remove_file(house.root().join(".git/index.lock")).unwrap();
    assert_eq!(eyes.next().await, content(&house.root()));
}
