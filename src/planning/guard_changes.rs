//! Compares the guards of a branch with those of its base. Lists each guard that becomes weaker, and each change of
//! something else that decides what plans may do: the tenant, `whoCanAllocate`, owners, classes, defaults, includes,
//! and the managed cells. Skips guards that become stronger.

mod environments;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::words::thousands;
use crate::model::allow::AllowEntry;
use crate::model::budget::Limit;
use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::{DesiredState, Purchase, Reserve};
use crate::model::finding::Allowance;
use crate::model::plan::guards::{Effect, GuardChange};
use crate::model::rules::Rules;
use crate::model::source::Located;
use crate::model::terms::{EnvironmentKey, Units};

const NONE: &str = "none";

/// The guards that `head` weakens or changes, compared with `base`, from a day on.
pub fn guard_changes(base: &DesiredState, head: &DesiredState, today: Date) -> Vec<GuardChange> {
    let mut changes = Changes::default();
    changes.tenant(base, head);
    changes.amounts(base, head, today);
    changes.budgets(base, head, today);
    changes.rules(base, head);
    changes.environments(base, head);
    changes.floors(base, head);
    changes.defaults(base, head);
    changes.allow(base, head, today);
    changes.all
}

/// A change of the patterns of `include:`, if there is one.
pub fn include_change(base: &[String], head: &[String]) -> Option<GuardChange> {
    let shown = |patterns: &[String]| if patterns.is_empty() { NONE.to_owned() } else { patterns.join(", ") };
    (base != head).then(|| GuardChange {
        guard: "include".to_owned(),
        before: shown(base),
        after: shown(head),
        effect: Effect::OtherFiles,
    })
}

/// The most environments that one row names.
const MOST_NAMES: usize = 10;

#[derive(Default)]
struct Changes {
    all: Vec<GuardChange>,
    /// The changes in environments. Key: guard, value before, value after, effect. Value: the environments with that change.
    alike: BTreeMap<([String; 3], Effect), Vec<String>>,
}

impl Changes {
    fn add(&mut self, effect: Effect, guard: impl Into<String>, before: impl Display, after: impl Display) {
        let (before, after) = (before.to_string(), after.to_string());
        self.all.push(GuardChange { guard: guard.into(), before, after, effect });
    }

    /// Adds a change of one environment. The same change of several is one row.
    fn add_of(
        &mut self,
        effect: Effect,
        guard: impl Into<String>,
        key: &EnvironmentKey,
        before: impl Display,
        after: impl Display,
    ) {
        let change = [guard.into(), before.to_string(), after.to_string()];
        self.alike.entry((change, effect)).or_default().push(key.to_string());
    }

    /// Adds a row for each change of environments.
    fn group(&mut self) {
        for (([guard, before, after], effect), keys) in std::mem::take(&mut self.alike) {
            let some = keys.iter().take(MOST_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = keys.len().saturating_sub(MOST_NAMES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.add(effect, format!("{guard} of {some}{more}"), before, after);
        }
    }

    /// Adds a value that differs.
    fn differs<T: PartialEq + Display>(
        &mut self,
        effect: Effect,
        guard: impl Into<String>,
        before: Option<T>,
        after: Option<T>,
    ) {
        if before != after {
            let shown = |value: Option<T>| value.map_or_else(|| NONE.to_owned(), |value| value.to_string());
            self.add(effect, guard, shown(before), shown(after));
        }
    }

    /// Adds an upper bound that is raised or removed.
    fn most(&mut self, effect: Effect, guard: impl Into<String>, before: Option<u64>, after: Option<u64>) {
        if before.is_some_and(|before| after.is_none_or(|after| after > before)) {
            self.add(effect, guard, bound(before), bound(after));
        }
    }

    /// Adds a lower bound that is lowered or removed.
    fn least(&mut self, effect: Effect, guard: impl Into<String>, before: Option<u64>, after: Option<u64>) {
        if before.is_some_and(|before| after.is_none_or(|after| after < before)) {
            self.add(effect, guard, bound(before), bound(after));
        }
    }

    fn tenant(&mut self, base: &DesiredState, head: &DesiredState) {
        let (base, head) = (&base.tenant, &head.tenant);
        self.differs(Effect::OtherTenant, "tenant.name", Some(&base.name.value), Some(&head.name.value));
        self.differs(Effect::OtherTenant, "tenant.provider", Some(base.provider()), Some(head.provider()));
        let id = |id: &Option<Located<String>>| id.as_ref().map(|id| id.value.clone());
        self.differs(Effect::OtherTenant, "tenant.id", id(&base.id), id(&head.id));
        self.differs(
            Effect::OtherTenant,
            "tenant.cloud",
            base.cloud.map(|cloud| cloud.value),
            head.cloud.map(|cloud| cloud.value),
        );
        let zone = |zone: &TimeZone| zone.iana_name().map(str::to_owned);
        self.differs(Effect::OtherDays, "tenant.timeZone", zone(&base.time_zone), zone(&head.time_zone));
        let who = |who: Option<&Located<_>>| who.map(|who| who.value);
        self.differs(
            Effect::OtherAllocators,
            "whoCanAllocate",
            who(base.who_can_allocate.as_ref()),
            who(head.who_can_allocate.as_ref()),
        );
    }

    /// Purchases, reserves and debts.
    fn amounts(&mut self, base: &DesiredState, head: &DesiredState, today: Date) {
        let pools: BTreeSet<Pool> = base.purchased.keys().map(AddOn::pool).collect();
        for pool in pools {
            let name = pool.display_name();
            let parts = [base, head].into_iter().flat_map(|state| state.purchased.iter());
            let parts: Vec<&Purchase> =
                parts.filter(|(add_on, _)| add_on.pool() == pool).flat_map(|(_, purchases)| &purchases.parts).collect();
            let starts = parts.iter().filter_map(|part| part.interval.from);
            let ends = parts.iter().filter_map(|part| part.interval.until?.tomorrow().ok());
            let days: BTreeSet<Date> = starts.chain(ends).filter(|day| *day > today).chain([today]).collect();
            for day in days {
                let (Some(before), after) = (base.purchased_on(&pool, day), head.purchased_on(&pool, day)) else {
                    break;
                };
                let Some(after) = after else {
                    self.add(
                        Effect::MoreToAllocate,
                        format!("purchased {name}"),
                        bought(before),
                        "as the tenant reports",
                    );
                    break;
                };
                if after > before {
                    let from = if day == today { String::new() } else { format!(" from {day}") };
                    self.add(Effect::MoreToAllocate, format!("purchased {name}{from}"), bought(before), bought(after));
                    break;
                }
            }
        }
        for (pool, reserve) in &base.reserve {
            let (before, after) = (reserve.value, head.reserve.get(pool).map(|reserve| reserve.value));
            let is_kept = match (before, after) {
                (Reserve::Units(before), Some(Reserve::Units(after))) => after >= before,
                (Reserve::Share(before), Some(Reserve::Share(after))) => after >= before,
                (before, Some(after)) => {
                    head.purchased_on(pool, today).is_some_and(|owned| after.of(owned) >= before.of(owned))
                }
                (_, None) => false,
            };
            if !is_kept {
                let after = after.map_or_else(|| NONE.to_owned(), kept_back);
                self.add(
                    Effect::ReserveUsable,
                    format!("reserve of {}", pool.display_name()),
                    kept_back(before),
                    after,
                );
            }
        }
        let debt = |state: &DesiredState, pool: &Pool| state.debts.get(pool).map_or(0, |debt| debt.value.get());
        for pool in head.debts.keys() {
            self.most(
                Effect::AboveOwned,
                format!("debt of {}", pool.display_name()),
                Some(debt(base, pool)),
                Some(debt(head, pool)),
            );
        }
    }

    fn budgets(&mut self, base: &DesiredState, head: &DesiredState, today: Date) {
        for (key, budget) in &base.budgets {
            let now = head.budgets.get(key);
            if budget.cost_center.is_some() {
                let center = now.and_then(|now| now.cost_center.as_deref());
                self.differs(
                    Effect::OtherCostCenter,
                    format!("cost center of budget {key}"),
                    budget.cost_center.as_deref(),
                    center,
                );
            }
            for (add_on, limit) in &budget.limits {
                let after = now.and_then(|now| now.limits.get(add_on));
                self.limit(&format!("budget {key}, {}", add_on.display_name()), limit, after, today);
            }
        }
    }

    /// Adds the first day on which a limit of a budget is raised or gone.
    fn limit(&mut self, guard: &str, before: &Limit, after: Option<&Limit>, today: Date) {
        let parts = before.parts.iter().chain(after.into_iter().flat_map(|after| &after.parts));
        let edges = parts.flat_map(|part| part.interval.edges()).filter(|day| *day > today);
        let days: BTreeSet<Date> = edges.chain([today]).collect();
        let on = |limit: &Limit, day: Date| limit.on(day).get();
        let is_raised = |day: &&Date| after.is_none_or(|after| on(after, **day) > on(before, **day));
        if let Some(day) = days.iter().find(is_raised) {
            let from = if *day == today { String::new() } else { format!(" from {day}") };
            self.most(
                Effect::BudgetRaised,
                format!("{guard}{from}"),
                Some(on(before, *day)),
                after.map(|after| on(after, *day)),
            );
        }
    }

    fn rules(&mut self, base: &DesiredState, head: &DesiredState) {
        let (before, after) = (&base.rules, &head.rules);
        for (rule, before, after) in [
            ("rules.unmanagedEnvironments", &before.unmanaged_environments, &after.unmanaged_environments),
            ("rules.unmanagedAddOns", &before.unmanaged_add_ons, &after.unmanaged_add_ons),
        ] {
            // The words go from the weakest to the strictest.
            if after.value < before.value {
                self.add(Effect::LessReported, rule, before.value, after.value);
            }
        }
        if after.default_environment.value < before.default_environment.value {
            let (was, is) = (before.default_environment.value, after.default_environment.value);
            self.add(Effect::DefaultEnvironment, "rules.defaultEnvironment", was, is);
        }
        let (percent_before, percent_after) = (before.max_decrease_percent.value, after.max_decrease_percent.value);
        if percent_after > percent_before {
            self.add(Effect::LargerDecreases, "rules.maxDecrease.percent", percent_before, percent_after);
        }
        for (add_on, cap) in &before.max_decrease_units {
            let after = after.max_decrease_units.get(add_on).map(|cap| cap.value.get());
            let rule = format!("rules.maxDecrease.units, {}", add_on.display_name());
            self.most(Effect::LargerDecreases, rule, Some(cap.value.get()), after);
        }
        let environments = |rules: &Rules| rules.max_environments_changed.map(|most| most.value);
        self.most(Effect::LargerPlans, "rules.maxEnvironmentsChanged", environments(before), environments(after));
        if before.never_below_consumption.value && !after.never_below_consumption.value {
            self.add(Effect::BelowUse, "rules.neverBelowConsumption", true, false);
        }
        let warned = |rules: &Rules| {
            let shares: Vec<String> = rules.warn_at_percent.value.iter().map(ToString::to_string).collect();
            if shares.is_empty() { NONE.to_owned() } else { shares.join(", ") }
        };
        let earliest = |rules: &Rules| rules.warn_at_percent.value.iter().min().copied();
        if earliest(before).is_some_and(|share| earliest(after).is_none_or(|after| after > share)) {
            self.add(Effect::LaterWarnings, "rules.warnAtPercent", warned(before), warned(after));
        }
        let days = |rules: &Rules| rules.fail_before_expiry_days.map(|days| u64::from(days.value));
        self.least(Effect::LaterRefusals, "rules.failBeforeExpiryDays", days(before), days(after));
        for add_on in before.require_ticket.keys().filter(|add_on| !after.require_ticket.contains_key(*add_on)) {
            let rule = format!("rules.requireTicket, {}", add_on.display_name());
            self.add(Effect::NoTicket, rule, "required", "not required");
        }
    }

    /// Adds the exceptions that the base does not have, or has only with tighter limits. An exception that has expired
    /// lets nothing through.
    fn allow(&mut self, base: &DesiredState, head: &DesiredState, today: Date) {
        let mut known: BTreeMap<&Allowance, Vec<&AllowEntry>> = BTreeMap::new();
        for entry in &base.allow {
            known.entry(&entry.allowance).or_default().push(entry);
        }
        for entry in head.allow.iter().filter(|entry| entry.counts_on(today)) {
            let same = known.get(&entry.allowance).map_or(&[][..], Vec::as_slice);
            if same.iter().any(|before| before.covers(entry)) {
                continue;
            }
            let before: Vec<String> = same.iter().map(ToString::to_string).collect();
            let before = if before.is_empty() { NONE.to_owned() } else { before.join("; ") };
            self.add(Effect::Exception, format!("allow {}", entry.allowance), before, entry);
        }
    }
}

fn bound(bound: Option<u64>) -> String {
    bound.map_or_else(|| NONE.to_owned(), |bound| thousands(bound.into()))
}

fn bought(units: Units) -> String {
    bound(Some(units.get()))
}

fn kept_back(reserve: Reserve) -> String {
    match reserve {
        Reserve::Units(units) => bought(units),
        Reserve::Share(percent) => percent.to_string(),
    }
}

#[cfg(test)]
mod tests;
