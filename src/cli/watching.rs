//! What a watch prints: a line for each pass, on stdout, as text, as JSON, or in the form of GNU programs.

use std::cell::RefCell;
use std::io;
use std::time::Duration;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::bar;
use super::output::Output;
use crate::files::shown::slashed;
use crate::model::finding::Severity;
use crate::report::answer::{Answer, Content};
use crate::report::json::{FORMAT_VERSION, line};
use crate::report::number::number;
use crate::report::text;
use crate::report::text::watch::{name, pass, problem, unapplied};
use crate::report::view::basics::FindingView;
use crate::workflow::watch::{Note, Obstacle, PassEnd, Trigger, WatchStatus};

/// The formats of a watch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum WatchFormat {
    /// A line for each save
    #[default]
    Text,
    /// One JSON object for each line; the first states the version
    Json,
    /// FILE:LINE:COLUMN: error: message, which editors show as marks
    Gnu,
}

/// Prints what a watch reports.
pub(super) struct Lines<'a> {
    output: &'a Output,
    format: WatchFormat,
    /// Whether a plan is printed as a whole after its line.
    shows_plans: bool,
    zone: TimeZone,
    /// The last line on a terminal, which is overwritten.
    live: RefCell<Option<ProgressBar>>,
    shows_live: bool,
}

/// One line of JSON.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Line<'a> {
    Watching {
        format_version: &'static str,
        folder: &'a str,
    },
    Note {
        at: Timestamp,
        message: &'a str,
    },
    Pass {
        at: Timestamp,
        cause: &'static str,
        files: Vec<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        again_in_seconds: Option<u64>,
        answer: &'a Content,
    },
}

impl<'a> Lines<'a> {
    /// Lines in a format, with times in a zone. `shows_plans`: a plan is printed as a whole after its line of text.
    pub(super) fn new(output: &'a Output, format: WatchFormat, shows_plans: bool, zone: TimeZone) -> Lines<'a> {
        let shows_live = format == WatchFormat::Text && output.shows_progress();
        Lines { output, format, shows_plans, zone, live: RefCell::default(), shows_live }
    }

    /// The watch begins.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written to.
    pub(super) fn watching(&self, folder: &str, polls_because: Option<&str>) -> io::Result<()> {
        match self.format {
            WatchFormat::Json => self.json(&Line::Watching { format_version: FORMAT_VERSION, folder })?,
            WatchFormat::Text => self.print(&format!("watching {folder}; Ctrl-C ends it\n"))?,
            WatchFormat::Gnu => {}
        }
        if let Some(why) = polls_because {
            self.output.chatter(&format!("{why}, so the files are looked at every two seconds\n"));
        }
        Ok(())
    }

    /// Something is waited for.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written to.
    pub(super) fn note(&self, at: Timestamp, note: &Note) -> io::Result<()> {
        let message = words_of(note);
        match self.format {
            WatchFormat::Json => self.json(&Line::Note { at, message: &message }),
            WatchFormat::Text => self.print(&format!("{}  {message}\n", self.time(at))),
            WatchFormat::Gnu => {
                self.output.chatter(&format!("{message}\n"));
                Ok(())
            }
        }
    }

    /// A pass ended.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written to.
    pub(super) fn pass(
        &self,
        at: Timestamp,
        trigger: &Trigger,
        answer: &Answer,
        again_in: Option<Duration>,
    ) -> io::Result<()> {
        match self.format {
            WatchFormat::Text => {
                let mut lines = pass(answer).into_iter();
                let first = lines.next().unwrap_or_default();
                let again =
                    again_in.map_or_else(String::new, |delay| format!("; trying again in {} s", delay.as_secs()));
                let mut text = format!("{}  {}: {first}{again}\n", self.time(at), cause_of(trigger));
                lines.for_each(|line| text.push_str(&format!("          {line}\n")));
                if let Content::Plan(content) = &answer.content
                    && self.shows_plans
                {
                    text.push_str(&text::plan::plan(&content.view, &self.output.stdout_style()));
                    text.push('\n');
                }
                self.print(&text)
            }
            WatchFormat::Json => {
                let files = match trigger {
                    Trigger::Saved(paths) => paths.iter().map(|path| slashed(path)).collect(),
                    _ => Vec::new(),
                };
                let again_in_seconds = again_in.map(|delay| delay.as_secs());
                self.json(&Line::Pass { at, cause: word_of(trigger), files, again_in_seconds, answer: &answer.content })
            }
            WatchFormat::Gnu => {
                let findings = FindingView::all(&answer.findings, &answer.sources);
                let shown = findings.iter().filter(|finding| finding.severity != Severity::Hint);
                let mut text = "allot: begin\n".to_owned();
                shown.for_each(|finding| text.push_str(&format!("{}\n", problem(finding))));
                if let Content::Failed(failed) = &answer.content {
                    let message =
                        [&failed.error.message].into_iter().chain(&failed.error.causes).chain(&failed.error.help);
                    let message: Vec<String> = message.map(|part| name(part)).collect();
                    text.push_str(&format!("allot: error: {}\n", message.join("; ")));
                }
                if let Content::Run(run) = &answer.content {
                    unapplied(&run.view).iter().for_each(|line| text.push_str(&format!("{line}\n")));
                }
                text.push_str("allot: end\n");
                self.print(&text)
            }
        }
    }

    /// Shows what is known now in the last line, if there is a terminal.
    pub(super) fn status(&self, status: WatchStatus) {
        if !self.shows_live {
            return;
        }
        let mut parts = vec![match (status.last, status.pending) {
            (None, _) => "● reading".to_owned(),
            (Some(PassEnd::Done), 0) => "● in step".to_owned(),
            (Some(PassEnd::Refused), _) => "● refused".to_owned(),
            (Some(PassEnd::Done | PassEnd::Failed | PassEnd::Overtaken), _) => "● not in step".to_owned(),
        }];
        let counts =
            [(status.pending - status.drifted, "pending"), (status.drifted, "drifted"), (status.refused, "refused")];
        parts.extend(counts.iter().map(|(many, what)| format!("{} {what}", number(many))));
        parts.extend(status.next_check.map(|at| format!("next check {}", self.zone.to_datetime(at).strftime("%H:%M"))));
        parts.push("Ctrl-C ends it".to_owned());
        let mut live = self.live.borrow_mut();
        let live = live.get_or_insert_with(|| {
            let live = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            live.with_style(style)
        });
        bar::shown(live);
        live.set_message(parts.join(" · "));
        live.tick();
    }

    /// Removes the last line.
    pub(super) fn hide_status(&self) {
        if let Some(live) = self.live.take() {
            live.finish_and_clear();
            bar::gone();
        }
    }

    /// Prints above the last line.
    fn print(&self, text: &str) -> io::Result<()> {
        let mut printed = Ok(());
        bar::around(|| printed = self.output.result(text));
        printed
    }

    fn json(&self, content: &Line<'_>) -> io::Result<()> {
        self.output.rendered(&line(content)?)
    }

    fn time(&self, at: Timestamp) -> String {
        self.zone.to_datetime(at).strftime("%H:%M:%S").to_string()
    }
}

/// What a note says.
fn words_of(note: &Note) -> String {
    match note {
        Note::WaitingForFile(path) => {
            format!("waiting for {}, which a program has open for writing", name(&slashed(path)))
        }
        Note::WaitingFor(Obstacle::NoRoot, _) => "waiting for the root file, which is missing".to_owned(),
        Note::WaitingFor(Obstacle::Git(what), lasts) if lasts.as_secs() < 60 => {
            format!("waiting for git, which is in the middle of {what}")
        }
        Note::WaitingFor(Obstacle::Git(what), lasts) => {
            format!("waiting for git, which is in the middle of {what} for {} minutes", lasts.as_secs() / 60)
        }
    }
}

/// The cause of a pass for people.
fn cause_of(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Start => "start".to_owned(),
        Trigger::Saved(paths) => match (paths.first(), paths.len().saturating_sub(1)) {
            (None, _) => "changed".to_owned(),
            (Some(first), 0) => format!("saved {}", name(&slashed(first))),
            (Some(first), more) => format!("saved {} and {more} more", name(&slashed(first))),
        },
        Trigger::Retry => "again".to_owned(),
        Trigger::Date => "a new date".to_owned(),
        Trigger::Interval => "in the tenant".to_owned(),
    }
}

/// The cause of a pass for programs.
fn word_of(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Start => "start",
        Trigger::Saved(_) => "saved",
        Trigger::Retry => "retry",
        Trigger::Date => "date",
        Trigger::Interval => "interval",
    }
}
