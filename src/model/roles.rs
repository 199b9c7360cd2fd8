//! The roles of administrators, and the setting that decides which of them may allocate.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The tenant's setting who may allocate (`disableCapacityAllocationByEnvironmentAdmins` of the service).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhoCanAllocate {
    /// Global, Dynamics 365 and Power Platform administrators only.
    OnlySpecificAdmins,
    /// Environment administrators too, each of them for every environment.
    EnvironmentAdmins,
}

impl WhoCanAllocate {
    /// The word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            WhoCanAllocate::OnlySpecificAdmins => "only-specific-admins",
            WhoCanAllocate::EnvironmentAdmins => "environment-admins",
        }
    }
}

impl fmt::Display for WhoCanAllocate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The role of a caller in the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Global administrator.
    GlobalAdmin,
    /// Dynamics 365 administrator.
    #[serde(rename = "dynamics-365-admin")]
    Dynamics365Admin,
    /// Power Platform administrator.
    PowerPlatformAdmin,
    /// Administrator of single environments.
    EnvironmentAdmin,
}

impl Role {
    /// Every role, most powerful first.
    pub const ALL: [Role; 4] =
        [Role::GlobalAdmin, Role::Dynamics365Admin, Role::PowerPlatformAdmin, Role::EnvironmentAdmin];

    /// The word on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::GlobalAdmin => "global-admin",
            Role::Dynamics365Admin => "dynamics-365-admin",
            Role::PowerPlatformAdmin => "power-platform-admin",
            Role::EnvironmentAdmin => "environment-admin",
        }
    }

    /// Whether this role may allocate under a setting. The three tenant roles always may.
    pub const fn may_allocate(self, setting: WhoCanAllocate) -> bool {
        match self {
            Role::GlobalAdmin | Role::Dynamics365Admin | Role::PowerPlatformAdmin => true,
            Role::EnvironmentAdmin => matches!(setting, WhoCanAllocate::EnvironmentAdmins),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
