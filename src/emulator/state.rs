//! The state of the emulator: the tenant, the time, its faults, and what is kept beside the tenant in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::faults::Faults;
use super::memory::Memory;
use crate::model::seed::OverAllocation;
use crate::model::terms::EnvironmentId;
use crate::provider::local::tenant::LocalTenant;
use crate::provider::port::{Clock, Observe, Perform, ProviderError};

/// The tenant's id if no environment reveals it.
const SOME_TENANT: &str = "03ab3068-c403-406d-8351-bdbb6374c8b0";

/// How an emulator is made.
pub struct Options {
    /// Who holds the amounts.
    pub tenant: LocalTenant,
    /// What time it is.
    pub clock: Clock,
    /// How it behaves.
    pub faults: Faults,
    /// Where its draws begin: the same seed and the same requests in the same order get the same answers.
    pub fault_seed: u64,
    /// The most rows of a page of environments.
    pub page_size: usize,
    /// The only secret that gets a token; any secret does if it is not set.
    pub client_secret: Option<String>,
    /// Whether only tokens that were issued here are taken.
    pub strict_auth: bool,
    /// How long a token is good.
    pub token_lifetime: Duration,
    /// `http` or `https`, for the addresses of next pages.
    pub scheme: &'static str,
}

/// A running emulator.
pub struct Emulator {
    pub(super) options: Options,
    pub(super) reader: Box<dyn Observe>,
    pub(super) writer: Box<dyn Perform>,
    /// Held from reading what is there until it is written: two writes never see the same before.
    pub(super) writing: tokio::sync::Mutex<()>,
    /// Whether more could be allocated than is owned when it began: what holds where no fault says otherwise.
    seeded: OverAllocation,
    faults: Mutex<Arc<Faults>>,
    lottery: Mutex<fastrand::Rng>,
    memory: Mutex<Memory>,
}

impl Emulator {
    /// Makes one.
    ///
    /// # Errors
    ///
    /// If the tenant cannot be used.
    pub fn new(options: Options) -> Result<Arc<Emulator>, ProviderError> {
        let emulator = Emulator {
            reader: Box::new(options.tenant.reader()),
            writer: Box::new(options.tenant.writer()),
            writing: tokio::sync::Mutex::new(()),
            seeded: options.tenant.over_allocation()?,
            faults: Mutex::new(Arc::new(Faults::default())),
            lottery: Mutex::new(fastrand::Rng::with_seed(options.fault_seed)),
            memory: Mutex::new(Memory::new()),
            options,
        };
        emulator.behave(emulator.options.faults.clone())?;
        Ok(Arc::new(emulator))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.options.clock)()
    }

    /// How it behaves now.
    pub fn faults(&self) -> Arc<Faults> {
        Arc::clone(&self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Behaves so from now on.
    ///
    /// # Errors
    ///
    /// If the tenant cannot be written.
    pub fn behave(&self, faults: Faults) -> Result<(), ProviderError> {
        let mode = faults.over_allocation.unwrap_or(self.seeded);
        if self.options.tenant.over_allocation()? != mode {
            self.options.tenant.set_over_allocation(mode)?;
        }
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(faults);
        Ok(())
    }

    /// Whether something that happens at a rate happens now. Draws always, so that one rate does not shift another's draws.
    pub(super) fn happens(&self, rate: f64) -> bool {
        self.lottery.lock().unwrap_or_else(PoisonError::into_inner).f64() < rate
    }

    /// One of several, at random.
    pub(super) fn one_of<T: Copy>(&self, all: &[T]) -> Option<T> {
        let at = self.lottery.lock().unwrap_or_else(PoisonError::into_inner).usize(..all.len().max(1));
        all.get(at).copied()
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tenant's id: the default environment is named after it.
    pub(super) fn tenant_id<'a>(&self, mut environments: impl Iterator<Item = &'a EnvironmentId>) -> String {
        let default = environments.find_map(|id| id.as_str().strip_prefix("Default-"));
        default.unwrap_or(SOME_TENANT).to_owned()
    }
}
