//! Which credential was found. The variables are those of Microsoft's own Terraform provider, then those of the Azure SDKs.
//! Only computes: the variables are passed in.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

/// Looks up a variable of the process.
pub type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

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

/// What is missing, where a credential was begun and not finished.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} is set, and {missing} is not")]
pub struct Unfinished {
    /// The variable that is there.
    pub found: String,
    /// The one that is not.
    pub missing: String,
}

/// The names of a variable, the first that is set counts.
struct Names(&'static [&'static str]);

const TENANT: Names = Names(&["POWER_PLATFORM_TENANT_ID", "AZURE_TENANT_ID"]);
const CLIENT: Names = Names(&["POWER_PLATFORM_CLIENT_ID", "AZURE_CLIENT_ID"]);
const SECRET: Names = Names(&["POWER_PLATFORM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"]);
const CERTIFICATE: Names = Names(&["POWER_PLATFORM_CLIENT_CERTIFICATE"]);
const CERTIFICATE_FILE: Names =
    Names(&["POWER_PLATFORM_CLIENT_CERTIFICATE_FILE_PATH", "AZURE_CLIENT_CERTIFICATE_PATH"]);
const CERTIFICATE_PASSWORD: Names =
    Names(&["POWER_PLATFORM_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_CERTIFICATE_PASSWORD"]);
const TOKEN: Names = Names(&["POWER_PLATFORM_OIDC_TOKEN"]);
const TOKEN_FILE: Names = Names(&["POWER_PLATFORM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"]);
const CONNECTION: Names =
    Names(&["POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"]);
const BUILD_TOKEN: Names = Names(&["SYSTEM_ACCESSTOKEN"]);
const USE_OIDC: Names = Names(&["POWER_PLATFORM_USE_OIDC"]);
const REQUEST_URL: Names = Names(&["POWER_PLATFORM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL"]);
const REQUEST_TOKEN: Names = Names(&["POWER_PLATFORM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]);
const USE_MANAGED: Names = Names(&["POWER_PLATFORM_USE_MSI"]);
const USE_CLI: Names = Names(&["POWER_PLATFORM_USE_CLI"]);
/// Where App Service and its relatives give tokens: set there and nowhere else.
const IDENTITY_ENDPOINT: Names = Names(&["IDENTITY_ENDPOINT"]);

/// Whose variables name a credential. One of Power Platform's own counts before any of Azure's, which may be there for another tool.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Generation {
    PowerPlatform,
    Others,
}

impl Names {
    fn find(&self, variables: Variables<'_>) -> Option<(&'static str, String)> {
        self.among(variables, |_| true)
    }

    /// The same among the names of Microsoft's provider for Power Platform, or among all others.
    fn of(&self, variables: Variables<'_>, generation: Generation) -> Option<(&'static str, String)> {
        self.among(variables, |name| name.starts_with("POWER_PLATFORM_") == (generation == Generation::PowerPlatform))
    }

    fn among(&self, variables: Variables<'_>, is_meant: impl Fn(&str) -> bool) -> Option<(&'static str, String)> {
        let meant = self.0.iter().filter(|name| is_meant(name));
        meant.into_iter().find_map(|name| Some((*name, variables(name).filter(|value| !value.trim().is_empty())?)))
    }

    fn value(&self, variables: Variables<'_>) -> Option<String> {
        self.find(variables).map(|(_, value)| value)
    }

    fn is_true(&self, variables: Variables<'_>) -> bool {
        self.value(variables).is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "true" | "1"))
    }

    /// The value, or that it is missing for what was found.
    fn needed_for(&self, found: &str, variables: Variables<'_>) -> Result<String, Unfinished> {
        let missing = || Unfinished { found: found.to_owned(), missing: self.0.join(" or ") };
        self.value(variables).ok_or_else(missing)
    }
}

impl Credential {
    /// What the environment holds. What names its kind counts before what merely happens to be there; `az login` is what is left
    /// where nothing else is.
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
mod tests {
    use super::Credential;

    fn find(set: &[(&str, &str)], tenant: Option<&str>) -> Result<String, String> {
        let variables = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let found = Credential::find(&variables, tenant).map_err(|unfinished| unfinished.to_string())?;
        assert!(!format!("{found:?} {found}").contains("planted"), "{found:?}");
        Ok(format!("{found} in {}", found.tenant_id().unwrap_or("any")))
    }

    const APPLICATION: [(&str, &str); 2] = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")];

    fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        APPLICATION.into_iter().chain(more.iter().copied()).collect()
    }

    #[test]
    fn each_credential_is_found() {
        for (set, expected) in [
            (vec![], "whoever is signed in with `az login` in any"),
            (with(&[]), "whoever is signed in with `az login` in t"),
            (with(&[("AZURE_CLIENT_SECRET", "planted")]), "application c with a client secret in t"),
            (with(&[("POWER_PLATFORM_CLIENT_CERTIFICATE", "planted")]), "application c with a certificate in t"),
            (
                with(&[("AZURE_CLIENT_CERTIFICATE_PATH", "/c"), ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "planted")]),
                "application c with the certificate in /c in t",
            ),
            (
                with(&[("POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID", "s"), ("SYSTEM_ACCESSTOKEN", "planted")]),
                "application c with the service connection s in t",
            ),
            (with(&[("POWER_PLATFORM_OIDC_TOKEN", "planted")]), "application c with a federated token in t"),
            (with(&[("AZURE_FEDERATED_TOKEN_FILE", "/f")]), "application c with the token in /f in t"),
            (
                with(&[("ACTIONS_ID_TOKEN_REQUEST_URL", "u"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "planted")]),
                "application c with a token of GitHub Actions in t",
            ),
            (vec![("ACTIONS_ID_TOKEN_REQUEST_URL", "u")], "whoever is signed in with `az login` in any"),
            (vec![("IDENTITY_ENDPOINT", "u")], "the machine's managed identity in any"),
            (with(&[("POWER_PLATFORM_USE_MSI", "true")]), "the managed identity c in any"),
            (
                with(&[("POWER_PLATFORM_USE_CLI", "true"), ("AZURE_CLIENT_SECRET", "planted")]),
                "whoever is signed in with `az login` in t",
            ),
            (with(&[("AZURE_CLIENT_SECRET", " ")]), "whoever is signed in with `az login` in t"),
        ] {
            assert_eq!(find(&set, None).as_deref(), Ok(expected), "{set:?}");
        }
    }

    #[test]
    fn what_the_configuration_and_microsofts_provider_name_counts_first() {
        let set = with(&[("POWER_PLATFORM_CLIENT_ID", "p"), ("POWER_PLATFORM_CLIENT_SECRET", "planted")]);
        assert_eq!(find(&set, Some("declared")).unwrap(), "application p with a client secret in declared");
        // What another tool left there is none of ours.
        for (own, expected) in [
            (
                vec![("POWER_PLATFORM_CLIENT_CERTIFICATE_FILE_PATH", "/c")],
                "application p with the certificate in /c in t",
            ),
            (vec![("POWER_PLATFORM_OIDC_TOKEN_FILE_PATH", "/t")], "application p with the token in /t in t"),
            (
                vec![
                    ("POWER_PLATFORM_USE_OIDC", "true"),
                    ("ACTIONS_ID_TOKEN_REQUEST_URL", "u"),
                    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "planted"),
                ],
                "application p with a token of GitHub Actions in t",
            ),
        ] {
            let mut set = with(&[("POWER_PLATFORM_CLIENT_ID", "p"), ("AZURE_CLIENT_SECRET", "planted")]);
            set.extend(own);
            assert_eq!(find(&set, None).unwrap(), expected);
        }
    }

    #[test]
    fn half_a_credential_is_an_error_and_no_reason_to_act_as_somebody_else() {
        for (set, expected) in [
            (
                vec![("AZURE_CLIENT_SECRET", "planted"), ("AZURE_TENANT_ID", "t")],
                "AZURE_CLIENT_SECRET is set, and POWER_PLATFORM_CLIENT_ID or AZURE_CLIENT_ID is not",
            ),
            (
                vec![("AZURE_CLIENT_SECRET", "planted"), ("AZURE_CLIENT_ID", "c")],
                "AZURE_CLIENT_SECRET is set, and POWER_PLATFORM_TENANT_ID or AZURE_TENANT_ID is not",
            ),
            (
                with(&[("POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID", "s")]),
                "POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID is set, and SYSTEM_ACCESSTOKEN is not",
            ),
            (
                with(&[("AZURE_CLIENT_CERTIFICATE_PASSWORD", "planted")]),
                "AZURE_CLIENT_CERTIFICATE_PASSWORD is set, and POWER_PLATFORM_CLIENT_CERTIFICATE_FILE_PATH or AZURE_CLIENT_CERTIFICATE_PATH is not",
            ),
            (
                with(&[("POWER_PLATFORM_USE_OIDC", "true")]),
                "POWER_PLATFORM_USE_OIDC is set, and POWER_PLATFORM_OIDC_REQUEST_URL or ACTIONS_ID_TOKEN_REQUEST_URL is not",
            ),
        ] {
            assert_eq!(find(&set, None).unwrap_err(), expected);
        }
    }
}
