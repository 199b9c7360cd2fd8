//! Digests of what was read: the same for the same content, wherever it lies and however it is laid out where layout
//! says nothing.

use sha2::{Digest, Sha256};

use super::tree::{Node, NodeKind};
use crate::model::desired::ConfigurationDigests;
use crate::model::digits::{hexadecimal, length_prefix};

/// A SHA-256.
pub(super) type Sum = [u8; 32];

/// The digest of a file's text.
pub(super) fn of_text(text: &str) -> Sum {
    Sha256::digest(text.as_bytes()).into()
}

/// The digest of what the root file says besides environments and where they stand.
pub(super) fn of_rules(root: &Node<'_>) -> Sum {
    let mut digest = Sha256::new();
    feed(&mut digest, root, &["environments", "include"]);
    digest.finalize().into()
}

/// The digests of a configuration, from those of its root's text, its root's rules, and the texts of its other files.
pub(super) fn digests(root: Sum, rules: Sum, mut files: Vec<Sum>) -> ConfigurationDigests {
    // By content, because the order and the names depend on where somebody stands.
    files.sort_unstable();
    let mut all = Sha256::new();
    all.update(root);
    for file in files {
        all.update(file);
    }
    ConfigurationDigests { files: hexadecimal(&all.finalize()), rules: hexadecimal(&rules) }
}

/// Writes a value so that no two values are written alike: a letter, a length, the content; keys in their order by name.
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
