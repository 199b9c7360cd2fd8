//! What is declared, observed and consumed in each environment, with its owner, cost center and agreements.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::basics::AddOnView;
use super::figure::FigureView;
use crate::model::catalog::AddOn;
use crate::model::desired::{DesiredCell, DesiredEnvironment, DesiredState};
use crate::model::observed::{ObservedEnvironment, ObservedState, Reading};
use crate::model::terms::{BudgetKey, EnvironmentId, EnvironmentKey, Units};

/// An environment that declares, holds or uses something, or may do so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentView {
    /// The key in the configuration; `null` if no file names the environment.
    pub environment: Option<EnvironmentKey>,
    /// The id.
    pub id: EnvironmentId,
    /// The name in the tenant, else the declared one; `null` if neither is known.
    pub name: Option<String>,
    /// The owner; `null` if none is declared.
    pub owner: Option<String>,
    /// The budget that the environment draws from; `null` if none is declared.
    pub budget: Option<BudgetKey>,
    /// The cost center of the budget; `null` if none is declared.
    pub cost_center: Option<String>,
    /// The reason, if it is unknown what the environment holds.
    pub unknown: Option<String>,
    /// The add-ons, in the catalog's order.
    pub add_ons: Vec<CellView>,
}

/// One add-on in one environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CellView {
    /// The add-on.
    pub add_on: AddOnView,
    /// The agreements of the purchases that are in force.
    pub agreements: Vec<String>,
    /// The units that the files declare for the day; `null` if they declare none.
    pub declared: Option<Units>,
    /// Whether the files say `unmanaged`.
    pub is_unmanaged: bool,
    /// The units that the environment holds now.
    pub observed: FigureView,
    /// The units that the environment used.
    pub consumed: FigureView,
}

/// What is known of one environment.
pub(super) struct Known<'a> {
    pub(super) declared: Option<&'a DesiredEnvironment>,
    pub(super) seen: Option<&'a ObservedEnvironment>,
}

/// Every environment: those that are declared, by key, then those that only the tenant lists, by name.
pub(super) fn all<'a>(desired: &'a DesiredState, observed: &'a ObservedState) -> Vec<Known<'a>> {
    let declared = desired.environments.values().map(|environment| Known {
        declared: Some(environment),
        seen: observed.environments.get(&environment.id.value).map(|seen| &**seen),
    });
    let ids: BTreeSet<&EnvironmentId> =
        desired.environments.values().map(|environment| &environment.id.value).collect();
    let others = observed.environments.values().filter(|seen| !ids.contains(&seen.id));
    let mut others: Vec<Known<'_>> = others.map(|seen| Known { declared: None, seen: Some(seen) }).collect();
    others.sort_by_cached_key(|other| other.name().map(|name| (name.to_lowercase(), name.to_owned())));
    declared.chain(others).collect()
}

/// The three numbers of a cell.
pub(super) struct Figures {
    pub(super) declared: Option<Units>,
    pub(super) observed: Reading<Units>,
    pub(super) consumed: Reading<Units>,
}

impl<'a> Known<'a> {
    fn name(&self) -> Option<&'a str> {
        let seen = self.seen.and_then(|seen| seen.name.known()).map(AsRef::as_ref);
        seen.or_else(|| self.declared?.name.as_ref().map(|name| name.value.as_str()))
    }

    fn is_unmanaged(&self, add_on: &AddOn) -> bool {
        matches!(self.declared.and_then(|it| it.cell(add_on)), Some(DesiredCell::Unmanaged(_)))
    }

    /// The reason, if it is unknown what the environment holds.
    pub(super) fn unknown(&self) -> Option<&'a str> {
        match self.seen {
            Some(seen) => seen.document.unknown().map(AsRef::as_ref),
            None => Some("the tenant does not list it"),
        }
    }

    /// The add-ons that are declared, held or used.
    pub(super) fn add_ons(&self) -> BTreeSet<&'a AddOn> {
        let declared =
            self.declared.into_iter().flat_map(|environment| environment.managed()).map(|(add_on, _)| add_on);
        let document = self.seen.and_then(|seen| seen.document.known());
        let held = document.into_iter().flat_map(|document| &document.entries);
        let held = held.filter(|(_, entry)| !entry.units.is_zero()).map(|(add_on, _)| add_on);
        let used = self.seen.into_iter().flat_map(|seen| seen.consumed.iter());
        let used =
            used.filter(|(_, used)| used.known().is_some_and(|units| !units.is_zero())).map(|(add_on, _)| add_on);
        declared.chain(held).chain(used).collect()
    }

    /// The numbers of an add-on. Neither number from the tenant is [`Reading::Absent`].
    pub(super) fn figures(&self, add_on: &AddOn, date: Date, read_at: Timestamp) -> Figures {
        let declared = match self.declared.and_then(|environment| environment.cell(add_on)) {
            Some(DesiredCell::Managed(cell)) => cell.effective(date),
            Some(DesiredCell::Unmanaged(_)) | None => None,
        };
        let observed = match (self.unknown(), self.seen.map(|seen| seen.cell(add_on))) {
            (None, Some(Reading::Known { value, as_of })) => Reading::Known { value: value.units, as_of },
            // A document that was read and has no entry, or proof that there is no document: nothing is held.
            (None, Some(Reading::Absent)) => Reading::Known { value: Units::ZERO, as_of: read_at },
            (why, _) => Reading::Unknown { why: why.unwrap_or("it could not be read").into() },
        };
        let consumed = match self.seen.and_then(|seen| seen.consumed.get(add_on)) {
            Some(known @ (Reading::Known { .. } | Reading::Unknown { .. })) => known.clone(),
            Some(Reading::Absent) => Reading::Unknown { why: "the tenant reports no use".into() },
            None => Reading::Unknown { why: "not read, or not reported by the tenant".into() },
        };
        Figures { declared, observed, consumed }
    }
}

/// The agreements of the purchases behind each add-on that are in force on a day.
pub(super) struct Agreements<'a> {
    desired: &'a DesiredState,
    date: Date,
    found: BTreeMap<AddOn, Vec<String>>,
}

impl<'a> Agreements<'a> {
    pub(super) fn on(desired: &'a DesiredState, date: Date) -> Agreements<'a> {
        Agreements { desired, date, found: BTreeMap::new() }
    }

    /// The agreements of the pool of an add-on, each once.
    pub(super) fn of(&mut self, add_on: &AddOn) -> Vec<String> {
        if let Some(found) = self.found.get(add_on) {
            return found.clone();
        }
        let members = add_on.pool().members();
        let purchases = members.iter().filter_map(|member| self.desired.purchased.get(member));
        let parts = purchases.flat_map(|purchases| &purchases.parts).filter(|part| part.interval.contains(self.date));
        let agreements: BTreeSet<&String> = parts.filter_map(|part| part.agreement.as_ref()).collect();
        let agreements: Vec<String> = agreements.into_iter().cloned().collect();
        self.found.insert(add_on.clone(), agreements.clone());
        agreements
    }
}

/// The environments that declare, hold or use something, or may do so.
pub(super) fn environments(desired: &DesiredState, observed: &ObservedState, date: Date) -> Vec<EnvironmentView> {
    let mut agreements = Agreements::on(desired, date);
    let mut views = Vec::new();
    for known in all(desired, observed) {
        let add_ons = known.add_ons();
        if add_ons.is_empty() && known.unknown().is_none() {
            continue;
        }
        let cell = |add_on: &AddOn| {
            let figures = known.figures(add_on, date, observed.captured_at);
            CellView {
                add_on: AddOnView::new(add_on),
                agreements: agreements.of(add_on),
                declared: figures.declared,
                is_unmanaged: known.is_unmanaged(add_on),
                observed: FigureView::new(&figures.observed),
                consumed: FigureView::new(&figures.consumed),
            }
        };
        let add_ons: Vec<CellView> = add_ons.into_iter().map(cell).collect();
        let budget = known.declared.and_then(|environment| environment.budget.as_ref()).map(|budget| &budget.value);
        let Some(id) = known.declared.map(|it| &it.id.value).or(known.seen.map(|seen| &seen.id)) else { continue };
        views.push(EnvironmentView {
            environment: known.declared.map(|environment| environment.key.value.clone()),
            id: id.clone(),
            name: known.name().map(str::to_owned),
            owner: known.declared.and_then(|environment| environment.owner.as_deref()).map(str::to_owned),
            budget: budget.cloned(),
            cost_center: budget.and_then(|key| desired.budgets.get(key)?.cost_center.clone()),
            unknown: known.unknown().map(str::to_owned),
            add_ons,
        });
    }
    views
}
