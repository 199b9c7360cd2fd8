//! The keys of a mapping that is being parsed.

use std::borrow::Cow;
use std::collections::HashSet;

use ahash::RandomState;

use crate::manifest::tree::Pair;

/// Finds duplicate keys of a mapping: in a small mapping by comparison, in a large one by an index.
#[derive(Default)]
pub(super) struct MappingKeys<'text> {
    index: HashSet<Cow<'text, str>, RandomState>,
}

impl<'text> MappingKeys<'text> {
    const INDEXED_FROM: usize = 16;

    /// Whether no earlier key has this name. `pairs` holds the earlier keys without duplicates.
    #[expect(clippy::ptr_arg, reason = "a name that borrows from the text is kept borrowed")]
    pub(super) fn is_new(&mut self, pairs: &[Pair<'text>], name: &Cow<'text, str>) -> bool {
        if pairs.len() < Self::INDEXED_FROM {
            return pairs.iter().all(|pair| pair.key.value != *name);
        }
        if self.index.is_empty() {
            self.index.extend(pairs.iter().map(|pair| pair.key.value.clone()));
        }
        self.index.insert(name.clone())
    }
}
