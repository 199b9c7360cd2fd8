//! What was typed, and what it means here: the one place that reads the environment and picks adapters.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;

use super::args::{EmulateArgs, Global, TenantArgs};
use super::exit::Advised;
use super::output::Output;
use crate::engine::load::{self, Loaded};
use crate::model::desired::{DesiredState, Provider};
use crate::provider::local::seed::SeedSource;
use crate::provider::local::shared::{Declared, LocalOptions};
use crate::provider::local::tenant::LocalTenant;
use crate::provider::port::{Clock, Observe, Perform};

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
        Ok(Context { output, clock: clock()?, working_folder, start })
    }

    /// Finds and reads the configuration.
    ///
    /// # Errors
    ///
    /// Where there is none, or the root file cannot be read.
    pub fn load(&self) -> anyhow::Result<Loaded> {
        load::load(&self.start, &self.working_folder).map_err(|error| Advised::error(error.to_string(), error.help()))
    }

    /// The day it is in the tenant's time zone, or the one asked for.
    pub fn date(&self, desired: &DesiredState, asked: Option<Date>) -> Date {
        asked.unwrap_or_else(|| desired.tenant.date_at((self.clock)()))
    }

    /// Opens the tenant for reading.
    ///
    /// # Errors
    ///
    /// Where the tenant cannot be opened.
    pub fn reader(
        &self,
        args: &TenantArgs,
        loaded: &Loaded,
        desired: &DesiredState,
    ) -> anyhow::Result<Box<dyn Observe>> {
        let tenant = self.local(args, loaded, desired)?;
        self.tell(tenant.notices());
        Ok(Box::new(tenant.reader()))
    }

    /// Opens the tenant for reading before the configuration is checked. `None` where that has to wait: the tenant lives
    /// elsewhere, or has what the configuration declares, or cannot be opened, which is then told in its turn.
    pub fn early_reader(&self, args: &TenantArgs, loaded: &Loaded) -> Option<(Box<dyn Observe>, Vec<String>)> {
        if loaded.provider != Some(Provider::Local) {
            return None;
        }
        let tenant = self.open_local(args, loaded, Declared::default()).ok()?;
        let waits = tenant.follows_configuration().unwrap_or(true);
        (!waits).then(|| (Box::new(tenant.reader()) as Box<dyn Observe>, tenant.notices().to_vec()))
    }

    /// Says what is worth knowing about a tenant.
    pub fn tell(&self, notices: &[String]) {
        for notice in notices {
            self.output.chatter(&format!("note: {notice}\n"));
        }
    }

    /// Opens the tenant for writing.
    ///
    /// # Errors
    ///
    /// Where the tenant cannot be opened.
    pub fn writer(
        &self,
        args: &TenantArgs,
        loaded: &Loaded,
        desired: &DesiredState,
    ) -> anyhow::Result<Box<dyn Perform>> {
        let tenant = self.local(args, loaded, desired)?;
        Ok(Box::new(tenant.writer()))
    }

    fn local(&self, args: &TenantArgs, loaded: &Loaded, desired: &DesiredState) -> anyhow::Result<LocalTenant> {
        if desired.tenant.provider == Provider::PowerPlatform {
            return Err(Advised::error(
                "this version cannot reach Power Platform yet",
                "leave `provider:` out, or write `provider: local`, to work on the built-in tenant",
            ));
        }
        self.open_local(args, loaded, declared(desired, self.date(desired, None)))
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

    /// Opens the tenant that is shown over HTTP. It needs no configuration.
    ///
    /// # Errors
    ///
    /// Where the seed cannot be used, or the file cannot be opened.
    pub fn emulated(&self, args: &EmulateArgs) -> anyhow::Result<LocalTenant> {
        let options = LocalOptions {
            database: args.database.as_ref().map_or_else(PathBuf::new, |file| self.working_folder.join(file)),
            seed: self.seed_at(&self.working_folder.join(&args.seed), true)?,
            declared: Declared::default(),
            role: args.role,
            clock: Arc::clone(&self.clock),
        };
        let in_memory = args.database.is_none();
        Ok(if in_memory { LocalTenant::in_memory(options)? } else { LocalTenant::open(options)? })
    }

    fn seed(&self, args: &TenantArgs, loaded: &Loaded) -> anyhow::Result<Option<SeedSource>> {
        match &args.seed {
            Some(path) => self.seed_at(&self.working_folder.join(path), true),
            None => self.seed_at(&loaded.folder.join(SEED_NAME), false),
        }
    }

    fn seed_at(&self, path: &Path, asked: bool) -> anyhow::Result<Option<SeedSource>> {
        let name: Arc<str> = path.strip_prefix(&self.working_folder).unwrap_or(path).display().to_string().into();
        match std::fs::metadata(path) {
            Ok(about) => {
                let modified = about.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
                let stamp = format!("{} {}", about.len(), modified.map_or_else(String::new, |time| time.to_string()));
                Ok(Some(SeedSource::File { name, path: path.to_path_buf(), stamp }))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !asked => Ok(None),
            Err(error) => Err(error).with_context(|| format!("the seed {name} cannot be read")),
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

fn clock() -> anyhow::Result<Clock> {
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
