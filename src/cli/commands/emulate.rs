//! `allot emulate`: the HTTP surface of the service over a built-in tenant, until Ctrl-C.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Map, Value};

use crate::cli::args::EmulateArgs;
use crate::cli::context::Context;
use crate::cli::exit::{Advised, Exit};
use crate::cli::interrupt::Interrupts;
use crate::cli::stopped::Stopped;
use crate::cli::tenant::block_on;
use crate::emulator::faults::Faults;
use crate::emulator::serve::Bound;
use crate::emulator::state::{Emulator, Options};
use crate::emulator::tls::Identity;
use crate::files::typed;

/// Serves. The first line of stdout is where clients find it.
///
/// # Errors
///
/// Where the seed or the faults cannot be used, or the address cannot be bound.
pub fn run(context: &Context, args: &EmulateArgs) -> Result<Exit, Stopped> {
    let tenant = context.emulated(args)?;
    context.tell(tenant.notices());
    let options = Options {
        faults: faults(context, args)?,
        fault_seed: args.fault_seed,
        page_size: args.page_size.get(),
        client_secret: args.client_secret.clone(),
        strict_auth: args.strict_auth,
        token_lifetime: Duration::from_secs(args.token_lifetime),
        scheme: if args.tls { "https" } else { "http" },
        ..Options::new(tenant, Arc::clone(&context.clock))
    };
    let emulator = Emulator::new(options).map_err(anyhow::Error::from)?;
    let identity = identity(context, args)?;
    let scheme = emulator.scheme();
    let mut interrupts = Interrupts::listen()?;
    block_on(async {
        let bound = Bound::at(args.listen).await.with_context(|| format!("{} cannot be listened on", args.listen))?;
        context.output.result(&format!("{scheme}://{}\n", bound.address()))?;
        context.output.chatter("Ctrl-C ends it\n");
        let stop = async move { interrupts.next().await };
        bound.serve(&emulator, identity.as_ref(), &args.host, stop).await.context("the socket failed")
    })??;
    Ok(Exit::Fine)
}

/// Who answers over https, written down for clients before anybody can call.
fn identity(context: &Context, args: &EmulateArgs) -> anyhow::Result<Option<Identity>> {
    let Some(file) = args.tls_cert_out.as_ref().filter(|_| args.tls) else { return Ok(None) };
    let identity = Identity::make(args.listen, &args.host)?;
    typed::replace(&context.working_folder, file, identity.authority().as_bytes())
        .with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(Some(identity))
}

/// Those of the file, and over them those that were typed.
fn faults(context: &Context, args: &EmulateArgs) -> anyhow::Result<Faults> {
    let mut stated = match &args.faults {
        None => Map::new(),
        Some(file) => {
            let unreadable = || format!("{} cannot be read", file.display());
            let text = typed::open(&context.working_folder, file).and_then(|file| file.text());
            serde_json::from_str(&text.with_context(unreadable)?.text).with_context(unreadable)?
        }
    };
    for fault in &args.fault {
        let (name, value) = fault.split_once('=').ok_or_else(|| unusable(&format!("`{fault}` has no `=`")))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        stated.insert(name.to_owned(), value);
    }
    let faults: Faults = serde_json::from_value(Value::Object(stated)).map_err(|error| unusable(&error.to_string()))?;
    faults.check().map_err(|why| unusable(&why))?;
    Ok(faults)
}

fn unusable(why: &str) -> anyhow::Error {
    Advised::error(format!("no such fault: {why}"), "write one such as `--fault throttleRate=0.1`")
}
