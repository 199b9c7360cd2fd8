//! What every use case needs from outside, and the one place that picks adapters: for tenants and for hosts of pull requests.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use jiff::civil::Date;

use super::destination::Destination;
use super::failure::Advised;
use crate::ci::event::Event;
use crate::ci::job;
use crate::ci::variables::Variables;
use crate::files::folder::Folder;
use crate::files::shown::slashed;
use crate::files::text::NotRead;
use crate::files::typed;
use crate::forge::azure::AzureDevOps;
use crate::forge::client::Access;
use crate::forge::github::GitHub;
use crate::forge::gitlab::GitLab;
use crate::forge::places::Address;
use crate::forge::port::Forge;
pub use crate::git::repository::remove_homes as remove_temporary_folders;
use crate::load::configuration::{self, Loaded};
pub use crate::load::configuration::{ROOT_NAME, Search};
use crate::load::seed::{self, SeedFile};
use crate::model::desired::{DesiredState, Provider};
use crate::model::roles::Role;
use crate::model::surroundings::Surroundings;
pub use crate::net::patience::Notice;
use crate::net::patience::Patient;
use crate::net::transport::{Http, Transport};
use crate::provider::local::place;
use crate::provider::local::shared::{Declared, LocalOptions};
use crate::provider::local::tenant::LocalTenant;
pub use crate::provider::port::Clock;
use crate::provider::port::{Observe, Perform};
use crate::provider::power_platform::credential::choice::Credential;
use crate::provider::power_platform::credential::sign_in::SignIn;
use crate::provider::power_platform::credential::variables;
use crate::provider::power_platform::endpoints::Endpoints;
use crate::provider::power_platform::tenant::{PowerPlatformOptions, PowerPlatformTenant};
use crate::provider::power_platform::token::{FixedToken, TokenSource};
use crate::provider::seed::SeedSource;

/// The file that the built-in tenant starts from, beside the root file.
const SEED_NAME: &str = "tenant.seed.yaml";

/// Looks up an environment variable.
pub type LookUp = dyn Fn(&str) -> Option<String> + Send + Sync;

/// What every use case needs from outside.
pub struct Ports {
    /// The time.
    pub clock: Clock,
    /// The folder that the names of files are relative to.
    pub working_folder: PathBuf,
    /// Where the search for the configuration starts: a folder or a root file.
    pub start: PathBuf,
    /// How far the search goes.
    pub search: Search,
    /// What the environment variables say about the configuration.
    pub surroundings: Surroundings,
    /// The environment variables.
    pub variables: Box<LookUp>,
    /// Makes the transport of HTTP requests: [`over_http`], or a test's own.
    pub connect: Box<dyn Fn() -> anyhow::Result<Arc<dyn Transport>> + Send + Sync>,
    /// The seed of the jitter of all delays.
    pub jitter_seed: u64,
    /// Reports progress to the person at the terminal: a request that is waited for.
    pub notice: Notice,
    /// Shows a note to the person at the terminal.
    pub note: Box<dyn Fn(&str) + Send + Sync>,
}

/// How to reach the tenant.
#[derive(Clone, Debug)]
pub struct TenantOptions {
    /// The role to act in, on the built-in tenant; `None` for a Power Platform administrator.
    pub role: Option<Role>,
    /// The seed of the built-in tenant; `None` for the one beside the root file, if there is one.
    pub seed: Option<PathBuf>,
    /// The address to call instead of the cloud's own.
    pub endpoint: Option<String>,
}

impl TenantOptions {
    /// The address to call. An empty variable counts as none.
    fn address(&self) -> Option<&str> {
        self.endpoint.as_deref().filter(|address| !address.is_empty())
    }

    /// Refuses an option that has no effect on the tenant of this provider.
    fn check(&self, provider: Provider) -> anyhow::Result<()> {
        let (message, help) = match provider {
            Provider::Local if self.address().is_some() => (
                "`--endpoint` (ALLOT_ENDPOINT) has no effect on the built-in tenant, which has no address",
                "leave it out, or write `provider: power-platform` under `tenant:` to call the service",
            ),
            Provider::PowerPlatform if self.seed.is_some() => (
                "`--seed` has no effect on a tenant of the service",
                "leave it out, or run `allot emulate --seed FILE`, which emulates the service from a seed, and call it with `--endpoint`",
            ),
            Provider::PowerPlatform if self.role.is_some() => {
                ("`--as` has no effect on a tenant of the service", "leave it out; the credential decides the role")
            }
            Provider::Local | Provider::PowerPlatform => return Ok(()),
        };
        Err(Advised::error(message, help))
    }
}

/// A tenant that was opened.
pub enum Opened {
    /// The built-in tenant.
    Local(LocalTenant),
    /// A tenant of the service.
    PowerPlatform {
        /// The tenant.
        tenant: PowerPlatformTenant,
        /// The credential without its secret; `None` if a local emulator needs none.
        credential: Option<String>,
    },
}

impl Opened {
    /// Notes for the person at the terminal.
    pub fn notes(&self) -> &[String] {
        match self {
            Opened::Local(tenant) => tenant.notices(),
            Opened::PowerPlatform { .. } => &[],
        }
    }

    /// The half that reads.
    pub fn reader(&self) -> Box<dyn Observe> {
        match self {
            Opened::Local(tenant) => Box::new(tenant.reader()),
            Opened::PowerPlatform { tenant, .. } => Box::new(tenant.reader()),
        }
    }

    /// The half that writes.
    pub fn writer(&self) -> Box<dyn Perform> {
        match self {
            Opened::Local(tenant) => Box::new(tenant.writer()),
            Opened::PowerPlatform { tenant, .. } => Box::new(tenant.writer()),
        }
    }
}

impl Ports {
    /// Finds and reads the configuration.
    ///
    /// # Errors
    ///
    /// If there is none, or the root file cannot be read.
    pub fn load(&self) -> anyhow::Result<Loaded> {
        // This setting makes the calling thread part of the pool, so the thread parses files too instead of waiting for the pool. If the
        // pool exists already, the setting has no effect.
        let _ = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
        configuration::load(&self.start, self.search, &self.working_folder)
            .map_err(|error| Advised::error(error.to_string(), error.help()))
    }

    /// Reads the configuration of a root file, and of no other.
    ///
    /// # Errors
    ///
    /// If the root file is missing or cannot be read.
    pub fn load_root(&self, root_file: &Path) -> anyhow::Result<Loaded> {
        configuration::load(root_file, Search::Here, &self.working_folder)
            .map_err(|error| Advised::error(error.to_string(), error.help()))
    }

    /// The day that was asked for, or today in the tenant's time zone.
    pub fn date(&self, desired: &DesiredState, asked: Option<Date>) -> Date {
        asked.unwrap_or_else(|| desired.tenant.date_at((self.clock)()))
    }

    /// Opens the tenant that the configuration names.
    ///
    /// # Errors
    ///
    /// If an option has no effect on the tenant, the file of the built-in tenant cannot be used, or a credential is incomplete.
    pub fn open(&self, options: &TenantOptions, loaded: &Loaded, desired: &DesiredState) -> anyhow::Result<Opened> {
        options.check(desired.tenant.provider())?;
        match desired.tenant.provider() {
            Provider::Local => {
                Ok(Opened::Local(self.open_local(options, loaded, declared(desired, self.date(desired, None)))?))
            }
            Provider::PowerPlatform => self.open_power_platform(options, desired),
        }
    }

    /// Opens the built-in tenant before the configuration is checked. `None` if the tenant is one of the service,
    /// if its contents or its debts come from the configuration, or if it cannot be opened; then [`Ports::open`] opens it or reports the error.
    pub fn open_early(&self, options: &TenantOptions, loaded: &Loaded) -> Option<Opened> {
        if loaded.provider != Some(Provider::Local) || options.check(Provider::Local).is_err() {
            return None;
        }
        let tenant = self.open_local(options, loaded, Declared::default()).ok()?;
        let waits = tenant.follows_configuration().unwrap_or(true);
        (!waits).then_some(Opened::Local(tenant))
    }

    /// Shows notes to the person at the terminal.
    pub fn show(&self, notes: &[String]) {
        notes.iter().for_each(|note| (self.note)(note));
    }

    fn open_local(&self, options: &TenantOptions, loaded: &Loaded, declared: Declared) -> anyhow::Result<LocalTenant> {
        let options = LocalOptions {
            database: loaded.folder.join(place::FOLDER).join("tenant.db"),
            seed: self.seed(options, loaded)?,
            declared,
            plays_service: false,
            role: options.role.unwrap_or(Role::PowerPlatformAdmin),
            clock: Arc::clone(&self.clock),
        };
        Ok(LocalTenant::open(options)?)
    }

    fn open_power_platform(&self, options: &TenantOptions, desired: &DesiredState) -> anyhow::Result<Opened> {
        let id = desired.tenant.id.as_ref().map(|id| id.value.as_str());
        // `manifest::check` refuses a configuration that contradicts the variables.
        let mut endpoints = Endpoints::of(self.surroundings.cloud(desired.tenant.cloud.map(|cloud| cloud.value))?);
        if let Some(address) = options.address() {
            endpoints = endpoints.at(address)?;
        }
        let transport = (self.connect)()?;
        let (tokens, credential): (Arc<dyn TokenSource>, Option<String>) =
            if endpoints.is_local() && Credential::is_absent(&self.variables) {
                // A local emulator needs no credential.
                (Arc::new(FixedToken::new("test".to_owned())), None)
            } else {
                let credential = Credential::find(&self.variables, id)
                    .map_err(|unfinished| Advised::error(unfinished.to_string(), unfinished.help()))?;
                let shown = Some(credential.to_string());
                (Arc::new(SignIn::new(credential, &endpoints.login, &transport, &self.clock)?), shown)
            };
        let tenant = PowerPlatformTenant::new(PowerPlatformOptions {
            name: desired.tenant.name.value.as_str().into(),
            endpoints,
            declared: desired.environments.values().map(|environment| environment.id.value.clone()).collect(),
            transport,
            tokens,
            clock: Arc::clone(&self.clock),
            notice: Arc::clone(&self.notice),
            jitter_seed: self.jitter_seed,
        });
        Ok(Opened::PowerPlatform { tenant, credential })
    }

    /// Opens the tenant that the emulator serves. It needs no configuration.
    ///
    /// # Errors
    ///
    /// If the seed cannot be used, or the file cannot be opened.
    pub fn emulated(&self, seed: &Path, database: Option<&Path>, role: Role) -> anyhow::Result<LocalTenant> {
        if let Some(folder) = database.and_then(Path::parent) {
            typed::folder(&self.working_folder, folder)
                .with_context(|| format!("the tenant cannot be kept in {}", slashed(folder)))?;
        }
        let options = LocalOptions {
            database: database.map_or_else(PathBuf::new, |file| self.working_folder.join(file)),
            seed: Some(self.named_seed(seed)?),
            declared: Declared::default(),
            plays_service: true,
            role,
            clock: Arc::clone(&self.clock),
        };
        Ok(if database.is_none() { LocalTenant::in_memory(options)? } else { LocalTenant::open(options)? })
    }

    /// The host of a pull request.
    ///
    /// # Errors
    ///
    /// If no HTTP client can be made.
    pub fn forge(&self, destination: &Destination) -> anyhow::Result<Box<dyn Forge>> {
        let access =
            Access { transport: (self.connect)()?, clock: Arc::clone(&self.clock), token: destination.token.clone() };
        Ok(match destination.address.clone() {
            Address::GitHub(at) => Box::new(GitHub::new(access, at)),
            Address::GitLab(at) => Box::new(GitLab::new(access, at)),
            Address::AzureDevOps(at) => Box::new(AzureDevOps::new(access, at)),
        })
    }

    /// The seed that was named, or the one beside the root file if there is one.
    fn seed(&self, options: &TenantOptions, loaded: &Loaded) -> anyhow::Result<Option<Arc<dyn SeedSource>>> {
        if let Some(path) = &options.seed {
            return self.named_seed(path).map(Some);
        }
        let folder = loaded.folder.strip_prefix(&self.working_folder).unwrap_or(&loaded.folder);
        let name = slashed(&folder.join(SEED_NAME));
        let seed = Folder::open(&loaded.folder).map_err(NotRead::from).and_then(|folder| {
            let file = Path::new(SEED_NAME);
            if folder.contains(file) { folder.file(file).map(Some) } else { Ok(None) }
        });
        let seed = seed.map_err(|why| seed::unreadable(&name, &why))?;
        Ok(seed.map(|file| Arc::new(SeedFile::new(name, file)) as Arc<dyn SeedSource>))
    }

    fn named_seed(&self, path: &Path) -> anyhow::Result<Arc<dyn SeedSource>> {
        let name = slashed(path);
        let file = typed::open(&self.working_folder, path).map_err(|why| seed::unreadable(&name, &why))?;
        Ok(Arc::new(SeedFile::new(name, file)))
    }
}

/// The parts of the configuration that a built-in tenant uses: the debts, and without a seed also the environments and
/// purchases.
fn declared(desired: &DesiredState, today: Date) -> Declared {
    let environments = desired.environments.values().map(|environment| {
        let name = environment.name.as_ref().map_or(environment.key.value.as_str(), |name| &name.value);
        (environment.id.value.clone(), name.into(), environment.class.map(|class| class.value))
    });
    Declared {
        tenant: desired.tenant.name.value.as_str().into(),
        environments: environments.collect(),
        purchased: desired.purchased.iter().map(|(add_on, all)| (add_on.clone(), all.effective(today))).collect(),
        debts: desired.debts.iter().map(|(pool, debt)| (pool.clone(), debt.value)).collect(),
    }
}

/// Returns a function that makes the transport over HTTP. The function makes one transport, with one pool of
/// connections, and returns it at every call, so a process needs only one such function. `notice` reports a request
/// that is waited for. The function fails if the certificates of the machine cannot be used.
pub fn over_http(notice: Notice) -> Box<dyn Fn() -> anyhow::Result<Arc<dyn Transport>> + Send + Sync> {
    let made: Mutex<Option<Arc<dyn Transport>>> = Mutex::default();
    Box::new(move || {
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transport) = made.as_ref() {
            return Ok(Arc::clone(transport));
        }
        let patient = Patient::new(Arc::new(Http::new()?), Arc::clone(&notice));
        Ok(Arc::clone(made.insert(Arc::new(patient))))
    })
}

/// What the environment variables say about a configuration.
pub fn surroundings(variables: Variables<'_>) -> Surroundings {
    Surroundings {
        ci: job::detected(variables),
        credential: variables::of_a_credential(variables),
        tenant_id: variables::tenant_id(variables),
        cloud: variables::cloud(variables),
    }
}

/// The event that started a job of GitHub Actions, from the file that GITHUB_EVENT_PATH names.
///
/// # Errors
///
/// If the file cannot be read, or is no event of GitHub.
pub fn event(variables: Variables<'_>) -> anyhow::Result<Event> {
    let Some(path) = variables("GITHUB_EVENT_PATH").filter(|path| !path.is_empty()) else {
        return Ok(Event::default());
    };
    let text = std::fs::read(&path).context("the file that GITHUB_EVENT_PATH names cannot be read")?;
    serde_json::from_slice(&text).context("the file that GITHUB_EVENT_PATH names is not a GitHub event in JSON")
}
