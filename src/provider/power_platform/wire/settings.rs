//! The one tenant setting that the tool uses: `whoCanAllocate` (powerplatform-api.md 4).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::document::quoted;
use crate::model::observed::Reading;
use crate::model::roles::WhoCanAllocate;

/// The part of the settings that the tool writes. The key is at the top level, not under `powerPlatform.licensing`. The
/// service accepts a partial document and keeps the other settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantSettings {
    /// Whether only specific admins may allocate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_capacity_allocation_by_environment_admins: Option<bool>,
}

impl TenantSettings {
    /// The partial settings that set `whoCanAllocate`.
    pub const fn setting(who: WhoCanAllocate) -> TenantSettings {
        let disabled = matches!(who, WhoCanAllocate::OnlySpecificAdmins);
        TenantSettings { disable_capacity_allocation_by_environment_admins: Some(disabled) }
    }
}

/// The key of the setting. Microsoft's pages write some keys with a capital, so the case of letters does not matter.
const KEY: &str = "disableCapacityAllocationByEnvironmentAdmins";

/// Who may allocate. If the settings lack the key, the reading is unknown, whatever the documented default is.
pub fn who_can_allocate(settings: &Value, as_of: Timestamp) -> Reading<WhoCanAllocate> {
    let unknown = |why: String| Reading::Unknown { why: why.into() };
    let Some(fields) = settings.as_object() else {
        return unknown(format!("the service returned {} instead of the tenant's settings", quoted(settings)));
    };
    match fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(KEY)).map(|(_, value)| value) {
        Some(Value::Bool(true)) => Reading::Known { value: WhoCanAllocate::OnlySpecificAdmins, as_of },
        Some(Value::Bool(false)) => Reading::Known { value: WhoCanAllocate::EnvironmentAdmins, as_of },
        Some(other) => unknown(format!("the tenant's settings state {} for {KEY}", quoted(other))),
        None => unknown("the tenant's settings do not say who can allocate".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::who_can_allocate;
    use crate::model::roles::WhoCanAllocate;

    #[test]
    fn only_true_and_false_say_who_may_allocate() {
        let read = |settings: Value| who_can_allocate(&settings, "2026-11-25T08:00:00Z".parse().unwrap());
        for key in ["disableCapacityAllocationByEnvironmentAdmins", "DisableCapacityAllocationByEnvironmentAdmins"] {
            assert_eq!(read(json!({ key: true })).known(), Some(&WhoCanAllocate::OnlySpecificAdmins));
            assert_eq!(read(json!({ key: false })).known(), Some(&WhoCanAllocate::EnvironmentAdmins));
            let why = read(json!({ key: "true" }));
            assert!(why.unknown().is_some_and(|why| why.contains("`\"true\"`")), "{why:?}");
            assert!(read(json!({ key: null })).unknown().is_some());
        }
        for odd in [json!({}), json!([]), json!(null)] {
            assert!(read(odd).unknown().is_some());
        }
    }
}
