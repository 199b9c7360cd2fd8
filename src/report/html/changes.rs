//! The tables of changes and of writes.

use crate::model::plan::change::{ChangeKind, ChangeOrigin};
use crate::model::run::OutcomeKind;
use crate::report::frame::Frame;
use crate::report::marks;
use crate::report::number::number;
use crate::report::safe::html::{PlaceText, name};
use crate::report::view::plan::{ChangeView, PlanView, SettingView};
use crate::report::view::run::{OutcomeView, RunView, SettledChange};

/// Changes of one origin.
pub(super) struct ChangeTable {
    pub(super) caption: String,
    /// The headings of the columns "before" and "after".
    pub(super) columns: [&'static str; 2],
    pub(super) groups: Vec<ChangeGroup>,
}

/// Changes of one direction.
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
    pub(super) place: Option<PlaceText>,
}

/// One write.
pub(super) struct WriteRow {
    pub(super) number: String,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) holds: String,
}

const GROUPS: [(&str, &[ChangeKind]); 3] = [
    ("Decreases", &[ChangeKind::Release, ChangeKind::Decrease]),
    ("Increases", &[ChangeKind::Assign, ChangeKind::Increase]),
    ("Switches", &[ChangeKind::Switch]),
];

/// All changes. If the plan was compared with a base, the changes of this branch and the pending ones have a table each. A table
/// without changes has only its caption.
pub(super) fn tables(view: &PlanView, frame: &Frame<'_>) -> Vec<ChangeTable> {
    let table = |caption: String, origin: Option<ChangeOrigin>, setting: Option<&SettingView>| {
        let of = |change: &&ChangeView| change.origin == origin;
        let changes: Vec<&ChangeView> = view.changes.iter().filter(of).collect();
        let rows = |change: &ChangeView| rows(change, frame);
        let setting = setting.map(|setting| setting_row(setting, frame));
        ChangeTable { caption, columns: ["Now", "After"], groups: groups(&changes, rows, setting) }
    };
    let has_some = |table: &ChangeTable| !table.groups.is_empty();
    let setting = view.setting.as_ref();
    let Some(base) = &view.base else {
        return Some(table("What the plan changes".to_owned(), None, setting)).into_iter().filter(has_some).collect();
    };
    let mut branch = table("This pull request changes".to_owned(), Some(ChangeOrigin::Branch), setting);
    if !has_some(&branch) {
        branch.caption.push_str(" nothing in the tenant.");
    }
    let since = format!("{} ({})", name(&base.reference), marks::short(&base.commit));
    let caption = format!("Pending before it, since {since} or by hand, and applied with it");
    let pending = Some(table(caption, Some(ChangeOrigin::Pending), None)).filter(has_some);
    std::iter::once(branch).chain(pending).collect()
}

/// All changes with their outcomes; those that were not applied come first.
pub(super) fn settled(view: &RunView, frame: &Frame<'_>) -> Vec<ChangeTable> {
    let table = |caption: &str, columns, is_applied: bool| {
        let belongs = |outcome: &OutcomeView| (outcome.result == OutcomeKind::Applied) == is_applied;
        let kept: Vec<&SettledChange> = view.changes.iter().filter(|settled| belongs(&settled.outcome)).collect();
        let rows = |settled: &SettledChange| with_outcomes(rows(&settled.change, frame), &settled.outcome);
        let setting = view.setting.as_ref().filter(|setting| belongs(&setting.outcome));
        let setting = setting.map(|setting| with_outcome(setting_row(&setting.setting, frame), &setting.outcome));
        ChangeTable { caption: caption.to_owned(), columns, groups: groups(&kept, rows, setting) }
    };
    let missing = table(view.missing_words(), ["Before", "Wanted"], false);
    let tables = [missing, table("Applied", ["Before", "Now"], true)];
    tables.into_iter().filter(|table| !table.groups.is_empty()).collect()
}

/// The rows of a change. If the change was not applied, the first row contains the reason.
fn with_outcomes(rows: Vec<ChangeRow>, outcome: &OutcomeView) -> Vec<ChangeRow> {
    let mut rows = rows.into_iter();
    let first = rows.next().map(|first| with_outcome(first, outcome));
    first.into_iter().chain(rows).collect()
}

fn with_outcome(row: ChangeRow, outcome: &OutcomeView) -> ChangeRow {
    let Some(code) = outcome.code else { return row };
    let why = outcome.why.as_deref().map_or_else(String::new, |why| format!(": {}", name(why)));
    let wanted = if row.why.is_empty() { String::new() } else { format!(" · wanted for {}", row.why) };
    ChangeRow { why: format!("{} ({code}){why}{wanted}", outcome.result.words()), ..row }
}

/// A change, with or without its outcome.
trait Changes {
    fn change(&self) -> &ChangeView;
}

impl Changes for ChangeView {
    fn change(&self) -> &ChangeView {
        self
    }
}

impl Changes for SettledChange {
    fn change(&self) -> &ChangeView {
        &self.change
    }
}

fn groups<C: Changes>(
    changes: &[&C],
    rows: impl Fn(&C) -> Vec<ChangeRow>,
    setting: Option<ChangeRow>,
) -> Vec<ChangeGroup> {
    let group = |title, changes: usize, rows: Vec<ChangeRow>| ChangeGroup { title, number: number(changes), rows };
    let of = |(title, kinds): (&'static str, &[ChangeKind])| {
        let changes: Vec<&&C> = changes.iter().filter(|it| kinds.contains(&it.change().kind)).collect();
        group(title, changes.len(), changes.into_iter().flat_map(|change| rows(change)).collect())
    };
    let settings = group("Settings", 1, setting.into_iter().collect());
    GROUPS.into_iter().map(of).chain([settings]).filter(|group| !group.rows.is_empty()).collect()
}

/// A row for the units if they change, and a row for every switch that changes.
fn rows(change: &ChangeView, frame: &Frame<'_>) -> Vec<ChangeRow> {
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
        place: change.declared_at.as_ref().map(|place| PlaceText::new(place, frame)),
    };
    let mut rows: Vec<ChangeRow> = marks::movements(change).into_iter().map(row).collect();
    if let Some(first) = rows.first_mut() {
        first.why = marks::why(change).map(name).collect::<Vec<_>>().join(" · ");
    }
    rows
}

fn setting_row(setting: &SettingView, frame: &Frame<'_>) -> ChangeRow {
    ChangeRow {
        environment: "the tenant".to_owned(),
        add_on: String::new(),
        sign: marks::of_change(ChangeKind::Switch),
        what: "who can allocate".to_owned(),
        before: marks::set_before(setting).to_owned(),
        after: setting.after.to_string(),
        difference: String::new(),
        until: String::new(),
        why: String::new(),
        place: setting.declared_at.as_ref().map(|place| PlaceText::new(place, frame)),
    }
}

/// The writes in order, each with the resulting allocation of its environment.
pub(super) fn writes(view: &PlanView) -> Vec<WriteRow> {
    let write = |step: &crate::report::view::plan::StepView| {
        let changes: Vec<&ChangeView> = step.changes.iter().filter_map(|at| view.changes.get(*at)).collect();
        let holds: Vec<String> =
            changes.iter().map(|change| marks::held_after(change, &name(&change.add_on.name))).collect();
        WriteRow {
            number: number(step.number),
            name: changes.first().map_or_else(String::new, |it| name(marks::name_of(&it.environment)).into_owned()),
            id: step.environment.to_string(),
            holds: holds.join(" · "),
        }
    };
    view.steps.iter().map(write).collect()
}
