//! Turns a credential into tokens, through Microsoft's own library.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, ExponentialRetryOptions, RetryOptions, Transport as SdkTransport};
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzurePipelinesCredential, AzurePipelinesCredentialOptions,
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::assertion::{Given, OfGitHub};
use super::bridge::{Bridge, over_https};
use super::cached::CachedTokens;
use super::certificate::{Certificate, OfCertificate};
use super::choice::{CertificateSource, Credential, Proof};
use super::entra::advice;
use crate::net::bounds::SIGN_IN_RETRIES;
use crate::net::transport::Transport;
use crate::provider::port::{Clock, ProviderError, ProviderErrorKind};
use crate::provider::power_platform::token::TokenSource;

type Credentials = azure_core::Result<Arc<dyn TokenCredential>>;

/// Tokens from Microsoft's directory. The library caches each token while it is valid.
pub struct SignIn {
    /// Makes the credential again, with an empty cache: the library has no other way to forget a token.
    make: Box<dyn Fn() -> Credentials + Send + Sync>,
    credential: Mutex<Arc<dyn TokenCredential>>,
    /// Held while a refused token is replaced, so that requests that were refused together replace it once.
    replacing: tokio::sync::Mutex<()>,
    shown: String,
}

impl SignIn {
    /// Prepares to sign in, without a request.
    ///
    /// # Errors
    ///
    /// If the credential is malformed, such as an id with invalid characters.
    pub fn new(
        credential: Credential,
        login: &Url,
        transport: &Arc<dyn Transport>,
        clock: &Clock,
    ) -> Result<SignIn, ProviderError> {
        let shown = credential.to_string();
        let (login, transport, clock) = (login.clone(), Arc::clone(transport), Arc::clone(clock));
        let make = move || ready(credential.clone(), &login, &transport, &clock);
        let credential = Mutex::new(make().map_err(|error| denied(&shown, &error))?);
        Ok(SignIn { make: Box::new(make), credential, replacing: tokio::sync::Mutex::default(), shown })
    }

    /// The credential. Each update is one step, so a panic elsewhere leaves it consistent.
    fn credential(&self) -> MutexGuard<'_, Arc<dyn TokenCredential>> {
        self.credential.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenSource for SignIn {
    async fn token(&self, scope: &str) -> Result<SecretString, ProviderError> {
        let credential = Arc::clone(&self.credential());
        let token = credential.get_token(&[scope], None).await.map_err(|error| denied(&self.shown, &error))?;
        Ok(SecretString::from(token.token.secret().to_owned()))
    }

    async fn fresh_token(&self, scope: &str, refused: &SecretString) -> Result<Option<SecretString>, ProviderError> {
        let _turn = self.replacing.lock().await;
        let is_other = |token: &SecretString| token.expose_secret() != refused.expose_secret();
        let current = self.token(scope).await?;
        if is_other(&current) {
            return Ok(Some(current));
        }
        let made = (self.make)().map_err(|error| denied(&self.shown, &error))?;
        *self.credential() = made;
        Ok(Some(self.token(scope).await?).filter(is_other))
    }
}

fn ready(credential: Credential, login: &Url, transport: &Arc<dyn Transport>, clock: &Clock) -> Credentials {
    let client_options = options(login, transport, clock);
    let (tenant_id, client_id, proof) = match credential {
        Credential::Application { tenant_id, client_id, proof } => (tenant_id, client_id, proof),
        Credential::ManagedIdentity { client_id } => {
            let user_assigned_id = client_id.map(UserAssignedId::ClientId);
            let options = ManagedIdentityCredentialOptions { user_assigned_id, client_options };
            return Ok(ManagedIdentityCredential::new(Some(options))?);
        }
        Credential::AzureCli { tenant_id } => {
            let options = AzureCliCredentialOptions { tenant_id, ..AzureCliCredentialOptions::default() };
            return Ok(Arc::new(CachedTokens::new(AzureCliCredential::new(Some(options))?, clock)));
        }
    };
    let credential_options = ClientAssertionCredentialOptions { client_options: client_options.clone() };
    match proof {
        Proof::Secret(secret) => {
            let secret = Secret::from(secret.expose_secret().to_owned());
            let options = ClientSecretCredentialOptions { client_options };
            Ok(ClientSecretCredential::new(&tenant_id, client_id, secret, Some(options))?)
        }
        Proof::Certificate { source, password } => {
            let assertion = OfCertificate {
                certificate: certificate(&source, password.as_ref())?,
                audience: format!("{}/{tenant_id}/oauth2/v2.0/token", login.as_str().trim_end_matches('/')),
                client_id: client_id.clone(),
                clock: Arc::clone(clock),
            };
            Ok(ClientAssertionCredential::new(tenant_id, client_id, assertion, Some(credential_options))?)
        }
        Proof::GitHub { request_url, request_token } => {
            let url = Url::parse(&request_url)?;
            let assertion = OfGitHub { transport: Arc::clone(transport), url, token: request_token };
            Ok(ClientAssertionCredential::new(tenant_id, client_id, assertion, Some(credential_options))?)
        }
        Proof::Token(token) => {
            Ok(ClientAssertionCredential::new(tenant_id, client_id, Given(token), Some(credential_options))?)
        }
        Proof::AzurePipelines { service_connection, access_token } => {
            let options = AzurePipelinesCredentialOptions { credential_options };
            let token = access_token.expose_secret().to_owned();
            Ok(AzurePipelinesCredential::new(tenant_id, client_id, &service_connection, token, Some(options))?)
        }
        Proof::TokenFile(path) => {
            let options = WorkloadIdentityCredentialOptions {
                credential_options,
                client_id: Some(client_id),
                tenant_id: Some(tenant_id),
                token_file_path: Some(path),
            };
            Ok(WorkloadIdentityCredential::new(Some(options))?)
        }
    }
}

fn certificate(source: &CertificateSource, password: Option<&SecretString>) -> azure_core::Result<Certificate> {
    let unusable = |why: String| {
        azure_core::Error::with_message(ErrorKind::Credential, format!("the certificate cannot be used: {why}"))
    };
    let bytes = match source {
        CertificateSource::File(path) => std::fs::read(path).map_err(|error| unusable(error.to_string()))?,
        CertificateSource::Given(text) => {
            let text: String = text.expose_secret().split_ascii_whitespace().collect();
            STANDARD.decode(text).map_err(|_| unusable("it is not base64".to_owned()))?
        }
    };
    Certificate::read(&bytes, password.map(ExposeSecret::expose_secret)).map_err(|why| unusable(why.to_string()))
}

fn options(login: &Url, transport: &Arc<dyn Transport>, clock: &Clock) -> ClientOptions {
    let bridge = Bridge { login: login.clone(), transport: Arc::clone(transport), clock: Arc::clone(clock) };
    let mut cloud = CustomConfiguration::default();
    cloud.authority_host = over_https(login).to_string();
    ClientOptions {
        transport: Some(SdkTransport::new(Arc::new(bridge))),
        retry: RetryOptions::exponential(ExponentialRetryOptions {
            max_retries: SIGN_IN_RETRIES,
            ..ExponentialRetryOptions::default()
        }),
        cloud: Some(Arc::new(CloudConfiguration::Custom(cloud))),
        ..ClientOptions::default()
    }
}

fn denied(shown: &str, error: &azure_core::Error) -> ProviderError {
    let beneath = std::iter::successors(std::error::Error::source(error), |source| source.source());
    let chain: Vec<&dyn std::error::Error> = std::iter::once(error as &dyn std::error::Error).chain(beneath).collect();
    let is_unreachable = chain
        .iter()
        .filter_map(|error| error.downcast_ref::<azure_core::Error>())
        .any(|error| matches!(error.kind(), ErrorKind::Connection | ErrorKind::Io));
    let mut whys: Vec<String> = Vec::new();
    for why in chain.iter().filter_map(|error| first_line(&error.to_string())) {
        if !whys.iter().any(|before| before.contains(&why)) {
            whys.push(why);
        }
    }
    let why = whys.join(": ");
    let advice = advice(&why);
    let message = match advice {
        Some(advice) => format!("{shown} cannot sign in: {} ({why})", advice.reason),
        None => format!("{shown} cannot sign in: {why}"),
    };
    if is_unreachable {
        return ProviderError::new(ProviderErrorKind::Unavailable, message).help("check the network and the proxy");
    }
    if let Some(advice) = advice {
        return ProviderError::new(ProviderErrorKind::Denied, message).help(advice.next);
    }
    ProviderError::new(ProviderErrorKind::Denied, message).help(
        "set POWER_PLATFORM_TENANT_ID, POWER_PLATFORM_CLIENT_ID and a secret, certificate or federated token, or run `az login`",
    )
}

/// The useful part of the library's message, which begins with the name of a type and ends with a link for programmers.
fn first_line(message: &str) -> Option<String> {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = line.split_once(" authentication failed. ").map_or(line, |(_, why)| why);
    Some(line.trim_end_matches('.').to_owned())
}
