//! The rules of a configuration: what a plan may change, and which conditions are warnings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalog::AddOn;
use super::source::{Located, Span};
use super::terms::{Percent, Units};

/// What to do with something that the tenant has and no file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unmanaged {
    /// Skip it without a finding.
    Ignore,
    /// Report it.
    Report,
    /// Refuse to go on.
    Fail,
}

/// Whether the default environment may hold an allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DefaultEnvironment {
    /// It may.
    Allow,
    /// It may not: everybody in the tenant can reach it.
    Deny,
}

/// A rule's value and its place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule<T> {
    /// The value in force.
    pub value: T,
    /// The place in the source; `None` for the built-in value.
    pub span: Option<Span>,
}

impl<T> Rule<T> {
    /// The built-in value.
    pub const fn built_in(value: T) -> Rule<T> {
        Rule { value, span: None }
    }
}

/// The rules that every plan is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Environments that hold units and that no file names.
    pub unmanaged_environments: Rule<Unmanaged>,
    /// Add-ons that a declared environment holds and its file does not name.
    pub unmanaged_add_ons: Rule<Unmanaged>,
    /// The default environment.
    pub default_environment: Rule<DefaultEnvironment>,
    /// The share of an add-on's allocated units that one plan may take away, from 100 allocated units on.
    pub max_decrease_percent: Rule<Percent>,
    /// The units of an add-on that one plan may take away.
    pub max_decrease_units: BTreeMap<AddOn, Located<Units>>,
    /// How many environments one plan may change; `None` for any number.
    pub max_environments_changed: Option<Located<u64>>,
    /// Whether no amount may go below what is consumed.
    pub never_below_consumption: Rule<bool>,
    /// Shares of a pool from which on it is worth a warning, ascending.
    pub warn_at_percent: Rule<Vec<Percent>>,
    /// Within so many days a shortfall is an error; `None` if every future one is a warning.
    pub fail_before_expiry_days: Option<Located<u32>>,
    /// Add-ons whose changes need a ticket.
    pub require_ticket: BTreeMap<AddOn, Span>,
}

impl Rules {
    /// The cap on decreases in percent if no rule sets another.
    pub const DEFAULT_MAX_DECREASE: u8 = 30;
    /// The cap in percent begins to count at so many allocated units.
    pub const MAX_DECREASE_FROM: Units = Units::new(100);
    /// A pool is worth a warning from here on if no rule sets another.
    pub const DEFAULT_WARN_AT: u8 = 90;
}

impl Default for Rules {
    fn default() -> Rules {
        let percent = |value| Percent::new(value).into_iter();
        Rules {
            unmanaged_environments: Rule::built_in(Unmanaged::Report),
            unmanaged_add_ons: Rule::built_in(Unmanaged::Report),
            default_environment: Rule::built_in(DefaultEnvironment::Deny),
            max_decrease_percent: Rule::built_in(
                const { Percent::new(Rules::DEFAULT_MAX_DECREASE).expect("30 is a percentage") },
            ),
            max_decrease_units: BTreeMap::new(),
            max_environments_changed: None,
            never_below_consumption: Rule::built_in(true),
            warn_at_percent: Rule::built_in(percent(Rules::DEFAULT_WARN_AT).collect()),
            fail_before_expiry_days: None,
            require_ticket: BTreeMap::new(),
        }
    }
}
