//! Tokens: what says to the service who is calling.

use std::future::ready;

use futures::future::BoxFuture;
use secrecy::SecretString;

use crate::provider::port::ProviderError;

/// A token that was asked for.
pub type TokenFuture<'a> = BoxFuture<'a, Result<SecretString, ProviderError>>;

/// Gives tokens. An implementation keeps a token for as long as it is good; nobody asks less because of that.
pub trait TokenSource: Send + Sync {
    /// A token for a scope, such as `https://api.powerplatform.com/.default`.
    fn token<'a>(&'a self, scope: &'a str) -> TokenFuture<'a>;
}

/// One token for everything: for rehearsals, where nobody looks at it.
pub struct FixedToken(SecretString);

impl FixedToken {
    /// This token.
    pub fn new(token: impl Into<SecretString>) -> FixedToken {
        FixedToken(token.into())
    }
}

impl TokenSource for FixedToken {
    fn token<'a>(&'a self, _scope: &'a str) -> TokenFuture<'a> {
        Box::pin(ready(Ok(self.0.clone())))
    }
}
