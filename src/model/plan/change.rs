//! Changes of entries, and of the setting `whoCanAllocate`.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::catalog::AddOn;
use crate::model::document::{Entry, Switch};
use crate::model::roles::WhoCanAllocate;
use crate::model::source::Place;
use crate::model::terms::{EnvironmentId, EnvironmentKey, Units};
use crate::model::words::words;

words! {
    /// The kind of a change.
    pub enum ChangeKind {
        /// From some units to none.
        Release = "release",
        /// To fewer units, but not to none.
        Decrease = "decrease",
        /// From no units to some.
        Assign = "assign",
        /// From some units to more.
        Increase = "increase",
        /// Only the switches change.
        Switch = "switch",
    }
}

/// A change of an environment's entry for one add-on. Only [`Change::between`] makes one, so every change changes something.
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
            Err(format!("the change of {name} is marked as {}, but is {}", parts.kind.as_str(), change.kind.as_str()))
        }
    }
}

impl Change {
    /// The change from one entry to another; `None` if they [agree](Entry::agrees). A missing entry counts as zero units without switches.
    pub fn between(add_on: AddOn, before: Option<Entry>, after: Entry) -> Option<Change> {
        let held = before.as_ref().map_or(Units::ZERO, |entry| entry.units);
        let switches_differ = match &before {
            Some(entry) => !entry.when_exhausted.agree(after.when_exhausted),
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

    /// The add-on of both entries.
    pub fn add_on(&self) -> &AddOn {
        &self.add_on
    }

    /// Whether an entry has the units and the switches of this change. The service may report more switches than were written. Switches that
    /// could not be read are not compared.
    pub fn is_made_in(&self, found: &Entry) -> bool {
        let states = |(switch, value)| found.when_exhausted.get(switch) == Some(value);
        let has_switches = found.when_exhausted.is_unknown() || self.after.when_exhausted.iter().all(states);
        found.units == self.after.units && has_switches
    }

    /// Whether this is the same change of the same add-on, as far as both were read.
    pub fn is_same(&self, other: &Change) -> bool {
        let before = match (&self.before, &other.before) {
            (Some(one), Some(other)) => one.agrees(other),
            (one, other) => one == other,
        };
        before && (&self.add_on, self.kind) == (&other.add_on, other.kind) && self.after.agrees(&other.after)
    }

    /// The kind.
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// The entry before the change, if there is one.
    pub fn before(&self) -> Option<&Entry> {
        self.before.as_ref()
    }

    /// The units before the change; zero without an entry.
    pub fn units_before(&self) -> Units {
        self.before.as_ref().map_or(Units::ZERO, |entry| entry.units)
    }

    /// The entry after the change.
    pub fn after(&self) -> &Entry {
        &self.after
    }

    /// The switches that change, with the value before, if there is one, and after.
    pub fn switched(&self) -> impl Iterator<Item = (Switch, Option<bool>, bool)> {
        self.after.when_exhausted.iter().filter_map(|(switch, after)| {
            let before = self.before.as_ref().and_then(|entry| entry.when_exhausted.get(switch));
            (before != Some(after)).then_some((switch, before, after))
        })
    }

    /// Whether the change gives units back.
    pub fn gives_back(&self) -> bool {
        self.after.units < self.units_before()
    }

    /// Whether the change takes units from the pool.
    pub fn takes(&self) -> bool {
        self.after.units > self.units_before()
    }
}

/// The names of an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EnvironmentRef {
    /// The key in the configuration.
    pub key: EnvironmentKey,
    /// The id.
    pub id: EnvironmentId,
    /// The name in the tenant, if it is known.
    pub name: Option<Arc<str>>,
}

/// A change with the details that a reviewer needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlannedChange {
    /// The environment.
    pub environment: EnvironmentRef,
    /// The change.
    pub change: Change,
    /// The earliest last day of the grants in the amount; `None` if no grant ends.
    pub until: Option<Date>,
    /// The ticket that requests the change.
    pub ticket: Option<String>,
    /// The reason in the configuration.
    pub reason: Option<String>,
    /// The owner of the environment.
    pub owner: Option<Arc<str>>,
    /// The place of the amount in the configuration.
    pub declared_at: Option<Place>,
}

/// A change of the setting `whoCanAllocate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SettingChange {
    /// The value now, if the tenant has one.
    pub before: Option<WhoCanAllocate>,
    /// The value afterwards.
    pub after: WhoCanAllocate,
    /// The place of the setting in the configuration.
    pub declared_at: Option<Place>,
}

/// Whether a branch causes a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeOrigin {
    /// The plan of the base does not make this change: the branch causes it or alters it.
    Branch,
    /// The plan of the base makes the same change.
    Pending,
}
