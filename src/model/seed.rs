//! The seed: what an embedded tenant starts with.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::catalog::AddOn;
use super::document::{Entry, EnvironmentDocument, Switches};
use super::observed::EnvironmentState;
use super::roles::WhoCanAllocate;
use super::terms::{EnvironmentClass, EnvironmentId, Units};

/// A tenant to start with.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Seed {
    /// What the tenant calls itself.
    pub tenant: String,
    /// Tenant settings.
    #[serde(default)]
    pub settings: SeedSettings,
    /// What is owned; a key is a slug, or a raw value of the service.
    #[serde(default)]
    pub purchased: BTreeMap<String, Units>,
    /// The environments.
    #[serde(default)]
    pub environments: Vec<SeedEnvironment>,
    /// How the tenant is to behave.
    #[serde(default)]
    pub behaviour: Behaviour,
}

/// Tenant settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedSettings {
    /// Who may allocate; environment admins too where it is not said, as in a new tenant.
    pub who_can_allocate: Option<WhoCanAllocate>,
}

/// One environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedEnvironment {
    /// Its id.
    pub id: EnvironmentId,
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: Option<EnvironmentClass>,
    /// How it is.
    #[serde(default = "ready")]
    pub state: EnvironmentState,
    /// Whether it has Dataverse.
    #[serde(default = "yes")]
    pub dataverse: bool,
    /// Whose members may enter.
    pub security_group: Option<String>,
    /// What it holds.
    #[serde(default)]
    pub allocations: BTreeMap<String, SeedAmount>,
    /// What it uses.
    #[serde(default)]
    pub consumption: BTreeMap<String, SeedConsumption>,
}

fn ready() -> EnvironmentState {
    EnvironmentState::Ready
}

fn yes() -> bool {
    true
}

/// An amount, short or long.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected units such as 120, or `{ units: 120 }` with `whenExhausted`")]
pub enum SeedAmount {
    /// Units with no switch stated.
    Short(Units),
    /// Units and switches.
    Long(Entry),
}

/// What is used, short or long.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected units such as 120, or `{ units: 120, asOf: 2026-11-24 }`")]
pub enum SeedConsumption {
    /// As of now.
    Short(Units),
    /// As of a day.
    Long(Consumption),
}

/// What is used, and since when that is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consumption {
    /// The units.
    pub units: Units,
    /// The day on which it was true; now where it is not said.
    pub as_of: Option<Date>,
}

/// How the tenant is to behave: what a service might do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Behaviour {
    /// Whether more may be allocated than is owned.
    #[serde(default)]
    pub over_allocation: OverAllocation,
    /// Environments that the caller cannot see.
    #[serde(default)]
    pub hidden: Vec<EnvironmentId>,
    /// Environments whose documents cannot be read.
    #[serde(default)]
    pub unreadable: Vec<EnvironmentId>,
    /// Writes that fail.
    #[serde(default)]
    pub fail_writes: Vec<FailWrites>,
    /// Where the tenant stands still until `holdAtWrite` is taken out of its facts, so that a rehearsal can kill or
    /// interrupt the process there.
    pub hold_at_write: Option<HoldAtWrite>,
}

/// What happens to a write that would hold more than is owned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OverAllocation {
    /// It is refused.
    #[default]
    Refuse,
    /// It takes effect.
    Accept,
}

/// How writes to an environment fail.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailWrites {
    /// Which environment.
    pub environment: EnvironmentId,
    /// How.
    pub kind: FailureKind,
    /// How often; always where it is not said.
    pub times: Option<u32>,
}

/// How a write fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// The caller may not.
    Denied,
    /// A policy forbids it.
    Locked,
    /// Too many requests.
    Throttled,
    /// Out of order.
    Unavailable,
    /// The connection breaks before the write took effect.
    UnknownBefore,
    /// The connection breaks after the write took effect.
    UnknownAfter,
}

/// Where the tenant stands still: from here on no write goes on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldAtWrite {
    /// Which write of the tenant's life, from 1.
    pub write: u64,
    /// Before or after it takes effect.
    pub moment: Moment,
}

/// On which side of its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// Before it.
    Before,
    /// After it.
    After,
}

/// The add-on that a key of a seed names: a slug, or else a raw value of the service.
pub fn add_on(key: &str) -> AddOn {
    AddOn::from_slug(key).unwrap_or_else(|| AddOn::from_api_value(key))
}

impl SeedEnvironment {
    /// What it holds, as a document.
    pub fn document(&self) -> EnvironmentDocument {
        let entry = |amount: &SeedAmount| match amount {
            SeedAmount::Short(units) => Entry { units: *units, when_exhausted: Switches::NONE },
            SeedAmount::Long(entry) => *entry,
        };
        EnvironmentDocument {
            entries: self.allocations.iter().map(|(key, amount)| (add_on(key), entry(amount))).collect(),
        }
    }

    /// What it uses.
    pub fn consumption(&self) -> BTreeMap<AddOn, Consumption> {
        let figure = |consumption: &SeedConsumption| match consumption {
            SeedConsumption::Short(units) => Consumption { units: *units, as_of: None },
            SeedConsumption::Long(consumption) => consumption.clone(),
        };
        self.consumption.iter().map(|(key, consumption)| (add_on(key), figure(consumption))).collect()
    }
}

impl Seed {
    /// Refuses one add-on under two names, and amounts that no tenant can have, past which sums would no longer be exact.
    ///
    /// # Errors
    ///
    /// What is wrong, as it completes "the seed cannot be used: …".
    pub fn check(&self) -> Result<(), String> {
        let purchased: BTreeSet<AddOn> = self.purchased.keys().map(|key| add_on(key)).collect();
        if purchased.len() < self.purchased.len() {
            return Err("`purchased` names one add-on twice, under two names".to_owned());
        }
        if let Some((add_on, units)) = self.purchased.iter().find(|(_, units)| **units > Units::MAX_PURCHASE) {
            return Err(format!("{units} {add_on} purchased are more than the most, {}", Units::MAX_PURCHASE));
        }
        for environment in &self.environments {
            let document = environment.document();
            if document.entries.len() < environment.allocations.len() {
                return Err(format!("{} names one add-on twice, under two names", environment.name));
            }
            if let Some((add_on, entry)) = document.entries.iter().find(|(_, entry)| entry.units > Units::MAX_PURCHASE)
            {
                let (name, units) = (&environment.name, entry.units);
                return Err(format!("{name} holds {units} {add_on}, and the most is {}", Units::MAX_PURCHASE));
            }
        }
        Ok(())
    }
}
