//! What one environment holds, as it is read from and written to the tenant in one piece.

use std::collections::BTreeMap;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::catalog::AddOn;
use super::terms::Units;

/// One switch of what happens when an environment has used up what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Switch {
    /// It may use unallocated units of the tenant (the service's rule `TenantPool`).
    DrawFromTenant,
    /// Use beyond the allocation is billed to Azure (`PayGo`).
    PayAsYouGo,
    /// Somebody is told (`Alert`).
    Alert,
    /// It is stopped (`Deny`).
    Deny,
}

impl Switch {
    /// Every switch, in the order in which they are shown.
    pub const ALL: [Switch; 4] = [Switch::DrawFromTenant, Switch::PayAsYouGo, Switch::Alert, Switch::Deny];

    /// The key in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Switch::DrawFromTenant => "drawFromTenant",
            Switch::PayAsYouGo => "payAsYouGo",
            Switch::Alert => "alert",
            Switch::Deny => "deny",
        }
    }

    /// The words for people: `draw from tenant`.
    pub const fn label(self) -> &'static str {
        match self {
            Switch::DrawFromTenant => "draw from tenant",
            Switch::PayAsYouGo => "pay as you go",
            Switch::Alert => "alert",
            Switch::Deny => "deny",
        }
    }
}

/// Values for some of the switches; one that is missing is not stated. Four bytes, because there is one in every entry of a tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<Switch, bool>", into = "BTreeMap<Switch, bool>")]
pub struct Switches([Option<bool>; Switch::ALL.len()]);

impl Switches {
    /// None is stated.
    pub const NONE: Switches = Switches([None; Switch::ALL.len()]);

    /// Whether none is stated.
    pub fn is_empty(&self) -> bool {
        *self == Switches::NONE
    }

    /// The value of a switch; `None` where it is not stated.
    pub fn get(self, switch: Switch) -> Option<bool> {
        self.iter().find(|(stated, _)| *stated == switch).map(|(_, value)| value)
    }

    /// States a switch.
    pub fn insert(&mut self, switch: Switch, value: bool) {
        for (known, slot) in Switch::ALL.into_iter().zip(&mut self.0) {
            if known == switch {
                *slot = Some(value);
            }
        }
    }

    /// Those that are stated, in the order in which they are shown.
    pub fn iter(self) -> impl Iterator<Item = (Switch, bool)> {
        Switch::ALL.into_iter().zip(self.0).filter_map(|(switch, value)| Some((switch, value?)))
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

/// What an environment holds of one add-on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// The units.
    pub units: Units,
    /// What happens when they are used up.
    #[serde(default, skip_serializing_if = "Switches::is_empty")]
    pub when_exhausted: Switches,
}

impl Entry {
    /// An amount with no switch stated.
    pub fn of(units: Units) -> Entry {
        Entry { units, when_exhausted: Switches::NONE }
    }
}

/// Everything that one environment holds. Writing is always done with the complete document, because whether the
/// service merges or replaces is not known (powerplatform-api.md).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EnvironmentDocument {
    /// One entry for each add-on that the environment has one for.
    pub entries: LiteMap<AddOn, Entry>,
}

impl EnvironmentDocument {
    /// The units held of an add-on; an add-on without an entry holds none.
    pub fn units(&self, add_on: &AddOn) -> Units {
        self.entries.get(add_on).map_or(Units::ZERO, |entry| entry.units)
    }
}
