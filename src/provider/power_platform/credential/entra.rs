//! The refusals of Microsoft's directory: the reason in plain words, and what to do next.
//!
//! The library borrows `error_description` from the body, so it fails on every description with an escape, and every real one has
//! some. Each body is therefore parsed here, and the library gets one with the same meaning and without escapes.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use crate::net::page;

/// The most bytes of a description that are shown.
const LONGEST: usize = 400;

/// The body of a refusal, with the fields that we use.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: Option<String>,
    error_description: Option<String>,
    error_codes: Vec<i32>,
}

/// Whether a request asks the directory for a token.
pub(super) fn is_token_request(path: &str) -> bool {
    path.ends_with("/oauth2/v2.0/token")
}

/// The body of a refusal as the library can read it, whatever the directory or a proxy sent.
pub(super) fn readable(status: u16, body: &[u8]) -> Bytes {
    let text = page::without_mark(body);
    let refusal: Refusal = serde_json::from_slice(text).unwrap_or_default();
    tracing::debug!(status, body = %String::from_utf8_lossy(text), "the directory refuses");
    let description = refusal.error_description.or(refusal.error).unwrap_or_else(|| match page::title(text) {
        Some(title) => format!("the response {status} is a web page, titled \"{title}\", and not from the directory"),
        None => format!("the directory answers with {status} and no reason"),
    });
    let plain = json!({ "error_codes": refusal.error_codes, "error_description": plain(&description) });
    Bytes::from(plain.to_string())
}

/// The sentence about the reason, in one line without a character that JSON escapes, and without the ids that follow it.
fn plain(description: &str) -> String {
    let replaced = description.replace(['"', '`'], "'").replace('\\', "/");
    let words = replaced.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let ids = [" Trace ID:", " Correlation ID:", " Timestamp:"];
    let end = ids.iter().filter_map(|name| line.find(name)).min().unwrap_or(line.len());
    let sentence = &line[..end];
    if sentence.len() <= LONGEST {
        return sentence.to_owned();
    }
    format!("{}…", &sentence[..sentence.floor_char_boundary(LONGEST)])
}

/// What is wrong, and what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) reason: &'static str,
    pub(super) next: &'static str,
}

/// The advice for the code in a message, such as `AADSTS7000215`.
pub(super) fn advice(message: &str) -> Option<Advice> {
    let digits = message.split("AADSTS").nth(1)?;
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    let (reason, next) = known(digits[..end].parse().ok()?)?;
    Some(Advice { reason, next })
}

const fn known(code: u32) -> Option<(&'static str, &'static str)> {
    Some(match code {
        7_000_215 => (
            "the client secret is wrong",
            "set POWER_PLATFORM_CLIENT_SECRET to the value of a secret of this application, not to the id of the secret",
        ),
        7_000_222 => (
            "the client secret has expired",
            "make a new client secret for the application, and set POWER_PLATFORM_CLIENT_SECRET to its value",
        ),
        7_000_216 => (
            "the request carries no secret, certificate or federated token",
            "set POWER_PLATFORM_CLIENT_SECRET, or another proof; examples/power-platform/README.md lists them",
        ),
        90_002 | 90_023 | 900_023 => (
            "the directory does not exist in this cloud",
            "check the tenant's id (`id` under `tenant:`, or POWER_PLATFORM_TENANT_ID) and its `cloud`",
        ),
        700_016 | 7_000_229 => (
            "the directory does not know this application",
            "check POWER_PLATFORM_CLIENT_ID, and that the application was added to this directory",
        ),
        7_000_112 => ("the application is disabled", "ask an administrator of the directory to enable the application"),
        65_001 => (
            "no administrator has consented to what the application asks for",
            "ask an administrator of the directory to grant consent to the application",
        ),
        500_011 | 50_001 | 650_052 | 650_057 => (
            "the directory does not know the service that the token is for",
            "check `cloud` under `tenant:`, and that the directory has the service (its enterprise application)",
        ),
        70_021 | 700_211 | 700_212 | 700_213 | 700_214 | 7_002_138 => (
            "no federated credential of the application matches the token",
            "compare issuer, subject and audience of the token with the federated credentials of the application; the subject of a token of GitHub names the repository and the branch or environment",
        ),
        700_024 => (
            "the token or certificate that proves the application is not valid at this time",
            "get a new token, and check the clock of this machine",
        ),
        700_027 | 700_030 => (
            "the directory does not accept the certificate or the signature",
            "upload the certificate to the application, and check that it has not expired",
        ),
        53_000 | 53_001 | 53_002 | 53_003 | 53_004 | 53_011 | 530_004 => (
            "a conditional access policy blocks the sign-in",
            "ask an administrator of the directory which policy applies, and run from a network and a device that it allows",
        ),
        50_076 | 50_078 | 50_079 => {
            ("the directory asks for a second factor", "run `az login` again, or sign in as an application")
        }
        50_173 | 70_008 | 70_043 | 700_082 | 700_084 => {
            ("the sign-in has expired", "run `az login` again, or sign in as an application")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{advice, is_token_request, readable};

    fn description(status: u16, body: &[u8]) -> String {
        let text = readable(status, body);
        let text = std::str::from_utf8(&text).unwrap();
        assert!(!text.contains('\\'), "the library cannot read an escape: {text}");
        let value: Value = serde_json::from_str(text).unwrap();
        value["error_description"].as_str().unwrap().to_owned()
    }

    #[test]
    fn the_reason_is_one_line_without_escapes_and_ids() {
        let real = br#"{"error":"unauthorized_client","error_description":"AADSTS700016: Application with identifier \u0027an\\app\u0027 was not found in the directory \u0022Contoso\u0022.\r\nTrace ID: 1\r\nCorrelation ID: 2\r\nTimestamp: 2026-11-25 08:00:00Z","error_codes":[700016],"error_uri":"https:\/\/login.microsoftonline.com\/error?code=700016"}"#;
        let expected = "AADSTS700016: Application with identifier 'an/app' was not found in the directory 'Contoso'.";
        assert_eq!(description(400, real), expected);
        let marked = [&b"\xef\xbb\xbf"[..], real].concat();
        assert_eq!(description(400, &marked), expected);
    }

    #[test]
    fn an_answer_that_is_not_from_the_directory_says_so() {
        let html = b"<!DOCTYPE html><html><head><title>Contoso \"Proxy\"</title></head></html>";
        assert!(description(502, html).contains("is a web page, titled 'Contoso 'Proxy''"));
        assert_eq!(description(503, b""), "the directory answers with 503 and no reason");
        assert_eq!(description(400, br#"{"error":"invalid_request"}"#), "invalid_request");
    }

    #[test]
    fn each_known_code_has_a_reason_and_a_next_step() {
        for (message, reason) in [
            ("AADSTS7000215: Invalid client secret provided.", "secret is wrong"),
            ("AADSTS7000222: The provided client secret keys are expired.", "secret has expired"),
            ("AADSTS90002: Tenant 'x' not found.", "does not exist"),
            ("AADSTS700016: Application with identifier 'x' was not found.", "does not know this application"),
            ("AADSTS65001: The user or administrator has not consented.", "consented"),
            ("AADSTS70021: No matching federated identity record found.", "federated credential"),
            ("AADSTS700213: No matching federated identity record found for subject.", "federated credential"),
            ("AADSTS700024: Client assertion is not within its valid time range.", "not valid at this time"),
            ("AADSTS53003: Access has been blocked by Conditional Access policies.", "conditional access"),
            ("ERROR: AADSTS700082: The refresh token has expired", "has expired"),
        ] {
            let advice = advice(message).unwrap_or_else(|| panic!("{message}"));
            assert!(advice.reason.contains(reason) && !advice.next.is_empty(), "{message}: {advice:?}");
        }
        for unknown in ["AADSTS1: x", "AADSTS", "AADSTS99999999999999", "no code"] {
            assert_eq!(advice(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn only_a_request_for_a_token_is_looked_at() {
        assert!(is_token_request("/contoso.com/oauth2/v2.0/token"));
        assert!(!is_token_request("/metadata/identity/oauth2/token"));
    }
}
