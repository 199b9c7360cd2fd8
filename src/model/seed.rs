//! The seed: the initial content of a built-in tenant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::catalog::AddOn;
use super::document::{Entry, EnvironmentDocument, Switches};
use super::observed::EnvironmentState;
use super::roles::WhoCanAllocate;
use super::terms::{EnvironmentClass, EnvironmentId, Units};

/// The initial content of a tenant.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Seed {
    /// The tenant's own name.
    pub tenant: String,
    /// The settings.
    #[serde(default)]
    pub settings: SeedSettings,
    /// The units owned, by slug or by the service's value.
    #[serde(default)]
    pub purchased: BTreeMap<String, Units>,
    /// The environments.
    #[serde(default)]
    pub environments: Vec<SeedEnvironment>,
    /// The behaviour.
    #[serde(default)]
    pub behaviour: Behaviour,
}

/// Tenant settings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedSettings {
    /// Who may allocate; by default environment admins too, as in a new tenant.
    pub who_can_allocate: Option<WhoCanAllocate>,
}

/// One environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeedEnvironment {
    /// The id.
    pub id: EnvironmentId,
    /// The name.
    pub name: String,
    /// The class.
    pub class: Option<EnvironmentClass>,
    /// The state.
    #[serde(default = "ready")]
    pub state: EnvironmentState,
    /// Whether the environment has Dataverse.
    #[serde(default = "yes")]
    pub dataverse: bool,
    /// The security group whose members may enter.
    pub security_group: Option<String>,
    /// The allocations, by slug or by the service's value.
    #[serde(default)]
    pub allocations: BTreeMap<String, SeedAmount>,
    /// The consumption, by slug or by the service's value.
    #[serde(default)]
    pub consumption: BTreeMap<String, SeedConsumption>,
}

fn ready() -> EnvironmentState {
    EnvironmentState::Ready
}

fn yes() -> bool {
    true
}

/// An amount.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected units such as 120, or `{ units: 120 }` with `whenExhausted`")]
pub enum SeedAmount {
    /// Units without switches.
    Short(Units),
    /// Units and switches.
    Long(Entry),
}

/// Consumed units.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected units such as 120, or `{ units: 120, asOf: 2026-11-24 }`")]
pub enum SeedConsumption {
    /// Units as of now.
    Short(Units),
    /// Units with a date.
    Long(Consumption),
}

/// Consumed units and their date.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consumption {
    /// The units.
    pub units: Units,
    /// The day of the measurement; `None` for now.
    pub as_of: Option<Date>,
}

/// The behaviour of the tenant, to try what the service might do.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Behaviour {
    /// Whether the tenant accepts over-allocation when the emulator serves it.
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
    /// The write at which the tenant stops, so that a test can kill or interrupt the process there. The tenant
    /// continues when the row `holdAtWrite` is deleted from the table `fact` of its database file.
    pub hold_at_write: Option<HoldAtWrite>,
}

/// What the tenant does with a write that allocates more than is owned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OverAllocation {
    /// Refuses the write.
    #[default]
    Refuse,
    /// Accepts the write.
    Accept,
}

/// The failures of writes to an environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailWrites {
    /// The environment.
    pub environment: EnvironmentId,
    /// The kind of failure.
    pub kind: FailureKind,
    /// The number of failures; `None` for every write.
    pub times: Option<u32>,
}

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FailureKind {
    /// The caller lacks permission.
    Denied,
    /// A policy forbids the write.
    Locked,
    /// Too many requests.
    Throttled,
    /// The tenant is unavailable.
    Unavailable,
    /// The connection breaks before the write takes effect.
    UnknownBefore,
    /// The connection breaks after the write takes effect.
    UnknownAfter,
}

/// The point at which the tenant stops all writes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldAtWrite {
    /// The number of the write, counted from 1 since the tenant's creation.
    pub write: u64,
    /// Before or after the write takes effect.
    pub moment: Moment,
}

/// A moment of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// Before the effect.
    Before,
    /// After the effect.
    After,
}

/// The add-on of a key in a seed: a slug, or a value of the service.
pub fn add_on(key: &str) -> AddOn {
    AddOn::from_slug(key).unwrap_or_else(|| AddOn::from_api_value(key))
}

impl SeedEnvironment {
    /// The allocations as a document.
    pub fn document(&self) -> EnvironmentDocument {
        let entry = |amount: &SeedAmount| match amount {
            SeedAmount::Short(units) => Entry { units: *units, when_exhausted: Switches::NONE },
            SeedAmount::Long(entry) => *entry,
        };
        EnvironmentDocument {
            entries: self.allocations.iter().map(|(key, amount)| (add_on(key), entry(amount))).collect(),
        }
    }

    /// The consumption by add-on.
    pub fn consumption(&self) -> BTreeMap<AddOn, Consumption> {
        let figure = |consumption: &SeedConsumption| match consumption {
            SeedConsumption::Short(units) => Consumption { units: *units, as_of: None },
            SeedConsumption::Long(consumption) => consumption.clone(),
        };
        self.consumption.iter().map(|(key, consumption)| (add_on(key), figure(consumption))).collect()
    }
}

impl Seed {
    /// Checks the seed.
    ///
    /// # Errors
    ///
    /// If one add-on has two names, or an amount is above [`Units::MAX_PURCHASE`], so that sums would not be exact. The text completes
    /// "the seed cannot be used: …".
    pub fn check(&self) -> Result<(), String> {
        let purchased: BTreeSet<AddOn> = self.purchased.keys().map(|key| add_on(key)).collect();
        if purchased.len() < self.purchased.len() {
            return Err("`purchased` names one add-on twice, under two names".to_owned());
        }
        if let Some((add_on, units)) = self.purchased.iter().find(|(_, units)| **units > Units::MAX_PURCHASE) {
            return Err(format!("`purchased` has {units} {add_on}; the maximum is {}", Units::MAX_PURCHASE));
        }
        for environment in &self.environments {
            let document = environment.document();
            if document.entries.len() < environment.allocations.len() {
                return Err(format!("{} names one add-on twice, under two names", environment.name));
            }
            if let Some((add_on, entry)) = document.entries.iter().find(|(_, entry)| entry.units > Units::MAX_PURCHASE)
            {
                let (name, units) = (&environment.name, entry.units);
                return Err(format!("{name} holds {units} {add_on}; the maximum is {}", Units::MAX_PURCHASE));
            }
        }
        Ok(())
    }
}
