//! The operator of an apply at a terminal: sees the plan, answers the question, and follows the run.

use std::io;

use async_trait::async_trait;

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
    stop: Stop,
    progress: Option<Progress<'a>>,
    printed: io::Result<()>,
}

impl<'a> TerminalOperator<'a> {
    /// An operator who reads results in `format`. A request to `stop` ends the question.
    pub fn new(output: &'a Output, format: Format, stop: &Stop) -> TerminalOperator<'a> {
        TerminalOperator { output, format, stop: stop.clone(), progress: None, printed: Ok(()) }
    }

    /// Returns the error of [`Operator::done`], which cannot return one itself.
    ///
    /// # Errors
    ///
    /// If the result of the run could not be printed.
    pub fn finish(&mut self) -> io::Result<()> {
        std::mem::replace(&mut self.printed, Ok(()))
    }

    async fn ask(&self, view: &PlanView) -> anyhow::Result<Approval> {
        let why = match self.format {
            Format::Text if self.output.reader_ended() => {
                "the program that reads stdout has ended, so allot cannot show the plan and ask whether to apply"
            }
            Format::Text if self.output.can_ask() => {
                let tenant = shown(&view.tenant, view.provider);
                let question = format!("\nApply this plan to {tenant}? Only `yes` is accepted: ");
                return ask(self.output, &self.stop, &question).await;
            }
            Format::Text => "this is not a terminal, so allot cannot ask whether to apply",
            _ => "allot asks whether to apply only under `--format text`",
        };
        Err(Advised::error(why, "`--auto-approve` applies without a question, and so does a plan that was saved"))
    }
}

#[async_trait(?Send)]
impl Operator for TerminalOperator<'_> {
    async fn review(
        &mut self,
        plan: &PlanView,
        findings: &[Finding],
        sources: &Sources,
        is_decided: bool,
    ) -> anyhow::Result<Approval> {
        if self.format == Format::Text {
            self.output.findings(findings, sources);
            self.output.result(&text::plan::plan(plan, &self.output.stdout_style()))?;
        }
        if is_decided { Ok(Approval::Approved) } else { self.ask(plan).await }
    }

    fn follow(&mut self, event: &ApplyEvent) {
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
