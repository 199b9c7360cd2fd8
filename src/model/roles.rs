//! The roles of administrators, and the setting that decides which of them may allocate.

use super::words::words;

words! {
    /// The tenant's setting `whoCanAllocate` (`disableCapacityAllocationByEnvironmentAdmins` of the service).
    pub enum WhoCanAllocate {
        /// Global, Dynamics 365 and Power Platform administrators only.
        OnlySpecificAdmins = "only-specific-admins",
        /// Environment administrators too, each of them for every environment.
        EnvironmentAdmins = "environment-admins",
    }
}

words! {
    /// The role of a caller in the tenant. The order is from most to least powerful.
    pub enum Role {
        /// Global administrator.
        GlobalAdmin = "global-admin",
        /// Dynamics 365 administrator.
        Dynamics365Admin = "dynamics-365-admin",
        /// Power Platform administrator.
        PowerPlatformAdmin = "power-platform-admin",
        /// Administrator of single environments.
        EnvironmentAdmin = "environment-admin",
    }
}

impl Role {
    /// Whether this role may allocate under a setting. The three tenant roles always may.
    pub const fn may_allocate(self, setting: WhoCanAllocate) -> bool {
        match self {
            Role::GlobalAdmin | Role::Dynamics365Admin | Role::PowerPlatformAdmin => true,
            Role::EnvironmentAdmin => matches!(setting, WhoCanAllocate::EnvironmentAdmins),
        }
    }
}
