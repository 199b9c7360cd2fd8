//! What the emulator keeps beside its tenant: documents as they were written, settings, tokens and counts of requests.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::model::terms::EnvironmentId;
use crate::provider::power_platform::wire::document::RawDocument;

/// A write that took effect: what was there before it.
pub(super) struct Past {
    pub(super) at: Timestamp,
    pub(super) environment: EnvironmentId,
    pub(super) before: Option<RawDocument>,
}

/// What the tenant does not keep.
#[derive(Default)]
pub(super) struct Memory {
    /// Documents as they were last written, with what the model does not know.
    pub(super) raw: BTreeMap<EnvironmentId, RawDocument>,
    /// The writes, oldest first, for reads that lag.
    pub(super) past: Vec<Past>,
    /// Settings but who may allocate.
    pub(super) settings: Value,
    /// Tokens, and until when they are good.
    pub(super) tokens: BTreeMap<String, Timestamp>,
    /// Requests by method and route.
    pub(super) requests: BTreeMap<String, u64>,
}

/// No read lags for longer: what happened before is forgotten.
const LONGEST_LAG: SignedDuration = SignedDuration::from_hours(1);

impl Memory {
    /// The memory of a new emulator.
    pub(super) fn new() -> Memory {
        Memory { settings: fresh_settings(), ..Memory::default() }
    }

    /// A write took effect, and left this document behind.
    pub(super) fn wrote(&mut self, past: Past, after: RawDocument) {
        let since = past.at.saturating_sub(LONGEST_LAG).unwrap_or(past.at);
        let old = self.past.partition_point(|past| past.at < since);
        self.past.drain(..old);
        self.raw.insert(past.environment.clone(), after);
        self.past.push(past);
    }
}

/// The settings of a new tenant, but for who may allocate, which the tenant keeps itself.
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
