//! The rules of a configuration, which limit what a plan may change.

use std::collections::BTreeMap;

use super::catalog::AddOn;
use super::source::{Located, Span};
use super::terms::{Percent, Units};
use super::words::words;

words! {
    /// The treatment of something in the tenant that no file names. No plan changes such a thing.
    pub enum Unmanaged {
        /// Do not mention it, neither as a finding nor in the list of what the plan does not cover.
        Ignore = "ignore",
        /// Report it as a hint.
        Report = "report",
        /// Refuse the plan.
        Fail = "fail",
    }
}

words! {
    /// Whether a plan may allocate units to the default environment.
    pub enum DefaultEnvironment {
        /// Permitted.
        Allow = "allow",
        /// Denied, because every user of the tenant can enter that environment. Decreases are permitted.
        Deny = "deny",
    }
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

/// The rules. The default has the built-in values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The treatment of environments that hold units and that no file names.
    pub unmanaged_environments: Rule<Unmanaged>,
    /// The treatment of add-ons that a declared environment holds and its file does not name.
    pub unmanaged_add_ons: Rule<Unmanaged>,
    /// The treatment of the default environment.
    pub default_environment: Rule<DefaultEnvironment>,
    /// The share of an add-on's allocated units that one plan may take away. Applies only if [`Rules::MAX_DECREASE_FROM`] or more units are
    /// allocated.
    pub max_decrease_percent: Rule<Percent>,
    /// The units of an add-on that one plan may take away.
    pub max_decrease_units: BTreeMap<AddOn, Located<Units>>,
    /// The number of environments that one plan may change; `None` for any number.
    pub max_environments_changed: Option<Located<u64>>,
    /// Whether no amount may go below its consumption.
    pub never_below_consumption: Rule<bool>,
    /// The shares of a pool that cause a warning when they are reached, ascending.
    pub warn_at_percent: Rule<Vec<Percent>>,
    /// The days within which a future shortage is an error; `None` if every future shortage is a warning.
    pub fail_before_expiry_days: Option<Located<u32>>,
    /// The add-ons whose changes need a ticket.
    pub require_ticket: BTreeMap<AddOn, Span>,
}

impl Rules {
    /// The default of [`Rules::max_decrease_percent`], in percent.
    pub const DEFAULT_MAX_DECREASE: u8 = 30;
    /// The fewest allocated units for which [`Rules::max_decrease_percent`] applies.
    pub const MAX_DECREASE_FROM: Units = Units::new(100);
    /// The default of [`Rules::warn_at_percent`], in percent.
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
