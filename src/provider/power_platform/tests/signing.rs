//! Tokens that the service does not accept any more.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use litemap::LiteMap;
use secrecy::SecretString;
use serde_json::json as value;

use super::service::{A, Service, id, json, text};
use crate::model::catalog::AddOn;
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::terms::Units;
use crate::provider::port::{KnownDocument, Observe, Perform, ProviderError, ProviderErrorKind};
use crate::provider::power_platform::token::TokenSource;

/// Issues one token, and another in its place if there is one.
struct Renewing {
    has_another: bool,
}

#[async_trait]
impl TokenSource for Renewing {
    async fn token(&self, _scope: &str) -> Result<SecretString, ProviderError> {
        Ok("secret-token".to_owned().into())
    }

    async fn fresh_token(&self, _scope: &str, _refused: &SecretString) -> Result<Option<SecretString>, ProviderError> {
        Ok(self.has_another.then(|| "secret-token-2".to_owned().into()))
    }
}

/// A service that answers 401 first and then with a document, and a document to write to it.
fn expiring() -> (Arc<Service>, EnvironmentDocument) {
    let held = value!({ "environmentId": A, "currencyAllocations": [{ "currencyType": "AppPass", "allocated": 7 }] });
    let service = Service::new(move |_, times| if times == 0 { text(401, "") } else { json(200, &held) });
    let entries = LiteMap::from_iter([(AddOn::from_api_value("AppPass"), Entry::of(Units::new(7)))]);
    (service, EnvironmentDocument { entries })
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_costs_one_retry_of_a_read() {
    for has_another in [true, false] {
        let (service, _) = expiring();
        let tenant = service.tenant_with(Arc::new(Renewing { has_another }));
        let read = tenant.reader().document(&id(A)).await;
        assert_eq!((read.is_ok(), service.lines().len()), (has_another, 1 + usize::from(has_another)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_with_a_refused_token_is_not_sent_again_before_another_read() {
    for (has_another, kind) in [(true, ProviderErrorKind::SignInRenewed), (false, ProviderErrorKind::Denied)] {
        let (service, wanted) = expiring();
        let tenant = service.tenant_with(Arc::new(Renewing { has_another }));
        let write = || async { tenant.writer().write_document(&id(A), &KnownDocument::proved_absent(), &wanted).await };
        assert_eq!((write().await.unwrap_err().kind, service.lines().len()), (kind, 1));
        assert!(write().await.is_ok());
    }
}

/// Issues one token, slowly.
struct Slow;

#[async_trait]
impl TokenSource for Slow {
    async fn token(&self, _scope: &str) -> Result<SecretString, ProviderError> {
        tokio::time::sleep(Duration::from_millis(200)).await;
        Ok("secret-token".to_owned().into())
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_is_not_sent_after_a_slow_sign_in() {
    let (service, wanted) = expiring();
    let tenant = service.tenant_with(Arc::new(Slow));
    let error = tenant.writer().write_document(&id(A), &KnownDocument::proved_absent(), &wanted).await.unwrap_err();
    assert_eq!((error.kind, service.lines().len()), (ProviderErrorKind::ReadAgain, 0));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_is_refused_for_good_is_refused_after_one_retry() {
    let service = Service::new(|_, _| text(401, ""));
    let tenant = service.tenant_with(Arc::new(Renewing { has_another: true }));
    let error = tenant.reader().document(&id(A)).await.unwrap_err();
    assert_eq!((error.kind, service.lines().len()), (ProviderErrorKind::Denied, 2));
}

#[tokio::test(start_paused = true)]
async fn too_early_and_a_closed_request_are_retried_as_a_timeout_is() {
    for status in [408, 425, 499] {
        let service = Service::new(move |_, times| if times == 0 { text(status, "") } else { json(200, &value!([])) });
        assert!(service.tenant().reader().documents().await.is_ok(), "{status}");
        assert_eq!(service.lines().len(), 2);
    }
}
