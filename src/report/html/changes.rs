//! The tables of changes and of writes.

use crate::model::plan::change::{ChangeKind, ChangeOrigin};
use crate::model::plan::guards::GuardChange;
use crate::report::marks;
use crate::report::number::{count, number};
use crate::report::origin::Frame;
use crate::report::safe::html::{PlaceText, name};
use crate::report::view::plan::{BaseView, ChangeView, PlanView, SettingView, StepView};
use crate::report::view::run::{OutcomeView, RunView, SettledChange, SettledSetting};

/// Changes under one caption, such as those of this branch, or those that were applied.
pub(super) struct ChangeTable {
    pub(super) caption: String,
    /// The headings of the columns "before" and "after".
    pub(super) columns: [&'static str; 2],
    /// Whether a change has an owner, so that there is a column for it.
    pub(super) has_owners: bool,
    pub(super) groups: Vec<ChangeGroup>,
    /// How many changes are not listed.
    pub(super) left_out: Option<String>,
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
    ChangeTable { caption, columns, has_owners, groups: groups(changes, setting, frame), left_out: None }
}

/// The changes with their outcomes; those that were not applied come first, as many of them as a report lists.
pub(super) fn settled(view: &RunView, frame: &Frame<'_>) -> Vec<ChangeTable> {
    let settled = |caption: &str, columns, changes: Vec<&SettledChange>, setting: Option<&SettledSetting>| {
        let changes: Vec<_> = changes.into_iter().map(|it| (&it.change, Some(&it.outcome))).collect();
        let setting = setting.map(|it| (&it.setting, Some(&it.outcome)));
        table(caption.to_owned(), columns, &changes, setting, frame)
    };
    let (listed, others) = view.listed();
    let mut missing = settled(view.missing_words(), ["Before", "Wanted"], listed, view.settled(false).1);
    if !others.is_empty() {
        let changes = count(others.len() as u64, "more change", "more changes");
        missing.left_out = Some(format!("and {changes}, which the JSON of the run lists"));
    }
    let (applied, setting) = view.settled(true);
    let tables = [missing, settled("Applied", ["Before", "Now"], applied, setting)];
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

#[cfg(test)]
mod tests {
    use super::settled;
    use crate::model::code::Code;
    use crate::model::command::CommandName;
    use crate::model::finding::MOST_OF_FILE;
    use crate::model::run::{Outcome, Run};
    use crate::model::source::Place;
    use crate::report::cap::MOST_OF_RUN;
    use crate::report::counts::Counts;
    use crate::report::fixture::{environment, id, ninety, planned, read_at, run, sources};
    use crate::report::origin::{Frame, Origin};
    use crate::report::view::run::{Afterwards, RunView};

    fn origin() -> Origin {
        Origin {
            root: ".".to_owned(),
            root_file: String::new(),
            commit: None,
            head: None,
            run: None,
            page: None,
            actor: None,
            pull_request: None,
            links: None,
            host: None,
            started_at: read_at(),
            made_at: read_at(),
        }
    }

    /// A run that applied none of so many changes, each in one of the files.
    fn view(many: usize, files: usize) -> RunView {
        let mut failed: Run = run(Vec::new(), Outcome::Applied, false);
        failed.draft.changes = (0..many)
            .map(|at| {
                let mut change = planned(environment("a", "A", 'a'), "app-passes", 1, 2);
                change.declared_at = Some(Place { file: format!("{}.yaml", at % files).into(), line: 1, column: 1 });
                change
            })
            .collect();
        failed.outcomes = vec![Outcome::Refused { code: Code::A504, why: "no".into() }; many];
        RunView::new(&failed, (&id(), &[]), &Afterwards::default(), &sources(), ninety())
    }

    #[test]
    fn of_very_many_changes_that_were_not_applied_some_are_counted() {
        let origin = origin();
        for (many, files, listed) in [
            (MOST_OF_FILE, 1, MOST_OF_FILE),
            (MOST_OF_FILE + 500, 1, MOST_OF_FILE),
            (MOST_OF_RUN + 2_000, 10, MOST_OF_RUN),
        ] {
            let view = view(many, files);
            let more = Counts::default();
            let (command, tenant, provider, read_at, budget) = (CommandName::Apply, None, None, None, usize::MAX);
            let frame = Frame { command, tenant, provider, read_at, origin: &origin, budget, more };
            let tables = settled(&view, &frame);
            let rows: usize = tables[0].groups.iter().map(|group| group.rows.len()).sum();
            assert_eq!(rows, listed, "{many}");
            let left_out = tables[0].left_out.clone().unwrap_or_default();
            let expected = match many - listed {
                0 => "",
                500 => "and 500 more changes, which the JSON of the run lists",
                _ => "and 2,000 more changes, which the JSON of the run lists",
            };
            assert_eq!(left_out, expected);
            let found = view.all_findings();
            let counting = usize::from(many > listed);
            assert_eq!(found.len(), listed + counting);
            assert_eq!(found.len() as u64 + view.unlisted(), many as u64, "the true count");
            let last = found.last().map(|finding| finding.message.as_str()).unwrap_or_default();
            assert_eq!(last.contains("more errors with this code are counted, not listed"), many > listed, "{last}");
            assert_eq!(view.changes.len(), many, "the JSON is complete");
        }
    }
}
