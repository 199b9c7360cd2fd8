//! Caches the tokens of the Azure CLI, because each token costs a process that takes some seconds.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::net::clock::Clock;

/// A token is not used in the last minutes before it ends, as Microsoft's library does with the tokens that it caches.
const BEFORE_THE_END: SignedDuration = SignedDuration::from_mins(5);

/// A credential with the tokens that it has issued.
pub(super) struct CachedTokens {
    credential: Arc<dyn TokenCredential>,
    clock: Clock,
    /// The last token of each scope. Locked while a token is issued, so that requests at the same time start one process.
    tokens: Mutex<BTreeMap<Vec<String>, AccessToken>>,
}

impl CachedTokens {
    /// A credential that has issued no token yet.
    pub(super) fn new(credential: Arc<dyn TokenCredential>, clock: &Clock) -> CachedTokens {
        CachedTokens { credential, clock: Arc::clone(clock), tokens: Mutex::default() }
    }

    fn is_valid(&self, token: &AccessToken) -> bool {
        let ends = Timestamp::from_second(token.expires_on.unix_timestamp());
        ends.is_ok_and(|ends| (self.clock)() < ends.saturating_sub(BEFORE_THE_END).unwrap_or(Timestamp::MIN))
    }
}

impl std::fmt::Debug for CachedTokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CachedTokens")
    }
}

#[async_trait]
impl TokenCredential for CachedTokens {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scope: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
        let mut tokens = self.tokens.lock().await;
        if let Some(token) = tokens.get(&scope).filter(|token| self.is_valid(token)) {
            return Ok(token.clone());
        }
        let token = self.credential.get_token(scopes, options).await?;
        tokens.insert(scope, token.clone());
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
    use azure_core::time::OffsetDateTime;
    use jiff::Timestamp;

    use super::CachedTokens;

    /// Takes a second to issue a token. The token expires one hour after the epoch.
    #[derive(Debug, Default)]
    struct Process(AtomicU64);

    #[async_trait]
    impl TokenCredential for Process {
        async fn get_token(
            &self,
            scopes: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            let ends = OffsetDateTime::from_unix_timestamp(3_600).unwrap();
            Ok(AccessToken::new(Secret::new(format!("{}-{number}", scopes[0])), ends))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_issued_once_for_each_scope_until_five_minutes_before_its_end() {
        let now = Arc::new(AtomicI64::new(0));
        let clock_now = Arc::clone(&now);
        let clock: crate::net::clock::Clock =
            Arc::new(move || Timestamp::from_second(clock_now.load(Ordering::Relaxed)).unwrap());
        let kept = CachedTokens::new(Arc::new(Process::default()), &clock);
        let token = |scope: &'static str| {
            let kept = &kept;
            async move { kept.get_token(&[scope], None).await.unwrap().token.secret().to_owned() }
        };
        let both = tokio::join!(token("a"), token("a"));
        assert_eq!(both, ("a-0".to_owned(), "a-0".to_owned()), "two requests at the same time share a token");
        assert_eq!(token("b").await, "b-1");
        now.store(3_299, Ordering::Relaxed);
        assert_eq!(token("a").await, "a-0");
        now.store(3_300, Ordering::Relaxed);
        assert_eq!(token("a").await, "a-2");
    }
}
