//! Guards of single environments: what is managed and protected, owners, budgets, classes, floors, and the defaults of classes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Changes, NONE, bought};
use crate::model::catalog::AddOn;
use crate::model::desired::{DesiredCell, DesiredEnvironment, DesiredState};
use crate::model::plan::guards::Effect;
use crate::model::terms::EnvironmentId;

impl Changes {
    pub(super) fn environments(&mut self, base: &DesiredState, head: &DesiredState) {
        let (was, now) = (by_id(base), by_id(head));
        for before in base.environments.values() {
            let key = &before.key.value;
            if let Some(other) = head.environments.get(key).filter(|after| after.id.value != before.id.value) {
                self.add(Effect::OtherEnvironment, format!("id of {key}"), &before.id.value, &other.id.value);
            }
            match now.get(&before.id.value) {
                Some(after) => self.environment(before, after),
                None if before.protect.is_some() => {
                    self.add_of(Effect::NoLongerManaged, "declaration", key, "protected", NONE)
                }
                None => self.add_of(Effect::NoLongerManaged, "declaration", key, "managed", NONE),
            }
        }
        for after in head.environments.values().filter(|after| !was.contains_key(&after.id.value)) {
            let unmanaged = after.cells.iter().filter(|(_, cell)| matches!(cell, DesiredCell::Unmanaged(_)));
            unmanaged.for_each(|(add_on, _)| {
                let name = add_on.display_name();
                self.add_of(Effect::LessReported, name, &after.key.value, "reported", "unmanaged");
            });
        }
        self.group();
    }

    fn environment(&mut self, before: &DesiredEnvironment, after: &DesiredEnvironment) {
        let key = &after.key.value;
        if before.protect.is_some() && after.protect.is_none() {
            self.add_of(Effect::NoProtection, "protect", key, "on", "off");
        }
        let shown = |value: Option<String>| value.unwrap_or_else(|| NONE.to_owned());
        let owner = |environment: &DesiredEnvironment| environment.owner.as_deref().map(str::to_owned);
        let budget = |environment: &DesiredEnvironment| environment.budget.as_ref().map(|it| it.value.to_string());
        let class = |environment: &DesiredEnvironment| environment.class.as_ref().map(|class| class.value.to_string());
        for (effect, guard, was, is) in [
            (Effect::OtherOwner, "owner", owner(before), owner(after)),
            (Effect::OtherBudget, "budget", budget(before), budget(after)),
            (Effect::OtherDefaults, "class", class(before), class(after)),
        ] {
            // Adding an owner or a budget weakens no guard.
            if was != is && (was.is_some() || guard == "class") {
                self.add_of(effect, guard, key, shown(was), shown(is));
            }
        }
        let all: BTreeSet<&AddOn> = before.cells.iter().chain(&after.cells).map(|(add_on, _)| add_on).collect();
        for add_on in all {
            let name = add_on.display_name();
            match (before.cell(add_on), after.cell(add_on)) {
                (Some(DesiredCell::Managed(_)), None) => {
                    self.add_of(Effect::NoLongerManaged, name, key, "managed", "not named");
                }
                (Some(DesiredCell::Managed(_)), Some(DesiredCell::Unmanaged(_))) => {
                    self.add_of(Effect::NoLongerManaged, name, key, "managed", "unmanaged");
                }
                (None, Some(DesiredCell::Unmanaged(_))) => {
                    self.add_of(Effect::LessReported, name, key, "reported", "unmanaged");
                }
                (Some(DesiredCell::Managed(before)), Some(DesiredCell::Managed(after))) => {
                    for switch in before.switches().keys().filter(|switch| !after.switches().contains_key(*switch)) {
                        let name = format!("{} of {name}", switch.as_str());
                        self.add_of(Effect::NoLongerManaged, name, key, "managed", "not named");
                    }
                }
                _ => {}
            }
        }
    }

    /// Compares floors by the id of the environment, so a renamed key is no change.
    pub(super) fn floors(&mut self, base: &DesiredState, head: &DesiredState) {
        let of = |state: &DesiredState| -> BTreeMap<(EnvironmentId, AddOn), u64> {
            let floors = state.floors.iter();
            floors
                .filter_map(|((key, add_on), floor)| {
                    let environment = state.environments.get(key)?;
                    Some(((environment.id.value.clone(), add_on.clone()), floor.value.get()))
                })
                .collect()
        };
        let (after, declared) = (of(head), by_id(base));
        for (place, floor) in of(base) {
            let (id, add_on) = &place;
            let key = declared.get(id).map_or_else(|| id.to_string(), |environment| environment.key.value.to_string());
            let guard = format!("floor of {key}, {}", add_on.display_name());
            self.least(Effect::LowerFloor, guard, Some(floor), after.get(&place).copied());
        }
    }

    pub(super) fn defaults(&mut self, base: &DesiredState, head: &DesiredState) {
        let of = |state: &DesiredState| -> BTreeMap<String, String> {
            let cells = state.defaults.iter().flat_map(|(class, cells)| cells.iter().map(move |cell| (class, cell)));
            let named =
                cells.map(|(class, (add_on, cell))| (format!("default of {class}, {}", add_on.display_name()), cell));
            named.map(|(guard, cell)| (guard, described(cell))).collect()
        };
        let (before, after) = (of(base), of(head));
        let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for guard in all {
            self.differs(Effect::OtherDefaults, guard.clone(), before.get(guard), after.get(guard));
        }
    }
}

fn by_id(state: &DesiredState) -> BTreeMap<&EnvironmentId, &DesiredEnvironment> {
    state.environments.values().map(|environment| (&environment.id.value, &**environment)).collect()
}

/// A cell in words.
fn described(cell: &DesiredCell) -> String {
    let DesiredCell::Managed(cell) = cell else { return "unmanaged".to_owned() };
    let units = cell.units.map(|units| bought(units.value));
    let switches = cell.switches().iter().map(|(switch, is_on)| {
        let state = if is_on.value { "on" } else { "off" };
        format!("{} {state}", switch.as_str())
    });
    let grants = cell.grants().iter().map(|grant| {
        let day = |day: Option<Date>| day.map_or_else(|| "…".to_owned(), |day| day.to_string());
        let (from, until) = (day(grant.interval.from), day(grant.interval.until));
        format!("grant of {} from {from} until {until}", bought(grant.add.value))
    });
    units.into_iter().chain(switches).chain(grants).collect::<Vec<_>>().join(", ")
}
