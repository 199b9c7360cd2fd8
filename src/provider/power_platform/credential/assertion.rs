//! Federated tokens that an application trusts: one from the environment, and one that GitHub issues to a workflow.

use std::fmt;
use std::sync::Arc;

use azure_core::error::ErrorKind;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use bytes::Bytes;
use http::{Request, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::net::transport::Transport;

/// The audience that the directory requires of the token.
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// A token from the environment.
#[derive(Debug)]
pub(super) struct Given(pub(super) SecretString);

/// A token that GitHub issues to a workflow with `id-token: write`.
pub(super) struct OfGitHub {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) url: Url,
    pub(super) token: SecretString,
}

#[derive(Deserialize)]
struct TokenResponse {
    value: String,
}

impl fmt::Debug for OfGitHub {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("OfGitHub")
    }
}

#[async_trait::async_trait]
impl ClientAssertion for Given {
    async fn secret(&self, _options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.expose_secret().to_owned())
    }
}

#[async_trait::async_trait]
impl ClientAssertion for OfGitHub {
    async fn secret(&self, _options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let failed = |why: String| {
            let message = format!("GitHub gives this workflow no token: {why}");
            azure_core::Error::with_message(ErrorKind::Credential, message)
        };
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("audience", AUDIENCE);
        let request = Request::get(url.as_str())
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.expose_secret()))
            .header(header::ACCEPT, "application/json")
            .body(Bytes::new())
            .map_err(|error| failed(error.to_string()))?;
        let response = self.transport.send(request).await.map_err(|fault| failed(fault.to_string()))?;
        if !response.status().is_success() {
            return Err(failed(format!(
                "it answers with {}; does the job have `id-token: write`?",
                response.status().as_u16()
            )));
        }
        let answer: TokenResponse =
            serde_json::from_slice(response.body()).map_err(|_| failed("its response cannot be read".to_owned()))?;
        Ok(answer.value)
    }
}
