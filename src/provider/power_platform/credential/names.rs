//! The names of the variables, and the look-up of their values. Only computes: the variables are passed in.

use std::fmt;

/// Looks up a variable of the process.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The names of a variable, in order of precedence.
pub(super) struct VariableNames(pub(super) &'static [&'static str]);

pub(super) const TENANT: VariableNames = VariableNames(&["POWER_PLATFORM_TENANT_ID", "AZURE_TENANT_ID"]);
pub(super) const CLIENT: VariableNames = VariableNames(&["POWER_PLATFORM_CLIENT_ID", "AZURE_CLIENT_ID"]);
pub(super) const SECRET: VariableNames = VariableNames(&["POWER_PLATFORM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"]);
pub(super) const CERTIFICATE: VariableNames = VariableNames(&["POWER_PLATFORM_CLIENT_CERTIFICATE"]);
pub(super) const CERTIFICATE_FILE: VariableNames =
    VariableNames(&["POWER_PLATFORM_CLIENT_CERTIFICATE_FILE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"]);
pub(super) const CERTIFICATE_PASSWORD: VariableNames =
    VariableNames(&["POWER_PLATFORM_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"]);
pub(super) const TOKEN: VariableNames = VariableNames(&["POWER_PLATFORM_OIDC_TOKEN"]);
pub(super) const TOKEN_FILE: VariableNames =
    VariableNames(&["POWER_PLATFORM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"]);
pub(super) const CONNECTION: VariableNames =
    VariableNames(&["POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"]);
pub(super) const BUILD_TOKEN: VariableNames = VariableNames(&["SYSTEM_ACCESSTOKEN"]);
pub(super) const USE_OIDC: VariableNames = VariableNames(&["POWER_PLATFORM_USE_OIDC"]);
pub(super) const REQUEST_URL: VariableNames =
    VariableNames(&["POWER_PLATFORM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL"]);
pub(super) const REQUEST_TOKEN: VariableNames =
    VariableNames(&["POWER_PLATFORM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]);
pub(super) const USE_MANAGED: VariableNames = VariableNames(&["POWER_PLATFORM_USE_MSI"]);
pub(super) const USE_CLI: VariableNames = VariableNames(&["POWER_PLATFORM_USE_CLI"]);
/// The token endpoint of App Service and similar services, which set this variable.
pub(super) const IDENTITY_ENDPOINT: VariableNames = VariableNames(&["IDENTITY_ENDPOINT"]);

/// The owner of the variables. Power Platform's own take precedence over Azure's, which may be set for another tool.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    PowerPlatform,
    Others,
}

/// Prints the names like `POWER_PLATFORM_CLIENT_ID or AZURE_CLIENT_ID`.
impl fmt::Display for VariableNames {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" or "))
    }
}

impl VariableNames {
    pub(super) fn find(&self, variables: Variables<'_>) -> Option<(&'static str, String)> {
        self.among(variables, |_| true)
    }

    /// Finds a value among the names of one owner.
    pub(super) fn of(&self, variables: Variables<'_>, owner: Owner) -> Option<(&'static str, String)> {
        self.among(variables, |name| name.starts_with("POWER_PLATFORM_") == (owner == Owner::PowerPlatform))
    }

    fn among(&self, variables: Variables<'_>, is_meant: impl Fn(&str) -> bool) -> Option<(&'static str, String)> {
        let meant = self.0.iter().filter(|name| is_meant(name));
        meant.into_iter().find_map(|name| Some((*name, variables(name).filter(|value| !value.trim().is_empty())?)))
    }

    pub(super) fn value(&self, variables: Variables<'_>) -> Option<String> {
        self.find(variables).map(|(_, value)| value)
    }

    pub(super) fn is_true(&self, variables: Variables<'_>) -> bool {
        self.value(variables).is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "1"))
    }
}
