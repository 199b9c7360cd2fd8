//! The context of every command: the ports of the workflows, made from the arguments and from the environment variables.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;

use super::args::formats::FormatArgs;
use super::args::global::Global;
use super::output::Output;
use super::present::{ForTerminal, Presenter, Unprintable};
use crate::ci::job::Job;
use crate::model::ending::Ending;
use crate::report::answer::Answer;
use crate::report::links::Links;
use crate::report::origin::Origin;
use crate::report::render;
use crate::workflow::failure::{Advised, Stopped};
use crate::workflow::ports::{Clock, Notice, Ports, ROOT_NAME, Search, event, over_http, surroundings};

/// The variable that stops the clock at a timestamp, such as 2026-12-01T09:00:00Z, for rehearsals and tests.
const CLOCK_VARIABLE: &str = "ALLOT_CLOCK";

/// The context of a command.
pub struct Context {
    /// The streams.
    pub output: Output,
    /// The ports of the workflows.
    pub ports: Ports,
    /// Whether the user asked for more than the usual output.
    pub is_verbose: bool,
    started_at: Timestamp,
}

impl Context {
    /// Makes the context from the arguments and the environment variables.
    ///
    /// # Errors
    ///
    /// If the working directory is gone, or the clock variable is not a timestamp.
    pub fn new(global: &Global, output: Output) -> anyhow::Result<Context> {
        let working_folder = std::env::current_dir().context("the working directory cannot be found")?;
        let clock = clock()?;
        let started_at = clock();
        let notice: Notice = Arc::new(move |line| output.chatter(&format!("{line}\n")));
        let ports = Ports {
            clock,
            start: start(global, &working_folder),
            working_folder,
            search: Search::of(global.folder.is_some()),
            surroundings: surroundings(&variable),
            variables: Box::new(variable),
            connect: over_http(Arc::clone(&notice)),
            notice,
            jitter_seed: u64::from(std::process::id()),
            note: Box::new(move |note| output.chatter(&format!("note: {note}\n"))),
        };
        Ok(Context { output, ports, is_verbose: global.verbose > 0, started_at })
    }

    /// Presents an answer; `for_terminal` renders it for a person.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written to.
    pub fn present(
        &self,
        answer: &Answer,
        formats: &FormatArgs,
        for_terminal: ForTerminal,
    ) -> Result<Ending, Unprintable> {
        let ports = &self.ports;
        let times = (self.started_at, (ports.clock)());
        let origin = origin(&ports.start, ports.search, &ports.working_folder, times);
        let (output, working_folder) = (&self.output, ports.working_folder.as_path());
        Presenter { output, formats, origin: &origin, working_folder }.present(answer, for_terminal)
    }

    /// Prints a result that is one plain text.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written to.
    pub fn print(&self, text: &str) -> Result<(), Unprintable> {
        self.output.result(text).map_err(|error| Unprintable(error.into()))
    }

    /// Presents the answer with which a command ends.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written to.
    pub fn finish(&self, answer: Answer, formats: &FormatArgs) -> Result<Ending, Stopped> {
        let ending = self.present(&answer, formats, render::terminal)?;
        leak_at_exit(answer);
        Ok(ending)
    }
}

/// Leaks a large value. The process is about to end, and dropping the value first would only take time.
pub fn leak_at_exit<T>(value: T) {
    std::mem::forget(value);
}

/// Presents the answer of a command that ended early, possibly before there was a context.
///
/// # Errors
///
/// If stdout cannot be written to.
pub fn present_without_context(
    output: &Output,
    global: &Global,
    formats: &FormatArgs,
    answer: &Answer,
) -> Result<Ending, Unprintable> {
    let working_folder = std::env::current_dir().unwrap_or_default();
    let now = clock().map_or_else(|_| Timestamp::now(), |clock| clock());
    let start = start(global, &working_folder);
    let origin = origin(&start, Search::of(global.folder.is_some()), &working_folder, (now, now));
    Presenter { output, formats, origin: &origin, working_folder: &working_folder }.present(answer, render::terminal)
}

/// Where the search for the configuration starts.
fn start(global: &Global, working_folder: &Path) -> PathBuf {
    global.folder.as_ref().map_or_else(|| working_folder.to_owned(), |folder| working_folder.join(folder))
}

/// The origin of a report about the configuration. Paths are canonical, so two paths to one folder give one origin.
fn origin(
    start: &Path,
    search: Search,
    working_folder: &Path,
    (started_at, made_at): (Timestamp, Timestamp),
) -> Origin {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    // If the event cannot be read, a job of GitHub lacks the branch of its pull request and the last commit of the
    // branch, and may lack the pull request. The rest of a report does not depend on the event.
    let mut job = Job::of(&variable, &event(&variable).unwrap_or_default());
    job.checkout = job.checkout.map(|checkout| real(&checkout));
    let (working_folder, start) = (real(working_folder), real(start));
    let folder = if start.is_file() { start.parent().unwrap_or(&start) } else { &start };
    let folder = search.folders(folder).find(|folder| folder.join(ROOT_NAME).exists()).unwrap_or(folder);
    let within = job.name_of(folder, &working_folder);
    let named = start.file_name().filter(|_| start.is_file()).map(|name| name.to_string_lossy().into_owned());
    let in_folder = |name: &str| if within == "." { name.to_owned() } else { format!("{within}/{name}") };
    let root_file = in_folder(named.as_deref().unwrap_or(ROOT_NAME));
    // Two root files in one folder are two configurations.
    let root = match &named {
        Some(name) if name != ROOT_NAME => in_folder(name),
        _ => within,
    };
    Origin {
        root,
        root_file,
        links: Links::of(&job, &working_folder),
        commit: job.commit,
        head: job.head,
        run: job.run.and_then(|run| run.parse().ok()),
        page: job.page,
        actor: job.actor,
        pull_request: job.pull_request,
        host: job.host,
        started_at,
        made_at,
    }
}

/// An environment variable of the process.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The clock, running or stopped.
fn clock() -> anyhow::Result<Clock> {
    match variable(CLOCK_VARIABLE).filter(|text| !text.is_empty()) {
        Some(text) => {
            let stopped: Timestamp = text.parse().map_err(|_| {
                Advised::error(
                    format!("{CLOCK_VARIABLE} is `{text}`, which is not a timestamp"),
                    "write one such as 2026-12-01T09:00:00Z, or unset it",
                )
            })?;
            Ok(Arc::new(move || stopped))
        }
        None => Ok(Arc::new(Timestamp::now)),
    }
}
