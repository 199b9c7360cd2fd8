//! One answer, many faces: the result of a command in the format that was asked for, and in as many more as reports were.

use std::borrow::Cow;
use std::path::PathBuf;

use anyhow::Context as _;
use jiff::Timestamp;

use super::args::faces::{Face, FaceArgs};
use super::context::{Comment, Context};
use super::exit;
use super::output::Output;
use super::tenant::Planned;
use crate::files::typed;
use crate::model::desired::{DesiredState, Provider};
use crate::report::annotations::{self, Annotated, Reach};
use crate::report::frame::Frame;
use crate::report::style::Style;
use crate::report::view::basics::FindingView;
use crate::report::view::failure::{ErrorView, RefusalView};
use crate::report::view::holdings::{HoldingsFacts, HoldingsView};
use crate::report::view::plan::PlanView;
use crate::report::view::run::RunView;
use crate::report::view::validate::ValidateView;
use crate::report::{html, json, markdown, table, text, verdict};

/// What stands behind a plan: faces that show more than what changes look there.
#[derive(Clone, Copy)]
pub struct Background<'a> {
    /// What the configuration says.
    pub desired: &'a DesiredState,
    /// What the tenant says, and what would change.
    pub planned: &'a Planned,
}

/// What a command has to say.
#[derive(Clone, Copy)]
pub enum Answer<'a> {
    /// A plan, refused or not, and what it was made from.
    Plan(&'a PlanView, Background<'a>),
    /// What became of a plan, and when the tenant was read last.
    Run(&'a RunView, Option<Timestamp>),
    /// What was found about a configuration.
    Validated(&'a ValidateView),
    /// A configuration that is not in order, where something else was asked for.
    Invalid(&'a ValidateView),
    /// A refusal with its reasons.
    Refused(&'a RefusalView),
    /// A failure.
    Failed(&'a ErrorView),
}

impl Background<'_> {
    /// A frame with what only a plan knows.
    fn frame<'a>(&self, view: &'a PlanView, frame: Frame<'a>) -> Frame<'a> {
        let read_at = Some(self.planned.observed.captured_at);
        Frame { tenant: Some(&view.tenant), read_at, ..frame }
    }

    /// Who holds what; made only where somebody asks, because a tenant can have many environments.
    fn holdings(&self) -> HoldingsView {
        let Background { desired, planned } = *self;
        HoldingsView::new(&HoldingsFacts { desired, observed: &planned.observed, draft: planned.draft() })
    }
}

impl Answer<'_> {
    fn command(&self) -> &str {
        match self {
            Answer::Plan(view, _) => view.command,
            Answer::Run(view, _) => view.command,
            Answer::Validated(view) | Answer::Invalid(view) => view.command,
            Answer::Refused(view) => view.command,
            Answer::Failed(view) => &view.command,
        }
    }

    /// Where the tenant lives; `None` where no configuration says so that is in order.
    fn provider(&self) -> Option<Provider> {
        match self {
            Answer::Plan(view, _) => Some(view.provider),
            Answer::Run(view, _) => Some(view.provider),
            Answer::Validated(view) | Answer::Invalid(view) => view.provider,
            Answer::Refused(_) | Answer::Failed(_) => None,
        }
    }

    fn findings(&self) -> Cow<'_, [FindingView]> {
        match self {
            Answer::Plan(view, _) => Cow::Borrowed(&view.findings),
            Answer::Run(view, _) => Cow::Owned(view.told()),
            Answer::Validated(view) | Answer::Invalid(view) => Cow::Borrowed(&view.findings),
            Answer::Refused(view) => Cow::Borrowed(&view.findings),
            Answer::Failed(_) => Cow::Borrowed(&[]),
        }
    }

    fn reach(&self) -> Reach {
        match self {
            Answer::Plan(view, _) if view.command == "apply" => Reach::Refused,
            Answer::Plan(..) => Reach::Plan,
            Answer::Run(..) => Reach::Everything,
            Answer::Validated(_) => Reach::Offline,
            Answer::Invalid(_) => Reach::Configuration,
            Answer::Refused(_) => Reach::SavedPlan,
            Answer::Failed(_) => Reach::Nothing,
        }
    }

    /// The answer as a face shows it.
    ///
    /// # Errors
    ///
    /// Where a table, a page or a report cannot be written.
    pub fn shown(&self, face: Face, budget: usize, comment: &Comment) -> anyhow::Result<String> {
        let failure = match self {
            Answer::Failed(view) => Some(&view.error),
            _ => None,
        };
        let findings = self.findings();
        let annotated = Annotated {
            command: self.command(),
            findings: &findings,
            provider: self.provider(),
            failure,
            reach: self.reach(),
            folder: comment.folder(),
            root: comment.root_file(),
        };
        Ok(match face {
            Face::Text => self.text(),
            Face::Json => self.json(),
            Face::Markdown => self.markdown(budget, comment),
            Face::Summary => self.markdown(markdown::SUMMARY_BUDGET, comment),
            Face::Html => self.html(comment)?,
            Face::Ci => comment.log_commands().map_or_else(String::new, |commands| commands(&annotated)),
            Face::Github => annotations::github(&annotated),
            Face::Azure => annotations::azure(&annotated),
            Face::Gitlab => annotations::gitlab(&annotated),
            Face::Sarif => annotations::sarif(&annotated),
            Face::Junit => annotations::junit(&annotated)?,
            Face::Csv => match self {
                Answer::Plan(view, _) => table::changes(view)?,
                Answer::Run(view, _) => table::settled(view)?,
                _ => table::heading()?,
            },
        })
    }

    /// For people, with what stands on stderr where somebody looks on.
    fn text(&self) -> String {
        let style = Style::PLAIN;
        let answer = match self {
            Answer::Plan(view, _) => text::plan::plan(view, &style),
            Answer::Run(view, _) => text::run::report(view, &style),
            Answer::Validated(view) | Answer::Invalid(view) => text::validate::validate(view, &style),
            Answer::Refused(_) => "Refused. The plan that was saved no longer fits.\n".to_owned(),
            Answer::Failed(view) => {
                let help: Vec<String> = view.error.help.iter().cloned().collect();
                let causes: Vec<String> =
                    std::iter::once(&view.error.message).chain(&view.error.causes).cloned().collect();
                text::failure::failure(&causes, &help, &style)
            }
        };
        // What was not applied stands in the answer already.
        let found = match self {
            Answer::Run(view, _) => Cow::Borrowed(view.findings.as_slice()),
            _ => self.findings(),
        };
        format!("{}{answer}", text::lines::findings(&found))
    }

    fn json(&self) -> String {
        match self {
            Answer::Plan(view, _) => json::json(view),
            Answer::Run(view, _) => json::json(view),
            Answer::Validated(view) | Answer::Invalid(view) => json::json(view),
            Answer::Refused(view) => json::json(view),
            Answer::Failed(view) => json::json(view),
        }
    }

    fn markdown(&self, budget: usize, comment: &Comment) -> String {
        let frame = Frame { provider: self.provider(), ..comment.frame(self.command(), None, budget) };
        match self {
            Answer::Plan(view, background) => markdown::plan(view, &background.frame(view, frame)),
            Answer::Run(view, read_at) => {
                markdown::receipt(view, &Frame { tenant: Some(&view.tenant), read_at: *read_at, ..frame })
            }
            Answer::Validated(view) => markdown::validated(view, &frame),
            Answer::Invalid(view) => markdown::refused(&view.findings, verdict::NO_PLAN, &frame),
            Answer::Refused(view) => markdown::refused(&view.findings, verdict::STALE, &frame),
            Answer::Failed(view) => markdown::failed(&view.error, &frame),
        }
    }

    fn html(&self, comment: &Comment) -> anyhow::Result<String> {
        let frame = Frame { provider: self.provider(), ..comment.frame(self.command(), None, usize::MAX) };
        Ok(match self {
            Answer::Plan(view, background) => html::plan(view, &background.holdings(), &background.frame(view, frame))?,
            Answer::Run(view, read_at) => {
                html::receipt(view, &Frame { tenant: Some(&view.tenant), read_at: *read_at, ..frame })?
            }
            Answer::Validated(view) => html::validated(view, &frame)?,
            Answer::Invalid(view) => html::refused(&view.findings, verdict::NO_PLAN, &frame)?,
            Answer::Refused(view) => html::refused(&view.findings, verdict::STALE, &frame)?,
            Answer::Failed(view) => html::failed(&view.error, &frame)?,
        })
    }

    /// Writes the reports to their files.
    ///
    /// # Errors
    ///
    /// Every file that cannot be written; the others are.
    pub fn report(&self, args: &FaceArgs, comment: &Comment) -> Vec<anyhow::Error> {
        let files = args.reports.iter().filter_map(|report| Some((report.face, report.file.as_ref()?)));
        let write = |(face, file): (Face, &PathBuf)| {
            let shown = self.shown(face, args.budget, comment)?;
            // Other commands of a step write to its summary as well.
            let write = if face == Face::Summary { typed::append } else { typed::replace_with_folders };
            let written = write(comment.working_folder(), file, shown.as_bytes());
            written.with_context(|| format!("the report cannot be written to {}", file.display()))
        };
        files.filter_map(|report| write(report).err()).collect()
    }

    /// Prints the result in the face that was asked for, and the reports that stand after it. `in_words` prints it for people.
    ///
    /// # Errors
    ///
    /// Where stdout cannot be written to.
    pub fn print(
        &self,
        output: &Output,
        args: &FaceArgs,
        comment: &Comment,
        in_words: impl FnOnce(&Output) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        match args.format {
            Face::Text => in_words(output)?,
            face => say(output, face, &self.shown(face, args.budget, comment)?)?,
        }
        for report in args.reports.iter().filter(|report| report.file.is_none()) {
            say(output, report.face, &self.shown(report.face, args.budget, comment)?)?;
        }
        Ok(())
    }

    /// Writes the reports and prints the result. Says whether all of it could be written: where it could not, that was told, and what
    /// the command came to stands.
    ///
    /// # Errors
    ///
    /// Where stdout cannot be written to.
    pub fn tell(
        &self,
        context: &Context,
        args: &FaceArgs,
        in_words: impl FnOnce(&Output) -> std::io::Result<()>,
    ) -> anyhow::Result<bool> {
        let comment = context.comment();
        let failed = self.report(args, &comment);
        // What was reported stands, whatever becomes of stdout.
        self.print(&context.output, args, &comment, in_words).map_err(Unprintable)?;
        for error in &failed {
            context.output.aside(&exit::tell(error).text(&context.output.stderr_style()));
        }
        Ok(failed.is_empty())
    }
}

/// The answer could not be printed. It was reported already, and no report is written over it.
#[derive(Debug, thiserror::Error)]
#[error("the result cannot be printed")]
pub struct Unprintable(#[source] anyhow::Error);

/// Whether a face says itself what was found, so that nothing need stand beside it.
pub fn says_what_was_found(face: Face) -> bool {
    matches!(face, Face::Json | Face::Markdown | Face::Summary | Face::Html)
}

fn say(output: &Output, face: Face, text: &str) -> std::io::Result<()> {
    match face {
        Face::Text | Face::Markdown | Face::Summary | Face::Csv => output.result(text),
        // Commands, and what programs read: harmless by itself, and not to be touched.
        Face::Json | Face::Html | Face::Ci | Face::Github | Face::Azure | Face::Gitlab | Face::Sarif | Face::Junit => {
            output.verbatim(text)
        }
    }
}
