//! Chooses the credential that the environment variables name. Only computes: the variables are passed in.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

use super::names::{
    BUILD_TOKEN, CERTIFICATE, CERTIFICATE_FILE, CERTIFICATE_PASSWORD, CLIENT, CONNECTION, Generation,
    IDENTITY_ENDPOINT, REQUEST_TOKEN, REQUEST_URL, SECRET, TENANT, TOKEN, TOKEN_FILE, USE_CLI, USE_MANAGED, USE_OIDC,
    Variables,
};
use super::unfinished::Unfinished;

/// An application of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The directory of the application.
    pub tenant_id: String,
    /// The client id.
    pub client_id: String,
}

/// How to sign in.
#[derive(Debug)]
pub enum Credential {
    /// An application with a secret.
    Secret {
        /// The application.
        application: Application,
        /// The client secret.
        secret: SecretString,
    },
    /// An application with a certificate.
    Certificate {
        /// The application.
        application: Application,
        /// The source of the certificate and its key.
        source: CertificateSource,
        /// The password, if they are encrypted.
        password: Option<SecretString>,
    },
    /// An application that trusts the tokens of a GitHub repository's workflows.
    GitHub {
        /// The application.
        application: Application,
        /// The address that issues the workflow's token.
        request_url: String,
        /// The bearer token for that address.
        request_token: SecretString,
    },
    /// An application that trusts a service connection of Azure DevOps.
    AzurePipelines {
        /// The application.
        application: Application,
        /// The service connection.
        service_connection: String,
        /// The running build's own token.
        access_token: SecretString,
    },
    /// An application that trusts a token in a file, where workload identity writes it.
    TokenFile {
        /// The application.
        application: Application,
        /// The file.
        path: PathBuf,
    },
    /// An application that trusts a token from a variable.
    Token {
        /// The application.
        application: Application,
        /// The token.
        token: SecretString,
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

/// The source of a certificate and its key.
#[derive(Debug)]
pub enum CertificateSource {
    /// In a file, as PEM or PKCS#12.
    File(PathBuf),
    /// In a variable, as PKCS#12 in base64.
    Given(SecretString),
}

impl Credential {
    /// Chooses the credential of the environment. A variable that names the kind has precedence over one that is only present;
    /// `az login` is the fallback if no variable names an application or a tenant. `declared_tenant` must agree with the variables: the caller checks that.
    ///
    /// # Errors
    ///
    /// If a credential is incomplete: a fallback would act as another identity.
    pub fn find(variables: Variables<'_>, declared_tenant: Option<&str>) -> Result<Credential, Unfinished> {
        let application = |found: &str| {
            let tenant_id = match declared_tenant {
                Some(tenant) => tenant.to_owned(),
                None => TENANT.needed_for(found, variables)?,
            };
            Ok::<_, Unfinished>(Application { tenant_id, client_id: CLIENT.needed_for(found, variables)? })
        };
        if USE_CLI.is_true(variables) {
            return Ok(azure_cli(variables, declared_tenant));
        }
        if USE_MANAGED.is_true(variables) {
            return Ok(Credential::ManagedIdentity { client_id: CLIENT.value(variables) });
        }
        for generation in [Generation::PowerPlatform, Generation::Others] {
            if let Some(credential) = Credential::of(generation, variables, &application)? {
                return Ok(credential);
            }
        }
        // A password without a certificate: the file's variable may be misspelt, and to go on would act as another identity.
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

    /// The credential that the variables of one generation name.
    fn of(
        generation: Generation,
        variables: Variables<'_>,
        application: &dyn Fn(&str) -> Result<Application, Unfinished>,
    ) -> Result<Option<Credential>, Unfinished> {
        if let Some((found, secret)) = SECRET.of(variables, generation) {
            return Ok(Some(Credential::Secret { application: application(found)?, secret: secret.into() }));
        }
        let given = CERTIFICATE.of(variables, generation).map(|(name, it)| (name, CertificateSource::Given(it.into())));
        let file =
            CERTIFICATE_FILE.of(variables, generation).map(|(name, it)| (name, CertificateSource::File(it.into())));
        if let Some((found, source)) = given.or(file) {
            let password = CERTIFICATE_PASSWORD.value(variables).map(Into::into);
            return Ok(Some(Credential::Certificate { application: application(found)?, source, password }));
        }
        if let Some((found, service_connection)) = CONNECTION.of(variables, generation) {
            let access_token = BUILD_TOKEN.needed_for(found, variables)?.into();
            let application = application(found)?;
            return Ok(Some(Credential::AzurePipelines { application, service_connection, access_token }));
        }
        if let Some((found, token)) = TOKEN.of(variables, generation) {
            return Ok(Some(Credential::Token { application: application(found)?, token: token.into() }));
        }
        if let Some((found, path)) = TOKEN_FILE.of(variables, generation) {
            return Ok(Some(Credential::TokenFile { application: application(found)?, path: path.into() }));
        }
        // Every workflow with the permission has the request's address, even one that signs in another way.
        let is_asked_for = generation == Generation::PowerPlatform && USE_OIDC.is_true(variables);
        let request = REQUEST_URL.of(variables, generation).filter(|_| CLIENT.find(variables).is_some());
        if is_asked_for || request.is_some() {
            let found = REQUEST_URL.find(variables).map_or("POWER_PLATFORM_USE_OIDC", |(name, _)| name);
            let request_url = REQUEST_URL.needed_for(found, variables)?;
            let request_token = REQUEST_TOKEN.needed_for(found, variables)?.into();
            return Ok(Some(Credential::GitHub { application: application(found)?, request_url, request_token }));
        }
        Ok(None)
    }

    /// Whether the environment names no credential, so that `az login` is the fallback.
    pub fn is_absent(variables: Variables<'_>) -> bool {
        let named = USE_CLI.find(variables).is_some();
        !named && matches!(Credential::find(variables, None), Ok(Credential::AzureCli { .. }))
    }

    /// The directory, if the credential names one.
    pub fn tenant_id(&self) -> Option<&str> {
        match self {
            Credential::Secret { application, .. }
            | Credential::Certificate { application, .. }
            | Credential::GitHub { application, .. }
            | Credential::AzurePipelines { application, .. }
            | Credential::TokenFile { application, .. }
            | Credential::Token { application, .. } => Some(&application.tenant_id),
            Credential::ManagedIdentity { .. } => None,
            Credential::AzureCli { tenant_id } => tenant_id.as_deref(),
        }
    }
}

fn azure_cli(variables: Variables<'_>, declared_tenant: Option<&str>) -> Credential {
    Credential::AzureCli { tenant_id: declared_tenant.map(str::to_owned).or_else(|| TENANT.value(variables)) }
}

/// Prints the kind and the application, never a secret.
impl fmt::Display for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credential::Secret { application, .. } => {
                write!(formatter, "application {} with a client secret", application.client_id)
            }
            Credential::Certificate { application, source: CertificateSource::File(path), .. } => {
                write!(formatter, "application {} with the certificate in {}", application.client_id, path.display())
            }
            Credential::Certificate { application, source: CertificateSource::Given(_), .. } => {
                write!(formatter, "application {} with a certificate", application.client_id)
            }
            Credential::GitHub { application, .. } => {
                write!(formatter, "application {} with a token of GitHub Actions", application.client_id)
            }
            Credential::AzurePipelines { application, service_connection, .. } => {
                let client_id = &application.client_id;
                write!(formatter, "application {client_id} with the service connection {service_connection}")
            }
            Credential::TokenFile { application, path } => {
                write!(formatter, "application {} with the token in {}", application.client_id, path.display())
            }
            Credential::Token { application, .. } => {
                write!(formatter, "application {} with a federated token", application.client_id)
            }
            Credential::ManagedIdentity { client_id: Some(id) } => write!(formatter, "the managed identity {id}"),
            Credential::ManagedIdentity { client_id: None } => formatter.write_str("the machine's managed identity"),
            Credential::AzureCli { .. } => formatter.write_str("whoever is signed in with `az login`"),
        }
    }
}

#[cfg(test)]
mod tests;
