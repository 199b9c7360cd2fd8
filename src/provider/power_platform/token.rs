//! Tokens, which prove to the service who is calling.

use async_trait::async_trait;
use secrecy::SecretString;

use crate::provider::port::ProviderError;

/// Issues tokens. The client asks for one before each call and reuses it for retries. All credentials cache valid
/// tokens.
#[async_trait]
pub trait TokenSource: Send + Sync {
    /// A token for a scope, such as `https://api.powerplatform.com/.default`.
    async fn token(&self, scope: &str) -> Result<SecretString, ProviderError>;

    /// A token in the place of one that the service refused, and not from a cache. `None` if there is no other.
    async fn fresh_token(&self, _scope: &str, _refused: &SecretString) -> Result<Option<SecretString>, ProviderError> {
        Ok(None)
    }
}

/// One token for every scope, for tests with a service that does not check it.
pub struct FixedToken(SecretString);

impl FixedToken {
    /// Wraps a token.
    pub fn new(token: impl Into<SecretString>) -> FixedToken {
        FixedToken(token.into())
    }
}

#[async_trait]
impl TokenSource for FixedToken {
    async fn token(&self, _scope: &str) -> Result<SecretString, ProviderError> {
        Ok(self.0.clone())
    }
}
