//! The observed state of the tenant. A value that could not be read differs from one that is absent.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::catalog::AddOn;
use super::document::{Entry, EnvironmentDocument};
use super::roles::{Role, WhoCanAllocate};
use super::terms::{EnvironmentClass, EnvironmentId, Units};
use super::words::words;

/// A value that the tenant reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "reading", rename_all_fields = "camelCase")]
pub enum Reading<T> {
    /// The tenant reported a value.
    Known {
        /// The value.
        value: T,
        /// The time for which the value is true.
        as_of: Timestamp,
    },
    /// The tenant reported that there is no value.
    Absent,
    /// The value could not be read. Neither zero nor absent.
    Unknown {
        /// The reason, in words for people.
        why: Arc<str>,
    },
}

impl<T> Reading<T> {
    /// The value, if there is one. Match instead to distinguish absent from unknown.
    pub fn known(&self) -> Option<&T> {
        match self {
            Reading::Known { value, .. } => Some(value),
            Reading::Absent | Reading::Unknown { .. } => None,
        }
    }

    /// The reason, if the value is unknown.
    pub fn unknown(&self) -> Option<&Arc<str>> {
        match self {
            Reading::Unknown { why } => Some(why),
            Reading::Known { .. } | Reading::Absent => None,
        }
    }
}

/// Whether a listing contains everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Listing {
    /// The listing is complete.
    Complete,
    /// The listing may lack entries, for this reason. A missing entry proves nothing.
    Incomplete(Arc<str>),
}

impl Listing {
    /// This listing as incomplete, for this reason. A listing that is incomplete already keeps its own reason.
    #[must_use]
    pub fn lacking(self, why: impl Into<Arc<str>>) -> Listing {
        match self {
            Listing::Complete => Listing::Incomplete(why.into()),
            incomplete @ Listing::Incomplete(_) => incomplete,
        }
    }

    /// Both listings as one.
    #[must_use]
    pub fn and(self, other: Listing) -> Listing {
        match other {
            Listing::Complete => self,
            Listing::Incomplete(why) => self.lacking(why),
        }
    }
}

/// The tenant's figures for one add-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedTotal {
    /// Units owned.
    pub purchased: Reading<Units>,
    /// Units allocated to environments, by the tenant's own count.
    pub allocated: Reading<Units>,
    /// Units used.
    pub consumed: Reading<Units>,
}

words! {
    /// The state of an environment.
    pub enum EnvironmentState {
        /// Usable.
        Ready = "ready",
        /// Disabled by an administrator.
        Disabled = "disabled",
        /// In creation, copying or recovery.
        Preparing = "preparing",
        /// Deleted, and still recoverable.
        Deleted = "deleted",
    }
}

/// One environment of the tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedEnvironment {
    /// The id.
    pub id: EnvironmentId,
    /// Whether the listing of environments shows it. If not, only its allocations are known, and its state is not.
    pub listed: bool,
    /// The name in the admin center.
    pub name: Reading<Arc<str>>,
    /// The class.
    pub class: Reading<EnvironmentClass>,
    /// The state.
    pub state: Reading<EnvironmentState>,
    /// The security group whose members may enter; absent if every user may.
    pub security_group: Reading<Arc<str>>,
    /// Whether the environment has a Dataverse database.
    pub dataverse: Reading<bool>,
    /// The allocations; absent if the environment has no document and so holds nothing.
    pub document: Reading<EnvironmentDocument>,
    /// The units used.
    pub consumed: LiteMap<AddOn, Reading<Units>>,
}

impl ObservedEnvironment {
    /// The entry of an add-on.
    pub fn cell(&self, add_on: &AddOn) -> Reading<&Entry> {
        match &self.document {
            Reading::Known { value, as_of } => match value.entries.get(add_on) {
                Some(entry) => Reading::Known { value: entry, as_of: *as_of },
                None => Reading::Absent,
            },
            Reading::Absent => Reading::Absent,
            Reading::Unknown { why } => Reading::Unknown { why: why.clone() },
        }
    }
}

/// The caller, as the tenant sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The role of the caller.
    pub role: Reading<Role>,
    /// Whether the caller may allocate.
    pub may_allocate: Reading<bool>,
}

/// One read of the whole tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedState {
    /// The tenant's own name.
    pub tenant: Arc<str>,
    /// The end of the read.
    pub captured_at: Timestamp,
    /// Whether `environments` contains every environment of the tenant.
    pub listing: Listing,
    /// Whether the surface in use shows and accepts switches.
    pub shows_switches: bool,
    /// The figures of the add-ons that the tenant reports.
    pub totals: BTreeMap<AddOn, ObservedTotal>,
    /// The environments.
    pub environments: BTreeMap<EnvironmentId, Box<ObservedEnvironment>>,
    /// Who may allocate.
    pub who_can_allocate: Reading<WhoCanAllocate>,
    /// The caller.
    pub caller: Caller,
}

impl ObservedState {
    /// Whether the amounts of an environment are known, but not its switches. A plan then cannot change the switches.
    pub fn has_unknown_switches(&self, environment: &ObservedEnvironment) -> bool {
        match &environment.document {
            Reading::Known { value, .. } => !self.shows_switches || value.has_unknown_switches(),
            Reading::Absent => !self.shows_switches,
            Reading::Unknown { .. } => false,
        }
    }
}
