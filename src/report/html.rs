//! An answer as one page for a browser: no script, nothing from elsewhere, the same bytes for the same input.
//!
//! The content security policy of the page permits only its own style sheet, by digest. The templates escape all text; invisible
//! characters are made visible first. Pages only render; `view` computes.

mod breakdown;
mod changes;
mod chart;
mod findings;
mod gauge;
mod matrix;
mod outlook;
mod pools;

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use self::breakdown::Breakdown;
use self::changes::{ChangeTable, GuardRow, WriteRow};
use self::findings::{AllowedItem, FindingGroup, FindingItem};
use self::matrix::Matrix;
use self::outlook::PoolOutlook;
use self::pools::PoolRows;
use super::marks;
use super::mood::Mood;
use super::number::{self, count, number};
use super::origin::Frame;
use super::safe::address::is_web;
use super::safe::html::{PlaceText, SafeSentence, name};
use super::safe::rendered::Rendered;
use super::verdict::{self, ShownVerdict};
use super::view::basics::FindingView;
use super::view::failure::FailureView;
use super::view::forecast::ForecastView;
use super::view::holdings::HoldingsView;
use super::view::plan::PlanView;
use super::view::run::RunView;
use super::view::status::StatusView;
use super::view::validate::ValidateView;
use crate::model::desired::{DesiredState, Provider};
use crate::model::plan::draft::NotChecked;

/// The style sheet. No line may begin with two colons, because CI hosts run such a line as a command.
const STYLE: &str = include_str!("html/style.css");

/// The digest of the style sheet in the content security policy.
static DIGEST: LazyLock<String> = LazyLock::new(|| STANDARD.encode(Sha256::digest(STYLE)));

/// The contents of a page. Empty parts are left out.
#[derive(Default, Template)]
#[template(path = "page.html", config = "src/report/html/askama.toml")]
struct PlanPage<'a> {
    style: &'static str,
    digest: &'a str,
    command: &'static str,
    tenant: Option<String>,
    is_built_in: bool,
    mood: &'static str,
    words: String,
    sentence: SafeSentence,
    facts: Vec<String>,
    causes: Vec<SafeSentence>,
    help: Option<SafeSentence>,
    edit: Option<PlaceText>,
    then: Option<SafeSentence>,
    guards: Vec<GuardRow>,
    outlooks: Vec<PoolOutlook>,
    /// Whether the page is about a plan: findings directly below the verdict, and drawings that are small and after the changes.
    is_plan: bool,
    /// The table of a status by environment or by budget.
    breakdown: Option<Breakdown>,
    pools: Vec<PoolRows>,
    /// The pools that a branch does not change, and how many they are.
    other_pools: Vec<PoolRows>,
    other_pools_summary: String,
    /// Whether the changes come before the pools, for the reader of a pull request.
    changes_first: bool,
    pools_caption: &'static str,
    changes: Vec<ChangeTable>,
    changed: String,
    allowed: Vec<AllowedItem>,
    findings: Vec<FindingGroup>,
    /// What the base of a branch has as well.
    on_base: OnBase,
    matrix: Option<Matrix<'a>>,
    writes: Vec<WriteRow>,
    not_checked: Vec<NotCheckedRow>,
    plan_id: Option<&'a str>,
    plan_note: &'static str,
    commit: Option<String>,
    root: String,
    report: Option<&'a str>,
}

/// Something that was not checked, and why; `None` if the subject already states the reason.
struct NotCheckedRow {
    subject: SafeSentence,
    reason: Option<SafeSentence>,
}

/// The page of a plan.
pub(super) fn plan(
    view: &PlanView,
    desired: &DesiredState,
    holdings: &HoldingsView,
    frame: &Frame<'_>,
) -> Result<Rendered, askama::Error> {
    let mut facts = facts(view.date, frame);
    if !view.targets.is_empty() {
        let targets: Vec<_> = view.targets.iter().map(|target| name(target.as_str())).collect();
        facts.push(format!("only {}", targets.join(", ")));
    }
    let matrix = Matrix::new(holdings);
    let other_pools = pools::planned(view.pools.iter().filter(|pool| pool.also_on_base == Some(true)), pools::SAME);
    // If a branch changes a pool and not its allocation, it changes what the files say is owned or reserved. These
    // numbers do not count before the merge, so the only row of the pool is not named "Now and after".
    let only_row = if view.base.is_some() { "After" } else { pools::SAME };
    filled(&PlanPage {
        facts,
        guards: changes::guards(view.guards()),
        outlooks: outlook::planned(view, desired),
        is_plan: true,
        pools: pools::planned(view.own_pools(), only_row),
        other_pools_summary: format!(
            "{} this pull request does not change",
            count(other_pools.len() as u64, "pool that", "pools that")
        ),
        other_pools,
        changes_first: view.base.is_some(),
        pools_caption: pools::PLANNED,
        changes: changes::own(view, frame),
        changed: number(view.own_changes().count() + usize::from(view.own_setting().is_some())),
        findings: findings::groups(view.own_findings(), frame),
        on_base: OnBase::new(view, frame),
        matrix: (!matrix.groups.is_empty()).then_some(matrix),
        writes: changes::writes(view),
        not_checked: left_out(&view.not_checked),
        plan_id: view.plan_id.as_deref(),
        plan_note: ", good until the tenant or the files change",
        ..PlanPage::new(verdict::of_plan(view, frame), frame)
    })
}

/// The page of an apply: the outcome of each change.
pub(super) fn receipt(view: &RunView, frame: &Frame<'_>) -> Result<Rendered, askama::Error> {
    let mut facts = facts(view.date, frame);
    facts.push(format!("run {}", frame.times()));
    filled(&PlanPage {
        facts,
        pools: pools::reached(view.pools.iter()),
        changes: changes::settled(view, frame),
        changed: number(view.total),
        allowed: view.allowed.iter().map(|allowed| findings::allowed(allowed, frame)).collect(),
        findings: findings::groups(view.all_findings().iter(), frame),
        not_checked: left_out(&view.not_checked),
        plan_id: view.plan_id.as_deref(),
        ..PlanPage::new(verdict::of_run(view), frame)
    })
}

/// The page of a status: the pools now and on later days, and what needs attention.
pub(super) fn status(view: &StatusView, frame: &Frame<'_>) -> Result<Rendered, askama::Error> {
    filled(&PlanPage {
        facts: facts(view.date, frame),
        breakdown: view.breakdown.as_ref().map(Breakdown::new),
        pools: pools::gauges(&view.gauges),
        pools_caption: pools::STATUS,
        findings: findings::groups(view.findings.iter(), frame),
        ..PlanPage::new(verdict::of_status(view), frame)
    })
}

/// The page of a forecast: each pool over the next twelve months, and as a table.
pub(super) fn forecast(view: &ForecastView, frame: &Frame<'_>) -> Result<Rendered, askama::Error> {
    filled(&PlanPage {
        facts: facts(view.from, frame),
        outlooks: outlook::all(view, frame),
        pools: pools::forecast(&view.pools),
        pools_caption: pools::STATUS,
        ..PlanPage::new(verdict::of_forecast(view), frame)
    })
}

/// The page of a validation, which needs no tenant.
pub(super) fn validated(view: &ValidateView, frame: &Frame<'_>) -> Result<Rendered, askama::Error> {
    filled(&PlanPage {
        findings: findings::groups(view.findings.iter(), frame),
        not_checked: left_out(&view.not_checked),
        ..PlanPage::new(verdict::of_validation(view, frame), frame)
    })
}

/// The page if there is no plan, because the configuration is invalid or the plan is stale. `not_checked` states what was
/// therefore not checked.
pub(super) fn refused(found: &[FindingView], not_checked: &str, frame: &Frame<'_>) -> Result<Rendered, askama::Error> {
    filled(&PlanPage {
        findings: findings::groups(found.iter(), frame),
        not_checked: vec![NotCheckedRow { subject: SafeSentence::new(not_checked), reason: None }],
        ..PlanPage::new(verdict::of_refusal(found, frame), frame)
    })
}

/// The page if the command failed.
pub(super) fn failed(failure: &FailureView, frame: &Frame<'_>) -> Result<Rendered, askama::Error> {
    filled(&PlanPage {
        causes: failure.causes.iter().map(|cause| SafeSentence::new(cause)).collect(),
        help: failure.help.as_deref().map(|help| SafeSentence::new(&format!("{help}."))),
        not_checked: vec![NotCheckedRow { subject: SafeSentence::new(verdict::NOTHING_CHECKED), reason: None }],
        ..PlanPage::new(verdict::of_failure(failure, frame.command), frame)
    })
}

fn facts(date: Date, frame: &Frame<'_>) -> Vec<String> {
    let actor = frame.origin.actor.as_ref().map(|actor| format!("by {}", name(actor)));
    let pull_request = frame.origin.pull_request.as_ref().map(|it| format!("pull request {}", it.number));
    std::iter::once(format!("for {date}")).chain(frame.read()).chain(actor).chain(pull_request).collect()
}

fn filled(page: &PlanPage<'_>) -> Result<Rendered, askama::Error> {
    Ok(Rendered::page(&page.render()?))
}

/// What the base of a branch has as well: changes that were pending, and findings.
#[derive(Default)]
struct OnBase {
    summary: String,
    changes: Option<ChangeTable>,
    findings: Vec<FindingItem>,
}

impl OnBase {
    fn new(view: &PlanView, frame: &Frame<'_>) -> OnBase {
        let Some(base) = &view.base else { return OnBase::default() };
        let found = view.findings.iter().filter(|finding| finding.also_on_base == Some(true));
        OnBase {
            summary: marks::also_on_base(view).unwrap_or_default(),
            changes: changes::pending(view, base, frame),
            findings: found.map(|finding| findings::item(finding, frame)).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.changes.is_none() && self.findings.is_empty()
    }
}

impl<'a> PlanPage<'a> {
    /// A page with only a verdict.
    fn new(verdict: ShownVerdict, frame: &Frame<'a>) -> PlanPage<'a> {
        PlanPage {
            style: STYLE,
            digest: &DIGEST,
            command: frame.command.as_str(),
            tenant: frame.tenant.map(|tenant| name(tenant).into_owned()),
            is_built_in: frame.provider == Some(Provider::Local),
            mood: mood(verdict.mood),
            words: verdict.words,
            sentence: SafeSentence::of(&verdict.sentence),
            help: verdict.to_do.as_ref().map(|to_do| SafeSentence::of(std::slice::from_ref(&to_do.words))),
            then: verdict.to_do.as_ref().and_then(|to_do| to_do.then).map(SafeSentence::new),
            edit: verdict.to_do.and_then(|to_do| to_do.edit).map(|place| PlaceText::to_edit(&place, frame)),
            pools_caption: pools::REACHED,
            commit: frame.origin.commit.as_deref().map(|commit| name(marks::short(commit)).into_owned()),
            root: name(&frame.origin.root).into_owned(),
            report: frame.origin.page.as_deref().filter(|address| is_web(address)),
            ..PlanPage::default()
        }
    }
}

fn left_out(all: &[NotChecked]) -> Vec<NotCheckedRow> {
    let row = |not: &NotChecked| NotCheckedRow {
        subject: SafeSentence::new(&not.subject),
        reason: Some(SafeSentence::new(&not.reason)),
    };
    all.iter().map(row).collect()
}

/// The mood's class in the style sheet.
fn mood(mood: Mood) -> &'static str {
    match mood {
        Mood::Fine => "fine",
        Mood::Ready => "ready",
        Mood::Warned | Mood::Partial => "warned",
        Mood::Blocked => "blocked",
        Mood::Failed => "failed",
    }
}
