//! Decides what a watch does next. Reads no clock, no file and no event: the caller passes them in, does what a [`Step`] says, and reports
//! back. So a week of saves can be tested in a second.
//!
//! A pass is made only of files that are whole: each program that wrote to one has closed it, git is not in the middle of something, and
//! the root file is there. A pass that did not end well is made again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use jiff::Timestamp;

use super::step::{Appointments, Content, Manner, Moment, Note, Obstacle, PassEnd, Step, Touch, Trigger};

/// The quiet time after which a burst of events is over, and the longest burst, in a preview.
const SETTLED: (Duration, Duration) = (Duration::from_millis(150), Duration::from_secs(2));
/// The same before an apply: a person or a program may be about to save the next file.
const SETTLED_TO_APPLY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));
/// How long a preview waits for an open file, or for git.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long something is waited for without a word.
const SILENT: Duration = Duration::from_secs(2);
/// How often a missing root file, or what git does, is looked at again.
const POLL: Duration = Duration::from_millis(500);
/// The time between two reads that must agree, where no event says that a file was closed.
const BETWEEN_READS: Duration = Duration::from_secs(2);
/// The longest time between two comparisons of the wall clock with a date. Timers do not run while a machine sleeps.
const WALL_CLOCK: Duration = Duration::from_secs(30);
/// After this time, an obstacle is reported every [`AGAIN`].
const LONG: Duration = Duration::from_mins(10);
const AGAIN: Duration = Duration::from_mins(1);
/// The delay before a pass that failed is made again, and the longest one. Each failure doubles the delay.
const RETRY: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(5));

/// A burst of events.
#[derive(Debug)]
struct Burst {
    first: Duration,
    last: Duration,
    paths: BTreeSet<PathBuf>,
}

/// Something that is waited for, since when, and when a note said so.
#[derive(Debug)]
struct Waited<T> {
    thing: T,
    since: Duration,
    noted: Option<Duration>,
}

/// What the caller is doing.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Looking,
    Reading,
    Ready(Trigger, Content),
    /// A pass; whether it only looks for changes in the tenant.
    Passing(Content, bool),
}

/// The state of a watch.
#[derive(Debug)]
pub struct Watch {
    manner: Manner,
    stage: Stage,
    burst: Option<Burst>,
    /// The files that programs write to.
    open: BTreeMap<PathBuf, Waited<()>>,
    obstacle: Option<Waited<Obstacle>>,
    /// The earliest time of the next look.
    look_at: Duration,
    /// The content of the last pass, unless it failed.
    accepted: Option<Content>,
    /// Whether that pass was refused: then a save makes a pass although the content is the same.
    is_refused: bool,
    /// Whether events were lost since the last pass, so that a program may have a file open unseen.
    is_blind: bool,
    /// A content that the next read has to show again.
    candidate: Option<Content>,
    /// What a pass is due for, beside new content.
    due: Option<Trigger>,
    retries: Option<ExponentialBackoff>,
    /// When a pass that failed is made again, and for what.
    retry: Option<(Duration, Trigger)>,
    check_at: Option<Duration>,
    date_at: Option<Timestamp>,
    notes: VecDeque<Note>,
    is_stopped: bool,
}

impl Watch {
    /// A watch that begins with a pass.
    pub fn new(manner: Manner) -> Watch {
        Watch {
            manner,
            stage: Stage::Waiting,
            burst: None,
            open: BTreeMap::new(),
            obstacle: None,
            look_at: Duration::ZERO,
            accepted: None,
            is_refused: false,
            is_blind: false,
            candidate: None,
            due: Some(Trigger::Start),
            retries: None,
            retry: None,
            check_at: None,
            date_at: None,
            notes: VecDeque::new(),
            is_stopped: false,
        }
    }

    /// Something happened to a path that can belong to the configuration.
    pub fn touched(&mut self, now: Moment, path: PathBuf, touch: Touch) {
        match touch {
            Touch::Written if self.manner.sees_closes => {
                let waited = || Waited { thing: (), since: now.running, noted: None };
                self.open.entry(path.clone()).or_insert_with(waited);
            }
            Touch::Written | Touch::Changed => {}
            // A folder that is moved or removed takes its files along.
            Touch::Done => self.open.retain(|open, _| !open.starts_with(&path)),
        }
        self.stir(now, Some(path));
    }

    /// The system lost events, or none can be had: anything may have happened, and which files are open is not known.
    pub fn lost_track(&mut self, now: Moment) {
        self.open.clear();
        self.is_blind = true;
        self.stir(now, None);
    }

    fn stir(&mut self, now: Moment, path: Option<PathBuf>) {
        let new = || Burst { first: now.running, last: now.running, paths: BTreeSet::new() };
        let burst = self.burst.get_or_insert_with(new);
        burst.last = now.running;
        burst.paths.extend(path);
        // What was read may be half of a save.
        match std::mem::replace(&mut self.stage, Stage::Waiting) {
            stage @ (Stage::Waiting | Stage::Passing(..)) => self.stage = stage,
            Stage::Looking | Stage::Reading => {}
            Stage::Ready(trigger, _) => self.put_back(trigger),
        }
    }

    /// Keeps the cause of a pass that is not made now.
    fn put_back(&mut self, trigger: Trigger) {
        match (trigger, &mut self.burst) {
            (Trigger::Saved(paths), Some(burst)) => burst.paths.extend(paths),
            (trigger, _) => drop(self.due.get_or_insert(trigger)),
        }
    }

    /// Something happened since the last read.
    pub fn is_stirred(&self) -> bool {
        self.burst.is_some()
    }

    /// Whether events say when a program closes a file that it wrote to, from now on.
    pub fn set_sees_closes(&mut self, sees_closes: bool) {
        self.manner.sees_closes = sees_closes;
    }

    /// The watch is asked to end.
    pub fn stop(&mut self) {
        self.is_stopped = true;
    }

    /// What to do next. The caller does it, and reports back before it asks again.
    pub fn next(&mut self, now: Moment) -> Step {
        if self.is_stopped {
            return Step::End;
        }
        self.take_due(now);
        if self.stage == Stage::Waiting && self.wants_look() {
            self.note_open_files(now);
            if self.look_from().is_some_and(|at| at <= now.running) {
                self.stage = Stage::Looking;
            }
        }
        if let Some(note) = self.notes.pop_front() {
            return Step::Note(note);
        }
        match std::mem::replace(&mut self.stage, Stage::Waiting) {
            Stage::Looking => {
                self.stage = Stage::Looking;
                Step::Look
            }
            Stage::Reading => {
                self.stage = Stage::Reading;
                Step::Read
            }
            Stage::Ready(trigger, content) => {
                self.stage = Stage::Passing(content, trigger == Trigger::Interval);
                (self.retry, self.check_at, self.date_at) = (None, None, None);
                self.is_blind = false;
                Step::Pass(trigger)
            }
            stage @ Stage::Passing(..) => {
                self.stage = stage;
                Step::Wait(None)
            }
            Stage::Waiting => Step::Wait(self.wait(now)),
        }
    }

    /// Notices what time has made due.
    fn take_due(&mut self, now: Moment) {
        if self.date_at.take_if(|at| *at <= now.wall).is_some() {
            self.due = Some(Trigger::Date);
        }
        if let Some((_, trigger)) = self.retry.take_if(|(at, _)| *at <= now.running) {
            self.due.get_or_insert(trigger);
        }
        if self.check_at.take_if(|at| *at <= now.running).is_some() {
            self.due.get_or_insert(Trigger::Interval);
        }
    }

    fn wants_look(&self) -> bool {
        self.burst.is_some() || self.due.is_some() || self.candidate.is_some()
    }

    /// The earliest time of a look; `None` if only an event can allow one.
    fn look_from(&self) -> Option<Duration> {
        let (quiet, most) = if self.manner.applies { SETTLED_TO_APPLY } else { SETTLED };
        let settled = self.burst.as_ref().map(|burst| (burst.last + quiet).min(burst.first + most));
        let closed = match self.open.values().map(|file| file.since).max() {
            // An apply waits for as long as a program has a file open.
            Some(_) if self.manner.applies => return None,
            Some(latest) => latest + PATIENCE,
            None => Duration::ZERO,
        };
        Some(settled.unwrap_or_default().max(closed).max(self.look_at))
    }

    /// The time until something is due; `None` if only an event can make it so.
    fn wait(&self, now: Moment) -> Option<Duration> {
        let look = self.look_from().filter(|_| self.wants_look());
        let unsaid = self.open.values().filter(|file| file.noted.is_none()).map(|file| file.since + SILENT);
        let unsaid = unsaid.min().filter(|_| self.wants_look());
        let retry = self.retry.as_ref().map(|(at, _)| *at);
        let times = [look, unsaid, retry, self.check_at].into_iter().flatten();
        let waits = times.map(|at| at.saturating_sub(now.running));
        let date = self.date_at.map(|date| until(now.wall, date).min(WALL_CLOCK));
        waits.chain(date).min()
    }

    fn note_open_files(&mut self, now: Moment) {
        for (path, file) in &mut self.open {
            if file.noted.is_none() && now.running >= file.since + SILENT {
                file.noted = Some(now.running);
                self.notes.push_back(Note::WaitingForFile(path.clone()));
            }
        }
    }

    /// What was found before the files are read.
    pub fn looked(&mut self, now: Moment, obstacle: Option<Obstacle>) {
        if self.stage == Stage::Looking {
            self.stage = if self.is_hindered(now, obstacle) { Stage::Waiting } else { Stage::Reading };
        }
    }

    /// What the files hold, and what was found after they were read. The caller passes in all events up to then before it calls this.
    pub fn read(&mut self, now: Moment, content: Content, obstacle: Option<Obstacle>) {
        if self.stage != Stage::Reading {
            return;
        }
        self.stage = Stage::Waiting;
        if self.is_hindered(now, obstacle) {
            return;
        }
        let is_new = self.accepted.as_ref() != Some(&content);
        let is_sure = self.manner.sees_closes && !self.is_blind;
        if is_new && !is_sure && self.candidate.replace(content.clone()).as_ref() != Some(&content) {
            self.look_at = now.running + BETWEEN_READS;
            return;
        }
        self.candidate = None;
        let saved = self.burst.take().map(|burst| burst.paths);
        let is_asked_again = saved.is_some() && self.is_refused;
        let trigger = match (self.due.take(), saved) {
            (Some(Trigger::Start), _) => Trigger::Start,
            (_, Some(paths)) if is_new || is_asked_again => Trigger::Saved(paths),
            // What is not applied yet is more than a look at the tenant.
            (Some(Trigger::Interval), _) if is_new => Trigger::Retry,
            (Some(due), _) => due,
            (None, None) if is_new => Trigger::Saved(BTreeSet::new()),
            (None, _) => return,
        };
        self.stage = Stage::Ready(trigger, content);
    }

    /// Whether an obstacle prevents a read; says so after a while.
    fn is_hindered(&mut self, now: Moment, obstacle: Option<Obstacle>) -> bool {
        let Some(obstacle) = obstacle else {
            self.obstacle = None;
            return false;
        };
        let waited = match self.obstacle.take() {
            Some(waited) if waited.thing == obstacle => waited,
            _ => Waited { thing: obstacle, since: now.running, noted: None },
        };
        let waited = self.obstacle.insert(waited);
        let lasts = now.running.saturating_sub(waited.since);
        let is_said_again = |noted: Duration| lasts >= LONG && now.running >= noted + AGAIN;
        if lasts >= SILENT && waited.noted.is_none_or(is_said_again) {
            waited.noted = Some(now.running);
            self.notes.push_back(Note::WaitingFor(obstacle, lasts));
        }
        self.look_at = now.running + POLL;
        if let Some(burst) = &mut self.burst {
            burst.first = now.running;
        }
        let is_ignored = matches!(obstacle, Obstacle::Git(_)) && !self.manner.applies && lasts >= PATIENCE;
        !is_ignored
    }

    /// How a pass ended, and when the next one is made although nothing was saved. Returns the time until a pass that failed is made again.
    pub fn ended(&mut self, now: Moment, end: PassEnd, next: Appointments) -> Option<Duration> {
        let Stage::Passing(content, is_check) = std::mem::replace(&mut self.stage, Stage::Waiting) else { return None };
        self.check_at = next.check.map(|check| now.running + check);
        self.date_at = next.date;
        // A look at the tenant applies nothing, so it leaves nothing undone and makes nothing done.
        if !is_check {
            self.is_refused = end == PassEnd::Refused;
            self.accepted = match end {
                PassEnd::Done | PassEnd::Refused => Some(content),
                PassEnd::Failed | PassEnd::Overtaken => None,
            };
        }
        match end {
            PassEnd::Done | PassEnd::Refused => {
                self.retries = None;
                None
            }
            PassEnd::Overtaken => {
                self.stir(now, None);
                None
            }
            PassEnd::Failed => {
                let (least, most) = RETRY;
                let new = || {
                    let builder = ExponentialBuilder::new().with_min_delay(least).with_max_delay(most);
                    builder.without_max_times().build()
                };
                let delay = self.retries.get_or_insert_with(new).next().unwrap_or(most);
                let trigger = if is_check { Trigger::Interval } else { Trigger::Retry };
                self.retry = Some((now.running + delay, trigger));
                Some(delay)
            }
        }
    }
}

/// The time from one moment to another; zero if that has passed.
fn until(now: Timestamp, moment: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
