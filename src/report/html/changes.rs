//! The tables of changes and of writes.

use crate::model::plan::change::{ChangeKind, ChangeOrigin};
use crate::model::plan::guards::GuardChange;
use crate::report::marks;
use crate::report::number::number;
use crate::report::origin::Frame;
use crate::report::safe::html::{PlaceText, name};
use crate::report::view::plan::{BaseView, ChangeView, PlanView, SettingView, StepView};
use crate::report::view::run::{OutcomeView, RunView};

/// Changes under one caption, such as those of this branch, or those that were applied.
pub(super) struct ChangeTable {
    pub(super) caption: String,
    /// The headings of the columns "before" and "after".
    pub(super) columns: [&'static str; 2],
    /// Whether a change has an owner, so that there is a column for it.
    pub(super) has_owners: bool,
    pub(super) groups: Vec<ChangeGroup>,
}

/// Changes under one title: decreases, increases, switches, or settings.
pub(super) struct ChangeGroup {
    pub(super) title: &'static str,
    pub(super) number: String,
    pub(super) rows: Vec<ChangeRow>,
}

/// One row of the table.
pub(super) struct ChangeRow {
    pub(super) environment: String,
    pub(super) add_on: String,
    pub(super) sign: &'static str,
    pub(super) what: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) difference: String,
    pub(super) until: String,
    pub(super) why: String,
    pub(super) owner: String,
    pub(super) place: Option<PlaceText>,
}

/// One write.
pub(super) struct WriteRow {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) holds: String,
}

/// A guard that the pull request weakens or changes.
pub(super) struct GuardRow {
    pub(super) guard: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) effect: &'static str,
}

/// The guards that the pull request weakens or changes.
pub(super) fn guards(all: &[GuardChange]) -> Vec<GuardRow> {
    let shown = |text: &str| name(text).into_owned();
    let row = |change: &GuardChange| GuardRow {
        guard: shown(&change.guard),
        before: shown(&change.before),
        after: shown(&change.after),
        effect: change.effect.words(),
    };
    all.iter().map(row).collect()
}

/// A change or a setting, and its outcome after an apply.
type Settled<'a, T> = (&'a T, Option<&'a OutcomeView>);

/// The changes, or those of this branch if the plan was compared with a base. A branch without changes has a caption that says so.
pub(super) fn own(view: &PlanView, frame: &Frame<'_>) -> Vec<ChangeTable> {
    let caption = if view.base.is_some() { "This pull request changes" } else { "What the plan changes" };
    let mut table = planned(caption.to_owned(), view.own_changes(), view.own_setting(), frame);
    if table.groups.is_empty() {
        if view.base.is_none() {
            return Vec::new();
        }
        table.caption.push_str(" nothing in the tenant.");
    }
    vec![table]
}

/// The changes that were pending before this branch.
pub(super) fn pending(view: &PlanView, base: &BaseView, frame: &Frame<'_>) -> Option<ChangeTable> {
    let pending = view.changes.iter().filter(|change| change.origin == Some(ChangeOrigin::Pending));
    let setting = view.setting.as_ref().filter(|setting| setting.origin == Some(ChangeOrigin::Pending));
    let since = format!("{} ({})", name(&base.reference), marks::short(&base.commit));
    let caption = format!("Pending before this pull request, on {since} or by hand, and applied with it");
    Some(planned(caption, pending, setting, frame)).filter(|table| !table.groups.is_empty())
}

fn planned<'a>(
    caption: String,
    changes: impl Iterator<Item = &'a ChangeView>,
    setting: Option<&SettingView>,
    frame: &Frame<'_>,
) -> ChangeTable {
    let changes: Vec<Settled<'_, ChangeView>> = changes.map(|change| (change, None)).collect();
    table(caption, ["Now", "After"], &changes, setting.map(|setting| (setting, None)), frame)
}

fn table(
    caption: String,
    columns: [&'static str; 2],
    changes: &[Settled<'_, ChangeView>],
    setting: Option<Settled<'_, SettingView>>,
    frame: &Frame<'_>,
) -> ChangeTable {
    let has_owners = changes.iter().any(|(change, _)| change.owner.is_some());
    ChangeTable { caption, columns, has_owners, groups: groups(changes, setting, frame) }
}

/// All changes with their outcomes; those that were not applied come first.
pub(super) fn settled(view: &RunView, frame: &Frame<'_>) -> Vec<ChangeTable> {
    let settled = |caption: &str, columns, is_applied: bool| {
        let (changes, setting) = view.settled(is_applied);
        let changes: Vec<_> = changes.into_iter().map(|it| (&it.change, Some(&it.outcome))).collect();
        let setting = setting.map(|it| (&it.setting, Some(&it.outcome)));
        table(caption.to_owned(), columns, &changes, setting, frame)
    };
    let missing = settled(view.missing_words(), ["Before", "Wanted"], false);
    let tables = [missing, settled("Applied", ["Before", "Now"], true)];
    tables.into_iter().filter(|table| !table.groups.is_empty()).collect()
}

fn groups(
    changes: &[Settled<'_, ChangeView>],
    setting: Option<Settled<'_, SettingView>>,
    frame: &Frame<'_>,
) -> Vec<ChangeGroup> {
    let of = |(title, kinds): (&'static str, &[ChangeKind])| {
        let changes = changes.iter().filter(|(change, _)| kinds.contains(&change.kind));
        let number = number(changes.clone().count());
        ChangeGroup { title, number, rows: changes.flat_map(|settled| rows(*settled, frame)).collect() }
    };
    let setting = setting.map(|setting| setting_row(setting, frame));
    let settings = ChangeGroup { title: "Settings", number: number(1), rows: setting.into_iter().collect() };
    marks::DIRECTIONS.into_iter().map(of).chain([settings]).filter(|group| !group.rows.is_empty()).collect()
}

/// A row for the units if they change, and a row for every switch that changes.
fn rows((change, outcome): Settled<'_, ChangeView>, frame: &Frame<'_>) -> Vec<ChangeRow> {
    let row = |movement: marks::Movement| ChangeRow {
        environment: name(marks::name_of(&change.environment)).into_owned(),
        add_on: name(&change.add_on.name).into_owned(),
        sign: movement.sign,
        what: movement.switch.unwrap_or(change.kind.as_str()).to_owned(),
        before: movement.before,
        after: movement.after,
        until: match (movement.switch, change.until) {
            (None, Some(until)) => until.to_string(),
            _ => String::new(),
        },
        difference: movement.difference,
        why: String::new(),
        owner: String::new(),
        place: change.declared_at.as_ref().map(|place| PlaceText::new(place, frame)),
    };
    let mut rows: Vec<ChangeRow> = marks::movements(change).into_iter().map(row).collect();
    if let Some(first) = rows.first_mut() {
        first.owner = change.owner.as_deref().map(name).unwrap_or_default().into_owned();
        first.why = why(&marks::why(change).map(name).collect::<Vec<_>>().join(" · "), outcome);
    }
    rows
}

/// Why a change was wanted, after the outcome and its reason if the change was not applied.
fn why(wanted: &str, outcome: Option<&OutcomeView>) -> String {
    let Some((outcome, code)) = outcome.and_then(|outcome| Some((outcome, outcome.code?))) else {
        return wanted.to_owned();
    };
    let why = outcome.why.as_deref().map_or_else(String::new, |why| format!(": {}", name(why)));
    let wanted = if wanted.is_empty() { String::new() } else { format!(" · wanted for {wanted}") };
    format!("{} ({code}){why}{wanted}", outcome.result.words())
}

fn setting_row((setting, outcome): Settled<'_, SettingView>, frame: &Frame<'_>) -> ChangeRow {
    ChangeRow {
        environment: "the tenant".to_owned(),
        add_on: String::new(),
        sign: marks::of_change(ChangeKind::Switch),
        what: "who can allocate".to_owned(),
        before: marks::set_before(setting).to_owned(),
        after: setting.after.to_string(),
        difference: String::new(),
        until: String::new(),
        why: why("", outcome),
        owner: String::new(),
        place: setting.declared_at.as_ref().map(|place| PlaceText::new(place, frame)),
    }
}

/// The writes in order, each with the resulting allocation of its environment.
pub(super) fn writes(view: &PlanView) -> Vec<WriteRow> {
    let write = |step: &StepView| {
        let first = step.changes.first().and_then(|at| view.changes.get(*at));
        WriteRow {
            number: number(step.number),
            name: first.map_or_else(String::new, |it| name(marks::name_of(&it.environment)).into_owned()),
            id: step.environment.to_string(),
            holds: marks::holds_then(view, step).map(|held| name(&held).into_owned()).collect::<Vec<_>>().join(" · "),
        }
    };
    view.steps.iter().map(write).collect()
}
