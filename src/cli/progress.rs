//! The progress of an apply: a bar on a terminal, and a line for every retry.
//!
//! The bar counts writes that were sent. They are confirmed together, by one listing for all: a bar of confirmed writes would stay at 0
//! until the end of most runs.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::bar;
use super::output::Output;
use crate::report::number::{count, number};
use crate::workflow::apply::ApplyEvent;

/// The shortest time between two progress lines if there is no bar.
const EVERY: Duration = Duration::from_secs(10);

/// The time between two drawings of the bar. They have a thread of their own, because the built-in tenant answers without a pause.
const REDRAW: Duration = Duration::from_millis(100);

/// The progress of an apply.
pub struct Progress<'a> {
    output: &'a Output,
    bar: ProgressBar,
    /// The writes that were sent, or ended without being sent, each by the first change that it makes. A write can be sent twice.
    begun: BTreeSet<usize>,
    /// The number of writes that were confirmed.
    confirmed: u64,
    /// When the last line was printed.
    printed: Instant,
}

impl<'a> Progress<'a> {
    /// Progress before the first event.
    pub fn new(output: &'a Output) -> Progress<'a> {
        let target = if output.shows_progress() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        // `wide_msg` cuts a long key at the edge of the terminal.
        if let Ok(style) =
            ProgressStyle::with_template("{bar:20} {pos}/{len} writes sent, {prefix} confirmed {wide_msg}")
        {
            bar.set_style(style);
        }
        bar.set_prefix("0");
        if !bar.is_hidden() {
            bar.enable_steady_tick(REDRAW);
        }
        bar::shown(&bar);
        Progress { output, bar, begun: BTreeSet::new(), confirmed: 0, printed: Instant::now() }
    }

    /// Shows an event.
    pub fn show(&mut self, event: &ApplyEvent) {
        match event {
            ApplyEvent::Started { writes } => self.bar.set_length(u64::try_from(*writes).unwrap_or(u64::MAX)),
            ApplyEvent::Sent { environment, changes } => {
                self.bar.set_message(environment.key.to_string());
                self.advance(changes);
            }
            ApplyEvent::Settled { changes, outcome, .. } => {
                self.confirmed += u64::from(outcome.is_applied());
                self.advance(changes);
            }
            ApplyEvent::Retrying { environment, why, after } => {
                let place = environment
                    .as_ref()
                    .map_or_else(|| "the tenant".to_owned(), |environment| environment.key.to_string());
                let when = match after.as_secs() {
                    0 => String::new(),
                    seconds => format!(" in {}", count(seconds, "second", "seconds")),
                };
                self.print(&format!("trying {place} again{when}: {why}"));
            }
            ApplyEvent::Stopping { in_flight } => {
                let writes = count(*in_flight as u64, "write", "writes");
                self.print(&format!("stopping; {writes} in flight. Ctrl-C again quits at once"));
            }
            ApplyEvent::Waiting { left } => {
                self.print(&match left.as_secs() {
                    0 => "waiting for the tenant".to_owned(),
                    seconds => format!("waiting; going on in {}", count(seconds, "second", "seconds")),
                });
            }
            ApplyEvent::SettingSent => {}
        }
    }

    /// Counts a write by the changes that it makes.
    fn advance(&mut self, changes: &[usize]) {
        self.begun.extend(changes.first());
        self.bar.set_prefix(number(self.confirmed));
        self.bar.set_position(u64::try_from(self.begun.len()).unwrap_or(u64::MAX));
        if self.bar.is_hidden() && self.printed.elapsed() >= EVERY {
            let all = count(self.bar.length().unwrap_or_default(), "write", "writes");
            let (sent, confirmed) = (number(self.bar.position()), number(self.confirmed));
            self.print(&format!("{sent} of {all} sent, {confirmed} confirmed"));
        }
    }

    fn print(&mut self, line: &str) {
        self.printed = Instant::now();
        self.output.chatter(&format!("{line}\n"));
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        bar::gone();
    }
}
