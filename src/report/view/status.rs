//! The state of the tenant: a gauge for each pool, and what needs attention.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::basics::{FORMAT_VERSION, FindingView};
use super::pool::{FutureLevel, Level, OwnedView, PoolName};
use crate::model::command::CommandName;
use crate::model::desired::Provider;
use crate::model::finding::Finding;
use crate::model::gauge::Gauge;
use crate::model::observed::Reading;
use crate::model::roles::WhoCanAllocate;
use crate::model::source::Sources;
use crate::model::terms::{Percent, Units};

/// A number with its date, or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FigureView {
    /// The units; `null` if unknown or absent.
    pub units: Option<Units>,
    /// The time of the number.
    pub as_of: Option<Timestamp>,
    /// The reason, if the number is unknown.
    pub unknown: Option<String>,
}

impl FigureView {
    /// A number that was read from the tenant.
    pub fn new(reading: &Reading<Units>) -> FigureView {
        match reading {
            Reading::Known { value, as_of } => FigureView { units: Some(*value), as_of: Some(*as_of), unknown: None },
            Reading::Absent => FigureView { units: None, as_of: None, unknown: None },
            Reading::Unknown { why } => FigureView { units: None, as_of: None, unknown: Some(why.to_string()) },
        }
    }
}

/// One pool on the dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GaugeView {
    /// The pool.
    pub pool: PoolName,
    /// The purchased units, and the sources of their number.
    pub purchased: OwnedView,
    /// How full the pool is.
    pub level: Level,
    /// The consumed units, with the time of the number.
    pub consumed: FigureView,
    /// The number of environments that hold units of the pool.
    pub holders: u64,
    /// The number of environments whose allocation is unknown.
    pub unknown_environments: u64,
    /// Units that the tenant counts, but that no listed environment holds. The level includes them. `null` if their number
    /// is unknown.
    pub unseen: Option<Units>,
    /// Later days on which something changes.
    pub future: Vec<FutureLevel>,
}

impl GaugeView {
    /// A gauge of a pool that counts as nearly full from `near_from` percent on.
    pub fn new(gauge: &Gauge, near_from: Percent) -> GaugeView {
        GaugeView {
            pool: PoolName::new(&gauge.pool),
            purchased: OwnedView::new(&gauge.owned),
            level: Level::new(gauge.owned.units(), gauge.reserve, gauge.allocated, near_from),
            consumed: FigureView::new(&gauge.consumed),
            holders: gauge.holders,
            unknown_environments: gauge.unknown_environments,
            unseen: gauge.unseen,
            future: gauge.future.iter().map(|future| FutureLevel::new(future, near_from)).collect(),
        }
    }
}

/// The result of `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatusVerdict {
    /// Nothing needs attention.
    InOrder,
    /// Something needs attention.
    NeedsAttention,
}

/// What a status view is made from.
#[derive(Clone, Copy, Debug)]
pub struct StatusFacts<'a> {
    /// The tenant's name in the configuration.
    pub tenant: &'a str,
    /// The built-in tenant, or the service.
    pub provider: Provider,
    /// Today, in the tenant's time zone.
    pub date: Date,
    /// When the tenant was read.
    pub read_at: Timestamp,
    /// The number of environments that the tenant lists.
    pub environments: u64,
    /// Who may allocate.
    pub who_can_allocate: Option<WhoCanAllocate>,
    /// A gauge for each pool.
    pub gauges: &'a [Gauge],
    /// What needs attention.
    pub findings: &'a [Finding],
    /// The files of the findings' places.
    pub sources: &'a Sources,
    /// The share from which on a pool counts as nearly full.
    pub near_from: Percent,
}

/// The answer of `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command that asked: `status`.
    pub command: CommandName,
    /// The result.
    pub verdict: StatusVerdict,
    /// The tenant's name in the configuration.
    pub tenant: String,
    /// The built-in tenant, or the service.
    pub provider: Provider,
    /// Today, in the tenant's time zone.
    pub date: Date,
    /// When the tenant was read.
    pub read_at: Timestamp,
    /// The number of environments that the tenant lists.
    pub environments: u64,
    /// Who may allocate; `null` if unknown.
    pub who_can_allocate: Option<WhoCanAllocate>,
    /// A gauge for each pool.
    pub gauges: Vec<GaugeView>,
    /// What needs attention.
    pub findings: Vec<FindingView>,
}

impl StatusView {
    /// The answer of `status`.
    pub fn new(facts: &StatusFacts<'_>) -> StatusView {
        let verdict = if facts.findings.is_empty() { StatusVerdict::InOrder } else { StatusVerdict::NeedsAttention };
        StatusView {
            format_version: FORMAT_VERSION,
            command: CommandName::Status,
            verdict,
            tenant: facts.tenant.to_owned(),
            provider: facts.provider,
            date: facts.date,
            read_at: facts.read_at,
            environments: facts.environments,
            who_can_allocate: facts.who_can_allocate,
            gauges: facts.gauges.iter().map(|gauge| GaugeView::new(gauge, facts.near_from)).collect(),
            findings: FindingView::all(facts.findings, facts.sources),
        }
    }
}
