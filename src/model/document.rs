//! The document of an environment: all its allocations. The service stores the document, and a write sends it, as a whole.

use std::collections::BTreeMap;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::catalog::AddOn;
use super::terms::Units;
use super::words::words;

words! {
    /// A switch for what happens when an environment has used up its units. The order is that of display.
    pub enum Switch {
        /// The environment uses unallocated units of the tenant (the service's rule `TenantPool`).
        DrawFromTenant = "drawFromTenant",
        /// Further use is billed to Azure (`PayGo`).
        PayAsYouGo = "payAsYouGo",
        /// The service sends an alert (`Alert`).
        Alert = "alert",
        /// The service denies further use (`Deny`).
        Deny = "deny",
    }
}

impl Switch {
    /// The display name: `draw from tenant`.
    pub const fn label(self) -> &'static str {
        match self {
            Switch::DrawFromTenant => "draw from tenant",
            Switch::PayAsYouGo => "pay as you go",
            Switch::Alert => "alert",
            Switch::Deny => "deny",
        }
    }
}

/// The state of a switch. A switch that is absent has no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    On,
    Off,
    /// The switch could not be read.
    Unknown,
}

/// The values of the switches of an entry. A switch can be on, off, absent, or unknown because it could not be read.
/// Kept to four bytes, because every entry of a tenant contains these values. JSON has only the known values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Switch, bool>", into = "BTreeMap<Switch, bool>")]
pub struct Switches([Option<Slot>; Switch::ALL.len()]);

impl Switches {
    /// No values.
    pub const NONE: Switches = Switches([None; Switch::ALL.len()]);

    /// The switches of an entry whose switches could not be read.
    pub const UNKNOWN: Switches = Switches([Some(Slot::Unknown); Switch::ALL.len()]);

    /// Whether no switch has a known value.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether a switch could not be read.
    pub fn is_unknown(&self) -> bool {
        self.0.contains(&Some(Slot::Unknown))
    }

    /// Whether two readings do not contradict each other. They agree if a switch of either reading could not be read.
    pub fn agree(self, other: Switches) -> bool {
        self.is_unknown() || other.is_unknown() || self == other
    }

    /// The value of a switch, if it has one.
    pub fn get(self, switch: Switch) -> Option<bool> {
        self.iter().find(|(stated, _)| *stated == switch).map(|(_, value)| value)
    }

    /// Sets the value of a switch.
    pub fn insert(&mut self, switch: Switch, value: bool) {
        for (known, slot) in Switch::ALL.into_iter().zip(&mut self.0) {
            if known == switch {
                *slot = Some(if value { Slot::On } else { Slot::Off });
            }
        }
    }

    /// The switches that have a value, in display order.
    pub fn iter(self) -> impl Iterator<Item = (Switch, bool)> {
        Switch::ALL.into_iter().zip(self.0).filter_map(|(switch, slot)| match slot? {
            Slot::On => Some((switch, true)),
            Slot::Off => Some((switch, false)),
            Slot::Unknown => None,
        })
    }
}

impl Extend<(Switch, bool)> for Switches {
    fn extend<T: IntoIterator<Item = (Switch, bool)>>(&mut self, switches: T) {
        switches.into_iter().for_each(|(switch, value)| self.insert(switch, value));
    }
}

impl FromIterator<(Switch, bool)> for Switches {
    fn from_iter<T: IntoIterator<Item = (Switch, bool)>>(switches: T) -> Switches {
        let mut all = Switches::NONE;
        all.extend(switches);
        all
    }
}

impl From<BTreeMap<Switch, bool>> for Switches {
    fn from(switches: BTreeMap<Switch, bool>) -> Switches {
        switches.into_iter().collect()
    }
}

impl From<Switches> for BTreeMap<Switch, bool> {
    fn from(switches: Switches) -> BTreeMap<Switch, bool> {
        switches.iter().collect()
    }
}

/// The allocation of one add-on in a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The allocated units.
    pub units: Units,
    /// The switches for when the units are used up.
    #[serde(default, skip_serializing_if = "Switches::is_empty")]
    pub when_exhausted: Switches,
}

impl Entry {
    /// An entry without switches.
    pub fn of(units: Units) -> Entry {
        Entry { units, when_exhausted: Switches::NONE }
    }

    /// Whether two readings of an entry do not contradict each other. See [`Switches::agree`].
    pub fn agrees(&self, other: &Entry) -> bool {
        self.units == other.units && self.when_exhausted.agree(other.when_exhausted)
    }
}

/// Everything that one environment holds. Every write sends the complete document, because nothing documents whether the
/// service merges a write or replaces the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvironmentDocument {
    /// The entries by add-on.
    pub entries: LiteMap<AddOn, Entry>,
}

impl EnvironmentDocument {
    /// Whether the switches of an entry could not be read.
    pub fn has_unknown_switches(&self) -> bool {
        self.entries.values().any(|entry| entry.when_exhausted.is_unknown())
    }

    /// The units of an add-on; zero without an entry.
    pub fn units(&self, add_on: &AddOn) -> Units {
        self.entries.get(add_on).map_or(Units::ZERO, |entry| entry.units)
    }
}
