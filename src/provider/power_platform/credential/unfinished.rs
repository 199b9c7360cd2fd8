//! A credential that is incomplete in the environment.

use super::names::{
    BUILD_TOKEN, CERTIFICATE, CERTIFICATE_FILE, CONNECTION, SECRET, TOKEN, TOKEN_FILE, VariableNames, Variables,
};

/// The missing part of an incomplete credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfinished {
    /// A variable is set, and another that it needs is not.
    #[error("{found} is set, and {missing} is not")]
    Variable {
        /// The variable that is set.
        found: String,
        /// The variable that is not set.
        missing: String,
    },
    /// A variable names an application, and there is no secret, certificate or token.
    #[error("{found} is set, and nothing proves who calls: no client secret, no certificate and no token")]
    Proof {
        /// The variable that is set.
        found: String,
    },
}

impl Unfinished {
    /// What to do next.
    pub fn help(&self) -> String {
        let cli = "POWER_PLATFORM_USE_CLI=true acts as whoever is signed in with `az login`";
        match self {
            Unfinished::Variable { found, missing } => format!("set {missing}, or unset {found}; {cli}"),
            Unfinished::Proof { .. } => format!(
                "set a secret ({SECRET}), a certificate ({CERTIFICATE_FILE} or {CERTIFICATE}) or a token ({TOKEN_FILE} or {TOKEN}), \
                 or let the pipeline give one (`permissions: id-token: write` on GitHub, {CONNECTION} and {BUILD_TOKEN} on Azure \
                 DevOps); {cli}"
            ),
        }
    }
}

impl VariableNames {
    /// The value, or an error that it is missing for the variable that was found.
    pub(super) fn needed_for(&self, found: &str, variables: Variables<'_>) -> Result<String, Unfinished> {
        let missing = || Unfinished::Variable { found: found.to_owned(), missing: self.to_string() };
        self.value(variables).ok_or_else(missing)
    }
}
