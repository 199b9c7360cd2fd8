//! The configuration and its tenant, opened for a use case.

use futures::FutureExt as _;

use super::configuration::Configuration;
use super::failure::Stopped;
use super::ports::{Opened, Ports, TenantOptions};
use crate::load::configuration::Loaded;
use crate::manifest::check;
use crate::model::catalog::AddOn;
use crate::model::observed::ObservedState;
use crate::model::terms::EnvironmentId;
use crate::provider::observe::{self, TenantReading};
use crate::provider::port::{Observe, Perform, ProviderError};

/// A tenant, and what was read of it already.
pub(super) struct Tenant {
    opened: Opened,
    reader: Box<dyn Observe>,
    declared: Vec<EnvironmentId>,
    early: Option<Result<TenantReading, ProviderError>>,
}

impl Tenant {
    /// The half that reads.
    pub(super) fn reader(&self) -> &dyn Observe {
        self.reader.as_ref()
    }

    /// The half that writes: for an approved plan only.
    pub(super) fn writer(&self) -> Box<dyn Perform> {
        self.opened.writer()
    }

    /// Reads the tenant.
    ///
    /// # Errors
    ///
    /// If the totals, the environments or their documents cannot be read.
    pub(super) async fn observe(&mut self, ports: &Ports) -> Result<ObservedState, ProviderError> {
        Ok(self.read(ports).await?.into_state())
    }

    /// Reads the tenant, for a plan and for the first writes of its run.
    ///
    /// # Errors
    ///
    /// See [`Tenant::observe`].
    pub(super) async fn read(&mut self, ports: &Ports) -> Result<TenantReading, ProviderError> {
        match self.early.take() {
            Some(read) => read,
            None => self.read_again(ports).await,
        }
    }

    /// Reads the tenant again.
    ///
    /// # Errors
    ///
    /// See [`Tenant::observe`].
    pub(super) async fn read_again(&self, ports: &Ports) -> Result<TenantReading, ProviderError> {
        observe::read(self.reader(), &ports.clock, self.declared.iter()).await
    }
}

/// Reads the configuration and opens its tenant. A built-in tenant that needs nothing of the configuration is read while the
/// configuration is checked.
///
/// # Errors
///
/// If the configuration is invalid, or the tenant cannot be opened.
pub(super) fn open(ports: &Ports, options: &TenantOptions) -> Result<(Configuration, Tenant), Stopped> {
    open_loaded(ports, options, ports.load()?)
}

/// Checks a configuration that was read, and opens its tenant: see [`open`].
///
/// # Errors
///
/// If the configuration is invalid, or the tenant cannot be opened.
pub(super) fn open_loaded(
    ports: &Ports,
    options: &TenantOptions,
    loaded: Loaded,
) -> Result<(Configuration, Tenant), Stopped> {
    let check = || check::check_within(&loaded.inputs, &ports.surroundings);
    let (checked, early) = rayon::join(check, || read_early(ports, options, &loaded));
    let configuration = Configuration::of(loaded, checked)?;
    let (opened, early) = match early.filter(|(_, early)| reports_purchases(&configuration, early.as_ref())) {
        Some(early) => early,
        None => (ports.open(options, &configuration.loaded, &configuration.desired)?, None),
    };
    ports.show(opened.notes());
    let declared = configuration.desired.environments.values().map(|environment| environment.id.value.clone());
    let tenant = Tenant { reader: opened.reader(), declared: declared.collect(), opened, early };
    Ok((configuration, tenant))
}

type Read = Result<TenantReading, ProviderError>;

/// Whether an early read reports more than zero for every add-on under `purchased`. A built-in tenant that is opened without the
/// configuration omits an add-on that it does not own; with the configuration, it reports zero. So it is then opened again.
fn reports_purchases(configuration: &Configuration, early: Option<&Read>) -> bool {
    let reports = |reading: &TenantReading, add_on: &AddOn| {
        reading.totals().get(add_on).is_some_and(|total| total.purchased.known().is_some_and(|units| !units.is_zero()))
    };
    let covers =
        |reading: &TenantReading| configuration.desired.purchased.keys().all(|add_on| reports(reading, add_on));
    matches!(early, Some(Ok(reading)) if covers(reading))
}

fn read_early(ports: &Ports, options: &TenantOptions, loaded: &Loaded) -> Option<(Opened, Option<Read>)> {
    let opened = ports.open_early(options, loaded)?;
    // The built-in tenant answers at once, so one poll is enough.
    let read = observe::read(opened.reader().as_ref(), &ports.clock, std::iter::empty()).now_or_never();
    // An early read is dropped if a missing row proves nothing, because then the declared environments must be read too.
    let is_complete = |reading: &TenantReading| reading.documents().missing().is_some();
    Some((opened, read.filter(|read| read.as_ref().is_ok_and(is_complete))))
}
