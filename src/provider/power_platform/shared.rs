//! The state that both halves of a tenant of the service share.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::client::ServiceClient;
use super::memory::ServiceMemory;
use crate::model::terms::EnvironmentId;

/// The state that the reading half and the writing half share.
pub(super) struct Shared {
    pub(super) name: Arc<str>,
    pub(super) declared: BTreeSet<EnvironmentId>,
    pub(super) client: ServiceClient,
    pub(super) memory: ServiceMemory,
}
