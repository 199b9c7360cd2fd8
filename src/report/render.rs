//! Renders an answer in a format. Every command with formats ends here.

// A new format or a new kind of content does not compile until every function here handles it.
#![deny(clippy::wildcard_enum_match_arm)]

use std::borrow::Cow;

use super::annotations::{self, Annotated, Reach};
use super::answer::{Answer, Content};
use super::counts::Counts;
use super::format::Format;
use super::origin::{Frame, Origin};
use super::safe::comment::Markdown;
use super::safe::rendered::Rendered;
use super::style::Style;
use super::view::basics::FindingView;
use super::view::holdings::HoldingsView;
use super::{diff, html, json, markdown, table, text, verdict};
use crate::ci::host::Host;
use crate::model::command::CommandName;
use crate::model::desired::Provider;

/// Renders an answer in a format; `budget` is the most characters of a comment.
///
/// # Errors
///
/// If a table, a page or a report cannot be written, or the command does not have the format.
pub fn render(answer: &Answer, format: Format, budget: usize, origin: &Origin) -> anyhow::Result<Rendered> {
    Ok(match format {
        Format::Text => Rendered::text(&answer.text()),
        Format::Json => json::rendered(answer.command, &answer.content, origin, answer.counted()),
        Format::Markdown => Rendered::markdown(&answer.markdown(&answer.frame(origin, budget))?),
        Format::Summary => Rendered::markdown(&answer.markdown(&answer.frame(origin, markdown::SUMMARY_BUDGET))?),
        Format::Html => answer.html(&answer.frame(origin, usize::MAX))?,
        Format::Ci => match origin.host {
            Some(Host::GitHub) => answer.annotate(origin, annotations::github),
            Some(Host::AzureDevOps) => answer.annotate(origin, annotations::azure),
            Some(Host::GitLab) | None => Rendered::commands(""),
        },
        Format::Github => answer.annotate(origin, annotations::github),
        Format::Azure => answer.annotate(origin, annotations::azure),
        Format::Gitlab => answer.annotate(origin, annotations::gitlab),
        Format::Sarif => answer.annotate(origin, annotations::sarif),
        Format::Junit => answer.annotate(origin, annotations::junit)?,
        Format::Csv => Rendered::table(&match &answer.content {
            Content::Plan(plan) => table::changes(&plan.view)?,
            Content::Run(run) => table::settled(&run.view)?,
            Content::Status(view) => match &view.breakdown {
                Some(breakdown) => table::groups::groups(view, breakdown)?,
                None => table::pools::status(view)?,
            },
            Content::Forecast(view) => table::pools::forecast(view)?,
            // A heading without rows would be a table of nothing: no changes, no pools.
            Content::Invalid(_) | Content::Refused(_) | Content::Failed(_) => String::new(),
            Content::Validated(_) | Content::Drift(_) | Content::Doctor(_) => table::heading()?,
        })?,
    })
}

/// Renders an answer for stdout of a terminal. The findings, and the words of a refusal or a failure, belong on stderr.
pub fn terminal(answer: &Answer, style: &Style) -> String {
    match &answer.content {
        Content::Plan(plan) => text::plan::plan(&plan.view, style),
        // The run itself was printed when it ended, before the tenant was read again.
        Content::Run(run) => {
            run.gauges.as_ref().map_or_else(String::new, |status| format!("\n{}", text::status::gauges(status, style)))
        }
        Content::Validated(view) => text::validate::validate(view, style),
        Content::Invalid(_) | Content::Refused(_) | Content::Failed(_) => String::new(),
        Content::Drift(view) => text::drift::drift(view, style),
        Content::Status(view) => text::status::status(view, style),
        Content::Forecast(view) => text::forecast::forecast(view, style),
        Content::Doctor(view) => text::doctor::doctor(view, style),
    }
}

/// Renders the changes of a plan as unified diffs of the environments' documents; any other answer as [`terminal`] does.
pub fn documents(answer: &Answer, style: &Style) -> String {
    if let Content::Plan(plan) = &answer.content {
        diff::documents(&plan.draft, style)
    } else {
        terminal(answer, style)
    }
}

impl Answer {
    /// The provider of the tenant; `None` if the content does not name it.
    fn provider(&self) -> Option<Provider> {
        match &self.content {
            Content::Plan(plan) => Some(plan.view.provider),
            Content::Run(run) => Some(run.view.provider),
            Content::Validated(view) | Content::Invalid(view) => view.provider,
            Content::Drift(view) => Some(view.provider),
            Content::Status(view) => Some(view.provider),
            Content::Forecast(view) => Some(view.provider),
            Content::Refused(_) | Content::Failed(_) | Content::Doctor(_) => None,
        }
    }

    fn findings(&self) -> Cow<'_, [FindingView]> {
        match &self.content {
            Content::Plan(plan) => Cow::Borrowed(&plan.view.findings),
            Content::Run(run) => Cow::Owned(run.view.all_findings()),
            Content::Validated(view) | Content::Invalid(view) => Cow::Borrowed(&view.findings),
            Content::Refused(view) => Cow::Borrowed(&view.findings),
            Content::Drift(view) => Cow::Borrowed(&view.findings),
            Content::Failed(_) | Content::Status(_) | Content::Forecast(_) | Content::Doctor(_) => Cow::Borrowed(&[]),
        }
    }

    fn reach(&self) -> Reach {
        let (groups, otherwise) = match &self.content {
            Content::Plan(_) if self.command == CommandName::Apply => ("1234", "nothing was applied"),
            Content::Plan(_) | Content::Drift(_) => ("1234", "a plan writes nothing"),
            Content::Run(_) => ("12345", ""),
            Content::Validated(_) => ("123", "validate works without a tenant"),
            Content::Invalid(_) => ("1", "the configuration must be fixed first"),
            Content::Refused(_) => ("5", "the saved plan is stale"),
            Content::Failed(_) | Content::Status(_) | Content::Forecast(_) | Content::Doctor(_) => {
                ("", "the command failed")
            }
        };
        Reach { groups, otherwise }
    }

    /// The facts about a report of this answer.
    fn frame<'a>(&'a self, origin: &'a Origin, budget: usize) -> Frame<'a> {
        let (tenant, read_at) = match &self.content {
            Content::Plan(plan) => (Some(plan.view.tenant.as_str()), Some(plan.observed.captured_at)),
            Content::Run(run) => (Some(run.view.tenant.as_str()), run.read_at),
            Content::Validated(_) | Content::Invalid(_) | Content::Refused(_) | Content::Failed(_) => (None, None),
            Content::Status(view) => (Some(view.tenant.as_str()), Some(view.read_at)),
            Content::Forecast(view) => (Some(view.tenant.as_str()), Some(view.read_at)),
            Content::Drift(_) | Content::Doctor(_) => (None, None),
        };
        let (command, provider, more) = (self.command, self.provider(), self.more());
        Frame { command, tenant, provider, read_at, origin, budget, more }
    }

    /// How many more findings there are than the content has entries; for a branch, without those of its base.
    fn more(&self) -> Counts {
        // The view of a run has other findings than its answer.
        if let Content::Run(run) = &self.content {
            return Counts { errors: run.view.unlisted(), ..Counts::default() };
        }
        let listed = if let Content::Plan(plan) = &self.content {
            Counts::of_listed(plan.view.own_findings())
        } else {
            Counts::of_listed(self.findings().iter())
        };
        Counts::of(self.own_findings()).beyond(listed)
    }

    /// The number of all findings, if the content does not list each of them.
    fn counted(&self) -> Option<Counts> {
        let found = Counts::of(&self.findings);
        let listed = Counts::of_listed(self.findings().iter());
        let is_run = matches!(self.content, Content::Run(_));
        (!is_run && found.beyond(listed) != Counts::default()).then_some(found)
    }

    /// The findings in the format of a CI host or a log reader.
    fn annotate<T>(&self, origin: &Origin, annotation: fn(&Annotated<'_>) -> T) -> T {
        annotation(&Annotated {
            frame: &self.frame(origin, usize::MAX),
            findings: &self.findings(),
            failure: if let Content::Failed(view) = &self.content { Some(&view.error) } else { None },
            reach: self.reach(),
        })
    }

    /// The answer as plain text, findings included.
    fn text(&self) -> String {
        let style = Style::PLAIN;
        // The text of a run lists the changes that were not applied, so only the other findings precede it.
        let (answer, findings) = match &self.content {
            Content::Run(run) => (text::run::report(&run.view, &style), Cow::Borrowed(&run.view.findings[..])),
            Content::Invalid(view) => (text::validate::validate(view, &style), self.findings()),
            Content::Refused(_) => ("Refused. The saved plan is stale.\n".to_owned(), self.findings()),
            Content::Failed(view) => {
                let causes = std::iter::once(&view.error.message).chain(&view.error.causes);
                (text::failure::failure("error", causes, &view.error.help, &style), self.findings())
            }
            Content::Plan(plan) => (terminal(self, &style), plan.view.own_findings().cloned().collect()),
            Content::Validated(_) | Content::Drift(_) => (terminal(self, &style), self.findings()),
            Content::Status(_) | Content::Forecast(_) | Content::Doctor(_) => (terminal(self, &style), self.findings()),
        };
        format!("{}{answer}", text::lines::findings(&findings))
    }

    fn markdown(&self, frame: &Frame<'_>) -> anyhow::Result<Markdown> {
        Ok(match &self.content {
            Content::Plan(plan) => markdown::plan(&plan.view, frame),
            Content::Run(run) => markdown::receipt(&run.view, frame),
            Content::Validated(view) => markdown::validated(view, frame),
            Content::Invalid(view) => markdown::refused(&view.findings, verdict::NO_PLAN, frame),
            Content::Refused(view) => markdown::refused(&view.findings, verdict::STALE, frame),
            Content::Failed(view) => markdown::failed(&view.error, frame),
            Content::Status(view) => markdown::status(view, frame),
            Content::Forecast(view) => markdown::forecast(view, frame),
            Content::Drift(_) | Content::Doctor(_) => return Err(self.has_no("Markdown")),
        })
    }

    fn html(&self, frame: &Frame<'_>) -> anyhow::Result<Rendered> {
        Ok(match &self.content {
            Content::Plan(plan) => {
                // Made on demand, because a tenant can have many environments.
                let holdings = HoldingsView::new(&plan.desired, &plan.observed, &plan.draft);
                html::plan(&plan.view, &plan.desired, &holdings, frame)?
            }
            Content::Run(run) => html::receipt(&run.view, frame)?,
            Content::Validated(view) => html::validated(view, frame)?,
            Content::Invalid(view) => html::refused(&view.findings, verdict::NO_PLAN, frame)?,
            Content::Refused(view) => html::refused(&view.findings, verdict::STALE, frame)?,
            Content::Failed(view) => html::failed(&view.error, frame)?,
            Content::Status(view) => html::status(view, frame)?,
            Content::Forecast(view) => html::forecast(view, frame)?,
            Content::Drift(_) | Content::Doctor(_) => return Err(self.has_no("HTML")),
        })
    }

    /// The error for a format that a command does not have. The command line does not offer such a format.
    fn has_no(&self, format: &str) -> anyhow::Error {
        anyhow::anyhow!("`allot {}` has no {format}; its formats are text and json", self.command)
    }
}
