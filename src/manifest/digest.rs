//! Digests of a configuration. They do not depend on the names of files, and the digest of the rules ignores layout and comments.

use sha2::{Digest, Sha256};

use super::tree::{Node, NodeKind};
use crate::model::desired::ConfigurationDigests;
use crate::model::digits::{hexadecimal, length_prefix};

pub(super) type Sum = [u8; 32];

pub(super) fn of_text(text: &str) -> Sum {
    Sha256::digest(text.as_bytes()).into()
}

/// The SHA-256 digest of the root file without `environments` and `include`.
pub(super) fn of_rules(root: &Node<'_>) -> Sum {
    let mut digest = Sha256::new();
    feed(&mut digest, root, &["environments", "include"]);
    digest.finalize().into()
}

/// Combines the digests of the root's text, the root's rules, and the texts of the other files.
pub(super) fn digests(root: Sum, rules: Sum, mut files: Vec<Sum>) -> ConfigurationDigests {
    // Sorted by content, because the names and their order depend on the working folder.
    files.sort_unstable();
    let mut all = Sha256::new();
    all.update(root);
    for file in files {
        all.update(file);
    }
    ConfigurationDigests { files: hexadecimal(&all.finalize()), rules: hexadecimal(&rules) }
}

/// Feeds an unambiguous encoding of a value: a letter, a length, the content. Keys are sorted by name.
fn feed(digest: &mut Sha256, node: &Node<'_>, without: &[&str]) {
    match &node.kind {
        NodeKind::Null => digest.update(b"n"),
        NodeKind::Bool(value) => digest.update(if *value { b"t" } else { b"f" }),
        NodeKind::Integer(number) => {
            digest.update(b"i");
            digest.update(number.to_be_bytes());
        }
        NodeKind::Text { value, .. } => text(digest, value),
        NodeKind::Sequence(items) => {
            digest.update(b"s");
            digest.update(length_prefix(items.len()));
            items.iter().for_each(|item| feed(digest, item, &[]));
        }
        NodeKind::Mapping(pairs) => {
            let mut kept: Vec<_> = pairs.iter().filter(|pair| !without.contains(&pair.key.value.as_ref())).collect();
            kept.sort_unstable_by(|left, right| left.key.value.cmp(&right.key.value));
            digest.update(b"m");
            digest.update(length_prefix(kept.len()));
            for pair in kept {
                text(digest, &pair.key.value);
                feed(digest, &pair.value, &[]);
            }
        }
    }
}

fn text(digest: &mut Sha256, value: &str) {
    digest.update(b"x");
    digest.update(length_prefix(value.len()));
    digest.update(value.as_bytes());
}
