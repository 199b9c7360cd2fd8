//! Plans, or applies, at the start and whenever the files change, a date comes, or it is time to look at the tenant.
//!
//! The caller asks for the next [`WatchEvent`], shows it, and decides about a proposal. What is planned and applied is read from the files
//! at a single moment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, sleep};

use super::apply::{ApplyEvent, ApplyOptions, Guarded, Proposal, Stop, Urgency, propose_opened};
use super::configuration::Configuration;
use super::failure::{Stopped, until_stopped};
use super::plan::{PlanOptions, plan_opened};
use super::ports::Ports;
use super::tenant::{Tenant, open_loaded};
use crate::load::configuration::Loaded;
use crate::model::desired::DesiredState;
use crate::model::ending::Ending;
use crate::model::plan::change::PlannedChange;
use crate::model::source::is_yaml;
use crate::provider::port::ProviderError;
use crate::report::answer::{self, Answer};
use crate::watch::state::Watch;
use crate::watch::step::{Appointments, Content, Manner, Moment, Step, Touch};
pub use crate::watch::step::{Note, Obstacle, PassEnd, Trigger};
use crate::watch::watcher::{Watcher, content_of};

/// What to do when the files change.
#[derive(Clone, Debug)]
pub enum Then {
    /// Plan.
    Plan(PlanOptions),
    /// Plan and apply.
    Apply(ApplyOptions),
}

/// What to watch, and how.
#[derive(Clone, Debug)]
pub struct WatchOptions {
    /// What to do when the files change.
    pub then: Then,
    /// The time between two looks for changes in the tenant; `None` for no such looks.
    pub interval: Option<Duration>,
}

/// Something that a watch reports.
pub enum WatchEvent {
    /// A note about waiting.
    Note(Note),
    /// A pass ended, and wrote nothing.
    Ended(Pass),
    /// A plan with changes. The caller calls [`Watching::apply`], or ends the watch.
    Proposed(Trigger, Box<Proposal>),
}

/// A pass that ended. An error does not end the watch.
pub struct Pass {
    /// Why the pass was made.
    pub trigger: Trigger,
    /// The plan or the receipt, or why there is none.
    pub ended: Result<Answer, Stopped>,
    /// The time until it is made again, because it failed.
    pub again_in: Option<Duration>,
}

/// What a watch knows between two events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WatchStatus {
    /// The changes that the last plan showed and that are not applied.
    pub pending: usize,
    /// Of these, those that a look at the tenant found after everything was applied.
    pub drifted: usize,
    /// The number of errors of the last pass.
    pub refused: usize,
    /// How the last pass ended; `None` before the first.
    pub last: Option<PassEnd>,
    /// When the next look at the tenant is due.
    pub next_check: Option<Timestamp>,
}

/// A watch.
pub struct Watching<'a> {
    ports: &'a Ports,
    options: &'a WatchOptions,
    stop: &'a Stop,
    began: Instant,
    root_file: PathBuf,
    watcher: Watcher,
    state: Watch,
    /// What was read for the next pass.
    loaded: Option<anyhow::Result<Loaded>>,
    /// What the files held when it was read.
    content: Content,
    /// The next date on which the files of the pass in progress change something.
    date: Option<Timestamp>,
    /// The changes that were shown last and are not applied. A look at the tenant that finds the same is not reported again.
    shown: Vec<PlannedChange>,
    /// Why the last pass was refused.
    refusals: Vec<String>,
    status: WatchStatus,
    /// The message of the failure that was reported last. The same is not reported again while the pass is tried again.
    failure: Option<String>,
    random: fastrand::Rng,
}

impl<'a> Watching<'a> {
    /// Begins to watch the configuration that a search finds now; its root file stays the one.
    ///
    /// # Errors
    ///
    /// If there is no configuration, or it cannot be watched.
    pub fn start(ports: &'a Ports, options: &'a WatchOptions, stop: &'a Stop) -> Result<Watching<'a>, Stopped> {
        let loaded = ports.load()?;
        let root_file = loaded.root_file.clone();
        let mut watcher = Watcher::new(&root_file)?;
        watcher.follow(&loaded.searched, &linked(ports, &loaded))?;
        let applies = matches!(options.then, Then::Apply(_));
        let state = Watch::new(Manner { applies, sees_closes: watcher.sees_closes() });
        let random = fastrand::Rng::with_seed(ports.jitter_seed);
        let (loaded, content, date, shown, began) = (None, Content::new(), None, Vec::new(), Instant::now());
        Ok(Watching {
            ports,
            options,
            stop,
            began,
            root_file,
            watcher,
            state,
            loaded,
            content,
            date,
            shown,
            refusals: Vec::new(),
            status: WatchStatus::default(),
            failure: None,
            random,
        })
    }

    /// The folder that is watched.
    pub fn folder(&self) -> &Path {
        self.watcher.folder()
    }

    /// Why the files are looked at from time to time; `None` if the system reports changes.
    pub fn polls_because(&self) -> Option<&'static str> {
        self.watcher.polls_because()
    }

    /// What is known now.
    pub fn status(&self) -> WatchStatus {
        self.status
    }

    fn now(&self) -> Moment {
        Moment { running: self.began.elapsed(), wall: (self.ports.clock)() }
    }

    /// Waits for the next event; `None` after a request to stop.
    ///
    /// # Errors
    ///
    /// If the files can no longer be watched.
    pub async fn next(&mut self) -> Result<Option<WatchEvent>, Stopped> {
        loop {
            if self.stop.urgency() != Urgency::None {
                self.state.stop();
            }
            self.hear_out();
            match self.state.next(self.now()) {
                Step::End => return Ok(None),
                Step::Note(note) => return Ok(Some(WatchEvent::Note(note))),
                Step::Wait(most) => self.wait(most).await,
                Step::Look => {
                    let obstacle = self.watcher.obstacle();
                    self.state.looked(self.now(), obstacle);
                }
                Step::Read => self.read()?,
                Step::Pass(trigger) => {
                    if let Some(event) = self.pass(trigger).await {
                        return Ok(Some(event));
                    }
                }
            }
        }
    }

    /// Passes on what was heard.
    fn hear_out(&mut self) {
        let now = self.now();
        self.watcher.tell(&mut self.state, now);
    }

    async fn wait(&mut self, most: Option<Duration>) {
        let most = async {
            match most {
                Some(most) => sleep(most).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.reached(Urgency::Finish) => {}
            () = self.watcher.hear() => {}
            () = most => {}
        }
    }

    fn read(&mut self) -> Result<(), Stopped> {
        let loaded = self.ports.load_root(&self.root_file);
        self.content = match &loaded {
            Ok(loaded) => content(loaded),
            Err(error) => format!("{error:#}"),
        };
        if let Ok(loaded) = &loaded {
            if self.watcher.follow(&loaded.searched, &linked(self.ports, loaded))? {
                let folder = self.watcher.folder().to_owned();
                self.state.touched(self.now(), folder, Touch::Changed);
            }
            self.state.set_sees_closes(self.watcher.sees_closes());
        }
        self.loaded = Some(loaded);
        let obstacle = self.watcher.obstacle();
        self.hear_out();
        self.state.read(self.now(), self.content.clone(), obstacle);
        Ok(())
    }

    /// Makes a pass of what was read; `None` if the watch is asked to stop, or the files changed meanwhile.
    async fn pass(&mut self, trigger: Trigger) -> Option<WatchEvent> {
        let trigger = named(trigger, &self.root_file);
        let loaded = self.loaded.take()?;
        let options = match &self.options.then {
            Then::Plan(options) => &options.tenant,
            Then::Apply(options) => &options.tenant,
        };
        let opened = loaded.map_err(Stopped::Failed).and_then(|loaded| open_loaded(self.ports, options, loaded));
        let (configuration, tenant) = match opened {
            Ok(opened) => opened,
            Err(stopped) => return self.ended(trigger, Err(stopped)),
        };
        self.date = next_date(&configuration.desired, self.now().wall);
        let options = match &self.options.then {
            // What differs without a save is shown, and not applied.
            Then::Apply(options) if trigger == Trigger::Interval => &preview_of(options),
            Then::Apply(options) => return self.propose(trigger, options, configuration, tenant).await,
            Then::Plan(options) => options,
        };
        let planned = until_stopped(self.stop, plan_opened(self.ports, options, configuration, tenant)).await;
        self.ended(trigger, planned)
    }

    async fn propose(
        &mut self,
        trigger: Trigger,
        options: &ApplyOptions,
        configuration: Configuration,
        tenant: Tenant,
    ) -> Option<WatchEvent> {
        match propose_opened(self.ports, options, configuration, tenant, self.stop).await {
            Ok(Guarded::Approved(proposal)) => Some(WatchEvent::Proposed(trigger, proposal)),
            Ok(Guarded::Refused(answer)) => self.ended(trigger, Ok(*answer)),
            Err(stopped) => self.ended(trigger, Err(stopped)),
        }
    }

    /// Applies a proposal, unless the files changed since they were read; then the result is `None`, and the next event is about what
    /// they hold now.
    pub async fn apply(
        &mut self,
        (trigger, proposal): (Trigger, Proposal),
        follow: &mut dyn FnMut(&ApplyEvent),
    ) -> Option<Pass> {
        let Then::Apply(options) = &self.options.then else { return None };
        if self.is_overtaken() {
            self.end_pass(PassEnd::Overtaken);
            return None;
        }
        let (ports, stop) = (self.ports, self.stop);
        let ended = match proposal.execute(ports, options, stop, follow).await {
            Ok(Guarded::Refused(answer)) => Ok(*answer),
            Ok(Guarded::Approved(execution)) => Ok(execution.report(ports, options, stop).await),
            Err(stopped) => Err(stopped),
        };
        self.shown.clear();
        let again_in = self.end_pass(end_of(&ended));
        self.status = WatchStatus { pending: 0, drifted: 0, refused: refusals(&ended).len(), ..self.status };
        Some(Pass { trigger, ended, again_in })
    }

    /// Whether the files do not hold any more what was read for the pass in progress.
    fn is_overtaken(&mut self) -> bool {
        let content = self.ports.load_root(&self.root_file).map(|loaded| content(&loaded));
        let obstacle = self.watcher.obstacle();
        self.hear_out();
        obstacle.is_some() || self.state.is_stirred() || content.ok().as_ref() != Some(&self.content)
    }

    /// Ends a pass that wrote nothing; `None` if the watch is asked to stop.
    fn ended(&mut self, trigger: Trigger, ended: Result<Answer, Stopped>) -> Option<WatchEvent> {
        let again_in = self.end_pass(end_of(&ended));
        self.status.refused = refusals(&ended).len();
        let refusals = refusals(&ended);
        let is_refused_alike = std::mem::replace(&mut self.refusals, refusals) == self.refusals;
        let is_planned_alike = match &ended {
            Ok(Answer { content: answer::Content::Plan(plan), .. }) => {
                let before = std::mem::replace(&mut self.shown, plan.draft.changes.clone());
                self.status.pending = self.shown.len();
                let is_drift = trigger == Trigger::Interval && matches!(self.options.then, Then::Apply(_));
                self.status.drifted = if is_drift { self.shown.len() } else { 0 };
                before == self.shown
            }
            Err(Stopped::Invalid { .. } | Stopped::Refused { .. }) => true,
            Ok(_) | Err(_) => false,
        };
        let failure = match &ended {
            Err(Stopped::Failed(error)) => Some(format!("{error:#}")),
            Ok(_) | Err(_) => None,
        };
        let fails_on = failure.is_some() && failure == self.failure && trigger == Trigger::Retry;
        self.failure = failure;
        match ended {
            Err(Stopped::Declined(_)) => None,
            _ if fails_on || (is_refused_alike && is_planned_alike && trigger == Trigger::Interval) => None,
            ended => Some(WatchEvent::Ended(Pass { trigger, ended, again_in })),
        }
    }

    fn end_pass(&mut self, end: PassEnd) -> Option<Duration> {
        self.status.last = Some(end);
        // Jitter, so that many watches do not ask the service at the same time.
        let jittered = |interval: Duration| interval.mul_f64(0.9 + self.random.f64() / 5.0);
        let next = Appointments { date: self.date, check: self.options.interval.map(jittered) };
        let now = self.now();
        self.status.next_check = next.check.and_then(|check| now.wall.checked_add(check).ok());
        let again_in = self.state.ended(now, end, next);
        // A watch that is asked to end tries nothing again.
        again_in.filter(|_| self.stop.urgency() == Urgency::None)
    }
}

/// The errors that refused a pass.
fn refusals(ended: &Result<Answer, Stopped>) -> Vec<String> {
    let findings = match ended {
        Ok(answer) => &answer.findings,
        Err(Stopped::Invalid { findings, .. } | Stopped::Refused { findings, .. }) => findings,
        Err(Stopped::Failed(_) | Stopped::Declined(_)) => return Vec::new(),
    };
    findings.iter().filter(|finding| finding.is_error()).map(|finding| finding.message.clone()).collect()
}

/// Names only the files of a save that can belong to the configuration, and not those that an editor writes beside them.
fn named(trigger: Trigger, root_file: &Path) -> Trigger {
    let Trigger::Saved(mut paths) = trigger else { return trigger };
    let is_root = |path: &PathBuf| root_file.file_name().is_some_and(|name| path.as_os_str() == name);
    paths.retain(|path| path.is_relative() && (is_yaml(path) || is_root(path)));
    Trigger::Saved(paths)
}

/// The files that were read through links.
fn linked(ports: &Ports, loaded: &Loaded) -> Vec<PathBuf> {
    let linked = loaded.inputs.sources.iter().filter(|(_, source)| source.is_linked);
    linked.map(|(_, source)| ports.working_folder.join(source.name.as_ref())).collect()
}

fn content(loaded: &Loaded) -> Content {
    content_of(&loaded.inputs.sources, &loaded.inputs.findings)
}

/// How a pass ended.
fn end_of(ended: &Result<Answer, Stopped>) -> PassEnd {
    match ended {
        Ok(answer) => match answer.ending {
            Ending::Fine | Ending::Changes => PassEnd::Done,
            Ending::Refused => PassEnd::Refused,
            Ending::Failed | Ending::Partial | Ending::Interrupted => PassEnd::Failed,
        },
        // A stale plan is made again.
        Err(Stopped::Failed(error)) if is_of_the_tenant(error) => PassEnd::Failed,
        Err(Stopped::Refused { .. }) => PassEnd::Failed,
        Err(Stopped::Failed(_) | Stopped::Invalid { .. } | Stopped::Declined(_)) => PassEnd::Refused,
    }
}

/// Whether a failure may go away by itself.
fn is_of_the_tenant(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.is::<ProviderError>())
}

/// The next date on which the files change something.
fn next_date(desired: &DesiredState, now: Timestamp) -> Option<Timestamp> {
    let tenant = &desired.tenant;
    let today = tenant.date_at(now);
    let next = desired.edges().into_iter().find(|edge| *edge > today)?;
    tenant.time_zone.to_timestamp(next.at(0, 0, 0, 0)).ok()
}

/// The options of a plan of what an apply would do.
fn preview_of(options: &ApplyOptions) -> PlanOptions {
    PlanOptions::preview(options.scope.clone(), options.tenant.clone())
}
