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
            _ => match form.get("client_secret").and_then(|secret| secret.strip_prefix("planted-answer:")) {
                Some(answer) => {
                    let response = scripted(answer);
                    self.asked.lock().unwrap().push((line, form));
                    return Box::pin(std::future::ready(Ok(response)));
                }
                None => {
                    (401, r#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret."}"#)
                }
            },
        };
        self.asked.lock().unwrap().push((line, form));
        Box::pin(std::future::ready(Ok(Response::builder().status(status).body(Bytes::from(body)).unwrap())))
    }
}

/// `STATUS RETRY-AFTER BODY`, such as `429 300 {}`.
fn scripted(answer: &str) -> Response<Bytes> {
    let (status, rest) = answer.split_once(' ').unwrap();
    let (retry_after, body) = rest.split_once(' ').unwrap();
    let response = Response::builder().status(status.parse::<u16>().unwrap()).header("Retry-After", retry_after);
    response.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
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
        (file("modern.pfx"), "it is neither PEM nor a PKCS#12 file that the password opens"),
        (file("nowhere.pfx"), "No such file or directory"),
        (CertificateSource::Given("planted%".to_owned().into()), "it is not base64"),
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
        ("http://127.0.0.1:8790/", ProviderErrorKind::Denied, "AADSTS7000215"),
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

/// Bodies as the directory sends them, with the escapes of its serializer.
#[tokio::test(start_paused = true)]
async fn a_real_refusal_of_the_directory_is_explained() {
    for (status, text, reason, next) in [
        (
            401,
            r"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app \u0027client\u0027.",
            "the client secret is wrong (AADSTS7000215: Invalid client secret provided.",
            "set POWER_PLATFORM_CLIENT_SECRET to the value",
        ),
        (
            401,
            r"AADSTS7000222: The provided client secret keys for app \u0027client\u0027 are expired.",
            "the client secret has expired (AADSTS7000222: The provided client secret keys for app 'client' are expired",
            "make a new client secret",
        ),
        (
            400,
            r"AADSTS90002: Tenant \u0027contoso.com\u0027 not found. Check to make sure you have the correct tenant ID.",
            "the directory does not exist in this cloud (AADSTS90002: Tenant 'contoso.com' not found.",
            "check the tenant's id",
        ),
        (
            400,
            r"AADSTS700016: Application with identifier \u0027client\u0027 was not found in the directory \u0027Contoso\u0027.",
            "the directory does not know this application (AADSTS700016: ",
            "POWER_PLATFORM_CLIENT_ID",
        ),
        (400, "AADSTS65001: The user or administrator has not consented.", "no administrator has consented", "consent"),
        (
            400,
            r"AADSTS700213: No matching federated identity record found for presented assertion subject \u0027repo:contoso/x:ref:refs/heads/y\u0027.",
            "no federated credential of the application matches the token (AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:contoso/x:ref:refs/heads/y'",
            "compare issuer, subject and audience",
        ),
        (401, "AADSTS700024: Client assertion is not within its valid time range.", "not valid at this time", "clock"),
        (400, "AADSTS53003: Access has been blocked by Conditional Access policies.", "conditional access", "policy"),
        (400, r"AADSTS123456: Something \u0022new\u0022.", "AADSTS123456: Something 'new'", "az login"),
    ] {
        let body = format!(
            r#"{{"error":"invalid_client","error_description":"{text}\r\nTrace ID: 0-1\r\nCorrelation ID: 0-2\r\nTimestamp: 2026-11-25 08:00:00Z","error_codes":[7000215],"timestamp":"2026-11-25 08:00:00Z","trace_id":"0-1","correlation_id":"0-2","error_uri":"https:\/\/login.microsoftonline.com\/error?code=7000215"}}"#
        );
        let credential = secret(&format!("planted-answer:{status} 0 {body}"));
        let error = sign_in(credential, "https://login.microsoftonline.com/").await.0.unwrap_err();
        assert_eq!(error.kind, ProviderErrorKind::Denied);
        assert!(error.message.contains(reason), "{}", error.message);
        assert!(error.help.as_ref().unwrap().contains(next), "{error:?}");
        for noise in ["Trace ID", "invalid type", "expected", "planted", "\n", "\\"] {
            assert!(!error.message.contains(noise), "{}", error.message);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_answer_of_the_directory_is_named() {
    for (answer, why, requests) in [
        ("200 0 <html><title>Contoso proxy</title></html>", "is a web page, titled 'Contoso proxy'", 1),
        ("403 0 <html><title>Contoso proxy</title></html>", "is a web page, titled 'Contoso proxy'", 1),
        ("503 0 ", "the directory answers with 503 and no reason", 3),
        ("429 300 {}", "the directory answers with 429; it asks for a pause of 300 seconds", 1),
        ("429 18446744073709551615 {}", "it asks for a pause of 18446744073709551615 seconds", 1),
    ] {
        let credential = secret(&format!("planted-answer:{answer}"));
        let (token, asked) = sign_in(credential, "https://login.microsoftonline.com/").await;
        let error = token.unwrap_err();
        assert!(error.message.contains(why), "{}", error.message);
        assert_eq!(asked.len(), requests, "{answer}");
    }
}
