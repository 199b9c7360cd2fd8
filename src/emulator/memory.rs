//! The state that the tenant does not keep: raw documents, settings, tokens and counts of requests.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::model::terms::EnvironmentId;
use crate::provider::power_platform::wire::document::RawDocument;

/// A write that took effect, with the document before it.
pub(super) struct Past {
    pub(super) at: Timestamp,
    pub(super) environment: EnvironmentId,
    pub(super) before: Option<RawDocument>,
}

/// The state that the tenant does not keep.
#[derive(Default)]
pub(super) struct Memory {
    /// The documents as last written, including fields that the model lacks.
    pub(super) raw: BTreeMap<EnvironmentId, RawDocument>,
    /// The writes of the last hour, oldest first, for stale reads.
    pub(super) past: Vec<Past>,
    /// The settings, except `whoCanAllocate`, which the tenant keeps.
    pub(super) settings: Value,
    /// The tokens and their expiry.
    pub(super) tokens: BTreeMap<String, Timestamp>,
    /// The number of requests by method and route.
    pub(super) requests: BTreeMap<String, u64>,
}

/// The longest lag of stale reads.
const LONGEST_LAG: SignedDuration = SignedDuration::from_hours(1);

impl Memory {
    pub(super) fn new() -> Memory {
        Memory { settings: fresh_settings(), ..Memory::default() }
    }

    /// Records a write that took effect, with the document after it.
    pub(super) fn wrote(&mut self, past: Past, after: RawDocument) {
        let since = past.at.saturating_sub(LONGEST_LAG).unwrap_or(past.at);
        let old = self.past.partition_point(|past| past.at < since);
        self.past.drain(..old);
        self.raw.insert(past.environment.clone(), after);
        self.past.push(past);
    }
}

fn fresh_settings() -> Value {
    json!({
        "disableEnvironmentCreationByNonAdminUsers": false,
        "powerPlatform": {
            "licensing": {
                "disableUseOfUnassignedAIBuilderCredits": false,
                "enableTenantCapacityReportForEnvironmentAdmins": false,
                "enableTenantLicensingReportForEnvironmentAdmins": false,
                "disableBillingPolicyCreationByNonAdminUsers": false,
                "storageCapacityConsumptionWarningThreshold": 85,
                "applyAutoClaimToOnlyManagedEnvironments": false,
            },
        },
    })
}
