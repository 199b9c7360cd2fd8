//! The state of the tenant: a gauge for each pool, and what needs attention.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::basics::FindingView;
use super::breakdown::BreakdownView;
use super::figure::FigureView;
use super::pool::{FutureLevel, Level, OwnedView, PoolName};
use crate::model::desired::Provider;
use crate::model::finding::Finding;
use crate::model::gauge::Gauge;
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::{Percent, Units};

/// The gauge of one pool.
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
    /// Units that the tenant counts as allocated, and that no document shows. The level includes them. `null` if their number is unknown.
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

impl StatusVerdict {
    /// The verdict on findings, each of which needs attention.
    pub fn of(findings: &[Finding]) -> StatusVerdict {
        if findings.is_empty() { StatusVerdict::InOrder } else { StatusVerdict::NeedsAttention }
    }
}

/// The answer of `status`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusView {
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
    /// The tables by environment or by budget, if one was asked for.
    #[serde(flatten)]
    pub breakdown: Option<BreakdownView>,
    /// What needs attention.
    pub findings: Vec<FindingView>,
}
