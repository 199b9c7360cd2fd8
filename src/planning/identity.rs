//! The id of a plan, and whether a saved plan may still be applied.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::words::amount;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::Provider;
use crate::model::digits::hexadecimal;
use crate::model::document::{Entry, Switch};
use crate::model::finding::Finding;
use crate::model::plan::change::{Change, PlannedChange};
use crate::model::plan::draft::Draft;
use crate::model::plan::order::{Plan, PlanId};
use crate::model::terms::EnvironmentId;

/// The number of bytes of the digest in an id: enough to make a second plan with the same id infeasible.
const BYTES: usize = 16;

/// A digest of a draft: its changes, pools, inputs and allowances, but not the list of subjects that were not checked.
///
/// # Errors
///
/// If the draft cannot be represented in JSON.
pub fn plan_id(draft: &Draft) -> Result<PlanId, serde_json::Error> {
    let mut allowances = draft.allowances.clone();
    allowances.sort_unstable();
    allowances.dedup();
    let named = Draft { not_checked: Vec::new(), allowances, ..draft.clone() };
    let bytes = serde_json::to_vec(&named)?;
    Ok(PlanId(hexadecimal(Sha256::digest(&bytes).iter().take(BYTES))))
}

/// One error for each thing that changed since a plan was saved. `fresh` is a draft of the same cells for the day of the apply.
pub fn stale(saved: &Plan, fresh: &Draft) -> Vec<Finding> {
    let old = saved.draft();
    let mut findings = Vec::new();
    let mut changed = |message: String| {
        let help = "make a new plan with `allot plan --out FILE`, review it, and apply that";
        findings.push(Finding::error(Code::A501, format!("the plan is stale: {message}")).help(help));
    };
    if old.provider != fresh.provider {
        changed(format!("it was made for {}, and this is {}", kind(old.provider), kind(fresh.provider)));
    }
    if old.basis.tenant != fresh.basis.tenant {
        changed(format!("it was made for the tenant {}, and this is {}", old.basis.tenant, fresh.basis.tenant));
    }
    if old.basis.configuration.rules != fresh.basis.configuration.rules {
        changed("purchases, budgets, rules, floors or exceptions changed since it was made".to_owned());
    }
    for (add_on, units) in &old.basis.live_totals {
        let pool = fresh.pool(&add_on.pool());
        // Only the add-ons that a draft changes are in its basis.
        let is_changed = || fresh.changes.iter().any(|planned| planned.change.add_on() == add_on);
        let has_moved = fresh.basis.live_totals.get(add_on).map_or_else(is_changed, |now| now != units);
        if pool.is_none() || has_moved {
            changed(format!("the tenant no longer reports {} purchased {}", amount(*units), add_on.display_name()));
        }
    }
    let now: BTreeMap<_, &PlannedChange> = fresh.changes.iter().map(|planned| (cell(planned), planned)).collect();
    for planned in &old.changes {
        match now.get(&cell(planned)).copied() {
            Some(now) if now.change.is_same(&planned.change) => {}
            now => changed(cell_changed(planned, now)),
        }
    }
    if old.setting.as_ref().map(|setting| (setting.before, setting.after))
        != fresh.setting.as_ref().map(|setting| (setting.before, setting.after))
    {
        changed("`whoCanAllocate` changed, in the tenant or in the configuration, since it was made".to_owned());
    }
    if !findings.is_empty() && old.date != fresh.date {
        let message = format!("the plan was made for {}, and this is {}", old.date, fresh.date);
        let help = "an apply uses the amounts of its own day; grants and purchases may begin or end in between";
        findings.insert(0, Finding::error(Code::A501, message).help(help));
    }
    findings
}

fn kind(provider: Provider) -> &'static str {
    match provider {
        Provider::Local => "the built-in tenant",
        Provider::PowerPlatform => "a tenant of the service",
    }
}

fn cell(planned: &PlannedChange) -> (&EnvironmentId, &AddOn) {
    (&planned.environment.id, planned.change.add_on())
}

fn cell_changed(planned: &PlannedChange, now: Option<&PlannedChange>) -> String {
    let cell = format!("{}/{}", planned.environment.key, planned.change.add_on());
    let (before, after) = (amount(planned.change.units_before()), amount(planned.change.after().units));
    match now {
        None => format!(
            "{cell} no longer needs to go from {before} to {after}, or cannot be read; the plan may have been applied already"
        ),
        Some(now) => {
            let (held, wanted) = (amount(now.change.units_before()), amount(now.change.after().units));
            if (&held, &wanted) != (&before, &after) {
                return format!("{cell} was to go from {before} to {after}, and now would go from {held} to {wanted}");
            }
            let differences = differences(&planned.change, &now.change);
            format!("{cell} still goes from {before} to {after}, but {}", differences.join(", and "))
        }
    }
}

/// How two changes between the same amounts differ: an entry of zero is not the same as no entry, and switches count.
fn differences(planned: &Change, now: &Change) -> Vec<String> {
    let mut found = match (planned.before(), now.before()) {
        (None, Some(_)) => vec!["the tenant had no entry there and has one of 0".to_owned()],
        (Some(_), None) => vec!["the tenant had an entry of 0 there and has none".to_owned()],
        (Some(planned), Some(now)) => switched(planned, now, "in the tenant", |_| true),
        (None, None) => Vec::new(),
    };
    // A switch that the configuration does not name keeps the tenant's value, so the comparison "in the tenant" lists
    // its difference already.
    let is_named = |switch| [planned, now].iter().any(|change| change.switched().any(|(named, ..)| named == switch));
    found.extend(switched(planned.after(), now.after(), "in the configuration", is_named));
    found
}

/// The switches that differ between two entries, as far as both were read.
fn switched(planned: &Entry, now: &Entry, place: &str, counts: impl Fn(Switch) -> bool) -> Vec<String> {
    if planned.when_exhausted.agree(now.when_exhausted) {
        return Vec::new();
    }
    let state = |entry: &Entry, switch| match entry.when_exhausted.get(switch) {
        Some(true) => "on",
        Some(false) => "off",
        None => "not stated",
    };
    let described = |switch: Switch| {
        let (before, after) = (state(planned, switch), state(now, switch));
        format!("`{}` was {before} {place} and is {after}", switch.as_str())
    };
    let differs = |switch: &Switch| state(planned, *switch) != state(now, *switch) && counts(*switch);
    Switch::ALL.into_iter().filter(differs).map(described).collect()
}

#[cfg(test)]
mod tests;
