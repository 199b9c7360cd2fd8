//! A tenant of the service as a whole: how it is reached, and its two halves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

use super::client::{Interface, ServiceClient};
use super::endpoints::Endpoints;
use super::memory::ServiceMemory;
use super::reader::PowerPlatformReader;
use super::shared::Shared;
use super::token::TokenSource;
use super::writer::PowerPlatformWriter;
use crate::model::terms::EnvironmentId;
use crate::net::patience::Notice;
use crate::net::transport::Transport;
use crate::provider::port::{Clock, ProviderError};

/// How to reach a tenant.
pub struct PowerPlatformOptions {
    /// The name of the tenant.
    pub name: Arc<str>,
    /// The addresses of the service.
    pub endpoints: Endpoints,
    /// The environments that the configuration declares. If the service has only the oldest surface, only these are
    /// read, each with a request of its own.
    pub declared: BTreeSet<EnvironmentId>,
    /// The transport of all requests.
    pub transport: Arc<dyn Transport>,
    /// The source of the caller's tokens.
    pub tokens: Arc<dyn TokenSource>,
    /// The source of the current time.
    pub clock: Clock,
    /// Reports a long pause to the person at the terminal.
    pub notice: Notice,
    /// The random seed of the jitter in delays.
    pub jitter_seed: u64,
}

/// A tenant of the service.
pub struct PowerPlatformTenant(Arc<Shared>);

impl PowerPlatformTenant {
    /// A tenant, without a request.
    pub fn new(options: PowerPlatformOptions) -> PowerPlatformTenant {
        let PowerPlatformOptions { name, endpoints, declared, transport, tokens, clock, notice, jitter_seed } = options;
        let client = ServiceClient {
            transport,
            tokens,
            endpoints,
            clock,
            notice,
            jitter_seed,
            calls: AtomicU64::new(0),
            administration_scope: AtomicUsize::new(0),
            settings_accepted: AtomicBool::new(false),
        };
        PowerPlatformTenant(Arc::new(Shared { name, declared, client, memory: ServiceMemory::default() }))
    }

    /// The addresses of the service.
    pub fn endpoints(&self) -> &Endpoints {
        &self.0.client.endpoints
    }

    /// Signs in for the Power Platform API.
    ///
    /// # Errors
    ///
    /// If the directory issues no token.
    pub async fn sign_in(&self) -> Result<(), ProviderError> {
        self.0.client.sign_in(Interface::Api).await
    }

    /// Signs in for the admin-center API, which has the settings and needs a token of its own.
    ///
    /// # Errors
    ///
    /// If the directory issues no token.
    pub async fn sign_in_for_settings(&self) -> Result<(), ProviderError> {
        self.0.client.sign_in(Interface::Administration).await
    }

    /// The reading half.
    pub fn reader(&self) -> PowerPlatformReader {
        PowerPlatformReader { shared: Arc::clone(&self.0) }
    }

    /// The writing half. A write starts from the document that the reader of the same tenant has read.
    pub fn writer(&self) -> PowerPlatformWriter {
        PowerPlatformWriter { shared: Arc::clone(&self.0) }
    }
}
