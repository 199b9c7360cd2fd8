//! The source of the seed of a built-in tenant.

use std::sync::Arc;

use super::port::ProviderError;
use crate::model::seed::Seed;

/// A seed whose text is read only when it is needed: to start a tenant, or to see whether the seed changed.
pub trait SeedSource: Send + Sync {
    /// The name of the seed, as messages show it.
    fn name(&self) -> &Arc<str>;

    /// A stamp that is cheaper than the text: while the stamp is the same, the text is the same. `None` if there is no such stamp.
    fn stamp(&self) -> Option<String>;

    /// The whole text, without a byte order mark.
    ///
    /// # Errors
    ///
    /// If the seed cannot be read.
    fn text(&self) -> Result<String, ProviderError>;

    /// Parses a text.
    ///
    /// # Errors
    ///
    /// If the text is not a valid seed. The message has file, line and column.
    fn parse(&self, text: &str) -> Result<Seed, ProviderError>;
}
