//! One change: an environment's entry of an add-on before and after, and who may allocate.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::catalog::AddOn;
use crate::model::document::{Entry, Switch};
use crate::model::roles::WhoCanAllocate;
use crate::model::source::Place;
use crate::model::terms::{EnvironmentId, EnvironmentKey, Units};

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// From something to nothing.
    Release,
    /// From more to less, but not to nothing.
    Decrease,
    /// From nothing to something.
    Assign,
    /// From less to more.
    Increase,
    /// Only what happens when units are used up.
    Switch,
}

impl ChangeKind {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Release => "release",
            ChangeKind::Decrease => "decrease",
            ChangeKind::Assign => "assign",
            ChangeKind::Increase => "increase",
            ChangeKind::Switch => "switch",
        }
    }
}

/// What an environment holds of one add-on, going from one whole entry to another.
///
/// Made by [`Change::between`] only, so a change that changes nothing does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "ChangeParts")]
pub struct Change {
    add_on: AddOn,
    kind: ChangeKind,
    before: Option<Entry>,
    after: Entry,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeParts {
    add_on: AddOn,
    kind: ChangeKind,
    before: Option<Entry>,
    after: Entry,
}

impl TryFrom<ChangeParts> for Change {
    type Error = String;

    fn try_from(parts: ChangeParts) -> Result<Change, String> {
        let name = parts.add_on.clone();
        let change = Change::between(parts.add_on, parts.before, parts.after)
            .ok_or_else(|| format!("the change of {name} changes nothing"))?;
        if change.kind == parts.kind {
            Ok(change)
        } else {
            Err(format!("the change of {name} is called {}, and is {}", parts.kind.as_str(), change.kind.as_str()))
        }
    }
}

impl Change {
    /// The change from one entry to another; `None` where nothing changes. Having no entry is the same as holding
    /// nothing: a desired 0 is not written over it.
    pub fn between(add_on: AddOn, before: Option<Entry>, after: Entry) -> Option<Change> {
        let held = before.as_ref().map_or(Units::ZERO, |entry| entry.units);
        let switches_differ = match &before {
            Some(entry) => entry.when_exhausted != after.when_exhausted,
            None => !after.when_exhausted.is_empty(),
        };
        let kind = match (held, after.units) {
            (before, after) if before == after && switches_differ => ChangeKind::Switch,
            (before, after) if before == after => return None,
            (_, Units::ZERO) => ChangeKind::Release,
            (Units::ZERO, _) => ChangeKind::Assign,
            (before, after) if after < before => ChangeKind::Decrease,
            _ => ChangeKind::Increase,
        };
        Some(Change { add_on, kind, before, after })
    }

    /// The add-on.
    pub fn add_on(&self) -> &AddOn {
        &self.add_on
    }

    /// What kind of change it is.
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// What is held before; `None` where there is no entry.
    pub fn before(&self) -> Option<&Entry> {
        self.before.as_ref()
    }

    /// The units held before; no entry holds none.
    pub fn units_before(&self) -> Units {
        self.before.as_ref().map_or(Units::ZERO, |entry| entry.units)
    }

    /// What is to be held after.
    pub fn after(&self) -> &Entry {
        &self.after
    }

    /// The switches that change, with their values before (`None`: not stated) and after.
    pub fn switched(&self) -> impl Iterator<Item = (Switch, Option<bool>, bool)> {
        self.after.when_exhausted.iter().filter_map(|(switch, after)| {
            let before = self.before.as_ref().and_then(|entry| entry.when_exhausted.get(switch));
            (before != Some(after)).then_some((switch, before, after))
        })
    }

    /// Whether units are given back.
    pub fn gives_back(&self) -> bool {
        self.after.units < self.units_before()
    }

    /// Whether units are taken from the pool.
    pub fn takes(&self) -> bool {
        self.after.units > self.units_before()
    }
}

/// An environment as the plan names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvironmentRef {
    /// What the configuration calls it.
    pub key: EnvironmentKey,
    /// Its id.
    pub id: EnvironmentId,
    /// What the tenant calls it, where that is known.
    pub name: Option<Arc<str>>,
}

/// A change, with the words around it that a reviewer wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedChange {
    /// Where.
    pub environment: EnvironmentRef,
    /// What.
    pub change: Change,
    /// The last day of a grant that is part of the amount.
    pub until: Option<Date>,
    /// The ticket that asked for it.
    pub ticket: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Who to ask.
    pub owner: Option<Arc<str>>,
    /// Where the amount is declared.
    pub declared_at: Option<Place>,
}

/// Who may allocate, going from one value to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingChange {
    /// The value now; `None` where the tenant has none.
    pub before: Option<WhoCanAllocate>,
    /// The value afterwards.
    pub after: WhoCanAllocate,
    /// Where it is declared.
    pub declared_at: Option<Place>,
}

/// Where a change comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeOrigin {
    /// What is declared differs from what was declared before: this branch is why it changes, or why it changes so.
    Branch,
    /// The same was to be done before this branch.
    Pending,
}
