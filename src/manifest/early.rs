//! Facts of an unchecked root, so that reading the tenant can begin while the configuration is checked.

use super::tree::{Node, NodeKind};
use crate::model::desired::Provider;

/// The provider that a root names, `local` by default. `None` if the root is malformed, or if it has debts: the
/// built-in tenant applies them, so it can only be opened after they are checked.
pub fn provider(root: &Node<'_>) -> Option<Provider> {
    let tenant = value(root, "tenant").filter(|_| value(root, "debts").is_none())?;
    match value(tenant, "provider").map(|node| &node.kind) {
        None => matches!(tenant.kind, NodeKind::Mapping(_)).then_some(Provider::Local),
        Some(NodeKind::Text { value, .. }) if value == "local" => Some(Provider::Local),
        Some(NodeKind::Text { value, .. }) if value == "power-platform" => Some(Provider::PowerPlatform),
        Some(_) => None,
    }
}

/// Whether a root has environments of its own.
pub fn has_environments(root: &Node<'_>) -> bool {
    value(root, "environments").is_some()
}

fn value<'node>(node: &'node Node<'node>, key: &str) -> Option<&'node Node<'node>> {
    let NodeKind::Mapping(pairs) = &node.kind else { return None };
    pairs.iter().find(|pair| pair.key.value == key).map(|pair| &pair.value)
}
