//! A tenant of the service as a whole: how it is reached, and its two halves.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::client::ServiceClient;
use super::endpoints::Endpoints;
use super::memory::ServiceMemory;
use super::reader::PowerPlatformReader;
use super::shared::Shared;
use super::token::TokenSource;
use super::writer::PowerPlatformWriter;
use crate::model::terms::EnvironmentId;
use crate::net::transport::Transport;
use crate::provider::port::{Clock, ProviderError};

/// How to reach a tenant.
pub struct PowerPlatformOptions {
    /// What the tenant is called.
    pub name: Arc<str>,
    /// Where the service is.
    pub endpoints: Endpoints,
    /// The environments that the configuration declares: where the service has the older surface only, these are read, one by
    /// one, and no others.
    pub declared: BTreeSet<EnvironmentId>,
    /// How requests are sent.
    pub transport: Arc<dyn Transport>,
    /// Who is calling.
    pub tokens: Arc<dyn TokenSource>,
    /// What time it is.
    pub clock: Clock,
    /// Where the random part of waiting times begins.
    pub jitter_seed: u64,
}

/// A tenant of the service.
pub struct PowerPlatformTenant(Arc<Shared>);

impl PowerPlatformTenant {
    /// A tenant that nobody has called yet.
    pub fn new(options: PowerPlatformOptions) -> PowerPlatformTenant {
        let PowerPlatformOptions { name, endpoints, declared, transport, tokens, clock, jitter_seed } = options;
        let client = ServiceClient::new(transport, tokens, endpoints, clock, jitter_seed);
        PowerPlatformTenant(Arc::new(Shared { name, declared, client, memory: ServiceMemory::default() }))
    }

    /// Where the service is called.
    pub fn endpoints(&self) -> &Endpoints {
        &self.0.client.endpoints
    }

    /// Signs in, for both interfaces.
    ///
    /// # Errors
    ///
    /// Where the directory gives no token.
    pub async fn sign_in(&self) -> Result<(), ProviderError> {
        self.0.client.sign_in().await
    }

    /// The half that reads.
    pub fn reader(&self) -> PowerPlatformReader {
        PowerPlatformReader::new(Arc::clone(&self.0))
    }

    /// The half that writes. It writes what the reader of the same tenant has seen, with what changes.
    pub fn writer(&self) -> PowerPlatformWriter {
        PowerPlatformWriter::new(Arc::clone(&self.0))
    }
}
