//! The newest writing surface: entitlements of a scope (powerplatform-api.md 2.2). The surface is only written; reads go through the
//! allocation documents.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use super::document::{RawDocument, RawRule};

/// The wanted entitlements of a scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllocationPut {
    /// The owner of the entitlements.
    pub scope: AllocationScope,
    /// The entitlements.
    pub allocated_entitlements: Vec<Entitlement>,
}

/// The owner of entitlements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllocationScope {
    /// One environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_id: Option<String>,
    /// Other owners, such as a user or a group.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One entitlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entitlement {
    /// The service's name of the add-on, as in documents.
    pub entitlement_id: String,
    /// The allocated amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<Quantity>,
    /// The rules for when the amount is used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement_rules: Option<Vec<RawRule>>,
}

/// An allocated amount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quantity {
    /// The units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// Units that the service assigned by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_allocated: Option<Number>,
}

/// The response, which can report a failure under a successful status.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationResult {
    /// Whether the write failed.
    #[serde(default)]
    pub is_error_result: bool,
    /// The status of the operation, which can differ from the status of the response.
    pub status_code: Option<i64>,
}

impl AllocationPut {
    /// The whole document as entitlements, because the write may replace the whole scope.
    pub fn of(document: &RawDocument) -> AllocationPut {
        let entitlements = document.currency_allocations.iter().map(|entry| Entitlement {
            entitlement_id: entry.currency_type.clone(),
            allocation: Some(Quantity {
                quantity: entry.allocated.clone(),
                auto_allocated: entry.auto_allocated.clone(),
            }),
            enforcement_rules: entry.enforcement_rules.clone(),
        });
        AllocationPut {
            scope: AllocationScope { environment_id: Some(document.environment_id.clone()), other: Map::new() },
            allocated_entitlements: entitlements.collect(),
        }
    }
}
