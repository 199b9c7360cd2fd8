//! What the root says about where its tenant lives, before anything is checked: for whoever wants to begin reading the tenant
//! while the configuration is still being checked.

use super::tree::{Node, NodeKind};
use crate::model::desired::Provider;

/// The kind of tenant; `None` where the root does not say so in a way that can be understood.
pub fn provider(root: &Node<'_>) -> Option<Provider> {
    let tenant = value(root, "tenant")?;
    match value(tenant, "provider").map(|node| &node.kind) {
        None => matches!(tenant.kind, NodeKind::Mapping(_)).then_some(Provider::Local),
        Some(NodeKind::Text { value, .. }) if value == "local" => Some(Provider::Local),
        Some(NodeKind::Text { value, .. }) if value == "power-platform" => Some(Provider::PowerPlatform),
        Some(_) => None,
    }
}

fn value<'node>(node: &'node Node<'node>, key: &str) -> Option<&'node Node<'node>> {
    let NodeKind::Mapping(pairs) = &node.kind else { return None };
    pairs.iter().find(|pair| pair.key.value == key).map(|pair| &pair.value)
}
