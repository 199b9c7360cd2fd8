use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use super::{Effect, RefusalBody, ServiceResponse};
use crate::model::document::Switch;
use crate::provider::port::{ProviderError, ProviderErrorKind};

fn now() -> Timestamp {
    "2026-11-25T08:00:00Z".parse().unwrap()
}

fn response(status: u16, body: &str) -> ServiceResponse {
    let status = StatusCode::from_u16(status).unwrap();
    let body = Bytes::copy_from_slice(body.as_bytes());
    ServiceResponse { status, headers: HeaderMap::new(), body, request: "GET https://x/y".to_owned() }
}

fn error(status: u16, effect: Effect, body: &str) -> ProviderError {
    response(status, body).error(effect, now())
}

#[test]
fn every_envelope_is_understood() {
    for (body, code, message) in [
        (
            r#"{"error":{"code":"BurstRequestsThrottled","message":"Slow down."}}"#,
            Some("BurstRequestsThrottled"),
            Some("Slow down."),
        ),
        (
            r#"{"code":"ForbiddenAccess","message":"Caller is not an authorized app."}"#,
            Some("ForbiddenAccess"),
            Some("Caller is not an authorized app."),
        ),
        (
            r#"{"code":"Forbidden","message":"No.","innererror":{"code":"InsufficientPrincipalPermissions","message":"Missing [X]"}}"#,
            Some("InsufficientPrincipalPermissions"),
            Some("Missing [X]"),
        ),
        (r#"{"type":"https://x","title":"Not Found","status":404,"traceId":"00"}"#, None, Some("Not Found")),
        (r#"[{"key":"Invalid","message":"Wrong."}]"#, Some("Invalid"), Some("Wrong.")),
        (
            r#"{"status":404,"error":{"code":"EnvironmentAllocationNotFound"}}"#,
            Some("EnvironmentAllocationNotFound"),
            None,
        ),
        (
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: Wrong."}"#,
            Some("invalid_client"),
            Some("AADSTS7000215: Wrong."),
        ),
        ("Bad\n  \u{1b}[31m gateway", None, Some("Bad [31m gateway")),
        ("<html><title>Bad\n gateway</title></html>", None, Some("a web page, titled \"Bad gateway\"")),
        (
            r#"{"errors":{"currencyAllocations[0].currencyType":["Error converting value \"Database\" to type 'X'."]},"title":"One or more validation errors occurred.","status":400}"#,
            None,
            Some("currencyAllocations[0].currencyType: Error converting value \"Database\" to type 'X'."),
        ),
        (
            r#"{"errors":{"":"No body.","a":["One.","Two."]},"title":"One or more validation errors occurred."}"#,
            None,
            Some(": No body.; a: One. Two."),
        ),
        (r#"{"errors":{},"title":"Odd"}"#, None, Some("Odd")),
        ("\"words\"", None, Some("words")),
        ("", None, None),
        ("[]", None, None),
    ] {
        let expected = RefusalBody { code: code.map(str::to_owned), message: message.map(str::to_owned) };
        assert_eq!(response(400, body).details(), expected, "{body}");
    }
}

#[test]
fn the_same_status_means_something_else_for_a_write() {
    for (status, reads, writes) in [
        (400, ProviderErrorKind::Conflict, ProviderErrorKind::Conflict),
        (401, ProviderErrorKind::Denied, ProviderErrorKind::Denied),
        (403, ProviderErrorKind::Denied, ProviderErrorKind::Denied),
        (404, ProviderErrorKind::NotFound, ProviderErrorKind::NotFound),
        (408, ProviderErrorKind::Unavailable, ProviderErrorKind::OutcomeUnknown(None)),
        (425, ProviderErrorKind::Unavailable, ProviderErrorKind::OutcomeUnknown(None)),
        (499, ProviderErrorKind::Unavailable, ProviderErrorKind::OutcomeUnknown(None)),
        (429, ProviderErrorKind::Throttled(None), ProviderErrorKind::Throttled(None)),
        (500, ProviderErrorKind::Unavailable, ProviderErrorKind::OutcomeUnknown(None)),
        (503, ProviderErrorKind::Unavailable, ProviderErrorKind::OutcomeUnknown(None)),
        (302, ProviderErrorKind::Malformed, ProviderErrorKind::Malformed),
    ] {
        assert_eq!(error(status, Effect::Reads, "").kind, reads, "{status}");
        assert_eq!(error(status, Effect::Writes, "").kind, writes, "{status}");
    }
}

#[test]
fn every_form_of_no_such_route_is_understood() {
    for (status, body, is_missing) in [
        (404, r#"{"code":"RouteNotFound","message":"x"}"#, true),
        (404, r#"{"error":{"code":"routeNotFound"}}"#, true),
        (404, r#"{"Message":"No HTTP resource was found that matches the request URI 'x'."}"#, true),
        (400, r#"{"error":{"code":"UnsupportedApiVersion","message":"x"}}"#, true),
        (
            400,
            r#"{"error":{"code":"x","message":"The resource does not support the API version '2024-10-01'."}}"#,
            true,
        ),
        (405, "", true),
        (501, "", true),
        (404, r#"{"type":"x","title":"Not Found","status":404}"#, false),
        (404, r#"{"status":404,"error":{"code":"EnvironmentAllocationNotFound"}}"#, false),
        (404, "", false),
        (400, r#"{"error":{"code":"BadRequest","message":"x"}}"#, false),
        (403, r#"{"code":"RouteNotFound"}"#, false),
    ] {
        assert_eq!(response(status, body).is_missing_route(), is_missing, "{status} {body}");
        let is_missing_listing = is_missing || status == 404;
        assert_eq!(response(status, body).is_missing_listing(), is_missing_listing, "{status} {body}");
    }
    assert!(!response(404, "<html></html>").is_missing_listing(), "a proxy's page says nothing about the service");
}

#[test]
fn a_page_of_a_proxy_is_named_and_not_parsed() {
    let page = "<!DOCTYPE html><html><head><title>Contoso Web Gateway</title></head></html>";
    for (status, effect, kind) in [
        (200, Effect::Reads, ProviderErrorKind::Malformed),
        (200, Effect::Writes, ProviderErrorKind::OutcomeUnknown(None)),
    ] {
        let error = response(status, page).value::<serde_json::Value>(effect).unwrap_err();
        let expected = "a web page, titled \"Contoso Web Gateway\", came with status 200 instead of the service's response, in response to GET https://x/y";
        assert_eq!((error.kind, error.message.as_str()), (kind, expected));
        assert!(error.help.unwrap().contains("proxy"));
    }
    for status in [403, 404, 407, 302] {
        let error = error(status, Effect::Reads, page);
        assert_eq!(error.kind, ProviderErrorKind::Malformed);
        assert!(error.message.contains("titled \"Contoso Web Gateway\""), "{}", error.message);
    }
    let failing = error(502, Effect::Reads, page);
    assert_eq!(failing.kind, ProviderErrorKind::Unavailable, "a gateway that fails is retried");
    assert!(failing.message.contains("titled \"Contoso Web Gateway\""), "{}", failing.message);
}

#[test]
fn a_lock_is_found_in_any_envelope() {
    for body in [
        r#"{"error":{"code":"TenantPoolLockedByPolicy"}}"#,
        r#"[{"key":"TenantPoolLockedByPolicy"}]"#,
        "TenantPoolLockedByPolicy",
    ] {
        for status in [400, 403, 409] {
            let locked = ProviderErrorKind::SwitchLocked(Switch::DrawFromTenant);
            assert_eq!(error(status, Effect::Writes, body).kind, locked, "{body}");
        }
    }
}

#[test]
fn a_denial_names_the_next_step() {
    let unregistered = error(403, Effect::Reads, r#"{"code":"ForbiddenAccess","message":"x"}"#);
    assert_eq!(unregistered.message, "the service does not know this application, in response to GET https://x/y");
    assert!(unregistered.help.unwrap().contains("ask a Power Platform administrator"));
    let lacking =
        r#"{"code":"Forbidden","innererror":{"code":"InsufficientPrincipalPermissions","message":"missing: [X]"}}"#;
    let lacking = error(403, Effect::Reads, lacking);
    assert_eq!(
        lacking.message,
        "this caller lacks a permission: missing: [X] (InsufficientPrincipalPermissions), in response to GET https://x/y"
    );
    assert_eq!(
        error(403, Effect::Reads, "").message,
        "the service does not allow this caller to do this, in response to GET https://x/y"
    );
}
