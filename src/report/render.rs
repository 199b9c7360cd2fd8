//! Renders an answer in a format. Every command with formats ends here.

// A new format or a new kind of content does not compile until every function here handles it.
#![deny(clippy::wildcard_enum_match_arm)]

use std::borrow::Cow;

use super::annotations::{self, Annotated, Reach};
use super::answer::{Answer, Content, PlanContent, RunContent};
use super::format::Format;
use super::frame::Frame;
use super::origin::Origin;
use super::style::Style;
use super::view::basics::FindingView;
use super::view::holdings::{HoldingsFacts, HoldingsView};
use super::view::plan::PlanView;
use super::{diff, html, json, markdown, table, text, verdict};
use crate::ci::host::Host;
use crate::model::command::CommandName;
use crate::model::desired::Provider;

/// Renders an answer in a format; `budget` is the most characters of a comment.
///
/// # Errors
///
/// If a table, a page or a report cannot be written.
pub fn render(answer: &Answer, format: Format, budget: usize, origin: &Origin) -> anyhow::Result<String> {
    let content = &answer.content;
    Ok(match format {
        Format::Text => content.text(),
        Format::Json => content.json(),
        Format::Markdown => content.markdown(budget, origin)?,
        Format::Summary => content.markdown(markdown::SUMMARY_BUDGET, origin)?,
        Format::Html => content.html(origin)?,
        Format::Ci => match origin.host {
            Some(Host::GitHub) => content.annotate(origin, annotations::github),
            Some(Host::AzureDevOps) => content.annotate(origin, annotations::azure),
            Some(Host::GitLab) | None => String::new(),
        },
        Format::Github => content.annotate(origin, annotations::github),
        Format::Azure => content.annotate(origin, annotations::azure),
        Format::Gitlab => content.annotate(origin, annotations::gitlab),
        Format::Sarif => content.annotate(origin, annotations::sarif),
        Format::Junit => content.annotate(origin, annotations::junit)?,
        Format::Csv => match content {
            Content::Plan(plan) => table::changes(&plan.view)?,
            Content::Run(run) => table::settled(&run.view)?,
            Content::Validated(_)
            | Content::Invalid(_)
            | Content::Refused(_)
            | Content::Failed(_)
            | Content::Drift(_)
            | Content::Status(_)
            | Content::Forecast(_)
            | Content::Doctor(_) => table::heading()?,
        },
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

impl PlanContent {
    /// A frame with what only the plan knows.
    fn frame<'a>(&'a self, frame: Frame<'a>) -> Frame<'a> {
        Frame { tenant: Some(&self.view.tenant), read_at: Some(self.observed.captured_at), ..frame }
    }

    /// Who holds what. Made on demand, because a tenant can have many environments.
    fn holdings(&self) -> HoldingsView {
        HoldingsView::new(&HoldingsFacts { desired: &self.desired, observed: &self.observed, draft: &self.draft })
    }
}

impl RunContent {
    /// A frame with what only the run knows.
    fn frame<'a>(&'a self, frame: Frame<'a>) -> Frame<'a> {
        Frame { tenant: Some(&self.view.tenant), read_at: self.read_at, ..frame }
    }
}

impl Content {
    fn command(&self) -> CommandName {
        match self {
            Content::Plan(plan) => plan.view.command,
            Content::Run(run) => run.view.command,
            Content::Validated(view) | Content::Invalid(view) => view.command,
            Content::Refused(view) => view.command,
            Content::Failed(view) => view.command,
            Content::Drift(view) => view.command,
            Content::Status(view) => view.command,
            Content::Forecast(view) => view.command,
            Content::Doctor(view) => view.command,
        }
    }

    /// Where the tenant lives; `None` if no valid configuration names the provider.
    fn provider(&self) -> Option<Provider> {
        match self {
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
        match self {
            Content::Plan(plan) => Cow::Borrowed(&plan.view.findings),
            Content::Run(run) => Cow::Owned(run.view.all_findings()),
            Content::Validated(view) | Content::Invalid(view) => Cow::Borrowed(&view.findings),
            Content::Refused(view) => Cow::Borrowed(&view.findings),
            Content::Drift(view) => Cow::Borrowed(&view.findings),
            Content::Failed(_) | Content::Status(_) | Content::Forecast(_) | Content::Doctor(_) => Cow::Borrowed(&[]),
        }
    }

    fn reach(&self) -> Reach {
        match self {
            Content::Plan(plan) if is_refused_apply(&plan.view) => Reach::Refused,
            Content::Plan(_) | Content::Drift(_) => Reach::Plan,
            Content::Run(_) => Reach::Everything,
            Content::Validated(_) => Reach::Offline,
            Content::Invalid(_) => Reach::Configuration,
            Content::Refused(_) => Reach::SavedPlan,
            Content::Failed(_) | Content::Status(_) | Content::Forecast(_) | Content::Doctor(_) => Reach::Nothing,
        }
    }

    /// The findings in the language of a CI host or a log reader.
    fn annotate<T>(&self, origin: &Origin, annotation: fn(&Annotated<'_>) -> T) -> T {
        let failure = if let Content::Failed(view) = self { Some(&view.error) } else { None };
        annotation(&Annotated {
            command: self.command(),
            findings: &self.findings(),
            provider: self.provider(),
            failure,
            reach: self.reach(),
            folder: origin.folder(),
            root: &origin.root_file,
        })
    }

    /// The answer as plain text, findings included.
    fn text(&self) -> String {
        let style = Style::PLAIN;
        let answer = match self {
            Content::Plan(plan) => text::plan::plan(&plan.view, &style),
            Content::Run(run) => text::run::report(&run.view, &style),
            Content::Validated(view) | Content::Invalid(view) => text::validate::validate(view, &style),
            Content::Refused(_) => "Refused. The plan that was saved no longer fits.\n".to_owned(),
            Content::Failed(view) => {
                let help: Vec<String> = view.error.help.iter().cloned().collect();
                let causes: Vec<String> =
                    std::iter::once(&view.error.message).chain(&view.error.causes).cloned().collect();
                text::failure::failure(&causes, &help, &style)
            }
            Content::Drift(view) => text::drift::drift(view, &style),
            Content::Status(view) => text::status::status(view, &style),
            Content::Forecast(view) => text::forecast::forecast(view, &style),
            Content::Doctor(view) => text::doctor::doctor(view, &style),
        };
        // The text of a run lists the changes that were not applied, so only the other findings precede it.
        let findings =
            if let Content::Run(run) = self { Cow::Borrowed(&run.view.findings[..]) } else { self.findings() };
        format!("{}{answer}", text::lines::findings(&findings))
    }

    fn json(&self) -> String {
        match self {
            Content::Plan(plan) => json::json(&plan.view),
            Content::Run(run) => json::json(&run.view),
            Content::Validated(view) | Content::Invalid(view) => json::json(view),
            Content::Refused(view) => json::json(view),
            Content::Failed(view) => json::json(view),
            Content::Drift(view) => json::json(view),
            Content::Status(view) => json::json(view),
            Content::Forecast(view) => json::json(view),
            Content::Doctor(view) => json::json(view),
        }
    }

    fn markdown(&self, budget: usize, origin: &Origin) -> anyhow::Result<String> {
        let frame = Frame { provider: self.provider(), ..origin.frame(self.command(), budget) };
        Ok(match self {
            Content::Plan(plan) => markdown::plan(&plan.view, &plan.frame(frame)),
            Content::Run(run) => markdown::receipt(&run.view, &run.frame(frame)),
            Content::Validated(view) => markdown::validated(view, &frame),
            Content::Invalid(view) => markdown::refused(&view.findings, verdict::NO_PLAN, &frame),
            Content::Refused(view) => markdown::refused(&view.findings, verdict::STALE, &frame),
            Content::Failed(view) => markdown::failed(&view.error, &frame),
            Content::Drift(_) | Content::Status(_) | Content::Forecast(_) | Content::Doctor(_) => {
                return Err(self.has_no("Markdown"));
            }
        })
    }

    fn html(&self, origin: &Origin) -> anyhow::Result<String> {
        let frame = Frame { provider: self.provider(), ..origin.frame(self.command(), usize::MAX) };
        Ok(match self {
            Content::Plan(plan) => html::plan(&plan.view, &plan.holdings(), &plan.frame(frame))?,
            Content::Run(run) => html::receipt(&run.view, &run.frame(frame))?,
            Content::Validated(view) => html::validated(view, &frame)?,
            Content::Invalid(view) => html::refused(&view.findings, verdict::NO_PLAN, &frame)?,
            Content::Refused(view) => html::refused(&view.findings, verdict::STALE, &frame)?,
            Content::Failed(view) => html::failed(&view.error, &frame)?,
            Content::Drift(_) | Content::Status(_) | Content::Forecast(_) | Content::Doctor(_) => {
                return Err(self.has_no("HTML"));
            }
        })
    }

    /// The error for a format that a command does not have. The command line does not offer such a format.
    fn has_no(&self, format: &str) -> anyhow::Error {
        anyhow::anyhow!("`allot {}` has no {format}; its formats are text and json", self.command())
    }
}

/// Whether an apply was refused, as opposed to a plan that was only asked for.
fn is_refused_apply(view: &PlanView) -> bool {
    view.command == CommandName::Apply
}
