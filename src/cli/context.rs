//! What was typed, and what it means here: the one place that reads the environment and picks adapters.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;

use super::args::comment::CommentArgs;
use super::args::{EmulateArgs, Global, TenantArgs};
use super::ci;
use super::exit::Advised;
use super::output::Output;
use super::posting::{Destination, Event, Repository};
use crate::files::folder::Folder;
use crate::files::shown::slashed;
use crate::files::text::NotRead;
use crate::files::typed;
use crate::forge::azure::AzureDevOps;
use crate::forge::client::Access;
use crate::forge::github::GitHub;
use crate::forge::gitlab::GitLab;
use crate::forge::port::Forge;
use crate::load::configuration::{self, Loaded};
use crate::load::seed::{self, SeedFile};
use crate::model::desired::{DesiredState, Provider};
use crate::model::surroundings::Surroundings;
use crate::net::transport::{Http, Transport};
use crate::provider::local::shared::{Declared, LocalOptions};
use crate::provider::local::tenant::LocalTenant;
use crate::provider::port::{Clock, Observe, Perform};
use crate::provider::power_platform::credential::choice::Credential;
use crate::provider::power_platform::credential::sign_in::SignIn;
use crate::provider::power_platform::credential::variables::{self, Variables};
use crate::provider::power_platform::endpoints::Endpoints;
use crate::provider::power_platform::tenant::{PowerPlatformOptions, PowerPlatformTenant};
use crate::provider::power_platform::token::{FixedToken, TokenSource};
use crate::provider::seed::SeedSource;
use crate::report::annotations::{self, Annotated};
use crate::report::frame::Frame;
use crate::report::links::Links;

/// What every command is given.
pub struct Context {
    /// Where words go.
    pub output: Output,
    /// What time it is.
    pub clock: Clock,
    /// Where the user stands.
    pub working_folder: PathBuf,
    /// Where to look for the configuration.
    pub start: PathBuf,
    /// How far to look.
    pub search: configuration::Search,
    /// What the configuration is held against.
    pub surroundings: Surroundings,
}

/// Where a comment stands: the folder it is about, the commit, and how places become addresses.
pub struct Comment {
    run: ci::Run,
    root: String,
    root_file: String,
    links: Option<Links>,
    made_at: Timestamp,
    working_folder: PathBuf,
}

impl Comment {
    /// What the machine says of a configuration that is looked for there. Two ways to one folder are one folder.
    pub fn new(start: &Path, search: configuration::Search, working_folder: &Path, made_at: Timestamp) -> Comment {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let as_named = working_folder.to_owned();
        let mut run = ci::Run::of(&variable);
        run.checkout = run.checkout.map(|checkout| real(&checkout));
        let working_folder = real(working_folder);
        let start = real(start);
        let folder = if start.is_file() { start.parent().unwrap_or(&start) } else { &start };
        let folder =
            search.folders(folder).find(|folder| folder.join(configuration::ROOT_NAME).exists()).unwrap_or(folder);
        let within = run.name_of(folder, &working_folder);
        let named = start.file_name().filter(|_| start.is_file()).map(|name| name.to_string_lossy().into_owned());
        let in_folder = |name: &str| if within == "." { name.to_owned() } else { format!("{within}/{name}") };
        let root_file = in_folder(named.as_deref().unwrap_or(configuration::ROOT_NAME));
        // Two root files in one folder are two configurations.
        let root = match &named {
            Some(name) if name != configuration::ROOT_NAME => in_folder(name),
            _ => within,
        };
        Comment { root, root_file, links: run.links(&working_folder), run, made_at, working_folder: as_named }
    }

    /// The folder that files on the command line are relative to.
    pub fn working_folder(&self) -> &Path {
        &self.working_folder
    }

    /// The root file as the repository calls it.
    pub fn root_file(&self) -> &str {
        &self.root_file
    }

    /// The folder of the repository that file names are relative to.
    pub fn folder(&self) -> &str {
        self.links.as_ref().map_or("", |links| links.folder.as_str())
    }

    /// The page of this run.
    pub fn page(&self) -> Option<&str> {
        self.run.page.as_deref()
    }

    /// How this host takes findings from the log, where it does.
    pub fn log_commands(&self) -> Option<fn(&Annotated<'_>) -> String> {
        match self.run.host? {
            ci::Host::GitHub => Some(annotations::github),
            ci::Host::AzurePipelines => Some(annotations::azure),
            ci::Host::GitLab => None,
        }
    }

    /// As a comment frames what it says.
    pub fn frame<'a>(&'a self, command: &'a str, tenant: Option<&'a str>, budget: usize) -> Frame<'a> {
        Frame {
            command,
            tenant,
            provider: None,
            root: &self.root,
            commit: self.run.commit.as_deref(),
            made_at: self.made_at,
            read_at: None,
            links: self.links.as_ref(),
            report: self.run.page.as_deref(),
            budget,
        }
    }
}

/// Holds the time still, for rehearsals and tests: a timestamp such as 2026-12-01T09:00:00Z.
const CLOCK_VARIABLE: &str = "ALLOT_CLOCK";

/// The file that the built-in tenant starts from, beside the root file.
const SEED_NAME: &str = "tenant.seed.yaml";

impl Context {
    /// Reads what the process was given.
    ///
    /// # Errors
    ///
    /// Where the working directory is gone, or the clock variable is no timestamp.
    pub fn new(global: &Global, output: Output) -> anyhow::Result<Context> {
        let working_folder = std::env::current_dir().context("the working directory cannot be found")?;
        let start = match &global.folder {
            Some(folder) => working_folder.join(folder),
            None => working_folder.clone(),
        };
        let search = configuration::Search::of(global.folder.is_some());
        let surroundings = surroundings(&variable);
        Ok(Context { output, clock: clock()?, working_folder, start, search, surroundings })
    }

    /// What a comment says of itself, apart from what it is about.
    pub fn comment(&self) -> Comment {
        Comment::new(&self.start, self.search, &self.working_folder, (self.clock)())
    }

    /// Finds and reads the configuration.
    ///
    /// # Errors
    ///
    /// Where there is none, or the root file cannot be read.
    pub fn load(&self) -> anyhow::Result<Loaded> {
        // This thread works too, instead of waiting for two others. Where the pool is there already, it is as it is.
        let _ = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
        configuration::load(&self.start, self.search, &self.working_folder)
            .map_err(|error| Advised::error(error.to_string(), error.help()))
    }

    /// The day it is in the tenant's time zone, or the one asked for.
    pub fn date(&self, desired: &DesiredState, asked: Option<Date>) -> Date {
        asked.unwrap_or_else(|| desired.tenant.date_at((self.clock)()))
    }

    /// Opens the tenant that the configuration names.
    ///
    /// # Errors
    ///
    /// Where it cannot be opened: a file that is damaged, or half a credential.
    pub fn open(&self, args: &TenantArgs, loaded: &Loaded, desired: &DesiredState) -> anyhow::Result<Opened> {
        match desired.tenant.provider() {
            Provider::Local => {
                let tenant = self.open_local(args, loaded, declared(desired, self.date(desired, None)))?;
                self.tell(tenant.notices());
                Ok(Opened::Local(tenant))
            }
            Provider::PowerPlatform => self.open_power_platform(args, desired),
        }
    }

    /// Opens the tenant before the configuration is checked. `None` where that has to wait: the tenant lives
    /// elsewhere, or has what the configuration declares, or cannot be opened, which is then told in its turn.
    pub fn open_early(&self, args: &TenantArgs, loaded: &Loaded) -> Option<(Opened, Vec<String>)> {
        if loaded.provider != Some(Provider::Local) {
            return None;
        }
        let tenant = self.open_local(args, loaded, Declared::default()).ok()?;
        let waits = tenant.follows_configuration().unwrap_or(true);
        let notices = tenant.notices().to_vec();
        (!waits).then_some((Opened::Local(tenant), notices))
    }

    /// Says what is worth knowing about a tenant.
    pub fn tell(&self, notices: &[String]) {
        for notice in notices {
            self.output.chatter(&format!("note: {notice}\n"));
        }
    }

    fn open_local(&self, args: &TenantArgs, loaded: &Loaded, declared: Declared) -> anyhow::Result<LocalTenant> {
        let options = LocalOptions {
            database: loaded.folder.join(".allotment").join("tenant.db"),
            seed: self.seed(args, loaded)?,
            declared,
            role: args.role,
            clock: Arc::clone(&self.clock),
        };
        Ok(LocalTenant::open(options)?)
    }

    fn open_power_platform(&self, args: &TenantArgs, desired: &DesiredState) -> anyhow::Result<Opened> {
        let id = desired.tenant.id.as_ref().map(|id| id.value.as_str());
        // The checks have refused what the variables and the configuration disagree about.
        let mut endpoints = Endpoints::of(self.surroundings.cloud(desired.tenant.cloud.map(|cloud| cloud.value))?);
        if let Some(address) = args.endpoint.as_ref().filter(|address| !address.is_empty()) {
            endpoints = endpoints.at(address)?;
        }
        let transport: Arc<dyn Transport> = Arc::new(Http::new()?);
        let (tokens, credential): (Arc<dyn TokenSource>, Option<String>) =
            if endpoints.is_local() && Credential::is_absent(&variable) {
                // A rehearsal on this machine, where nobody is to be convinced.
                let token = Arc::new(FixedToken::new("rehearsal".to_owned()));
                (token, None)
            } else {
                let credential = Credential::find(&variable, id)
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
            jitter_seed: u64::from(std::process::id()),
        });
        Ok(Opened::PowerPlatform { tenant, credential })
    }

    /// Opens the tenant that is shown over HTTP. It needs no configuration.
    ///
    /// # Errors
    ///
    /// Where the seed cannot be used, or the file cannot be opened.
    pub fn emulated(&self, args: &EmulateArgs) -> anyhow::Result<LocalTenant> {
        if let Some(folder) = args.database.as_ref().and_then(|file| file.parent()) {
            typed::folder(&self.working_folder, folder)
                .with_context(|| format!("the tenant cannot be kept in {}", folder.display()))?;
        }
        let options = LocalOptions {
            database: args.database.as_ref().map_or_else(PathBuf::new, |file| self.working_folder.join(file)),
            seed: Some(self.named_seed(&args.seed)?),
            declared: Declared::default(),
            role: args.role,
            clock: Arc::clone(&self.clock),
        };
        let in_memory = args.database.is_none();
        Ok(if in_memory { LocalTenant::in_memory(options)? } else { LocalTenant::open(options)? })
    }

    /// The host of the pull request that a comment is for, and what it is to be asked about.
    ///
    /// # Errors
    ///
    /// Where the variables of the CI host do not say enough.
    pub fn forge(&self, args: &CommentArgs) -> anyhow::Result<Reached> {
        let destination = Destination::of(args, &variable, event()?)?;
        let Destination { repository, token, number, commit, head } = destination;
        let access = Access { transport: Arc::new(Http::new()?), clock: Arc::clone(&self.clock), token };
        let forge: Box<dyn Forge> = match repository {
            Repository::GitHub(at) => Box::new(GitHub::new(access, at)),
            Repository::GitLab(at) => Box::new(GitLab::new(access, at)),
            Repository::AzureDevOps(at) => Box::new(AzureDevOps::new(access, at)),
        };
        Ok(Reached { forge, number, commit, head })
    }

    /// The seed that was named, or the one beside the root file if there is one.
    fn seed(&self, args: &TenantArgs, loaded: &Loaded) -> anyhow::Result<Option<Arc<dyn SeedSource>>> {
        if let Some(path) = &args.seed {
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

/// A host of pull requests, and what it is to be asked about.
pub struct Reached {
    /// It.
    pub forge: Box<dyn Forge>,
    /// The pull request that runs, where one does.
    pub number: Option<u64>,
    /// The commit that runs.
    pub commit: Option<String>,
    /// The last commit of the pull request's branch, when the run began.
    pub head: Option<String>,
}

/// What GitHub says of the event that started this run, where it says something.
fn event() -> anyhow::Result<Event> {
    let Some(path) = std::env::var_os("GITHUB_EVENT_PATH").filter(|path| !path.is_empty()) else {
        return Ok(Event::default());
    };
    let text = std::fs::read(&path).context("the file that GITHUB_EVENT_PATH names cannot be read")?;
    serde_json::from_slice(&text).context("the file that GITHUB_EVENT_PATH names is no event of GitHub")
}

/// A tenant that was opened.
pub enum Opened {
    /// The built-in one.
    Local(LocalTenant),
    /// One of the service.
    PowerPlatform {
        /// It.
        tenant: PowerPlatformTenant,
        /// Who calls it, never a secret; nobody where everything stays on this machine.
        credential: Option<String>,
    },
}

impl Opened {
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

/// What a tenant without a seed starts with: the declared environments and purchases, and nothing allocated.
fn declared(desired: &DesiredState, today: Date) -> Declared {
    let environments = desired.environments.values().map(|environment| {
        let name = environment.name.as_ref().map_or(environment.key.value.as_str(), |name| &name.value);
        (environment.id.value.clone(), name.into(), environment.class.map(|class| class.value))
    });
    Declared {
        tenant: desired.tenant.name.value.as_str().into(),
        environments: environments.collect(),
        purchased: desired.purchased.iter().map(|(add_on, all)| (add_on.clone(), all.effective(today))).collect(),
    }
}

/// A variable of the process.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// What the variables say that bears on a configuration.
fn surroundings(variables: Variables<'_>) -> Surroundings {
    Surroundings {
        ci: ci::detected(variables),
        credential: variables::of_a_credential(variables),
        tenant_id: variables::tenant_id(variables),
        cloud: variables::cloud(variables),
    }
}

/// The time that it is, or that it is held at.
///
/// # Errors
///
/// Where it is to be held at something that is no timestamp.
pub fn clock() -> anyhow::Result<Clock> {
    match std::env::var(CLOCK_VARIABLE) {
        Ok(text) if !text.is_empty() => {
            let fixed: Timestamp = text.parse().map_err(|_| {
                Advised::error(
                    format!("{CLOCK_VARIABLE} is `{text}`, which is no timestamp"),
                    "write one such as 2026-12-01T09:00:00Z, or unset it",
                )
            })?;
            Ok(Arc::new(move || fixed))
        }
        _ => Ok(Arc::new(Timestamp::now)),
    }
}
