//! What the tenant says now. What could not be read stays apart from what is not there.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::catalog::AddOn;
use super::document::{Entry, EnvironmentDocument};
use super::roles::{Role, WhoCanAllocate};
use super::terms::{EnvironmentClass, EnvironmentId, Units};

/// A value of the tenant, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "reading", rename_all_fields = "camelCase")]
pub enum Reading<T> {
    /// It was read.
    Known {
        /// The value.
        value: T,
        /// When it was true.
        as_of: Timestamp,
    },
    /// The tenant says that there is none.
    Absent,
    /// It could not be read. Neither zero nor absent.
    Unknown {
        /// Why, in words for people.
        why: Arc<str>,
    },
}

impl<T> Reading<T> {
    /// The value, where there is one; a caller that must tell absent from unknown matches instead.
    pub fn known(&self) -> Option<&T> {
        match self {
            Reading::Known { value, .. } => Some(value),
            Reading::Absent | Reading::Unknown { .. } => None,
        }
    }

    /// Why it is unknown, where it is.
    pub fn unknown(&self) -> Option<&Arc<str>> {
        match self {
            Reading::Unknown { why } => Some(why),
            Reading::Known { .. } | Reading::Absent => None,
        }
    }
}

/// The documents of all environments, as one listing shows them. An environment that is missing has no document.
pub type Documents = BTreeMap<EnvironmentId, Reading<EnvironmentDocument>>;

/// Whether a listing can be taken for all there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Listing {
    /// It can.
    Complete,
    /// It cannot: nothing may be concluded from what is missing in it.
    Incomplete(Arc<str>),
}

/// What the tenant says about one add-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedTotal {
    /// Units owned.
    pub purchased: Reading<Units>,
    /// Units assigned to environments, by the tenant's own count.
    pub allocated: Reading<Units>,
    /// Units used.
    pub consumed: Reading<Units>,
}

/// How an environment is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EnvironmentState {
    /// Usable.
    Ready,
    /// Switched off by an administrator.
    Disabled,
    /// Being created, copied, restored.
    Preparing,
    /// Deleted, still recoverable.
    Deleted,
}

impl EnvironmentState {
    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            EnvironmentState::Ready => "ready",
            EnvironmentState::Disabled => "disabled",
            EnvironmentState::Preparing => "preparing",
            EnvironmentState::Deleted => "deleted",
        }
    }
}

/// What the tenant says about one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedEnvironment {
    /// Its id.
    pub id: EnvironmentId,
    /// The name that the admin center shows.
    pub name: Reading<Arc<str>>,
    /// Its class.
    pub class: Reading<EnvironmentClass>,
    /// How it is.
    pub state: Reading<EnvironmentState>,
    /// The security group whose members may enter; absent where everybody may.
    pub security_group: Reading<Arc<str>>,
    /// Whether it has a Dataverse database.
    pub dataverse: Reading<bool>,
    /// What it holds; absent where the tenant has no document for it, which holds nothing.
    pub document: Reading<EnvironmentDocument>,
    /// What it uses.
    pub consumed: LiteMap<AddOn, Reading<Units>>,
}

impl ObservedEnvironment {
    /// What it holds of one add-on.
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

/// Who is calling, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The role.
    pub role: Reading<Role>,
    /// Whether the tenant lets this caller allocate.
    pub may_allocate: Reading<bool>,
}

/// Everything read from the tenant in one pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservedState {
    /// What the tenant calls itself.
    pub tenant: Arc<str>,
    /// When the pass ended.
    pub captured_at: Timestamp,
    /// Whether the environments are all there are.
    pub listing: Listing,
    /// The add-ons that the tenant reports; one without an entry is not reported.
    pub totals: BTreeMap<AddOn, ObservedTotal>,
    /// The environments.
    pub environments: BTreeMap<EnvironmentId, Box<ObservedEnvironment>>,
    /// Who may allocate.
    pub who_can_allocate: Reading<WhoCanAllocate>,
    /// Who is asking.
    pub caller: Caller,
}

impl ObservedState {
    /// What an environment holds of an add-on; unknown where the environment was not listed.
    pub fn cell(&self, id: &EnvironmentId, add_on: &AddOn) -> Reading<&Entry> {
        match self.environments.get(id) {
            Some(environment) => environment.cell(add_on),
            None => Reading::Unknown { why: "the tenant does not list this environment".into() },
        }
    }
}
