//! The state of the emulator: the tenant, the clock, the faults, and the memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use super::faults::Faults;
use super::memory::Memory;
use crate::model::seed::OverAllocation;
use crate::model::terms::EnvironmentId;
use crate::provider::local::tenant::LocalTenant;
use crate::provider::port::{Clock, Observe, Perform, ProviderError};

/// The tenant id if there is no default environment. Otherwise, the tenant id is part of that environment's id.
const SOME_TENANT: &str = "03ab3068-c403-406d-8351-bdbb6374c8b0";

/// The options of an emulator.
pub struct Options {
    /// The tenant, which holds the amounts.
    pub tenant: LocalTenant,
    /// The clock.
    pub clock: Clock,
    /// The faults at the start.
    pub faults: Faults,
    /// The random seed of the faults. The same random seed and the same sequence of requests cause the same faults.
    pub fault_seed: u64,
    /// The maximum number of environments on a page.
    pub page_size: usize,
    /// The only accepted client secret; `None` accepts any.
    pub client_secret: Option<String>,
    /// Whether only tokens of this emulator are accepted.
    pub strict_auth: bool,
    /// The lifetime of a token.
    pub token_lifetime: Duration,
    /// `http` or `https`, for the addresses in responses.
    pub scheme: &'static str,
}

/// A running emulator.
pub struct Emulator {
    pub(super) options: Options,
    pub(super) reader: Box<dyn Observe>,
    pub(super) writer: Box<dyn Perform>,
    /// Held during a write, from its read to its effect, so that writes do not interleave.
    pub(super) writing: tokio::sync::Mutex<()>,
    /// Whether the tenant accepted over-allocation at the start, which applies unless a fault overrides it: as in its seed, or as
    /// an earlier emulator left its file.
    seeded: OverAllocation,
    faults: Mutex<Arc<Faults>>,
    random: Mutex<fastrand::Rng>,
    memory: Mutex<Memory>,
}

impl Emulator {
    /// Makes an emulator.
    ///
    /// # Errors
    ///
    /// If the tenant cannot be read or written.
    pub fn new(options: Options) -> Result<Arc<Emulator>, ProviderError> {
        let emulator = Emulator {
            reader: Box::new(options.tenant.reader()),
            writer: Box::new(options.tenant.writer()),
            writing: tokio::sync::Mutex::new(()),
            seeded: options.tenant.over_allocation()?,
            faults: Mutex::new(Arc::new(Faults::default())),
            random: Mutex::new(fastrand::Rng::with_seed(options.fault_seed)),
            memory: Mutex::new(Memory::new()),
            options,
        };
        emulator.behave(emulator.options.faults.clone())?;
        Ok(Arc::new(emulator))
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        (self.options.clock)()
    }

    /// The current faults.
    pub fn faults(&self) -> Arc<Faults> {
        Arc::clone(&self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the faults.
    ///
    /// # Errors
    ///
    /// If the tenant cannot be read or written.
    pub fn behave(&self, faults: Faults) -> Result<(), ProviderError> {
        let mode = faults.over_allocation.unwrap_or(self.seeded);
        if self.options.tenant.over_allocation()? != mode {
            self.options.tenant.set_over_allocation(mode)?;
        }
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(faults);
        Ok(())
    }

    /// Whether a fault with this rate happens now. Every call draws once, so that a rate does not affect the draws of other faults.
    pub(super) fn happens(&self, rate: f64) -> bool {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).f64() < rate
    }

    /// A random element.
    pub(super) fn one_of<T: Copy>(&self, all: &[T]) -> Option<T> {
        let at = self.random.lock().unwrap_or_else(PoisonError::into_inner).usize(..all.len().max(1));
        all.get(at).copied()
    }

    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tenant's id, which the id of the default environment contains.
    pub(super) fn tenant_id<'a>(&self, mut environments: impl Iterator<Item = &'a EnvironmentId>) -> String {
        let default = environments.find_map(|id| id.as_str().strip_prefix("Default-"));
        default.unwrap_or(SOME_TENANT).to_owned()
    }
}
