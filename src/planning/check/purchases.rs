//! Compares declared with reported purchases, and finds purchases that end soon.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::pool_check::{PoolCheck, Shortage};
use crate::model::code::Code;
use crate::model::finding::{Finding, Severity};
use crate::model::observed::Reading;
use crate::model::plan::pool::{FuturePool, Owned, PlannedPool};
use crate::model::terms::Units;
use crate::planning::pools;
use crate::planning::words::{amount, be};

/// How long before its end a purchase is reported: enough time to renew it.
const SOON: SignedDuration = SignedDuration::from_hours(60 * 24);

/// A finding if the declared and the reported purchase differ, or if it is unknown how much is owned.
pub(super) fn known(check: &PoolCheck<'_>, pool: &PlannedPool) -> Option<Finding> {
    match &pool.owned {
        Owned::Known { declared: Some(declared), live: Some(live), .. } if declared != live => {
            let message =
                format!("{}: the declared purchase and the tenant's differ; the lower one counts", check.name());
            let finding = Finding::warning(Code::A206, message)
                .at_if(check.purchased_at(check.date), format!("{} declared", amount(*declared)))
                .note(format!("the tenant reports {}", amount(*live)));
            Some(finding.help("correct the amount, or find out why the tenant reports another one"))
        }
        Owned::Unknown { why, at_least } => {
            let is_enough = [pool.allocated_after, pool.reserve].into_iter().sum::<Units>() <= *at_least;
            let severity = if pool.grows() && !is_enough { Severity::Error } else { Severity::Warning };
            let finding =
                Finding::new(Code::A208, severity, format!("the purchased amount of {} is unknown", check.name()));
            let finding = finding.at_if(check.increased_at(), "takes from this pool").note(why.to_string());
            let finding = finding.help(match check.desired.purchased_on(check.pool, check.date) {
                Some(_) => {
                    "run again later, or look in the admin center; no plan takes more from a pool while the tenant's \
                     own figure is unknown, because the lower one counts"
                }
                // A configuration cannot declare a purchase of an add-on that the catalog lacks.
                None if check.pool.members().iter().all(|member| member.entry().is_none()) => {
                    "look in the admin center how many are owned; a newer version may know this add-on"
                }
                None => "write the amount under `purchased:`; no plan takes more from a pool of unknown size",
            });
            Some(if severity == Severity::Error { check.until_known(finding) } else { finding })
        }
        Owned::Known { .. } => None,
    }
}

/// A warning if more of a pool is used than is owned. No warning if either figure is unknown.
pub(super) fn used_beyond(check: &PoolCheck<'_>, pool: &PlannedPool) -> Option<Finding> {
    let Reading::Known { value: used, as_of } = pools::consumed(check.observed?, &pool.pool) else { return None };
    let owned = pool.owned.units().filter(|owned| used > *owned)?;
    let (name, day) = (check.name(), as_of.strftime("%Y-%m-%d"));
    let message = format!("{} {name} {} used, and {} owned", amount(used), be(&name), amount(owned));
    let finding = Finding::warning(Code::A411, message)
        .at_if(check.purchased_at(check.date), format!("{} used as of {day}", amount(used)));
    Some(
        finding.help("buy more, or find out in the admin center who uses it: the service may stop the use, or bill it"),
    )
}

/// Purchases that end soon without renewal, unless the pool is short by then: [`super::headroom`] reports shortages.
pub(super) fn ends_soon(check: &PoolCheck<'_>, points: &[FuturePool]) -> Vec<Finding> {
    let Ok(horizon) = check.date.checked_add(SOON) else { return Vec::new() };
    let members = check.pool.members();
    let parts = members.iter().filter_map(|member| check.desired.purchased.get(member)).flat_map(|all| &all.parts);
    let mut reported = BTreeSet::new();
    let mut findings = Vec::new();
    for part in parts {
        let Some(until) = part.interval.until.filter(|until| (check.date..=horizon).contains(until)) else {
            continue;
        };
        let Ok(next) = until.tomorrow() else { continue };
        let owned = |date| check.desired.purchased_on(check.pool, date).unwrap_or_default();
        let (before, after) = (owned(until), owned(next));
        let falls_short = points.iter().any(|point| point.from <= next && Shortage::of(point).is_some());
        if after >= before || falls_short || !reported.insert(until) {
            continue;
        }
        let days = (until - check.date).get_days();
        let when = match days {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            days => format!("in {days} days"),
        };
        let ending = before.remaining_after(after);
        let message = format!("{} {} end {when}, on {until}", amount(ending), check.name());
        let allocated = points.iter().rev().find(|point| point.from <= next).map(|point| point.allocated);
        let finding = Finding::hint(Code::A308, message).at(part.span, format!("owned until {until}"));
        let finding = finding.help("renew it, and write the renewal under `purchased` with its `from`");
        findings.push(match allocated {
            Some(allocated) => finding.note(format!(
                "from {next} on, {} are owned, and {} allocated",
                amount(after),
                amount(allocated)
            )),
            None => finding.note(format!("from {next} on, {} are owned", amount(after))),
        });
    }
    findings
}
