//! Which credential was found. Only computes: the variables are passed in.

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
    /// The directory in which it lives.
    pub tenant_id: String,
    /// Its id.
    pub client_id: String,
}

/// How to sign in.
#[derive(Debug)]
pub enum Credential {
    /// An application with a secret.
    Secret {
        /// The application.
        application: Application,
        /// Its secret.
        secret: SecretString,
    },
    /// An application with a certificate.
    Certificate {
        /// The application.
        application: Application,
        /// Where the certificate and its key are.
        source: CertificateSource,
        /// What opens them, where they are closed.
        password: Option<SecretString>,
    },
    /// An application that trusts the tokens of a GitHub repository's workflows.
    GitHub {
        /// The application.
        application: Application,
        /// Where the workflow's token is asked for.
        request_url: String,
        /// What it is asked for with.
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
    /// An application that trusts a token which stands in a file, as workload identity puts it there.
    TokenFile {
        /// The application.
        application: Application,
        /// The file.
        path: PathBuf,
    },
    /// An application that trusts a token which was given.
    Token {
        /// The application.
        application: Application,
        /// The token.
        token: SecretString,
    },
    /// The identity of the machine or the service that this runs on.
    ManagedIdentity {
        /// One that was assigned by hand; the machine's own otherwise.
        client_id: Option<String>,
    },
    /// Whoever is signed in with `az login`.
    AzureCli {
        /// The directory, where one is named.
        tenant_id: Option<String>,
    },
}

/// Where a certificate and its key are.
#[derive(Debug)]
pub enum CertificateSource {
    /// In a file, as PEM or PKCS#12.
    File(PathBuf),
    /// In a variable, as PKCS#12 in base64.
    Given(SecretString),
}

impl Credential {
    /// What the environment holds. What names its kind counts before what merely happens to be there; `az login` is what is left
    /// where no variable names an application or a tenant. `declared_tenant` agrees with the variables: whoever calls has checked that.
    ///
    /// # Errors
    ///
    /// Where a credential is there in part: to fall back to another would act as somebody else.
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
        // A password for nothing: the file's variable may be misspelt, and to go on would act as somebody else.
        if let Some((found, _)) = CERTIFICATE_PASSWORD.find(variables) {
            CERTIFICATE_FILE.needed_for(found, variables)?;
        }
        if IDENTITY_ENDPOINT.find(variables).is_some() {
            return Ok(Credential::ManagedIdentity { client_id: CLIENT.value(variables) });
        }
        // An id without a proof is half a credential, and to go on with `az login` would act as somebody else.
        if let Some((found, _)) = CLIENT.find(variables) {
            return Err(Unfinished::Proof { found: found.to_owned() });
        }
        if let Some((found, _)) = TENANT.find(variables) {
            CLIENT.needed_for(found, variables)?;
        }
        Ok(azure_cli(variables, declared_tenant))
    }

    /// What variables of one generation name.
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
        // Every workflow with the permission has the request's address, also one that signs in another way.
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

    /// Whether the environment holds nothing, so that only `az login` is left.
    pub fn is_absent(variables: Variables<'_>) -> bool {
        let named = USE_CLI.find(variables).is_some();
        !named && matches!(Credential::find(variables, None), Ok(Credential::AzureCli { .. }))
    }

    /// The directory, where the credential names one.
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

/// The kind and the application, never a secret.
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
