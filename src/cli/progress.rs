//! The progress of an apply: a bar on a terminal, and a line for every retry.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::bar;
use super::output::Output;
use crate::report::number::count;
use crate::workflow::apply::ApplyEvent;

/// The shortest time between two progress lines if there is no bar.
const EVERY: Duration = Duration::from_secs(10);

/// The progress of an apply.
pub struct Progress<'a> {
    output: &'a Output,
    bar: ProgressBar,
    /// When the last line was printed.
    printed: Instant,
}

impl<'a> Progress<'a> {
    /// Progress before the first event.
    pub fn new(output: &'a Output) -> Progress<'a> {
        let target = if output.shows_progress() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        // `wide_msg` cuts a long key at the edge of the terminal.
        if let Ok(style) = ProgressStyle::with_template("{bar:20} {pos}/{len} writes {wide_msg}") {
            bar.set_style(style);
        }
        bar::shown(&bar);
        Progress { output, bar, printed: Instant::now() }
    }

    /// Shows an event.
    pub fn show(&mut self, event: &ApplyEvent) {
        match event {
            ApplyEvent::Started { writes } => self.bar.set_length(u64::try_from(*writes).unwrap_or(u64::MAX)),
            ApplyEvent::Sent { environment, .. } => self.bar.set_message(environment.key.to_string()),
            ApplyEvent::Settled { .. } => {
                self.bar.inc(1);
                if self.bar.is_hidden() && self.printed.elapsed() >= EVERY {
                    let all = self.bar.length().unwrap_or_default();
                    self.print(&format!("{} of {}", self.bar.position(), count(all, "write", "writes")));
                }
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
