//! Sign-in at a directory that records its requests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{Request, Response};
use secrecy::ExposeSecret;
use serde_json::json;
use url::Url;

use super::choice::{CertificateSource, Credential, Proof};
use super::sign_in::SignIn;
use crate::net::transport::{SendFault, Sending, Transport};
use crate::provider::port::{Clock, ProviderError, ProviderErrorKind};
use crate::provider::power_platform::token::TokenSource;

const SCOPE: &str = "https://api.powerplatform.com/.default";
const GITHUB: &str = "https://actions.example.com/token?job=7";

/// A directory that issues a token for the secret or the right assertion, and a GitHub that issues that assertion.
#[derive(Default)]
struct Directory {
    asked: Mutex<Vec<(String, BTreeMap<String, String>)>>,
}

impl Transport for Directory {
    fn send(&self, request: Request<Bytes>) -> Sending<'_> {
        let line = format!("{} {}", request.method(), request.uri());
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(request.body()).into_owned().collect();
        let is_known = form.get("client_secret").is_some_and(|secret| secret == "planted-secret")
            || form.get("client_assertion").is_some_and(|it| it == "planted-assertion" || it.split('.').count() == 3);
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

fn application(proof: Proof) -> Credential {
    Credential::Application { tenant_id: "contoso.com".into(), client_id: "client".into(), proof }
}

/// A token, and the requests that the directory received.
async fn sign_in(
    credential: Credential,
    login: &str,
) -> (Result<String, ProviderError>, Vec<(String, BTreeMap<String, String>)>) {
    let directory = Arc::new(Directory::default());
    let transport: Arc<dyn Transport> = Arc::clone(&directory) as Arc<dyn Transport>;
    let clock: Clock = Arc::new(|| "2026-11-25T08:00:00Z".parse().unwrap());
    let token = match SignIn::new(credential, &Url::parse(login).unwrap(), &transport, &clock) {
        Ok(source) => source.token(SCOPE).await.map(|token| token.expose_secret().to_owned()),
        Err(error) => Err(error),
    };
    let asked = directory.asked.lock().unwrap().clone();
    (token, asked)
}

fn secret(secret: &str) -> Credential {
    application(Proof::Secret(secret.to_owned().into()))
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
    let proof = Proof::GitHub { request_url: GITHUB.into(), request_token: "planted-request".to_owned().into() };
    let (token, asked) = sign_in(application(proof), "https://login.microsoftonline.com/").await;
    assert_eq!(token.unwrap(), "planted-token");
    assert_eq!(asked[0].0, format!("GET {GITHUB}&audience=api%3A%2F%2FAzureADTokenExchange"));
    assert_eq!(asked[1].1["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
}

#[tokio::test(start_paused = true)]
async fn a_given_token_is_sent_as_the_assertion() {
    let credential = application(Proof::Token("planted-assertion".to_owned().into()));
    assert_eq!(sign_in(credential, "https://login.microsoftonline.com/").await.0.unwrap(), "planted-token");
}

#[tokio::test(start_paused = true)]
async fn the_assertion_of_a_certificate_names_client_audience_and_lifetime() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/certificate");
    let pfx = std::fs::read(format!("{folder}/modern.pfx")).unwrap();
    let given = CertificateSource::Given(STANDARD.encode(pfx).into());
    for source in [CertificateSource::File(format!("{folder}/both.pem").into()), given] {
        let password = Some("planted-password".to_owned().into());
        let credential = application(Proof::Certificate { source, password });
        let (token, asked) = sign_in(credential, "https://login.microsoftonline.com/").await;
        assert_eq!(token.unwrap(), "planted-token");
        let form = &asked[0].1;
        assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        let claims = URL_SAFE_NO_PAD.decode(form["client_assertion"].split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token");
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!("client"), &json!("client")));
        let now = 1_795_593_600;
        assert_eq!((&claims["nbf"], &claims["exp"]), (&json!(now), &json!(now + 600)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_cannot_be_used_says_why() {
    let credential =
        |source, password: &str| application(Proof::Certificate { source, password: Some(password.to_owned().into()) });
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/certificate");
    let file = |name: &str| CertificateSource::File(format!("{folder}/{name}").into());
    for (source, why) in [
        (file("modern.pfx"), "it is no PEM, and no PKCS#12 that the password opens"),
        (file("nowhere.pfx"), "No such file or directory"),
        (CertificateSource::Given("planted%".to_owned().into()), "it is no base64"),
    ] {
        let login = "https://login.microsoftonline.com/";
        let error = sign_in(credential(source, "planted-wrong"), login).await.0.unwrap_err();
        let message = format!("{error:?} {error}");
        assert!(message.contains("the certificate cannot be used: ") && message.contains(why), "{message}");
        assert!(!message.contains("planted"), "{message}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_sign_in_reports_the_reason_and_no_secret() {
    for (login, kind, why) in [
        ("https://login.microsoftonline.com/", ProviderErrorKind::Denied, "AADSTS7000215"),
        ("https://down.example.com/", ProviderErrorKind::Unavailable, "no route"),
        ("http://127.0.0.1:8790/", ProviderErrorKind::Denied, "HTTPS"),
    ] {
        let error = sign_in(secret("planted-wrong"), login).await.0.unwrap_err();
        assert_eq!(error.kind, kind);
        let message = format!("{error:?} {error}");
        assert!(message.contains(why) && !message.contains("planted"), "{message}");
        assert!(error.message.starts_with("application client with a client secret cannot sign in: "), "{message}");
        assert!(!error.message.contains('\n'));
    }
}

/// A directory that issues another token each time.
#[derive(Default)]
struct Issuing(Mutex<u32>);

impl Transport for Issuing {
    fn send(&self, _request: Request<Bytes>) -> Sending<'_> {
        let mut issued = self.0.lock().unwrap();
        *issued += 1;
        let body = json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": format!("token-{issued}") });
        Box::pin(std::future::ready(Ok(Response::new(Bytes::from(body.to_string())))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_and_not_from_the_cache() {
    let transport: Arc<dyn Transport> = Arc::new(Issuing::default());
    let clock: Clock = Arc::new(|| "2026-11-25T08:00:00Z".parse().unwrap());
    let login = Url::parse("https://login.microsoftonline.com/").unwrap();
    let source = SignIn::new(secret("planted-secret"), &login, &transport, &clock).unwrap();
    let token = source.token(SCOPE).await.unwrap();
    assert_eq!((token.expose_secret(), source.token(SCOPE).await.unwrap().expose_secret()), ("token-1", "token-1"));
    // Several requests were refused with the same token.
    for _ in 0..3 {
        let fresh = source.fresh_token(SCOPE, &token).await.unwrap().unwrap();
        assert_eq!(fresh.expose_secret(), "token-2");
    }
    assert_eq!(source.token(SCOPE).await.unwrap().expose_secret(), "token-2");
}
