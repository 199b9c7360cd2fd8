//! How the tenant stands: a gauge for each pool, and what needs attention.

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

/// A figure with its date, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FigureView {
    /// The units; `null` where unknown or absent.
    pub units: Option<Units>,
    /// When that was true.
    pub as_of: Option<Timestamp>,
    /// Why it is unknown, where it is.
    pub unknown: Option<String>,
}

impl FigureView {
    /// A figure of the tenant.
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
    /// Which.
    pub pool: PoolName,
    /// What is purchased, and who says so.
    pub purchased: OwnedView,
    /// How full it is.
    pub level: Level,
    /// What is used, and when that was true.
    pub consumed: FigureView,
    /// Environments that hold some of it.
    pub holders: u64,
    /// Environments of which it is unknown what they hold.
    pub unknown_environments: u64,
    /// Units that the tenant counts and no environment was seen to hold; they are in the level. `null` where nobody knows
    /// how many there are.
    pub unseen: Option<Units>,
    /// Later days on which something changes.
    pub future: Vec<FutureLevel>,
}

impl GaugeView {
    /// A gauge of a pool that counts as nearly full from a share on.
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

/// What the status comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatusVerdict {
    /// Nothing needs attention.
    InOrder,
    /// Something does.
    NeedsAttention,
}

/// What a status view is made from.
#[derive(Clone, Copy, Debug)]
pub struct StatusFacts<'a> {
    /// What the configuration calls the tenant.
    pub tenant: &'a str,
    /// Where the tenant lives: the built-in one, or the service.
    pub provider: Provider,
    /// The day it is in the tenant's time zone.
    pub date: Date,
    /// When the tenant was read.
    pub read_at: Timestamp,
    /// How many environments the tenant lists.
    pub environments: u64,
    /// Who may allocate.
    pub who_can_allocate: Option<WhoCanAllocate>,
    /// A gauge for each pool.
    pub gauges: &'a [Gauge],
    /// What needs attention.
    pub findings: &'a [Finding],
    /// Where the findings' places lie.
    pub sources: &'a Sources,
    /// From which share on a pool counts as nearly full.
    pub near_from: Percent,
}

/// How the tenant stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
    /// The version of this document.
    pub format_version: &'static str,
    /// The command that asked: `status`.
    pub command: CommandName,
    /// What it comes to.
    pub verdict: StatusVerdict,
    /// What the configuration calls the tenant.
    pub tenant: String,
    /// Where the tenant lives: the built-in one, or the service.
    pub provider: Provider,
    /// The day it is in the tenant's time zone.
    pub date: Date,
    /// When the tenant was read.
    pub read_at: Timestamp,
    /// How many environments the tenant lists.
    pub environments: u64,
    /// Who may allocate; `null` where unknown.
    pub who_can_allocate: Option<WhoCanAllocate>,
    /// A gauge for each pool.
    pub gauges: Vec<GaugeView>,
    /// What needs attention.
    pub findings: Vec<FindingView>,
}

impl StatusView {
    /// How the tenant stands.
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
