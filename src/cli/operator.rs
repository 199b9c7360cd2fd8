//! The operator of an apply at a terminal: sees the plan, answers the question, follows the run, and can stop it with Ctrl-C.

use std::io;

use async_trait::async_trait;
use tokio::task::JoinHandle;

use super::interrupt::Interrupts;
use super::output::Output;
use super::progress::Progress;
use super::question::ask;
use crate::model::finding::Finding;
use crate::model::source::Sources;
use crate::report::format::Format;
use crate::report::tenant::shown;
use crate::report::text;
use crate::report::view::plan::PlanView;
use crate::report::view::run::RunView;
use crate::workflow::apply::{ApplyEvent, Approval, Operator, Stop};
use crate::workflow::failure::Advised;

/// The operator at a terminal.
pub struct TerminalOperator<'a> {
    output: &'a Output,
    format: Format,
    progress: Option<Progress<'a>>,
    listening: Option<JoinHandle<()>>,
    printed: io::Result<()>,
}

impl<'a> TerminalOperator<'a> {
    /// An operator who reads results in a format.
    pub fn new(output: &'a Output, format: Format) -> TerminalOperator<'a> {
        TerminalOperator { output, format, progress: None, listening: None, printed: Ok(()) }
    }

    /// Ends the part of the operator in a run.
    ///
    /// # Errors
    ///
    /// If the result of the run could not be printed.
    pub fn finish(&mut self) -> io::Result<()> {
        std::mem::replace(&mut self.printed, Ok(()))
    }
}

#[async_trait(?Send)]
impl Operator for TerminalOperator<'_> {
    fn planned(&mut self, view: &PlanView, findings: &[Finding], sources: &Sources) -> anyhow::Result<()> {
        if self.format == Format::Text {
            self.output.findings(findings, sources);
            self.output.result(&text::plan::plan(view, &self.output.stdout_style()))?;
        }
        Ok(())
    }

    fn listen(&mut self) -> anyhow::Result<Stop> {
        let (mut interrupts, stop) = (Interrupts::listen()?, Stop::new());
        let requests = stop.clone();
        let listening = tokio::spawn(async move {
            loop {
                interrupts.next().await;
                requests.request();
            }
        });
        if let Some(earlier) = self.listening.replace(listening) {
            earlier.abort();
        }
        Ok(stop)
    }

    async fn approve(&mut self, view: &PlanView, stop: &Stop) -> anyhow::Result<Approval> {
        let why = match self.format {
            Format::Text if self.output.can_ask() => {
                let tenant = shown(&view.tenant, view.provider);
                let question = format!("\nApply this plan to {tenant}? Only `yes` is accepted: ");
                return ask(self.output, stop, &question).await;
            }
            Format::Text => "nobody can be asked whether to apply: this is no terminal",
            _ => "nobody is asked whether to apply under a `--format` other than text",
        };
        Err(Advised::error(why, "`--auto-approve` applies without a question, and so does a plan that was saved"))
    }

    fn progress(&mut self, event: &ApplyEvent) {
        self.progress.get_or_insert_with(|| Progress::new(self.output)).show(event);
    }

    fn done(&mut self, view: &RunView) {
        // Dropping the bar clears its line.
        self.progress = None;
        if self.format == Format::Text {
            let text = text::run::run(view, &self.output.stdout_style());
            self.printed = self.output.result(&format!("\n{text}"));
        }
    }
}
