//! Serves the HTTP interface of the service over a built-in tenant.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Map, Value};

use super::failure::Advised;
use super::ports::Ports;
use crate::emulator::faults::Faults;
pub use crate::emulator::names::Authority;
use crate::emulator::serve::Bound;
use crate::emulator::state::{Emulator, Options};
use crate::emulator::tls::Identity;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::model::roles::Role;

/// What to serve, and how.
#[derive(Clone, Debug)]
pub struct EmulateOptions {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The host names by which clients may call the emulator.
    pub hosts: Vec<Authority>,
    /// The seed of the tenant.
    pub seed: PathBuf,
    /// The file that the tenant is kept in; `None` for memory.
    pub database: Option<PathBuf>,
    /// The role of every caller.
    pub role: Role,
    /// The maximum number of environments on a page.
    pub page_size: usize,
    /// The only secret that gets a token; `None` for any.
    pub client_secret: Option<String>,
    /// Whether the emulator accepts only tokens that it issued.
    pub strict_auth: bool,
    /// The lifetime of a token.
    pub token_lifetime: Duration,
    /// The file for the certificate of https; `None` for http.
    pub certificate: Option<PathBuf>,
    /// A file of faults.
    pub faults: Option<PathBuf>,
    /// Single faults, `NAME=VALUE`; they override the file.
    pub fault: Vec<String>,
    /// The seed of the random faults.
    pub fault_seed: u64,
}

/// Serves until the interrupt. `ready` receives the address before the first request is answered.
///
/// # Errors
///
/// If the seed or the faults cannot be used, or the address cannot be bound.
pub async fn emulate(
    ports: &Ports,
    options: &EmulateOptions,
    ready: impl FnOnce(&str) -> anyhow::Result<()>,
    interrupt: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let tenant = ports.emulated(&options.seed, options.database.as_deref(), options.role)?;
    ports.show(tenant.notices());
    let scheme = if options.certificate.is_some() { "https" } else { "http" };
    let state = Options {
        tenant,
        clock: Arc::clone(&ports.clock),
        faults: faults(ports, options)?,
        fault_seed: options.fault_seed,
        page_size: options.page_size,
        client_secret: options.client_secret.clone(),
        strict_auth: options.strict_auth,
        token_lifetime: options.token_lifetime,
        scheme,
    };
    let emulator = Emulator::new(state).map_err(anyhow::Error::from)?;
    let identity = identity(ports, options)?;
    let listen = options.listen;
    let bound = Bound::at(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    ready(&format!("{scheme}://{}", bound.address))?;
    bound
        .serve(&emulator, identity.as_ref(), &options.hosts, interrupt)
        .await
        .context("the emulator stopped, because its socket failed")?;
    Ok(())
}

/// Makes the certificate of https, and writes it to its file before the first client can call.
fn identity(ports: &Ports, options: &EmulateOptions) -> anyhow::Result<Option<Identity>> {
    let Some(file) = &options.certificate else { return Ok(None) };
    let identity = Identity::make(options.listen, &options.hosts)?;
    typed::replace(&ports.working_folder, file, identity.authority.as_bytes())
        .with_context(|| format!("{} cannot be written", slashed(file)))?;
    Ok(Some(identity))
}

/// The faults of the file, overridden by the single ones.
fn faults(ports: &Ports, options: &EmulateOptions) -> anyhow::Result<Faults> {
    let mut stated = match &options.faults {
        None => Map::new(),
        Some(file) => {
            let unreadable = || format!("{} cannot be read", slashed(file));
            let text = typed::open(&ports.working_folder, file).and_then(|file| file.text());
            serde_json::from_str(&text.with_context(unreadable)?.text).with_context(unreadable)?
        }
    };
    for fault in &options.fault {
        let (name, value) = fault.split_once('=').ok_or_else(|| unusable(&format!("`{fault}` has no `=`")))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        stated.insert(name.to_owned(), value);
    }
    let faults: Faults = serde_json::from_value(Value::Object(stated)).map_err(|error| unusable(&error.to_string()))?;
    faults.check().map_err(|why| unusable(&why))?;
    Ok(faults)
}

fn unusable(why: &str) -> anyhow::Error {
    Advised::error(format!("the fault cannot be used: {why}"), "write one such as `--fault throttleRate=0.1`")
}
