//! Headroom: never more promised than is owned, today and on every later date.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::Date;

use super::forecast::{self, forecast};
use super::words::{amount, be, thousands};
use crate::model::catalog::{AddOn, Pool};
use crate::model::code::Code;
use crate::model::desired::{DesiredState, ManagedCell};
use crate::model::finding::{Finding, Severity};
use crate::model::forecast::Holder;
use crate::model::observed::ObservedState;
use crate::model::plan::draft::{Draft, NotChecked};
use crate::model::plan::pool::{FuturePool, Owned, PlannedPool};
use crate::model::source::Span;
use crate::model::terms::{BudgetKey, Units};

/// A purchase that ends within so long ends soon: long enough to renew it.
const SOON: SignedDuration = SignedDuration::from_hours(60 * 24);

/// So many holders are shown: those who hold most.
const SHOWN_HOLDERS: usize = 4;

/// What the configuration promises, against what it says was purchased, from a date on. Without a tenant.
pub fn check_declared(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let mut findings: Vec<Finding> = forecast(desired, None, date)
        .iter()
        .flat_map(|pool| {
            let case = Case { desired, observed: None, pool: &pool.pool, date, culprit: None };
            case.shortages(&pool.points).into_iter().chain(case.ends_soon(&pool.points))
        })
        .collect();
    findings.extend(budgets(desired, date));
    findings
}

/// What cannot be said without a tenant.
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
    all.push(NotChecked {
        subject: "what the tenant holds".to_owned(),
        reason: "validate works without it; `allot plan` compares".to_owned(),
    });
    all
}

/// What a plan promises, against what is owned, with the tenant's figures.
pub fn check_draft(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pool in &draft.pools {
        let case = Case {
            desired,
            observed: Some(observed),
            pool: &pool.pool,
            date: draft.date,
            culprit: largest_increase(desired, draft, &pool.pool),
        };
        findings.extend(case.purchase(pool));
        findings.extend(case.unseen(pool));
        findings.extend(case.planned(pool));
        findings.extend(case.ends_soon(&pool.future));
    }
    findings.extend(budgets(desired, draft.date));
    findings
}

/// The place of the amount that takes most from a pool.
pub(super) fn largest_increase(desired: &DesiredState, draft: &Draft, pool: &Pool) -> Option<Span> {
    let increases =
        draft.changes.iter().filter(|planned| planned.change.takes() && planned.change.add_on().pool() == *pool);
    let largest =
        increases.max_by_key(|planned| planned.change.after().units.difference(planned.change.units_before()))?;
    let environment = desired.environments.get(&largest.environment.key)?;
    let mut cells = environment.managed();
    cells.find(|(add_on, _)| *add_on == largest.change.add_on()).map(|(_, cell)| cell.amount_span())
}

/// What a pool lacks on a day.
pub(super) struct Lack<'a> {
    point: &'a FuturePool,
    owned: Units,
    /// How much.
    pub(super) short: Units,
    /// Whether it is the reserve that lacks it, and what is allocated fits.
    pub(super) of_reserve: bool,
}

impl Lack<'_> {
    /// What is lacking; `None` where nothing is, or nobody knows how much is owned.
    pub(super) fn of(point: &FuturePool) -> Option<Lack<'_>> {
        let owned = point.owned?;
        let of_reserve = point.allocated <= owned;
        let wanted = if of_reserve { [point.allocated, point.reserve].into_iter().sum() } else { point.allocated };
        let short = wanted.checked_sub(owned).filter(|short| !short.is_zero())?;
        Some(Lack { point, owned, short, of_reserve })
    }
}

/// One pool and everything around it.
struct Case<'a> {
    desired: &'a DesiredState,
    observed: Option<&'a ObservedState>,
    pool: &'a Pool,
    date: Date,
    /// The amount that tips it over, where a plan shows it.
    culprit: Option<Span>,
}

impl Case<'_> {
    fn name(&self) -> String {
        self.pool.display_name()
    }

    fn purchased_at(&self, date: Date) -> Option<Span> {
        let declared = || self.pool.members().into_iter().filter_map(|member| self.desired.purchased.get(&member));
        let parts = || declared().flat_map(|purchases| &purchases.parts);
        let in_force = parts().find(|part| part.interval.contains(date)).map(|part| part.span);
        let ended = || {
            parts()
                .filter(|part| part.interval.until.is_some_and(|until| until < date))
                .max_by_key(|part| part.interval.until)
        };
        in_force.or_else(|| ended().map(|part| part.span)).or_else(|| declared().next().map(|purchases| purchases.span))
    }

    /// Findings about how much is owned.
    fn purchase(&self, pool: &PlannedPool) -> Option<Finding> {
        match &pool.owned {
            Owned::Known { declared: Some(declared), live: Some(live), .. } if declared != live => {
                let message = format!("{}: declared and live purchase differ, and the lower one counts", self.name());
                let finding = Finding::warning(Code::A206, message)
                    .at_if(self.purchased_at(self.date), format!("{} declared", amount(*declared)))
                    .note(format!("the tenant says {}", amount(*live)));
                Some(finding.help("correct the line, or find out what became of the purchase"))
            }
            Owned::Unknown { why } => {
                let grows = pool.allocated_after > pool.allocated_before;
                let severity = if grows { Severity::Error } else { Severity::Warning };
                let finding =
                    Finding::new(Code::A208, severity, format!("how much was purchased of {} is unknown", self.name()));
                let finding = finding.at_if(self.culprit, "would take from it").note(why.to_string());
                Some(finding.help("write it under `purchased:`; nothing is added to a pool of unknown size"))
            }
            Owned::Known { .. } => None,
        }
    }

    /// A finding where nobody knows how much is held: a plan that adds to it could overdraw it.
    fn unseen(&self, pool: &PlannedPool) -> Option<Finding> {
        if pool.unseen.is_some() {
            return None;
        }
        let grows = pool.allocated_after > pool.allocated_before;
        let severity = if grows { Severity::Error } else { Severity::Warning };
        let message = format!("how much is allocated of {} is unknown", self.name());
        let finding = Finding::new(Code::A210, severity, message).at_if(self.culprit, "would take from it");
        let finding = finding.note(match pool.unknown_environments {
            0 => "the listing of environments is not complete, and the tenant gives no count of its own".to_owned(),
            some => {
                format!("what {some} environments hold could not be read, and the tenant gives no count of its own")
            }
        });
        Some(finding.help("nothing is added to a pool of which it is unknown how full it is; run again later"))
    }

    /// Findings about what is promised by a plan. A debt that is there already is told, and only what adds to it refused.
    fn planned(&self, pool: &PlannedPool) -> Vec<Finding> {
        let Some(owned) = pool.owned.units() else { return Vec::new() };
        let today =
            FuturePool { from: self.date, owned: Some(owned), reserve: pool.reserve, allocated: pool.allocated_after };
        let grows = pool.allocated_after > pool.allocated_before;
        let now = Lack::of(&today);
        let today = now.as_ref().map(|lack| match lack.of_reserve {
            false if !grows => self.debt(pool, lack),
            // What was in the reserve before and does not grow is no worse for this plan.
            true if !grows => Finding { severity: Severity::Warning, ..self.lacking(lack) },
            _ => self.lacking(lack),
        });
        // Whoever mends what is short today looks at the rest again.
        let future = if now.as_ref().is_some_and(|lack| !lack.of_reserve && grows) { &[] } else { &*pool.future };
        let later = self.later(now.as_ref(), future);
        let unseen = pool.unseen.filter(|units| !units.is_zero());
        let told = |finding: Finding| match unseen {
            Some(units) => finding.note(format!("{} of them are held where nobody could look", amount(units))),
            None => finding,
        };
        today.into_iter().chain(later).map(told).collect()
    }

    fn debt(&self, pool: &PlannedPool, lack: &Lack<'_>) -> Finding {
        let short = amount(lack.short);
        let finding =
            Finding::warning(Code::A207, format!("{} {} already short by {short}", self.name(), be(&self.name())))
                .at_if(self.purchased_at(self.date), format!("owned {}", amount(lack.owned)))
                .note(format!(
                    "allocated {} now, {} after this plan",
                    amount(pool.allocated_before),
                    amount(pool.allocated_after)
                ));
        self.with_holders(finding, self.date)
            .help("give units back, or buy more; until then units can be moved, and none added")
    }

    /// Purchases that end soon and are not made up for, though nothing falls short by it: where something does, that is told.
    fn ends_soon(&self, points: &[FuturePool]) -> Vec<Finding> {
        let Ok(horizon) = self.date.checked_add(SOON) else { return Vec::new() };
        let members = self.pool.members();
        let parts = members.iter().filter_map(|member| self.desired.purchased.get(member)).flat_map(|all| &all.parts);
        let mut told = BTreeSet::new();
        let mut findings = Vec::new();
        for part in parts {
            let Some(until) = part.interval.until.filter(|until| (self.date..=horizon).contains(until)) else {
                continue;
            };
            let Ok(next) = until.tomorrow() else { continue };
            let owned = |date| self.desired.purchased_on(self.pool, date).unwrap_or_default();
            let (before, after) = (owned(until), owned(next));
            let falls_short = points.iter().any(|point| point.from <= next && Lack::of(point).is_some());
            if after >= before || falls_short || !told.insert(until) {
                continue;
            }
            let days = (until - self.date).get_days();
            let when = match days {
                0 => "today".to_owned(),
                1 => "tomorrow".to_owned(),
                days => format!("in {days} days"),
            };
            let ending = before.remaining_after(after);
            let message = format!("{} {} end {when}, on {until}", amount(ending), self.name());
            let allocated = points.iter().rev().find(|point| point.from <= next).map(|point| point.allocated);
            let finding = Finding::hint(Code::A308, message).at(part.span, format!("owned until {until}"));
            let finding = finding.help("renew it, and write the renewal under `purchased` with its `from`");
            findings.push(match allocated {
                Some(allocated) => finding.note(format!(
                    "from {next} on {} are owned, and {} allocated",
                    amount(after),
                    amount(allocated)
                )),
                None => finding.note(format!("from {next} on {} are owned", amount(after))),
            });
        }
        findings
    }

    /// What is promised from a first day on, which is the first of these points.
    fn shortages(&self, points: &[FuturePool]) -> Vec<Finding> {
        let Some((today, future)) = points.split_first() else { return Vec::new() };
        let now = Lack::of(today);
        let future = if now.as_ref().is_some_and(|lack| !lack.of_reserve) { &[] } else { future };
        let later = self.later(now.as_ref(), future);
        now.map(|lack| self.lacking(&lack)).into_iter().chain(later).collect()
    }

    /// The first later day on which more is missing than is told of today already: units, or else the reserve.
    fn later(&self, now: Option<&Lack<'_>>, future: &[FuturePool]) -> Option<Finding> {
        let told = now.filter(|lack| !lack.of_reserve).map_or(Units::ZERO, |lack| lack.short);
        let lacks = || future.iter().filter_map(Lack::of);
        let units = lacks().find(|lack| !lack.of_reserve && lack.short > told);
        let reserve = || lacks().find(|lack| lack.of_reserve && now.is_none());
        let lack = units.or_else(reserve)?;
        let finding = self.lacking(&lack);
        let most = lacks().filter(|other| !other.of_reserve).max_by_key(|other| other.short);
        Some(match most.filter(|most| most.short > lack.short || lack.of_reserve) {
            Some(most) => finding.note(format!("short by {} from {}", amount(most.short), most.point.from)),
            None => finding,
        })
    }

    fn lacking(&self, lack: &Lack<'_>) -> Finding {
        let Lack { point, owned, short, of_reserve } = *lack;
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
            self.culprit.or(holder.and_then(|holder| holder.span))
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
        finding = self.with_holders(finding, point.from);
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

    /// Points at those who hold most.
    fn with_holders(&self, mut finding: Finding, date: Date) -> Finding {
        let primary = finding.primary.as_ref().map(|label| label.span);
        let holders = forecast::holders(self.desired, self.observed, self.pool, date);
        for holder in holders.iter().take(SHOWN_HOLDERS) {
            if let Some(span) = holder.span.filter(|span| Some(*span) != primary) {
                finding = finding.see(span, label(holder));
            }
        }
        finding
    }
}

fn label(holder: &Holder) -> String {
    let holds = format!("{} holds {}", holder.environment, amount(holder.units));
    match (holder.consumed, holder.can_give_back) {
        (Some(consumed), Some(spare)) if !spare.is_zero() => {
            format!("{holds}, uses {}, can give back {}", amount(consumed), amount(spare))
        }
        (Some(consumed), _) => format!("{holds}, uses {}", amount(consumed)),
        _ => holds,
    }
}

/// Budgets that are exceeded on any date, and budgets that promise more than there is.
pub fn budgets(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    if desired.budgets.values().all(|budget| budget.limits.is_empty()) {
        return findings;
    }
    let dates: Vec<Date> =
        std::iter::once(date).chain(desired.edges().into_iter().filter(|edge| *edge > date)).collect();
    let mut drawing: BTreeMap<(&BudgetKey, &AddOn), Vec<&ManagedCell>> = BTreeMap::new();
    for environment in desired.environments.values() {
        let Some(budget) = &environment.budget else { continue };
        for (add_on, cell) in environment.managed() {
            drawing.entry((&budget.value, add_on)).or_default().push(cell);
        }
    }
    for (key, budget) in &desired.budgets {
        for (add_on, limit) in &budget.limits {
            let cells = drawing.remove(&(key, add_on)).unwrap_or_default();
            let sum = |day: Date| cells.iter().filter_map(|cell| cell.effective(day)).sum::<Units>();
            let Some((day, held)) = dates.iter().map(|day| (*day, sum(*day))).find(|(_, held)| *held > limit.value)
            else {
                continue;
            };
            let when = if day > date { format!(" from {day}") } else { String::new() };
            let short = held.remaining_after(limit.value);
            let unit = add_on.unit(short.get());
            let message = format!("the budget {key} is exceeded by {} {unit}{when}", amount(short));
            let mut finding = Finding::error(Code::A204, message)
                .at(limit.span, format!("the limit is {}", amount(limit.value)))
                .note(format!("its environments hold {} {} together", amount(held), add_on.display_name()));
            let mut largest = cells.clone();
            largest.sort_by_key(|cell| std::cmp::Reverse(cell.effective(day)));
            for cell in largest.iter().take(SHOWN_HOLDERS) {
                finding = finding
                    .see(cell.amount_span(), format!("holds {}", amount(cell.effective(day).unwrap_or_default())));
            }
            findings.push(finding.help("lower an amount, or raise the limit with whoever owns it"));
        }
    }
    findings.extend(promised(desired, date));
    findings
}

fn promised(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pool in forecast(desired, None, date) {
        let Some(owned) = pool.points.first().and_then(|point| point.owned) else { continue };
        let reserve = pool.points.first().map_or(Units::ZERO, |point| point.reserve);
        let members = pool.pool.members();
        let limits: Vec<_> = desired
            .budgets
            .values()
            .flat_map(|budget| &budget.limits)
            .filter(|(add_on, _)| members.contains(add_on))
            .map(|(_, limit)| limit)
            .collect();
        let total: Units = limits.iter().map(|limit| limit.value).sum();
        let available = owned.remaining_after(reserve);
        let Some(largest) = limits.iter().max_by_key(|limit| limit.value).filter(|_| total > available) else {
            continue;
        };
        let short = amount(total.remaining_after(available));
        let finding = Finding::error(
            Code::A205,
            format!("the budgets promise {short} {} more than there is", pool.pool.display_name()),
        )
        .at(largest.span, "the largest limit")
        .note(format!("limits {}, owned {}, reserve {}", amount(total), amount(owned), amount(reserve)));
        findings.push(finding.help("lower limits until they fit"));
    }
    findings
}

#[cfg(test)]
mod tests;
