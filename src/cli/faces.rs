//! One answer, many faces: the result of a command in the format that was asked for, and in as many more as reports were.

use std::fs;

use anyhow::Context as _;
use jiff::Timestamp;

use super::args::{Face, FaceArgs};
use super::context::{Comment, Context};
use super::output::Output;
use crate::report::annotations::{self, Annotated};
use crate::report::style::Style;
use crate::report::view::basics::FindingView;
use crate::report::view::failure::{ErrorView, RefusalView};
use crate::report::view::plan::PlanView;
use crate::report::view::validate::ValidateView;
use crate::report::{json, markdown, table, text};

/// What a command has to say.
#[derive(Clone, Copy)]
pub enum Answer<'a> {
    /// A plan, refused or not, and when the tenant was read for it.
    Plan(&'a PlanView, Timestamp),
    /// What was found about a configuration.
    Validated(&'a ValidateView),
    /// A configuration that is not in order, where something else was asked for.
    Invalid(&'a ValidateView),
    /// A refusal with its reasons.
    Refused(&'a RefusalView),
    /// A failure.
    Failed(&'a ErrorView),
}

impl Answer<'_> {
    fn command(&self) -> &str {
        match self {
            Answer::Plan(view, _) => view.command,
            Answer::Validated(view) | Answer::Invalid(view) => view.command,
            Answer::Refused(view) => view.command,
            Answer::Failed(view) => &view.command,
        }
    }

    fn findings(&self) -> &[FindingView] {
        match self {
            Answer::Plan(view, _) => &view.findings,
            Answer::Validated(view) | Answer::Invalid(view) => &view.findings,
            Answer::Refused(view) => &view.findings,
            Answer::Failed(_) => &[],
        }
    }

    /// The answer as a face shows it.
    ///
    /// # Errors
    ///
    /// Where a table cannot be written.
    pub fn shown(&self, face: Face, budget: usize, comment: &Comment) -> anyhow::Result<String> {
        let failure = match self {
            Answer::Failed(view) => Some(view.error.message.as_str()),
            _ => None,
        };
        let annotated =
            Annotated { command: self.command(), findings: self.findings(), failure, folder: comment.folder() };
        Ok(match face {
            Face::Text => self.text(),
            Face::Json => self.json(),
            Face::Markdown => self.markdown(budget, comment),
            Face::Ci => comment.log_commands().map_or_else(String::new, |commands| commands(&annotated)),
            Face::Github => annotations::github(&annotated),
            Face::Azure => annotations::azure(&annotated),
            Face::Gitlab => annotations::gitlab(&annotated),
            Face::Sarif => annotations::sarif(&annotated),
            Face::Junit => annotations::junit(&annotated),
            Face::Csv => match self {
                Answer::Plan(view, _) => table::changes(view)?,
                _ => table::heading()?,
            },
        })
    }

    fn text(&self) -> String {
        let style = Style::PLAIN;
        match self {
            Answer::Plan(view, _) => text::plan::plan(view, &style),
            Answer::Validated(view) | Answer::Invalid(view) => text::validate::validate(view, &style),
            Answer::Refused(_) => String::new(),
            Answer::Failed(view) => format!("error: {}\n", view.error.message),
        }
    }

    fn json(&self) -> String {
        match self {
            Answer::Plan(view, _) => json::json(view),
            Answer::Validated(view) | Answer::Invalid(view) => json::json(view),
            Answer::Refused(view) => json::json(view),
            Answer::Failed(view) => json::json(view),
        }
    }

    fn markdown(&self, budget: usize, comment: &Comment) -> String {
        let frame = comment.frame(self.command(), None, budget);
        match self {
            Answer::Plan(view, read_at) => {
                let frame = markdown::Frame { tenant: Some(&view.tenant), read_at: Some(*read_at), ..frame };
                markdown::plan(view, &frame)
            }
            Answer::Validated(view) => markdown::validated(view, &frame),
            Answer::Invalid(view) => markdown::refused(&view.findings, &frame),
            Answer::Refused(view) => markdown::refused(&view.findings, &frame),
            Answer::Failed(view) => markdown::failed(&view.error, &frame),
        }
    }

    /// Writes the reports, and returns what is to stand after the result.
    ///
    /// # Errors
    ///
    /// Where a file cannot be written.
    pub fn report(&self, args: &FaceArgs, comment: &Comment) -> anyhow::Result<String> {
        let mut after = String::new();
        for report in &args.reports {
            let shown = self.shown(report.face, args.budget, comment)?;
            match &report.file {
                None => after.push_str(&shown),
                Some(file) => {
                    let written = match file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                        Some(folder) => fs::create_dir_all(folder).and_then(|()| fs::write(file, shown)),
                        None => fs::write(file, shown),
                    };
                    written.with_context(|| format!("the report cannot be written to {}", file.display()))?;
                }
            }
        }
        Ok(after)
    }

    /// Prints the result in the face that was asked for, and what reports put after it. `in_words` prints it for people, where that
    /// was asked for.
    ///
    /// # Errors
    ///
    /// Where a file or stdout cannot be written to.
    pub fn tell(
        &self,
        context: &Context,
        args: &FaceArgs,
        in_words: impl FnOnce(&Output) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let comment = context.comment();
        // Written first: where that fails, the failure is the one answer.
        let after = self.report(args, &comment)?;
        match args.format {
            Face::Text => in_words(&context.output)?,
            face => context.output.result(&self.shown(face, args.budget, &comment)?)?,
        }
        Ok(context.output.result(&after)?)
    }
}
