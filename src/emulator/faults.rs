//! The faults of the emulator: undocumented behaviour of the service, and errors. All are off by default and can be set at any time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::seed::OverAllocation;
use crate::model::terms::EnvironmentId;

/// The faults. A rate is the probability for each request, from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Faults {
    /// The delay of every response, in milliseconds.
    pub latency_ms: u64,
    /// The rate of status 429, before any effect.
    pub throttle_rate: f64,
    /// The `Retry-After` header of a 429.
    pub retry_after: RetryAfter,
    /// The delay in that header, in seconds.
    pub retry_after_seconds: u32,
    /// The rate of status 500, 502, 503 or 504, before any effect.
    pub fail_before_rate: f64,
    /// The rate of the same statuses after the effect.
    pub fail_after_rate: f64,
    /// The rate of connections that break before any effect.
    pub drop_before_rate: f64,
    /// The rate of connections that break after the effect.
    pub drop_after_rate: f64,
    /// The age of the documents that reads return, in seconds, up to an hour. The service was seen to lag up to 15 minutes.
    pub stale_reads_seconds: u32,
    /// The rate of rows that are missing from listings, drawn for each row.
    pub short_pages_rate: f64,
    /// Whether the listings of environments repeat a page.
    pub repeated_page: RepeatedPage,
    /// The rate of listings that are cut in the middle.
    pub cut_listing_rate: f64,
    /// How a listing is cut.
    pub cut_listing: Cut,
    /// The currencies that each surface refuses.
    pub refused_currencies: BTreeMap<Surface, BTreeSet<String>>,
    /// Whether over-allocation is accepted; by default, the seed decides. One source reports that the service accepts it.
    pub over_allocation: Option<OverAllocation>,
    /// What a write does to entries and rules that it lacks, which is not documented.
    pub semantics: Semantics,
    /// The surfaces that exist; by default, all of them.
    pub surfaces: Option<BTreeSet<Surface>>,
    /// Environments whose `TenantPool` rule is locked by a rule of their group.
    pub locked_environments: BTreeSet<EnvironmentId>,
    /// What the lock refuses, which is not documented.
    pub lock: Lock,
    /// Environments that the caller cannot see.
    pub hidden_environments: BTreeSet<EnvironmentId>,
    /// New environments: listed, but still unknown to licensing.
    pub new_environments: BTreeSet<EnvironmentId>,
    /// The caller's app is not registered, so every request with a valid token gets 403.
    pub unregistered_app: bool,
    /// The newer listing of environments answers 403, as it does to a service principal without a role.
    pub refuse_environment_listing: bool,
    /// The directory's code with which every sign-in is refused, such as 7000222 for an expired secret.
    pub login_error: Option<u32>,
    /// The scopes for which the directory issues no token.
    pub refused_scopes: BTreeSet<String>,
    /// The response for a missing document.
    pub no_document: NoDocument,
    /// `allocationsV2` refuses with status 200 and `isErrorResult`.
    pub error_results: bool,
}

/// What a lock of the `TenantPool` rule refuses, and what becomes of the rule if a body lacks it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Lock {
    /// A write that changes the rule.
    #[default]
    Changed,
    /// A body that carries the rule, even unchanged. A body without it leaves the rule as it is.
    Carried,
    /// A body that carries the rule, even unchanged. A body without it removes the rule if writes replace.
    Unkept,
    /// Every write.
    Everything,
}

/// The `Retry-After` header of a 429.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryAfter {
    /// No header.
    #[default]
    None,
    /// Seconds.
    Seconds,
    /// An HTTP date.
    Date,
}

/// Whether listings repeat a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RepeatedPage {
    /// No page is repeated.
    #[default]
    None,
    /// The first page comes twice.
    Once,
    /// Every page names itself as the next.
    Endless,
}

/// How a listing is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cut {
    /// The connection breaks in the middle of the body.
    #[default]
    Connection,
    /// The response is complete, but its JSON ends in the middle.
    Json,
}

/// A way to read and write allocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Surface {
    /// `/licensing/environments/{id}/allocations`.
    Old,
    /// `/licensing/allocationsByEnvironment`.
    New,
    /// `/licensing/allocationsV2`.
    V2,
}

/// What a write does to entries and rules that it lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Semantics {
    /// They are kept.
    #[default]
    Merge,
    /// They are deleted. A write of the older surface, which has no rules, keeps the rules of its entries.
    Replace,
}

/// The response for a missing document. The service was seen to send both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoDocument {
    /// The id of the environment decides which one is sent.
    #[default]
    Alternating,
    /// As problem details.
    Problem,
    /// As `EnvironmentAllocationNotFound`.
    Code,
}

impl Faults {
    /// Checks the values.
    ///
    /// # Errors
    ///
    /// If a rate is not from 0 to 1, or if `stale_reads_seconds` is more than an hour: the emulator forgets writes that
    /// are older.
    pub fn check(&self) -> Result<(), String> {
        let rates = [
            ("throttleRate", self.throttle_rate),
            ("failBeforeRate", self.fail_before_rate),
            ("failAfterRate", self.fail_after_rate),
            ("dropBeforeRate", self.drop_before_rate),
            ("dropAfterRate", self.drop_after_rate),
            ("shortPagesRate", self.short_pages_rate),
            ("cutListingRate", self.cut_listing_rate),
        ];
        if self.stale_reads_seconds > 3_600 {
            return Err(format!("staleReadsSeconds is {}; write 3600 at most", self.stale_reads_seconds));
        }
        match rates.into_iter().find(|(_, rate)| !(0.0..=1.0).contains(rate)) {
            Some((name, rate)) => Err(format!("{name} is {rate}; write a rate from 0 to 1")),
            None => Ok(()),
        }
    }

    /// Whether a surface exists.
    pub fn has(&self, surface: Surface) -> bool {
        self.surfaces.as_ref().is_none_or(|surfaces| surfaces.contains(&surface))
    }

    /// Whether a surface refuses a currency.
    pub fn refuses(&self, surface: Surface, currency: &str) -> bool {
        self.refused_currencies.get(&surface).is_some_and(|refused| refused.contains(currency))
    }
}
