//! Watches the folder of a configuration and reports when its content changed.
//!
//! The watcher does not parse the files: the caller computes a digest of them, and a change is a different digest. So touching a
//! file, reading it, or saving the same text again does not wake the caller.

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{Event, RecommendedWatcher};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, sleep, sleep_until};

use super::folders::{Folders, git_is_at_work};
use super::relevant::{is_relevant, moves_folders};
use super::settle::{Decision, Settling};
use crate::model::digits::{hexadecimal, length_prefix};
use crate::model::source::Sources;

/// How often the watcher looks for a missing root. The system reports no events for a folder that does not exist.
const ROOT_POLL: Duration = Duration::from_millis(500);

/// A folder cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch {}", folder.display())]
pub struct WatchError {
    /// The folder.
    pub folder: PathBuf,
    /// The error of the system.
    pub source: notify::Error,
}

/// The digest of a configuration's files: their names and all of their text.
pub fn digest_of(sources: &Sources) -> String {
    let mut hasher = Sha256::new();
    for (_, source) in sources.iter() {
        for part in [&source.name, &source.text] {
            hasher.update(length_prefix(part.len()));
            hasher.update(part.as_bytes());
        }
    }
    hexadecimal(&hasher.finalize())
}

/// The relevant part of an event.
struct Heard {
    /// Paths at which folders may have been created, removed or renamed.
    moved: Vec<PathBuf>,
    /// The system lost events or reported an error: anything may have happened.
    all: bool,
}

impl Heard {
    fn of(root: &Path, event: notify::Result<Event>) -> Option<Heard> {
        match event {
            Ok(event) if is_relevant(root, &event) => {
                let all = event.need_rescan();
                let moved = if moves_folders(&event) { event.paths } else { Vec::new() };
                Some(Heard { moved, all })
            }
            Ok(_) => None,
            Err(error) => Some(Heard { moved: error.paths, all: true }),
        }
    }
}

/// Watches a folder and everything below it.
pub struct Watcher<D> {
    root: PathBuf,
    digest: D,
    /// The digest of the files when they were last read.
    pub(super) seen: String,
    watcher: RecommendedWatcher,
    folders: Folders,
    events: UnboundedReceiver<Heard>,
    settling: Settling,
    gone: bool,
}

impl<D: FnMut() -> String> Watcher<D> {
    /// Starts to watch. `digest` reads the files and returns their digest, or text such as the error if they cannot be read. `new`
    /// calls `digest` once, so everything saved after this call is a change.
    ///
    /// # Errors
    ///
    /// If the system cannot watch the folder.
    pub fn new(root: &Path, mut digest: D) -> Result<Watcher<D>, WatchError> {
        // Events name folders by the path that was watched; a relative one would depend on the working folder of the process.
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        let failed = |source| WatchError { folder: root.clone(), source };
        let (sender, events) = unbounded_channel();
        let below = root.clone();
        let heard = move |event: notify::Result<Event>| {
            if let Some(heard) = Heard::of(&below, event) {
                // If no receiver is left, the watcher is being dropped.
                sender.send(heard).unwrap_or_default();
            }
        };
        let mut watcher = notify::recommended_watcher(heard).map_err(failed)?;
        let mut folders = Folders::default();
        if !root.is_dir() {
            return Err(failed(notify::Error::path_not_found()));
        }
        folders.rescan(&root, &mut watcher).map_err(failed)?;
        let seen = digest();
        Ok(Watcher { root, digest, seen, watcher, folders, events, settling: Settling::default(), gone: false })
    }

    /// Waits for the next change. Cancel safe: if the future is dropped, the next call still reports the change.
    ///
    /// A missing root is not a change. When the root is back, its files are compared with those that were read last.
    ///
    /// # Errors
    ///
    /// If a new folder cannot be watched, such as when the system allows no more watches.
    pub async fn next_change(&mut self) -> Result<(), WatchError> {
        loop {
            let decision = self.settling.decide(Instant::now(), || git_is_at_work(&self.root));
            if decision == Decision::Fire {
                if self.has_changed()? {
                    return Ok(());
                }
                continue;
            }
            let again = async {
                match decision {
                    Decision::WaitUntil(due) => sleep_until(due).await,
                    Decision::Idle | Decision::Fire if self.gone => sleep(ROOT_POLL).await,
                    Decision::Idle | Decision::Fire => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                heard = self.events.recv() => {
                    // `recv` never returns `None`, because `self.watcher` owns the sender.
                    heard.into_iter().for_each(|heard| self.take_in(heard));
                }
                () = again => {
                    if self.gone && self.root.is_dir() {
                        self.settling.event(Instant::now());
                        self.gone = false;
                    }
                }
            }
        }
    }

    fn take_in(&mut self, heard: Heard) {
        self.settling.event(Instant::now());
        heard.moved.into_iter().for_each(|path| self.folders.doubt(path));
        if heard.all {
            self.folders.doubt(self.root.clone());
        }
    }

    /// Reads the files, and returns whether they differ from those that were read last.
    fn has_changed(&mut self) -> Result<bool, WatchError> {
        let failed = |source| WatchError { folder: self.root.clone(), source };
        self.folders.rescan(&self.root, &mut self.watcher).map_err(failed)?;
        self.gone = !self.root.is_dir();
        if self.gone {
            return Ok(false);
        }
        let before = std::mem::replace(&mut self.seen, (self.digest)());
        Ok(before != self.seen)
    }
}
