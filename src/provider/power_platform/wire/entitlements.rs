//! The newest writing surface: entitlements of a scope (powerplatform-api.md 2.2). It is written only, and read through the
//! allocation documents.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use super::document::{RawDocument, RawRule};

/// What a scope is to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllocationPut {
    /// Whose entitlements.
    pub scope: AllocationScope,
    /// The entitlements.
    pub allocated_entitlements: Vec<Entitlement>,
}

/// Whose entitlements they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllocationScope {
    /// One environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_id: Option<String>,
    /// Others, such as a user or a group.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One entitlement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entitlement {
    /// Which one: the same names as elsewhere.
    pub entitlement_id: String,
    /// How much of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocation: Option<Quantity>,
    /// What happens when it is used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement_rules: Option<Vec<RawRule>>,
}

/// How much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quantity {
    /// The units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Number>,
    /// What the service assigned by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_allocated: Option<Number>,
}

/// The answer. It can say no with a status that says yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationResult {
    /// Whether it was not done.
    #[serde(default)]
    pub is_error_result: bool,
    /// The status of what was done behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<i64>,
}

impl AllocationPut {
    /// A whole document, since what is put may replace the scope.
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
