//! The source of the seed of an embedded tenant.

use std::sync::Arc;

use super::port::ProviderError;
use crate::model::seed::Seed;

/// A seed that is read only if its text is needed: to start a tenant, or to see whether the seed changed.
pub trait SeedSource: Send + Sync {
    /// The name of the seed, as messages show it.
    fn name(&self) -> &Arc<str>;

    /// A stamp that stays the same while the text does; `None` if that takes reading the text.
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
