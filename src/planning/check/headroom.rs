//! Headroom: no plan may allocate more than is owned, today or on a later date. The module `debts` contains the one
//! exception.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::pool_check::{PoolCheck, Shortage};
use super::{budgets, debts, purchases};
use crate::model::catalog::{AddOn, Pool};
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::{Finding, Severity};
use crate::model::observed::ObservedState;
use crate::model::plan::change::Change;
use crate::model::plan::draft::{Draft, NotChecked};
use crate::model::plan::pool::{FuturePool, PlannedPool};
use crate::model::source::Span;
use crate::model::terms::Units;
use crate::planning::forecast::{self, forecast};
use crate::planning::words::{amount, be, thousands};

/// Compares the declared amounts with the declared purchases, from a date on. Needs no tenant.
pub fn check_declared(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let mut findings: Vec<Finding> = forecast(desired, None, date)
        .iter()
        .flat_map(|pool| {
            let check = PoolCheck { desired, observed: None, pool: &pool.pool, date, largest_increase: None };
            check.shortages(&pool.points).into_iter().chain(purchases::ends_soon(&check, &pool.points))
        })
        .collect();
    findings.extend(budgets::budgets(desired, date));
    findings
}

/// The subjects that cannot be checked without a tenant.
pub fn not_checkable(desired: &DesiredState) -> Vec<NotChecked> {
    let cells = desired.environments.values().flat_map(|environment| environment.managed());
    let managed: BTreeSet<&AddOn> = cells.map(|(add_on, _)| add_on).collect();
    let mut undeclared: BTreeSet<Pool> = managed.into_iter().map(AddOn::pool).collect();
    undeclared.retain(|pool| pool.members().iter().all(|member| !desired.purchased.contains_key(member)));
    let mut all: Vec<NotChecked> = undeclared
        .iter()
        .map(|pool| NotChecked {
            subject: format!("headroom of {}", pool.display_name()),
            reason: "no purchase is declared; `allot plan` asks the tenant".to_owned(),
        })
        .collect();
    all.extend(desired.uncatalogued().keys().map(|add_on| NotChecked {
        subject: format!("the add-on `{}`", add_on.api_value()),
        reason: "this version does not know it; `allot plan` looks for it in the tenant".to_owned(),
    }));
    all.push(NotChecked {
        subject: "the tenant".to_owned(),
        reason: "`allot validate` does not read it; `allot plan` compares it with the configuration".to_owned(),
    });
    all
}

/// Checks the amounts of a plan against the purchases, with the tenant's figures.
pub fn check_draft(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pool in &draft.pools {
        let check = PoolCheck {
            desired,
            observed: Some(observed),
            pool: &pool.pool,
            date: draft.date,
            largest_increase: largest_increase(desired, draft, &pool.pool),
        };
        findings.extend(purchases::known(&check, pool));
        findings.extend(purchases::used_beyond(&check, pool));
        findings.extend(check.unseen(pool));
        findings.extend(check.planned(pool));
        findings.extend(purchases::ends_soon(&check, &pool.future));
    }
    findings.extend(budgets::budgets(desired, draft.date));
    if only_gives_back(draft) {
        findings.iter_mut().for_each(let_through);
    }
    findings.extend(debts::higher_than_needed(desired, observed, draft));
    findings
}

fn only_gives_back(draft: &Draft) -> bool {
    let mut changes = draft.changes.iter().map(|planned| &planned.change);
    changes.clone().any(Change::gives_back) && !changes.any(Change::takes)
}

/// Turns an error into a warning, because the plan only gives units back.
fn let_through(finding: &mut Finding) {
    if finding.is_error() {
        finding.severity = Severity::Warning;
        finding.allowance = None;
        finding.notes.push("this plan only gives units back, so it is not refused".to_owned());
    }
}

/// The line of the largest increase in a pool.
pub(in crate::planning) fn largest_increase(desired: &DesiredState, draft: &Draft, pool: &Pool) -> Option<Span> {
    let increases =
        draft.changes.iter().filter(|planned| planned.change.takes() && planned.change.add_on().pool() == *pool);
    let largest =
        increases.max_by_key(|planned| planned.change.after().units.difference(planned.change.units_before()))?;
    let environment = desired.environments.get(&largest.environment.key)?;
    let mut cells = environment.managed();
    cells.find(|(add_on, _)| *add_on == largest.change.add_on()).map(|(_, cell)| cell.amount_span())
}

impl PoolCheck<'_> {
    /// A finding if the allocated units are unknown: a plan that adds to such a pool could overdraw it.
    fn unseen(&self, pool: &PlannedPool) -> Option<Finding> {
        if pool.unseen.is_some() {
            return None;
        }
        let grows = pool.grows();
        let severity = if grows { Severity::Error } else { Severity::Warning };
        let message = format!("the allocated amount of {} is unknown", self.name());
        let finding = Finding::new(Code::A210, severity, message).at_if(self.largest_increase, "takes from this pool");
        let finding = finding.note(match pool.unknown_environments {
            0 => "the listing of environments is incomplete, and the tenant's own total is unknown".to_owned(),
            some => {
                format!("environments that could not be read: {some}; and the tenant's own total is unknown")
            }
        });
        Some(finding.help("no plan takes more from this pool until the amount is known; run again later"))
    }

    /// Findings about the amounts of a plan. Existing over-allocation is a warning; growth is an error.
    fn planned(&self, pool: &PlannedPool) -> Vec<Finding> {
        let Some(owned) = pool.owned.units() else { return Vec::new() };
        let today =
            FuturePool { from: self.date, owned: Some(owned), reserve: pool.reserve, allocated: pool.allocated_after };
        let now = Shortage::of(&today);
        let today = now.as_ref().map(|shortage| match (shortage.of_reserve, pool.grows()) {
            (false, false) => self.over_allocation(pool, shortage),
            (false, true) if shortage.short <= self.debt() => self.raised_within_debt(pool, shortage),
            // This plan does not make the shortage of the reserve worse.
            (true, false) => Finding { severity: Severity::Warning, allowance: None, ..self.lacking(shortage) },
            _ => self.lacking(shortage),
        });
        // Later shortages are reported once today's is fixed.
        let is_refused = today.as_ref().is_some_and(|finding| finding.code == Code::A201);
        let later = self.later(now.as_ref(), if is_refused { &[] } else { &pool.future });
        let unseen = pool.unseen.filter(|units| !units.is_zero());
        let with_unseen = |finding: Finding| match unseen {
            Some(units) => finding
                .note(format!("{} of the allocated units are in environments not read or not listed", amount(units))),
            None => finding,
        };
        today.into_iter().chain(later).map(with_unseen).collect()
    }

    /// The shortages of a pool, today (the first point) and later.
    fn shortages(&self, points: &[FuturePool]) -> Vec<Finding> {
        let Some((today, future)) = points.split_first() else { return Vec::new() };
        let now = Shortage::of(today);
        let is_covered = |shortage: &Shortage<'_>| !shortage.of_reserve && shortage.short <= self.debt();
        let is_refused = now.as_ref().is_some_and(|shortage| !shortage.of_reserve && !is_covered(shortage));
        let later = self.later(now.as_ref(), if is_refused { &[] } else { future });
        let reported = now.map(|shortage| match is_covered(&shortage) {
            true => self.covered(&shortage),
            false => self.lacking(&shortage),
        });
        reported.into_iter().chain(later).collect()
    }

    /// A finding about the first later day with a larger shortage of units than today's. If there is none, and nothing is reported for
    /// today, a finding about the first later day on which only the reserve is short.
    fn later(&self, now: Option<&Shortage<'_>>, future: &[FuturePool]) -> Option<Finding> {
        let reported = now.filter(|shortage| !shortage.of_reserve).map_or(Units::ZERO, |shortage| shortage.short);
        let shortages = || future.iter().filter_map(Shortage::of);
        let units = shortages().find(|shortage| !shortage.of_reserve && shortage.short > reported);
        let reserve = || shortages().find(|shortage| shortage.of_reserve && now.is_none());
        let shortage = units.or_else(reserve)?;
        let finding = self.lacking(&shortage);
        let most = shortages().filter(|other| !other.of_reserve).max_by_key(|other| other.short);
        Some(match most.filter(|most| most.short > shortage.short || shortage.of_reserve) {
            Some(most) => finding.note(format!("short by {} from {}", amount(most.short), most.point.from)),
            None => finding,
        })
    }

    fn lacking(&self, shortage: &Shortage<'_>) -> Finding {
        let Shortage { point, owned, short, of_reserve } = *shortage;
        let is_today = point.from <= self.date;
        let code = match (of_reserve, is_today) {
            (true, _) => Code::A203,
            (false, true) => Code::A201,
            (false, false) => Code::A202,
        };
        let short = amount(short);
        let when = if is_today { String::new() } else { format!(" from {}", point.from) };
        let name = self.name();
        let message = if of_reserve {
            format!("the reserve of {name} is short by {short}{when}")
        } else {
            format!("{name} {} short by {short}{when}", be(&name))
        };
        let mut finding = Finding::new(code, self.severity(point.from), message);
        let holder = forecast::holders(self.desired, self.observed, self.pool, point.from).into_iter().next();
        let place = if is_today {
            self.largest_increase.or(holder.and_then(|holder| holder.span))
        } else {
            self.purchased_at(point.from)
        };
        let label =
            if is_today { format!("short by {short}") } else { format!("owned {} {}", amount(owned), when.trim()) };
        finding = finding.at_if(place, label).note(format!(
            "owned {}, reserve {}, allocated {}, free {}",
            amount(owned),
            amount(point.reserve),
            amount(point.allocated),
            thousands(owned.difference([point.allocated, point.reserve].into_iter().sum())),
        ));
        if is_today && let Some(span) = self.purchased_at(point.from) {
            finding = finding.see(span, format!("owned {}", amount(owned)));
        }
        if is_today && !of_reserve {
            finding = self.see_debt(finding);
        }
        finding = self.with_holders(finding, point.from);
        if of_reserve && finding.is_error() && self.observed.is_some() {
            finding = finding.allowable(self.pool.to_string());
        }
        finding.help(if is_today {
            "lower this amount, give units back elsewhere, or buy more".to_owned()
        } else {
            format!("lower amounts before {}, or renew with more; `allot forecast` shows every date", point.from)
        })
    }

    fn severity(&self, begins: Date) -> Severity {
        if begins <= self.date {
            return Severity::Error;
        }
        let days = self.date.until(begins).map_or(i64::MAX, |span| i64::from(span.get_days()));
        let limit = self.desired.rules.fail_before_expiry_days.map(|limit| i64::from(limit.value));
        if limit.is_some_and(|limit| days <= limit) { Severity::Error } else { Severity::Warning }
    }
}

#[cfg(test)]
mod tests;
