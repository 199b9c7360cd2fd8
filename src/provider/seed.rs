//! Where the seed of an embedded tenant comes from.

use std::sync::Arc;

use super::port::ProviderError;
use crate::model::seed::Seed;

/// A seed as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedText {
    /// The file as it is shown.
    pub name: Arc<str>,
    /// All of it, without a byte order mark.
    pub text: String,
}

/// A seed that is read only where its text is needed: to begin a tenant, or to see whether it changed.
pub trait SeedSource: Send + Sync {
    /// The seed as it is shown.
    fn name(&self) -> &Arc<str>;

    /// What is the same while the text is, if that can be found out without reading it.
    fn stamp(&self) -> Option<String>;

    /// The text.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn text(&self) -> Result<SeedText, ProviderError>;

    /// What a text says.
    ///
    /// # Errors
    ///
    /// If it is not what a seed has to be, with file, line and column.
    fn parse(&self, text: &SeedText) -> Result<Seed, ProviderError>;
}
