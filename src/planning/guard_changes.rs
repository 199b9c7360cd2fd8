//! Compares the guards of a branch with those of its base. Whatever weakens a guard is listed, and whatever else decides what plans may do:
//! the tenant, who may allocate, owners, classes, defaults and includes. A guard that becomes stronger is not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use jiff::civil::Date;

use super::words::thousands;
use crate::model::catalog::{AddOn, Pool};
use crate::model::desired::{DesiredCell, DesiredEnvironment, DesiredState, Reserve};
use crate::model::plan::guards::GuardChange;
use crate::model::rules::Rules;
use crate::model::source::Located;
use crate::model::terms::{EnvironmentId, Units};

const NONE: &str = "none";

/// The guards that `head` weakens or changes, compared with `base`, from a day on.
pub fn guard_changes(base: &DesiredState, head: &DesiredState, today: Date) -> Vec<GuardChange> {
    let mut changes = Changes(Vec::new());
    changes.tenant(base, head);
    changes.amounts(base, head, today);
    changes.budgets(base, head);
    changes.rules(base, head);
    changes.environments(base, head);
    changes.floors(base, head);
    changes.defaults(base, head);
    changes.0
}

/// A change of the patterns of `include:`, if there is one.
pub fn include_change(base: &[String], head: &[String]) -> Option<GuardChange> {
    let shown = |patterns: &[String]| if patterns.is_empty() { NONE.to_owned() } else { patterns.join(", ") };
    (base != head).then(|| GuardChange { guard: "include".to_owned(), before: shown(base), after: shown(head) })
}

struct Changes(Vec<GuardChange>);

impl Changes {
    fn add(&mut self, guard: impl Into<String>, before: impl Display, after: impl Display) {
        self.0.push(GuardChange { guard: guard.into(), before: before.to_string(), after: after.to_string() });
    }

    /// Adds a value that differs.
    fn differs<T: PartialEq + Display>(&mut self, guard: impl Into<String>, before: Option<T>, after: Option<T>) {
        if before != after {
            let shown = |value: Option<T>| value.map_or_else(|| NONE.to_owned(), |value| value.to_string());
            self.add(guard, shown(before), shown(after));
        }
    }

    /// Adds an upper bound that is raised or removed.
    fn most(&mut self, guard: impl Into<String>, before: Option<u64>, after: Option<u64>) {
        if before.is_some_and(|before| after.is_none_or(|after| after > before)) {
            self.add(guard, bound(before), bound(after));
        }
    }

    /// Adds a lower bound that is lowered or removed.
    fn least(&mut self, guard: impl Into<String>, before: Option<u64>, after: Option<u64>) {
        if before.is_some_and(|before| after.is_none_or(|after| after < before)) {
            self.add(guard, bound(before), bound(after));
        }
    }

    fn tenant(&mut self, base: &DesiredState, head: &DesiredState) {
        let (base, head) = (&base.tenant, &head.tenant);
        self.differs("tenant.name", Some(&base.name.value), Some(&head.name.value));
        self.differs("tenant.provider", Some(base.provider()), Some(head.provider()));
        let id = |id: &Option<Located<String>>| id.as_ref().map(|id| id.value.clone());
        self.differs("tenant.id", id(&base.id), id(&head.id));
        self.differs("tenant.cloud", base.cloud.map(|cloud| cloud.value), head.cloud.map(|cloud| cloud.value));
        let who = |who: Option<&Located<_>>| who.map(|who| who.value);
        self.differs("whoCanAllocate", who(base.who_can_allocate.as_ref()), who(head.who_can_allocate.as_ref()));
    }

    /// Purchases, reserves and debts.
    fn amounts(&mut self, base: &DesiredState, head: &DesiredState, today: Date) {
        for (add_on, purchases) in &base.purchased {
            let name = add_on.display_name();
            let Some(now) = head.purchased.get(add_on) else {
                self.add(format!("purchased {name}"), bought(purchases.effective(today)), "as the tenant reports");
                continue;
            };
            let parts = || purchases.parts.iter().chain(&now.parts);
            let starts = parts().filter_map(|part| part.interval.from);
            let ends = parts().filter_map(|part| part.interval.until?.tomorrow().ok());
            let days: BTreeSet<Date> = starts.chain(ends).filter(|day| *day > today).chain([today]).collect();
            let raised = days.into_iter().find(|day| now.effective(*day) > purchases.effective(*day));
            if let Some(day) = raised {
                let from = if day == today { String::new() } else { format!(" from {day}") };
                let (before, after) = (purchases.effective(day), now.effective(day));
                self.add(format!("purchased {name}{from}"), bought(before), bought(after));
            }
        }
        for (pool, reserve) in &base.reserve {
            let (before, after) = (reserve.value, head.reserve.get(pool).map(|reserve| reserve.value));
            let is_kept = match (before, after) {
                (Reserve::Units(before), Some(Reserve::Units(after))) => after >= before,
                (Reserve::Share(before), Some(Reserve::Share(after))) => after >= before,
                _ => false,
            };
            if !is_kept {
                let after = after.map_or_else(|| NONE.to_owned(), kept_back);
                self.add(format!("reserve of {}", pool.display_name()), kept_back(before), after);
            }
        }
        let debt = |state: &DesiredState, pool: &Pool| state.debts.get(pool).map_or(0, |debt| debt.value.get());
        for pool in head.debts.keys() {
            self.most(format!("debt of {}", pool.display_name()), Some(debt(base, pool)), Some(debt(head, pool)));
        }
    }

    fn budgets(&mut self, base: &DesiredState, head: &DesiredState) {
        for (key, budget) in &base.budgets {
            let now = head.budgets.get(key);
            for (add_on, limit) in &budget.limits {
                let after = now.and_then(|now| now.limits.get(add_on)).map(|limit| limit.value.get());
                self.most(format!("budget {key}, {}", add_on.display_name()), Some(limit.value.get()), after);
            }
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
                self.add(rule, before.value, after.value);
            }
        }
        if after.default_environment.value < before.default_environment.value {
            self.add("rules.defaultEnvironment", before.default_environment.value, after.default_environment.value);
        }
        let (percent_before, percent_after) = (before.max_decrease_percent.value, after.max_decrease_percent.value);
        if percent_after > percent_before {
            self.add("rules.maxDecrease.percent", percent_before, percent_after);
        }
        for (add_on, cap) in &before.max_decrease_units {
            let after = after.max_decrease_units.get(add_on).map(|cap| cap.value.get());
            self.most(format!("rules.maxDecrease.units, {}", add_on.display_name()), Some(cap.value.get()), after);
        }
        let environments = |rules: &Rules| rules.max_environments_changed.map(|most| most.value);
        self.most("rules.maxEnvironmentsChanged", environments(before), environments(after));
        if before.never_below_consumption.value && !after.never_below_consumption.value {
            self.add("rules.neverBelowConsumption", true, false);
        }
        let warned = |rules: &Rules| {
            let shares: Vec<String> = rules.warn_at_percent.value.iter().map(ToString::to_string).collect();
            if shares.is_empty() { NONE.to_owned() } else { shares.join(", ") }
        };
        if before.warn_at_percent.value.iter().any(|share| !after.warn_at_percent.value.contains(share)) {
            self.add("rules.warnAtPercent", warned(before), warned(after));
        }
        let days = |rules: &Rules| rules.fail_before_expiry_days.map(|days| u64::from(days.value));
        self.least("rules.failBeforeExpiryDays", days(before), days(after));
        for add_on in before.require_ticket.keys().filter(|add_on| !after.require_ticket.contains_key(*add_on)) {
            self.add(format!("rules.requireTicket, {}", add_on.display_name()), "required", "not required");
        }
    }

    fn environments(&mut self, base: &DesiredState, head: &DesiredState) {
        let now = by_id(head);
        for before in base.environments.values() {
            let key = &before.key.value;
            if let Some(other) = head.environments.get(key).filter(|after| after.id.value != before.id.value) {
                self.add(format!("id of {key}"), &before.id.value, &other.id.value);
            }
            let Some(after) = now.get(&before.id.value) else {
                if before.protect.is_some() {
                    self.add(format!("protect of {key}"), "on", "not declared");
                }
                continue;
            };
            if before.protect.is_some() && after.protect.is_none() {
                self.add(format!("protect of {key}"), "on", "off");
            }
            if before.owner.is_some() {
                self.differs(format!("owner of {key}"), before.owner.as_deref(), after.owner.as_deref());
            }
            let budget = |environment: &DesiredEnvironment| environment.budget.as_ref().map(|it| it.value.to_string());
            if before.budget.is_some() {
                self.differs(format!("budget of {key}"), budget(before), budget(after));
            }
            let class = |environment: &DesiredEnvironment| environment.class.as_ref().map(|class| class.value);
            self.differs(format!("class of {key}"), class(before), class(after));
            for (add_on, cell) in &after.cells {
                let was = before.cell(add_on);
                if matches!(cell, DesiredCell::Unmanaged(_)) && !matches!(was, Some(DesiredCell::Unmanaged(_))) {
                    let was = if was.is_some() { "managed" } else { "not named" };
                    self.add(format!("{} of {key}", add_on.display_name()), was, "unmanaged");
                }
            }
        }
    }

    /// Floors, which belong to an environment whatever its key.
    fn floors(&mut self, base: &DesiredState, head: &DesiredState) {
        let of = |state: &DesiredState| -> BTreeMap<(EnvironmentId, AddOn), u64> {
            let floors = state.floors.iter();
            floors
                .filter_map(|((key, add_on), floor)| {
                    let environment = state.environments.get(key)?;
                    Some(((environment.id.value.clone(), add_on.clone()), floor.value.get()))
                })
                .collect()
        };
        let after = of(head);
        for (place, floor) in of(base) {
            let (id, add_on) = &place;
            let key = base.environments.values().find(|environment| environment.id.value == *id);
            let key = key.map_or_else(|| id.to_string(), |environment| environment.key.value.to_string());
            let guard = format!("floor of {key}, {}", add_on.display_name());
            self.least(guard, Some(floor), after.get(&place).copied());
        }
    }

    fn defaults(&mut self, base: &DesiredState, head: &DesiredState) {
        let of = |state: &DesiredState| -> BTreeMap<String, String> {
            let cells = state.defaults.iter().flat_map(|(class, cells)| cells.iter().map(move |cell| (class, cell)));
            let named =
                cells.map(|(class, (add_on, cell))| (format!("default of {class}, {}", add_on.display_name()), cell));
            named.map(|(guard, cell)| (guard, described(cell))).collect()
        };
        let (before, after) = (of(base), of(head));
        let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for guard in all {
            self.differs(guard.clone(), before.get(guard), after.get(guard));
        }
    }
}

fn by_id(state: &DesiredState) -> BTreeMap<&EnvironmentId, &DesiredEnvironment> {
    state.environments.values().map(|environment| (&environment.id.value, &**environment)).collect()
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

/// A cell in words.
fn described(cell: &DesiredCell) -> String {
    let DesiredCell::Managed(cell) = cell else { return "unmanaged".to_owned() };
    let units = cell.units.map(|units| bought(units.value));
    let switches = cell.switches().iter().map(|(switch, is_on)| {
        let state = if is_on.value { "on" } else { "off" };
        format!("{} {state}", switch.as_str())
    });
    let grants = cell.grants().iter().map(|grant| format!("grant of {}", bought(grant.add.value)));
    units.into_iter().chain(switches).chain(grants).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
