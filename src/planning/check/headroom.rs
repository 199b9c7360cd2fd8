//! Headroom: no plan may allocate more than is owned, today or on a later date. The module `debts` contains the one
//! exception.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::pool_check::{PoolCheck, Shortage, severity};
use super::rooms::Rooms;
use super::{budget_use, budgets, debts, purchases};
use crate::model::catalog::{AddOn, Pool};
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::{Finding, Severity};
use crate::model::forecast::PoolForecast;
use crate::model::observed::ObservedState;
use crate::model::plan::change::Change;
use crate::model::plan::draft::{Draft, NotChecked};
use crate::model::plan::pool::{FuturePool, PlannedPool};
use crate::model::source::Span;
use crate::model::terms::Units;
use crate::planning::entry::Entry;
use crate::planning::forecast::forecast;
use crate::planning::words::{amount, be, thousands};

/// Compares the declared amounts with the declared purchases, from a date on. Needs no tenant.
pub fn check_declared(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let pools = forecast(desired, None, date);
    let uses = budget_use::uses(desired, date, None);
    let rooms = Rooms::declared(date, &pools, &uses);
    let of_pool = |pool: &PoolForecast| {
        let check =
            PoolCheck { desired, observed: None, pool: &pool.pool, date, largest_increase: None, rooms: &rooms };
        check.shortages(&pool.points).into_iter().chain(purchases::ends_soon(&check, &pool.points)).collect::<Vec<_>>()
    };
    let mut findings: Vec<Finding> = pools.iter().flat_map(of_pool).collect();
    findings.extend(budgets::findings(desired, date, &uses, &rooms, None));
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
    let uses = budget_use::uses(desired, draft.date, Some((draft, observed)));
    let rooms = Rooms::planned(draft, &uses);
    for pool in &draft.pools {
        let check = PoolCheck {
            desired,
            observed: Some(observed),
            pool: &pool.pool,
            date: draft.date,
            largest_increase: most_raised(desired, draft, &pool.pool),
            rooms: &rooms,
        };
        findings.extend(purchases::known(&check, pool));
        findings.extend(purchases::used_beyond(&check, pool));
        findings.extend(check.unseen(pool));
        findings.extend(check.planned(pool));
        findings.extend(purchases::ends_soon(&check, &pool.future));
    }
    findings.extend(budgets::findings(desired, draft.date, &uses, &rooms, Some(draft)));
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
    most_raised(desired, draft, pool).map(|entry| entry.cell.amount_span())
}

fn most_raised<'a>(desired: &'a DesiredState, draft: &Draft, pool: &Pool) -> Option<Entry<'a>> {
    Entry::most_raised(desired, draft, |_, add_on| add_on.pool() == *pool)
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
        let finding = Finding::new(Code::A210, severity, message).at_if(self.increased_at(), "takes from this pool");
        let finding = finding.note(match pool.unknown_environments {
            0 => "the listing of environments is incomplete, and the tenant's own total is unknown".to_owned(),
            some => {
                format!("environments that could not be read: {some}; and the tenant's own total is unknown")
            }
        });
        let finding = finding.help("no plan takes more from this pool until the amount is known; run again later");
        Some(if grows { self.until_known(finding) } else { finding })
    }

    /// Findings about the amounts of a plan. Existing over-allocation is a warning; growth is an error.
    fn planned(&self, pool: &PlannedPool) -> Vec<Finding> {
        let Some(owned) = pool.owned.units() else { return Vec::new() };
        let today =
            FuturePool { from: self.date, owned: Some(owned), reserve: pool.reserve, allocated: pool.allocated_after };
        let now = Shortage::of(&today);
        let today = now.as_ref().map(|shortage| match (shortage.of_reserve, pool.grows()) {
            (false, false) => self.over_allocation(pool, shortage),
            (false, true) if shortage.excess <= self.debt() => self.raised_within_debt(pool, shortage),
            // This plan does not make the shortage of the reserve worse.
            (true, false) => Finding { severity: Severity::Warning, allowance: None, ..self.lacking(shortage) },
            _ => self.lacking(shortage),
        });
        // A later shortage is not reported while today's refuses the plan.
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
        let is_covered = |shortage: &Shortage<'_>| !shortage.of_reserve && shortage.excess <= self.debt();
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
        let Shortage { point, owned, short, of_reserve, .. } = *shortage;
        let is_today = point.from <= self.date;
        let code = match (of_reserve, is_today) {
            (true, _) => Code::A203,
            (false, true) => Code::A201,
            (false, false) => Code::A202,
        };
        let entry = self.entry(is_today);
        let fit = entry.and_then(|entry| self.rooms.fit(entry, true));
        let fits = fit.map_or_else(String::new, |fit| format!("; {}", fit.words(None)));
        let short = amount(short);
        let when = if is_today { String::new() } else { format!(" from {}", point.from) };
        let name = self.name();
        let message = if of_reserve {
            format!("the reserve of {name} is short by {short}{when}")
        } else {
            format!("{name} {} short by {short}{when}", be(&name))
        };
        let mut finding = Finding::new(code, severity(self.desired, self.date, point.from), message + &fits);
        let purchased = self.purchased_at(point.from);
        let owned_then = format!("owned {}{when}", amount(owned));
        finding = match (entry, self.desired.reserve.get(self.pool)) {
            (Some(entry), _) => {
                let finding = finding.at(entry.cell.amount_span(), format!("short by {short}{when}"));
                purchased.map_or(finding.clone(), |span| finding.see(span, owned_then))
            }
            (None, Some(reserve)) if of_reserve && is_today => {
                finding.at(reserve.span, format!("reserve: {}", amount(point.reserve)))
            }
            (None, _) => finding.at_if(purchased, owned_then),
        };
        finding = finding.note(format!(
            "owned {}, reserve {}, allocated {}, free {}",
            amount(owned),
            amount(point.reserve),
            amount(point.allocated),
            thousands(point.free().unwrap_or_default()),
        ));
        if is_today && !of_reserve {
            finding = self.see_debt(finding);
        }
        finding = self.with_holders(finding, point.from);
        if of_reserve && finding.is_error() {
            finding = finding.allowable(self.pool.to_string());
        }
        if let Some(fit) = fit {
            finding = fit.explain(finding, None, point.from);
        }
        if !is_today {
            let advice = "renew with more, or lower amounts before";
            return finding.help(format!("{advice} {}; `allot forecast` shows every date", point.from));
        }
        if fit.is_some() { finding } else { finding.help("give units back, or buy more") }
    }
}

#[cfg(test)]
mod tests;
