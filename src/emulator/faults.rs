//! What the service may do to a client: everything that is open about it, and everything that can go wrong.
//!
//! Settable when the emulator starts and while it runs. Nothing here happens unless it is asked for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::seed::OverAllocation;
use crate::model::terms::EnvironmentId;

/// How the service behaves. A rate is a probability from 0 to 1 for each request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Faults {
    /// Every answer waits so long, in milliseconds.
    pub latency_ms: u64,
    /// Answers 429, before any effect.
    pub throttle_rate: f64,
    /// The `Retry-After` header of a 429.
    pub retry_after: RetryAfter,
    /// How many seconds that are.
    pub retry_after_seconds: u32,
    /// Answers 500, 502, 503 or 504, before any effect.
    pub fail_before_rate: f64,
    /// The same after the effect.
    pub fail_after_rate: f64,
    /// The connection breaks before any effect.
    pub drop_before_rate: f64,
    /// The connection breaks after the effect.
    pub drop_after_rate: f64,
    /// Reads of documents answer with what was true so many seconds ago (up to 15 minutes were seen); an hour at most.
    pub stale_reads_seconds: u32,
    /// The share of rows that listings lose.
    pub short_pages_rate: f64,
    /// Whether the listings of environments serve a page again.
    pub repeated_page: RepeatedPage,
    /// Listings are cut in the middle.
    pub cut_listing_rate: f64,
    /// What of a listing is cut.
    pub cut_listing: Cut,
    /// Currencies that a surface refuses.
    pub refused_currencies: BTreeMap<Surface, BTreeSet<String>>,
    /// Whether more can be allocated than is owned, as one witness says; if it is not set, the seed decides.
    pub over_allocation: Option<OverAllocation>,
    /// What a write does to what it does not mention; the documentation does not state it.
    pub semantics: Semantics,
    /// The surfaces there are; all of them if it is not set.
    pub surfaces: Option<BTreeSet<Surface>>,
    /// Environments whose `TenantPool` rule belongs to a rule of their group.
    pub locked_environments: BTreeSet<EnvironmentId>,
    /// Environments that the caller cannot see.
    pub hidden_environments: BTreeSet<EnvironmentId>,
    /// Environments that were just created: listed, and not known to licensing yet.
    pub new_environments: BTreeSet<EnvironmentId>,
    /// The caller's app is not registered: 403 everywhere.
    pub unregistered_app: bool,
    /// The newer listing of environments answers 403, as to a service principal without a role.
    pub refuse_environment_listing: bool,
    /// The answer for a missing document.
    pub no_document: NoDocument,
    /// Refusals of `allocationsV2` come with status 200 and `isErrorResult`.
    pub error_results: bool,
}

/// The `Retry-After` header of a 429.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryAfter {
    /// Nothing.
    #[default]
    None,
    /// Seconds.
    Seconds,
    /// An HTTP date.
    Date,
}

/// Whether listings serve a page again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RepeatedPage {
    /// They do not.
    #[default]
    None,
    /// The first page comes twice.
    Once,
    /// Every page names itself as the next.
    Endless,
}

/// What of a listing is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cut {
    /// The connection, in the middle of the body.
    #[default]
    Connection,
    /// The JSON: the answer is whole by its length, and ends in the middle.
    Json,
}

/// One way to read and write allocations.
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

/// What a write does to what it does not mention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Semantics {
    /// It stays.
    #[default]
    Merge,
    /// It goes. The older surface cannot mention rules, so that those of the entries that it names stay.
    Replace,
}

/// The answer for a missing document: both were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoDocument {
    /// Some environments one way and some the other.
    #[default]
    Alternating,
    /// As problem details.
    Problem,
    /// As `EnvironmentAllocationNotFound`.
    Code,
}

impl Faults {
    /// Whether this can happen at all.
    ///
    /// # Errors
    ///
    /// If a rate is no probability, or reads would lag for longer than is remembered.
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

    /// Whether a surface is there.
    pub fn has(&self, surface: Surface) -> bool {
        self.surfaces.as_ref().is_none_or(|surfaces| surfaces.contains(&surface))
    }

    /// Whether a surface refuses a currency.
    pub fn refuses(&self, surface: Surface, currency: &str) -> bool {
        self.refused_currencies.get(&surface).is_some_and(|refused| refused.contains(currency))
    }
}
