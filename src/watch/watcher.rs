//! The eyes of a watch: events of the file system, and what hinders a read of the files.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{Config, Event, PollWatcher};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::folders::{Folders, links_to};
use super::relevant::{moves_folders, touch};
use super::state::Watch;
use super::step::{Content, Moment, Obstacle};
use super::{filesystem, git};
use crate::model::digits::{hexadecimal, length_prefix};
use crate::model::finding::Finding;
use crate::model::source::Sources;

/// How often the files are looked at where the system reports no events.
const POLL: Duration = Duration::from_secs(2);

/// The configuration cannot be watched.
#[derive(Debug, thiserror::Error)]
#[error("cannot watch {}", folder.display())]
pub struct WatchError {
    /// The folder.
    pub folder: PathBuf,
    /// The error of the system.
    pub source: notify::Error,
}

/// The digest of a configuration: the names and texts of its files, and what could not be read.
pub fn content_of(sources: &Sources, findings: &[Finding]) -> Content {
    let mut hasher = Sha256::new();
    let mut feed = |part: &str| {
        hasher.update(length_prefix(part.len()));
        hasher.update(part.as_bytes());
    };
    for (_, source) in sources.iter() {
        feed(&source.name);
        feed(&source.text);
    }
    for finding in findings {
        feed(finding.code.as_str());
        feed(&finding.message);
    }
    hexadecimal(&hasher.finalize())
}

/// Watches the files of a configuration.
pub struct Watcher {
    /// The root file, as an absolute path through the links that lead to it.
    root_file: PathBuf,
    watcher: Box<dyn notify::Watcher>,
    sender: UnboundedSender<notify::Result<Event>>,
    events: UnboundedReceiver<notify::Result<Event>>,
    /// The first event that was waited for, until it is passed on.
    heard: Option<notify::Result<Event>>,
    folders: Folders,
    /// The links on the way to the root file.
    links: BTreeSet<PathBuf>,
    /// The files that links lead to, outside the searched folders.
    targets: BTreeSet<PathBuf>,
    /// Why the files are looked at from time to time instead; `None` if the system reports events.
    polls_because: Option<&'static str>,
}

impl Watcher {
    /// Watches the folder of a root file. The other folders are watched when they are known: [`Watcher::follow`].
    ///
    /// # Errors
    ///
    /// If the system allows no watch of any kind.
    pub fn new(root_file: &Path) -> Result<Watcher, WatchError> {
        // Events name folders by the path that was watched; a relative one would depend on the working folder of the process.
        let root_file = std::path::absolute(root_file).unwrap_or_else(|_| root_file.to_owned());
        let (sender, events) = unbounded_channel();
        let failed = |source| WatchError { folder: folder_of(&root_file).to_owned(), source };
        let polls_because = filesystem::without_events(folder_of(&root_file));
        let watcher: Box<dyn notify::Watcher> = match polls_because {
            None => Box::new(notify::recommended_watcher(hearing(&sender)).map_err(failed)?),
            Some(_) => polling(&sender).map_err(failed)?,
        };
        let (folders, links, targets) = (Folders::default(), BTreeSet::new(), BTreeSet::new());
        Ok(Watcher { root_file, watcher, sender, events, heard: None, folders, links, targets, polls_because })
    }

    /// The folder of the root file.
    pub fn folder(&self) -> &Path {
        folder_of(&self.root_file)
    }

    /// Whether events say when a program closes a file that it wrote to.
    pub fn sees_closes(&self) -> bool {
        cfg!(target_os = "linux") && self.polls_because.is_none()
    }

    /// Why the files are looked at every two seconds; `None` if the system reports events.
    pub fn polls_because(&self) -> Option<&'static str> {
        self.polls_because
    }

    /// Watches the folders that the patterns reach, below the folder of the root file, the folders of the links that lead there, and those
    /// of the files that `linked` files lead to. Returns whether one is new: files in it may have changed unseen after they were read.
    ///
    /// # Errors
    ///
    /// If the system allows no watch of any kind.
    pub fn follow(&mut self, searched: &[PathBuf], linked: &[PathBuf]) -> Result<bool, WatchError> {
        let folder = folder_of(&self.root_file).to_owned();
        self.links = links_to(&self.root_file);
        let files = linked.iter().chain([&self.root_file]);
        self.targets = files.filter_map(|file| file.canonicalize().ok()).collect();
        let parents = self.links.iter().chain(&self.targets).filter_map(|path| path.parent()).map(Path::to_owned);
        let below =
            searched.iter().map(|path| if path.as_os_str().is_empty() { folder.clone() } else { folder.join(path) });
        let wanted: BTreeSet<PathBuf> = below.chain([folder.clone()]).chain(parents).collect();
        let failed = |source| WatchError { folder: folder.clone(), source };
        match self.folders.watch(&wanted, self.watcher.as_mut()) {
            Err(error) if self.polls_because.is_none() => {
                tracing::debug!(%error, "the system allows no more watches");
                self.watcher = polling(&self.sender).map_err(failed)?;
                self.folders = Folders::default();
                self.polls_because = Some("the system allows no more watches");
                self.folders.watch(&wanted, self.watcher.as_mut()).map_err(failed)
            }
            watched => watched.map_err(failed),
        }
    }

    /// Waits for an event. Cancel safe: an event that was heard is kept.
    pub async fn hear(&mut self) {
        if self.heard.is_none() {
            self.heard = self.events.recv().await;
        }
    }

    /// Passes on the events that were heard.
    pub fn tell(&mut self, state: &mut Watch, now: Moment) {
        while let Some(event) = self.heard.take().or_else(|| self.events.try_recv().ok()) {
            match event {
                Ok(event) if event.need_rescan() => self.lose_track(state, now),
                Ok(event) => self.take_in(event, state, now),
                Err(error) => {
                    tracing::debug!(%error, "the system reports an error of a watch");
                    self.lose_track(state, now);
                }
            }
        }
    }

    fn lose_track(&mut self, state: &mut Watch, now: Moment) {
        self.folders.doubt_all();
        state.lost_track(now);
    }

    fn take_in(&mut self, event: Event, state: &mut Watch, now: Moment) {
        let root_name = self.root_file.file_name().map(OsString::from).unwrap_or_default();
        let moves = moves_folders(&event);
        for path in &event.paths {
            let Some(touch) = touch(&event, path, &root_name).filter(|_| self.is_reached(path)) else { continue };
            if moves && self.links.contains(path) {
                // Every watch beyond the link may belong to another folder now.
                self.folders.doubt_all();
            }
            if moves {
                self.folders.doubt(path.clone());
            }
            state.touched(now, self.shown(path), touch);
        }
        if event.paths.is_empty() {
            self.lose_track(state, now);
        }
    }

    /// Whether a path is in a folder that is searched, and not only beside a link that leads there.
    fn is_reached(&self, path: &Path) -> bool {
        path.starts_with(self.folder()) || self.links.contains(path) || self.targets.contains(path)
    }

    /// A path as people write it: relative to the folder of the root file.
    fn shown(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.folder()).map_or_else(|_| path.to_owned(), Path::to_owned)
    }

    /// What hinders a read of the files.
    pub fn obstacle(&mut self) -> Option<Obstacle> {
        if !self.root_file.is_file() {
            // Its folder may be made again, and then each watch belongs to a folder that is gone.
            self.folders.doubt_all();
            return Some(Obstacle::NoRoot);
        }
        // A searched folder can be a repository of its own.
        let nested = self.folders.watched().filter(|folder| folder.join(".git").symlink_metadata().is_ok());
        let mut repositories = std::iter::once(self.folder()).chain(nested);
        repositories.find_map(git::at_work).map(Obstacle::Git)
    }
}

fn folder_of(root_file: &Path) -> &Path {
    root_file.parent().unwrap_or(root_file)
}

fn hearing(sender: &UnboundedSender<notify::Result<Event>>) -> impl notify::EventHandler {
    let sender = sender.clone();
    // If no receiver is left, the watcher is being dropped.
    move |event| drop(sender.send(event))
}

fn polling(sender: &UnboundedSender<notify::Result<Event>>) -> notify::Result<Box<dyn notify::Watcher>> {
    let watcher = PollWatcher::new(hearing(sender), Config::default().with_poll_interval(POLL))?;
    Ok(Box::new(watcher))
}
