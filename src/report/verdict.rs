//! The opening of a comment and of a report: the verdict in one line, and in one sentence for readers who read no further.

use std::collections::BTreeSet;

use super::mood::Mood;
use super::number::{count, number};
use super::origin::Frame;
use super::view::basics::{FindingView, is_partial, number_of};
use super::view::failure::FailureView;
use super::view::forecast::{ForecastVerdict, ForecastView, PoolForecastView};
use super::view::plan::{PlanVerdict, PlanView};
use super::view::run::{RunVerdict, RunView};
use super::view::status::{StatusVerdict, StatusView};
use super::view::validate::{ValidateVerdict, ValidateView};
use crate::model::command::CommandName;
use crate::model::finding::Severity;
use crate::model::source::Place;

/// What was not checked if there is no plan.
pub(super) const NO_PLAN: &str = "the tenant, because there is no plan until this is fixed";

/// What was not checked if a saved plan is stale.
pub(super) const STALE: &str = "everything else, because the saved plan is stale";

/// What was not checked if the command failed.
pub(super) const NOTHING_CHECKED: &str = "everything, so it is unknown whether the change is right";

/// Who makes the changes of a pull request, and when. Whether there is a pipeline is not known.
const AFTER_THE_MERGE: &str =
    "After the merge, the pipeline that runs `allot apply` makes these changes; without one, run it by hand.";

/// A part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SentencePart {
    /// Our own words.
    Plain(String),
    /// Our own words, emphasized.
    Strong(&'static str),
    /// A message, which may quote text that people wrote.
    Message(String),
}

/// The opening of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShownVerdict {
    /// The kind of verdict.
    pub(super) mood: Mood,
    /// The verdict in one line, without the tenant.
    pub(super) words: String,
    /// The verdict in one sentence.
    pub(super) sentence: Vec<SentencePart>,
    /// What to do next, if there is something to do.
    pub(super) to_do: Option<ToDo>,
    /// The number of applied changes; `None` if it is 0.
    pub(super) applied: Option<u64>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ToDo {
    /// A sentence in the imperative.
    pub(super) words: SentencePart,
    /// The place to edit.
    pub(super) edit: Option<Place>,
    /// What happens then.
    pub(super) then: Option<&'static str>,
}

/// The verdict of a plan. If the plan was compared with a base, it is about this branch: what the base has as well does not count.
pub(super) fn of_plan(view: &PlanView, frame: &Frame<'_>) -> ShownVerdict {
    let total = view.own_changes().count() + usize::from(view.own_setting().is_some());
    let environments: BTreeSet<_> = view.own_changes().map(|change| &change.environment.id).collect();
    let mut changes = count(total as u64, "change", "changes");
    if !environments.is_empty() {
        changes.push_str(&format!(" in {}", count(environments.len() as u64, "environment", "environments")));
    }
    let is_warned = view.own_findings().any(|finding| finding.severity == Severity::Warning);
    let with_warnings = if is_warned { ", with warnings" } else { "" };
    let (mood, words) = match view.verdict {
        PlanVerdict::NoChanges => (fine_unless(is_warned), format!("No changes{with_warnings}")),
        PlanVerdict::Ready | PlanVerdict::ReadyWithWarnings if total == 0 => {
            (fine_unless(is_warned), format!("No changes by this pull request{with_warnings}"))
        }
        PlanVerdict::Ready => (Mood::Ready, format!("Ready: {changes}")),
        PlanVerdict::ReadyWithWarnings => (Mood::Warned, format!("Ready, with warnings: {changes}")),
        PlanVerdict::GuardsUnknown if total == 0 => (Mood::Warned, "Guards not compared".to_owned()),
        PlanVerdict::GuardsUnknown => (Mood::Warned, format!("Guards not compared, and {changes}")),
        PlanVerdict::ChangesGuards if total == 0 => (Mood::Warned, "Changes guards".to_owned()),
        PlanVerdict::ChangesGuards => (Mood::Warned, format!("Changes guards, and {changes}")),
        PlanVerdict::RefusedBefore if total == 0 => {
            (Mood::Warned, "No changes, and blocked also without this pull request".to_owned())
        }
        PlanVerdict::RefusedBefore => (Mood::Warned, format!("Blocked also without this pull request: {changes}")),
        PlanVerdict::Refused => {
            (Mood::Blocked, format!("Blocked: {} · {changes}", problems(view.own_findings(), frame)))
        }
    };
    ShownVerdict {
        mood,
        words,
        sentence: sentence(view, total, frame),
        to_do: to_do(view, total, frame),
        applied: None,
    }
}

fn fine_unless(is_warned: bool) -> Mood {
    if is_warned { Mood::Warned } else { Mood::Fine }
}

fn sentence(view: &PlanView, total: usize, frame: &Frame<'_>) -> Vec<SentencePart> {
    let values = count(total as u64, "value", "values");
    let pending = view.base.as_ref().map_or(0, |base| base.pending);
    let pending = match (pending, view.is_refused()) {
        (0, _) | (_, true) => String::new(),
        (pending, false) => {
            let changes = count(pending, "change that was pending", "changes that were pending");
            format!(" {changes} before it {} applied with it.", if pending == 1 { "is" } else { "are" })
        }
    };
    let in_tenant = match total {
        0 => "It changes nothing in the tenant.".to_owned(),
        _ => format!("Applying it changes {values} in the tenant."),
    };
    match view.verdict {
        PlanVerdict::ChangesGuards | PlanVerdict::GuardsUnknown => {
            let guards = match view.verdict {
                PlanVerdict::ChangesGuards => {
                    format!("weakens or changes {}", count(view.guards().len() as u64, "guard", "guards"))
                }
                _ => "could not be compared with its base, so it may weaken any guard".to_owned(),
            };
            let mut sentence = vec![SentencePart::Plain(format!("This pull request {guards}. {in_tenant}{pending}"))];
            if view.is_refused() {
                sentence.push(SentencePart::Plain(" ".to_owned()));
                sentence.extend(blocking("Blocked also without it:", view.findings.iter(), 0));
            }
            sentence
        }
        PlanVerdict::NoChanges if is_partial(&view.findings) => vec![
            SentencePart::Plain("All that could be read matches the configuration. ".to_owned()),
            SentencePart::Strong("Not all of the tenant could be read."),
        ],
        PlanVerdict::NoChanges => vec![SentencePart::Plain("The tenant matches the configuration.".to_owned())],
        PlanVerdict::RefusedBefore => blocking("No problem is new:", view.findings.iter(), 0),
        PlanVerdict::Refused => {
            let mut sentence = blocking("Blocked:", view.own_findings(), frame.more.errors);
            if frame.command == CommandName::Apply {
                sentence.extend([SentencePart::Plain(" ".to_owned()), SentencePart::Strong("Nothing was applied.")]);
            }
            sentence
        }
        PlanVerdict::Ready | PlanVerdict::ReadyWithWarnings => {
            let writes = count(view.steps.len() as u64, "write", "writes");
            let changes = match total {
                _ if total == 0 || !pending.is_empty() => format!("{in_tenant}{pending}"),
                // A setting is changed without a write to an environment.
                _ if view.steps.is_empty() => format!("Applying it changes {values}."),
                _ => format!("Applying it changes {values} in {writes}."),
            };
            let mut sentence = vec![SentencePart::Plain(changes)];
            sentence.extend(warning(view.own_findings(), frame.more.warnings));
            sentence
        }
    }
}

/// The next step of the person who reads the plan, and who applies it.
fn to_do(view: &PlanView, total: usize, frame: &Frame<'_>) -> Option<ToDo> {
    let is_compared = view.base.is_some();
    let is_pull_request = is_compared || frame.origin.pull_request.is_some();
    let go_on = match is_pull_request {
        true => "merge this pull request when it is approved",
        false => "run `allot apply` when it is approved",
    };
    let may_go = match view.verdict {
        PlanVerdict::Ready | PlanVerdict::ReadyWithWarnings => true,
        PlanVerdict::ChangesGuards => total > 0 && !view.is_refused(),
        PlanVerdict::NoChanges | PlanVerdict::GuardsUnknown => false,
        PlanVerdict::RefusedBefore | PlanVerdict::Refused => false,
    };
    let then = (is_pull_request && may_go).then_some(AFTER_THE_MERGE);
    let words = match view.verdict {
        PlanVerdict::Refused => return fix(view.own_findings()),
        _ if frame.command == CommandName::Apply => return None,
        PlanVerdict::NoChanges if !is_compared => return None,
        PlanVerdict::NoChanges => "merge this pull request when it is approved; nothing has to be applied",
        PlanVerdict::Ready => go_on,
        PlanVerdict::ReadyWithWarnings => return Some(ToDo { then, ..heed(view, go_on) }),
        PlanVerdict::ChangesGuards => "have someone who is responsible for these rules approve the guards below",
        PlanVerdict::GuardsUnknown => "make the base readable (“Not checked” says what is missing), and plan again",
        PlanVerdict::RefusedBefore => {
            "merge this pull request when it is approved; nothing is applied until the problems of its base are fixed"
        }
    };
    Some(ToDo { words: SentencePart::Message(format!("{words}.")), edit: None, then })
}

/// What to do about a plan with warnings: go on, or do what the first warning advises if it is about units.
fn heed(view: &PlanView, go_on: &str) -> ToDo {
    let first = view.own_findings().find(|finding| finding.severity == Severity::Warning);
    // Only findings about units (A2xx) advise an edit of the files.
    let of_units = first.filter(|first| first.code.as_str().starts_with("A2"));
    match of_units.and_then(|first| Some((first, first.help.first()?))) {
        Some((first, help)) if !help.ends_with('?') => ToDo {
            words: SentencePart::Message(format!("{help}; or accept the warning, and {go_on}.")),
            edit: first.primary.as_ref().map(|label| label.place.clone()),
            then: None,
        },
        _ => {
            let words = SentencePart::Message(format!("read the warning, which does not block; {go_on}."));
            ToDo { words, edit: None, then: None }
        }
    }
}

/// What the first error advises, and the place to edit.
fn fix<'a>(mut found: impl Iterator<Item = &'a FindingView>) -> Option<ToDo> {
    let first = found.find(|finding| finding.severity == Severity::Error)?;
    let words = match first.help.first() {
        Some(help) if help.ends_with('?') => SentencePart::Message(help.clone()),
        Some(help) => SentencePart::Message(format!("{help}.")),
        None => SentencePart::Plain("fix the problem below.".to_owned()),
    };
    Some(ToDo { words, edit: first.primary.as_ref().map(|label| label.place.clone()), then: None })
}

/// The verdict of an apply.
pub(super) fn of_run(view: &RunView) -> ShownVerdict {
    let changes = count(view.total, "change", "changes");
    let of = || format!("{} of {changes}", number(view.applied));
    let warned = number_of(&view.findings, Severity::Warning) > 0;
    let (mood, words) = match view.verdict {
        RunVerdict::NothingToApply if warned => (Mood::Warned, "Nothing to apply, with warnings".to_owned()),
        RunVerdict::NothingToApply => (Mood::Fine, "Nothing to apply".to_owned()),
        RunVerdict::Applied if warned => (Mood::Warned, format!("Applied, with warnings: {changes}")),
        RunVerdict::Applied => (Mood::Fine, format!("Applied: {changes}")),
        RunVerdict::AppliedInPart => (Mood::Partial, format!("Applied in part: {}", of())),
        RunVerdict::NotApplied => (Mood::Failed, format!("{}: {changes}", view.missing_words())),
        RunVerdict::Interrupted => (Mood::Partial, format!("Interrupted: {} applied", of())),
    };
    let mut sentence = vec![SentencePart::Plain(run_sentence(view))];
    if is_partial(&view.findings) {
        sentence.extend([
            SentencePart::Plain(" ".to_owned()),
            SentencePart::Strong("Not all of the tenant could be read."),
        ]);
    }
    ShownVerdict { mood, words, sentence, to_do: None, applied: Some(view.applied).filter(|applied| *applied > 0) }
}

fn run_sentence(view: &RunView) -> String {
    match view.verdict {
        RunVerdict::NothingToApply if is_partial(&view.findings) => {
            "All that could be read matches the configuration.".to_owned()
        }
        RunVerdict::NothingToApply => "The tenant already matched the configuration.".to_owned(),
        // A setting is changed without a write to an environment.
        RunVerdict::Applied if view.writes.is_empty() => "The tenant matches the plan.".to_owned(),
        RunVerdict::Applied => {
            let writes = count(view.writes.len() as u64, "write", "writes");
            format!("The tenant matches the plan, after {writes}.")
        }
        RunVerdict::AppliedInPart | RunVerdict::NotApplied | RunVerdict::Interrupted => {
            let unconfirmed = view.unconfirmed();
            let missing = view.total.saturating_sub(view.applied).saturating_sub(unconfirmed);
            let not_applied = format!("{} not applied", count(missing, "change was", "changes were"));
            let not_confirmed = format!("{} not confirmed", count(unconfirmed, "change is", "changes are"));
            let parts = [(missing, not_applied), (unconfirmed, not_confirmed)].into_iter().filter(|(all, _)| *all > 0);
            let parts: Vec<String> = parts.map(|(_, words)| words).collect();
            format!("{}; a new plan shows what is left.", parts.join(", and "))
        }
    }
}

/// The verdict of a validation.
pub(super) fn of_validation(view: &ValidateView, frame: &Frame<'_>) -> ShownVerdict {
    let (mood, words) = match view.verdict {
        ValidateVerdict::Valid => (Mood::Fine, "Valid".to_owned()),
        ValidateVerdict::ValidWithWarnings => (Mood::Warned, "Valid, with warnings".to_owned()),
        ValidateVerdict::Invalid => return of_refusal(&view.findings, frame),
    };
    let files = count(view.files, "file", "files");
    let environments = view.environments.map(|all| format!(", {}", count(all, "environment", "environments")));
    let sentence = format!("Checked without a tenant: {files}{}.", environments.unwrap_or_default());
    ShownVerdict { mood, words, sentence: vec![SentencePart::Plain(sentence)], to_do: None, applied: None }
}

/// The verdict of a status.
pub(super) fn of_status(view: &StatusView) -> ShownVerdict {
    let (mood, words) = match view.verdict {
        StatusVerdict::InOrder => (Mood::Fine, "Nothing needs attention".to_owned()),
        StatusVerdict::NeedsAttention => {
            (Mood::Warned, format!("Needs attention: {}", count(view.findings.len() as u64, "finding", "findings")))
        }
    };
    let environments = count(view.environments, "environment", "environments");
    let sentence = format!("The tenant has {environments} and {}.", count(view.gauges.len() as u64, "pool", "pools"));
    ShownVerdict { mood, words, sentence: vec![SentencePart::Plain(sentence)], applied: None, to_do: None }
}

/// The verdict of a forecast.
pub(super) fn of_forecast(view: &ForecastView) -> ShownVerdict {
    const MOST: usize = 3;
    let short: Vec<&PoolForecastView> = view.pools.iter().filter(|pool| pool.short_from.is_some()).collect();
    let (mood, words) = match view.verdict {
        ForecastVerdict::Enough => (Mood::Fine, "Enough of everything".to_owned()),
        ForecastVerdict::Unknown => (Mood::Warned, "No shortage is known".to_owned()),
        ForecastVerdict::Short => (Mood::Warned, count(short.len() as u64, "pool falls short", "pools fall short")),
    };
    let first = |pool: &&PoolForecastView| {
        let shortage = pool.shortages.first()?;
        Some(SentencePart::Message(format!("{}: {}. ", pool.pool.name, shortage.words())))
    };
    let mut sentence: Vec<SentencePart> = short.iter().take(MOST).filter_map(first).collect();
    sentence.push(SentencePart::Plain(match view.verdict {
        ForecastVerdict::Enough => "No pool is short on any date on which something changes.".to_owned(),
        ForecastVerdict::Unknown => "The size of a pool is unknown.".to_owned(),
        ForecastVerdict::Short => format!("The tenant has {}.", count(view.pools.len() as u64, "pool", "pools")),
    }));
    ShownVerdict { mood, words, sentence, applied: None, to_do: None }
}

/// The verdict if there is no plan, because the configuration is invalid or the plan is stale.
pub(super) fn of_refusal(found: &[FindingView], frame: &Frame<'_>) -> ShownVerdict {
    ShownVerdict {
        mood: Mood::Blocked,
        words: format!("Blocked: {}", problems(found.iter(), frame)),
        sentence: blocking("Blocked:", found.iter(), frame.more.errors),
        to_do: fix(found.iter()),
        applied: None,
    }
}

/// The verdict if the command failed.
pub(super) fn of_failure(failure: &FailureView, command: CommandName) -> ShownVerdict {
    let sentence = quoting("Failed:", &failure.message, "");
    ShownVerdict { mood: Mood::Failed, words: format!("Failed to {command}"), sentence, to_do: None, applied: None }
}

fn problems<'a>(found: impl Iterator<Item = &'a FindingView>, frame: &Frame<'_>) -> String {
    let errors = found.filter(|finding| finding.severity == Severity::Error).count();
    count(errors as u64 + frame.more.errors, "problem", "problems")
}

/// The first error after an emphasized word, and how many follow; `unlisted` is the number of those that are not among the findings.
fn blocking<'a>(word: &'static str, found: impl Iterator<Item = &'a FindingView>, unlisted: u64) -> Vec<SentencePart> {
    let errors = found.filter(|finding| finding.severity == Severity::Error);
    let sentence = first_of(word, errors, ("problem is", "problems are"), unlisted);
    if sentence.is_empty() { vec![SentencePart::Strong("Blocked.")] } else { sentence }
}

/// The first warning, and how many follow; empty if there is none.
fn warning<'a>(found: impl Iterator<Item = &'a FindingView>, unlisted: u64) -> Vec<SentencePart> {
    let warnings = found.filter(|finding| finding.severity == Severity::Warning);
    let mut sentence = first_of("Warning:", warnings, ("warning is", "warnings are"), unlisted);
    if !sentence.is_empty() {
        sentence.insert(0, SentencePart::Plain(" ".to_owned()));
    }
    sentence
}

/// The first message after an emphasized word, and how many more there are below; empty if there is none.
fn first_of<'a>(
    word: &'static str,
    mut found: impl Iterator<Item = &'a FindingView>,
    (one, many): (&str, &str),
    unlisted: u64,
) -> Vec<SentencePart> {
    let Some(first) = found.next() else { return Vec::new() };
    let more = match found.count() as u64 + unlisted {
        0 => String::new(),
        1 => format!(" One more {one} below."),
        more => format!(" {} more {many} below.", number(more)),
    };
    quoting(word, &first.message, &more)
}

/// A message after an emphasized word, as a sentence; `more` follows.
fn quoting(word: &'static str, message: &str, more: &str) -> Vec<SentencePart> {
    vec![
        SentencePart::Strong(word),
        SentencePart::Plain(" ".to_owned()),
        SentencePart::Message(message.to_owned()),
        SentencePart::Plain(format!(".{more}")),
    ]
}
