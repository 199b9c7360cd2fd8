//! Signing in at a directory that keeps what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use secrecy::ExposeSecret;
use url::Url;

use super::choice::{Application, Credential};
use super::sign_in::SignIn;
use crate::provider::port::{ProviderError, ProviderErrorKind};
use crate::provider::power_platform::token::TokenSource;
use crate::provider::power_platform::transport::{SendFault, Sending, Transport};

const SCOPE: &str = "https://api.powerplatform.com/.default";
const GITHUB: &str = "https://actions.example.com/token?job=7";

/// A directory that gives a token to whoever knows the secret or brings the right assertion, and a GitHub that gives that.
#[derive(Default)]
struct Directory {
    asked: Mutex<Vec<(String, BTreeMap<String, String>)>>,
}

impl Transport for Directory {
    fn send(&self, request: Request<Bytes>) -> Sending<'_> {
        let line = format!("{} {}", request.method(), request.uri());
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        let is_known = form.get("client_secret").is_some_and(|secret| secret == "planted-secret")
            || form.get("client_assertion").is_some_and(|assertion| assertion == "planted-assertion");
        let (status, body) = match request.uri().host() {
            Some("down.example.com") => {
                return Box::pin(std::future::ready(Err(SendFault::NotSent("no route".into()))));
            }
            Some("actions.example.com") => {
                assert_eq!(request.headers()["authorization"], "Bearer planted-request");
                (200, r#"{"value":"planted-assertion"}"#)
            }
            _ if is_known => (200, r#"{"token_type":"Bearer","expires_in":3599,"access_token":"planted-token"}"#),
            _ => (401, r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret."}"#),
        };
        self.asked.lock().unwrap().push((line, form));
        Box::pin(std::future::ready(Ok(Response::builder().status(status).body(Bytes::from(body)).unwrap())))
    }
}

fn application() -> Application {
    Application { tenant_id: "contoso.com".into(), client_id: "client".into() }
}

/// A token, and what the directory was asked for it.
async fn sign_in(
    credential: Credential,
    login: &str,
) -> (Result<String, ProviderError>, Vec<(String, BTreeMap<String, String>)>) {
    let directory = Arc::new(Directory::default());
    let transport: Arc<dyn Transport> = Arc::clone(&directory) as Arc<dyn Transport>;
    let token = match SignIn::new(credential, &Url::parse(login).unwrap(), &transport) {
        Ok(source) => source.token(SCOPE).await.map(|token| token.expose_secret().to_owned()),
        Err(error) => Err(error),
    };
    let asked = directory.asked.lock().unwrap().clone();
    (token, asked)
}

fn secret(secret: &str) -> Credential {
    Credential::Secret { application: application(), secret: secret.to_owned().into() }
}

#[tokio::test(start_paused = true)]
async fn a_secret_becomes_a_token_at_the_clouds_own_directory() {
    let (token, asked) = sign_in(secret("planted-secret"), "https://login.microsoftonline.us/").await;
    assert_eq!(token.unwrap(), "planted-token");
    let [(line, form)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(line, "POST https://login.microsoftonline.us/contoso.com/oauth2/v2.0/token");
    assert_eq!((form["grant_type"].as_str(), form["scope"].as_str()), ("client_credentials", SCOPE));
}

#[tokio::test(start_paused = true)]
async fn a_workflow_of_github_needs_no_secret() {
    let credential = Credential::GitHub {
        application: application(),
        request_url: GITHUB.into(),
        request_token: "planted-request".to_owned().into(),
    };
    let (token, asked) = sign_in(credential, "https://login.microsoftonline.com/").await;
    assert_eq!(token.unwrap(), "planted-token");
    assert_eq!(asked[0].0, format!("GET {GITHUB}&audience=api%3A%2F%2FAzureADTokenExchange"));
    assert_eq!(asked[1].1["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_given_is_brought_along() {
    let credential = Credential::Token { application: application(), token: "planted-assertion".to_owned().into() };
    assert_eq!(sign_in(credential, "https://login.microsoftonline.com/").await.0.unwrap(), "planted-token");
}

#[tokio::test(start_paused = true)]
async fn who_cannot_sign_in_learns_why_and_nothing_secret_is_said() {
    for (login, kind, why) in [
        ("https://login.microsoftonline.com/", ProviderErrorKind::Denied, "AADSTS7000215"),
        ("https://down.example.com/", ProviderErrorKind::Unavailable, "no route"),
        ("http://127.0.0.1:8790/", ProviderErrorKind::Denied, "HTTPS"),
    ] {
        let error = sign_in(secret("planted-wrong"), login).await.0.unwrap_err();
        assert_eq!(error.kind, kind);
        let told = format!("{error:?} {error}");
        assert!(told.contains(why) && !told.contains("planted"), "{told}");
        assert!(error.message.starts_with("application client with a client secret cannot sign in: "), "{told}");
        assert!(!error.message.contains('\n'));
    }
}
