//! Warnings about environments that use more than they hold although no switch lets them. Unknown use is skipped.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::{DesiredCell, DesiredEnvironment};
use crate::model::document::{Entry, Switch};
use crate::model::finding::Finding;
use crate::model::observed::{ObservedEnvironment, Reading};
use crate::model::plan::draft::Draft;
use crate::model::source::Span;
use crate::model::terms::{EnvironmentId, Units};
use crate::planning::matching::{Matching, usable};
use crate::planning::planner::counted;
use crate::planning::words::amount;

/// The most environments that one finding describes.
const MOST_SHOWN: usize = 4;

/// An environment that uses more than it holds.
struct Beyond {
    name: String,
    /// The amount in the configuration, or the environment.
    span: Option<Span>,
    used: Units,
    as_of: Timestamp,
    held: Units,
}

/// A warning for each add-on, if environments use more of it than they hold, before and after the plan.
pub(super) fn findings(matching: &Matching<'_>, draft: &Draft) -> Vec<Finding> {
    let changed = draft
        .changes
        .iter()
        .map(|planned| ((&planned.environment.id, planned.change.add_on()), planned.change.after()));
    let after: BTreeMap<(&EnvironmentId, &AddOn), &Entry> = changed.collect();
    let declared = matching.declared.iter().map(|(environment, seen)| (Some(*environment), *seen));
    let all = declared.chain(matching.undeclared.iter().map(|seen| (None, Some(*seen))));
    let mut beyond: BTreeMap<&AddOn, Vec<Beyond>> = BTreeMap::new();
    for (environment, seen) in all.filter_map(|(environment, seen)| Some((environment, usable(seen)?))) {
        for (add_on, used) in &seen.consumed {
            let Reading::Known { value: used, as_of } = used else { continue };
            let Some(held) = held(seen, add_on, after.get(&(&seen.id, add_on)).copied()) else { continue };
            if *used > held {
                let (name, span) = place(environment, seen, add_on);
                let found = Beyond { name, span, used: *used, as_of: *as_of, held };
                beyond.entry(add_on).or_default().push(found);
            }
        }
    }
    beyond.into_iter().map(|(add_on, found)| finding(add_on, &found)).collect()
}

/// The units that an environment holds: the larger amount of those before and after the plan. `None` if they could not be read, or if
/// the environment may use more.
fn held(seen: &ObservedEnvironment, add_on: &AddOn, after: Option<&Entry>) -> Option<Units> {
    let nothing = Entry::default();
    let before = match seen.cell(add_on) {
        Reading::Known { value, .. } => value,
        Reading::Absent => &nothing,
        Reading::Unknown { .. } => return None,
    };
    let last = after.unwrap_or(before);
    let is_on = |switch| last.when_exhausted.get(switch) == Some(true);
    let may_use_more = is_on(Switch::DrawFromTenant) || is_on(Switch::PayAsYouGo);
    (!may_use_more).then(|| before.units.max(last.units))
}

fn place(
    environment: Option<&DesiredEnvironment>,
    seen: &ObservedEnvironment,
    add_on: &AddOn,
) -> (String, Option<Span>) {
    let Some(environment) = environment else {
        return (seen.name.known().map_or_else(|| seen.id.to_string(), |name| format!("{name:?}")), None);
    };
    let span = match environment.cell(add_on) {
        Some(DesiredCell::Managed(cell)) => cell.amount_span(),
        Some(DesiredCell::Unmanaged(_)) | None => environment.key.span,
    };
    (environment.key.value.to_string(), Some(span))
}

fn finding(add_on: &AddOn, found: &[Beyond]) -> Finding {
    let name = add_on.display_name();
    let message = match found {
        [one] => format!("{} uses {} {name}, more than its {}", one.name, amount(one.used), amount(one.held)),
        some => {
            format!("{} {name} than they hold", counted(some.len(), "environment uses more", "environments use more"))
        }
    };
    let counted_on = |one: &Beyond| format!("{} used as of {}", amount(one.used), one.as_of.strftime("%Y-%m-%d"));
    let line = |one: &Beyond| format!("{}: {}, of {}", one.name, counted_on(one), amount(one.held));
    let mut finding = Finding::warning(Code::A411, message);
    let placed = found.iter().find(|one| one.span.is_some());
    finding = finding.at_if(placed.and_then(|one| one.span), placed.map_or_else(String::new, counted_on));
    if placed.is_none() || found.len() > 1 {
        finding = found.iter().take(MOST_SHOWN).fold(finding, |finding, one| finding.note(line(one)));
    }
    if found.len() > MOST_SHOWN {
        finding = finding.note(format!("and {} more", found.len() - MOST_SHOWN));
    }
    finding.help("allocate what is used, or turn on `drawFromTenant` or `payAsYouGo` under `whenExhausted`")
}
