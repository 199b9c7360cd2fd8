//! Tokens, which prove to the service who is calling.

use std::future::ready;

use futures::future::BoxFuture;
use secrecy::SecretString;

use crate::provider::port::ProviderError;

/// The future of a token.
pub type TokenFuture<'a> = BoxFuture<'a, Result<SecretString, ProviderError>>;

/// Issues tokens. The client asks for one before each call and reuses it for retries. All credentials but the Azure CLI cache valid tokens.
pub trait TokenSource: Send + Sync {
    /// A token for a scope, such as `https://api.powerplatform.com/.default`.
    fn token<'a>(&'a self, scope: &'a str) -> TokenFuture<'a>;
}

/// One token for every scope, for rehearsals against a service that does not check it.
pub struct FixedToken(SecretString);

impl FixedToken {
    /// Wraps a token.
    pub fn new(token: impl Into<SecretString>) -> FixedToken {
        FixedToken(token.into())
    }
}

impl TokenSource for FixedToken {
    fn token<'a>(&'a self, _scope: &'a str) -> TokenFuture<'a> {
        Box::pin(ready(Ok(self.0.clone())))
    }
}
