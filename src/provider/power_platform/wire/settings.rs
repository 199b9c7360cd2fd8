//! The one tenant setting that the tool uses: who may allocate (powerplatform-api.md 4).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::observed::Reading;
use crate::model::roles::WhoCanAllocate;

/// The part of the settings that the tool reads and writes. The key is at the top level, not under `powerPlatform.licensing`. The
/// service accepts a partial document and keeps the other settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantSettings {
    /// Whether only specific admins may allocate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_capacity_allocation_by_environment_admins: Option<bool>,
}

impl TenantSettings {
    /// The partial document that sets who may allocate.
    pub const fn setting(who: WhoCanAllocate) -> TenantSettings {
        let disabled = matches!(who, WhoCanAllocate::OnlySpecificAdmins);
        TenantSettings { disable_capacity_allocation_by_environment_admins: Some(disabled) }
    }

    /// Who may allocate. If the settings lack the key, the reading is unknown, whatever the documented default is.
    pub fn who_can_allocate(&self, as_of: Timestamp) -> Reading<WhoCanAllocate> {
        match self.disable_capacity_allocation_by_environment_admins {
            Some(true) => Reading::Known { value: WhoCanAllocate::OnlySpecificAdmins, as_of },
            Some(false) => Reading::Known { value: WhoCanAllocate::EnvironmentAdmins, as_of },
            None => Reading::Unknown { why: "the tenant's settings do not say who may allocate".into() },
        }
    }
}
