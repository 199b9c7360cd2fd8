//! Chooses the credential that the environment variables name. Only computes: the variables are passed in.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

use super::names::{
    BUILD_TOKEN, CERTIFICATE, CERTIFICATE_FILE, CERTIFICATE_PASSWORD, CLIENT, CONNECTION, IDENTITY_ENDPOINT, Owner,
    REQUEST_TOKEN, REQUEST_URL, SECRET, TENANT, TOKEN, TOKEN_FILE, USE_CLI, USE_MANAGED, USE_OIDC, VariableNames,
    Variables,
};

/// How to sign in.
#[derive(Clone, Debug)]
pub enum Credential {
    /// As an application of the directory.
    Application {
        /// The directory of the application.
        tenant_id: String,
        /// The client id.
        client_id: String,
        /// What proves that the caller is the application.
        proof: Proof,
    },
    /// The managed identity of the machine or the service that runs the tool.
    ManagedIdentity {
        /// The client id of a user-assigned identity; `None` for the machine's own.
        client_id: Option<String>,
    },
    /// The user that is signed in with `az login`.
    AzureCli {
        /// The directory, if one is named.
        tenant_id: Option<String>,
    },
}

/// What proves that a caller is an application.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A client secret.
    Secret(SecretString),
    /// A certificate.
    Certificate {
        /// The source of the certificate and its key.
        source: CertificateSource,
        /// The password, if they are encrypted.
        password: Option<SecretString>,
    },
    /// A token of a GitHub repository's workflow, which the application trusts.
    GitHub {
        /// The address that issues the workflow's token.
        request_url: String,
        /// The bearer token for that address.
        request_token: SecretString,
    },
    /// A service connection of Azure DevOps, which the application trusts.
    AzurePipelines {
        /// The service connection.
        service_connection: String,
        /// The running build's own token.
        access_token: SecretString,
    },
    /// A trusted token in a file, where workload identity writes it.
    TokenFile(PathBuf),
    /// A trusted token from a variable.
    Token(SecretString),
}

/// The source of a certificate and its key.
#[derive(Clone, Debug)]
pub enum CertificateSource {
    /// In a file, as PEM or PKCS#12.
    File(PathBuf),
    /// In a variable, as PKCS#12 in base64.
    Given(SecretString),
}

impl Credential {
    /// Chooses the credential of the environment. `POWER_PLATFORM_USE_CLI` and `POWER_PLATFORM_USE_MSI` have precedence over all
    /// other variables. `az login` is the fallback if no variable names an application, a tenant or a managed identity.
    /// The caller checks that `declared_tenant` agrees with the variables.
    ///
    /// # Errors
    ///
    /// If a credential is incomplete. There is no fallback then, because a fallback would act as another identity.
    pub fn find(variables: Variables<'_>, declared_tenant: Option<&str>) -> Result<Credential, Unfinished> {
        if USE_CLI.is_true(variables) {
            return Ok(azure_cli(variables, declared_tenant));
        }
        if USE_MANAGED.is_true(variables) {
            return Ok(Credential::ManagedIdentity { client_id: CLIENT.value(variables) });
        }
        for owner in [Owner::PowerPlatform, Owner::Others] {
            if let Some((found, proof)) = Proof::of(owner, variables)? {
                let tenant_id = match declared_tenant {
                    Some(tenant) => tenant.to_owned(),
                    None => TENANT.needed_for(found, variables)?,
                };
                let client_id = CLIENT.needed_for(found, variables)?;
                return Ok(Credential::Application { tenant_id, client_id, proof });
            }
        }
        // A password without a certificate: the variable for the file may be misspelt, and a fallback would act as
        // another identity.
        if let Some((found, _)) = CERTIFICATE_PASSWORD.find(variables) {
            CERTIFICATE_FILE.needed_for(found, variables)?;
        }
        if IDENTITY_ENDPOINT.find(variables).is_some() {
            return Ok(Credential::ManagedIdentity { client_id: CLIENT.value(variables) });
        }
        // An id without a proof is half a credential, and to go on with `az login` would act as another identity.
        if let Some((found, _)) = CLIENT.find(variables) {
            return Err(Unfinished::Proof { found: found.to_owned() });
        }
        if let Some((found, _)) = TENANT.find(variables) {
            CLIENT.needed_for(found, variables)?;
        }
        Ok(azure_cli(variables, declared_tenant))
    }

    /// Whether the environment names no credential, so that `az login` is the fallback.
    pub fn is_absent(variables: Variables<'_>) -> bool {
        let named = USE_CLI.find(variables).is_some();
        !named && matches!(Credential::find(variables, None), Ok(Credential::AzureCli { .. }))
    }
}

impl Proof {
    /// The proof in one owner's variables (Power Platform's or Azure's), and the name of the variable that selected it.
    fn of(owner: Owner, variables: Variables<'_>) -> Result<Option<(&'static str, Proof)>, Unfinished> {
        if let Some((found, secret)) = SECRET.of(variables, owner) {
            return Ok(Some((found, Proof::Secret(secret.into()))));
        }
        let given = CERTIFICATE.of(variables, owner).map(|(name, it)| (name, CertificateSource::Given(it.into())));
        let file = CERTIFICATE_FILE.of(variables, owner).map(|(name, it)| (name, CertificateSource::File(it.into())));
        if let Some((found, source)) = given.or(file) {
            let password = CERTIFICATE_PASSWORD.value(variables).map(Into::into);
            return Ok(Some((found, Proof::Certificate { source, password })));
        }
        if let Some((found, service_connection)) = CONNECTION.of(variables, owner) {
            let access_token = BUILD_TOKEN.needed_for(found, variables)?.into();
            return Ok(Some((found, Proof::AzurePipelines { service_connection, access_token })));
        }
        if let Some((found, token)) = TOKEN.of(variables, owner) {
            return Ok(Some((found, Proof::Token(token.into()))));
        }
        if let Some((found, path)) = TOKEN_FILE.of(variables, owner) {
            return Ok(Some((found, Proof::TokenFile(path.into()))));
        }
        // Every workflow with `id-token: write` has this address, so it counts only beside a client id or with `USE_OIDC`.
        let is_asked_for = owner == Owner::PowerPlatform && USE_OIDC.is_true(variables);
        let request = REQUEST_URL.of(variables, owner).filter(|_| CLIENT.find(variables).is_some());
        if is_asked_for || request.is_some() {
            let found = REQUEST_URL.find(variables).map_or("POWER_PLATFORM_USE_OIDC", |(name, _)| name);
            let request_url = REQUEST_URL.needed_for(found, variables)?;
            let request_token = REQUEST_TOKEN.needed_for(found, variables)?.into();
            return Ok(Some((found, Proof::GitHub { request_url, request_token })));
        }
        Ok(None)
    }
}

fn azure_cli(variables: Variables<'_>, declared_tenant: Option<&str>) -> Credential {
    Credential::AzureCli { tenant_id: declared_tenant.map(str::to_owned).or_else(|| TENANT.value(variables)) }
}

/// Prints the kind and the application, never a secret.
impl fmt::Display for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::Application { client_id, proof, .. } => {
                write!(formatter, "application {client_id} with {proof}")
            }
            Credential::ManagedIdentity { client_id: Some(id) } => write!(formatter, "the managed identity {id}"),
            Credential::ManagedIdentity { client_id: None } => formatter.write_str("the machine's managed identity"),
            Credential::AzureCli { .. } => formatter.write_str("the user who is signed in with `az login`"),
        }
    }
}

/// Prints the kind, never a secret.
impl fmt::Display for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Proof::Secret(_) => formatter.write_str("a client secret"),
            Proof::Certificate { source: CertificateSource::File(path), .. } => {
                write!(formatter, "the certificate in {}", path.display())
            }
            Proof::Certificate { source: CertificateSource::Given(_), .. } => formatter.write_str("a certificate"),
            Proof::GitHub { .. } => formatter.write_str("a token of GitHub Actions"),
            Proof::AzurePipelines { service_connection, .. } => {
                write!(formatter, "the service connection {service_connection}")
            }
            Proof::TokenFile(path) => write!(formatter, "the token in {}", path.display()),
            Proof::Token(_) => formatter.write_str("a federated token"),
        }
    }
}

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
    #[error("{found} is set, but no client secret, certificate or token")]
    Proof {
        /// The variable that is set.
        found: String,
    },
}

impl Unfinished {
    /// What to do next.
    pub fn help(&self) -> String {
        let cli = "POWER_PLATFORM_USE_CLI=true acts as the user who is signed in with `az login`";
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
    /// The value. If it is missing, an error that names this variable and `found`, the variable that needs it.
    pub(super) fn needed_for(&self, found: &str, variables: Variables<'_>) -> Result<String, Unfinished> {
        let missing = || Unfinished::Variable { found: found.to_owned(), missing: self.to_string() };
        self.value(variables).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests;
