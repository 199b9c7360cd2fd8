//! `allot emulate`: the HTTP interface of the service over a built-in tenant, until Ctrl-C.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::cli::args::numbers::{parse_count, parse_number};
use crate::cli::args::tenant::parse_role;
use crate::cli::context::Context;
use crate::cli::interrupt::Interrupts;
use crate::cli::runtime::block_on;
use crate::model::ending::Ending;
use crate::model::roles::Role;
use crate::workflow::emulate::{Authority, EmulateOptions, emulate};
use crate::workflow::failure::Stopped;

/// Documents the seed format by a complete, valid seed. No line is wider than the help text, because a wrapped line
/// would not be YAML.
const SEED: &str = r#"The seed, in YAML. Required: `tenant`, and `id` and `name` of each environment.

  tenant: contoso
  settings:
    whoCanAllocate: environment-admins   # only-specific-admins
  purchased:                       # units owned, by slug or by API value
    app-passes: 1200
    copilot-credits: 300000
  environments:
    - id: "d54a33bc-880a-e348-b341-3a0581585c02"
      name: HR (Prod)
      class: production            # sandbox, developer, trial, teams, default
      state: ready                 # disabled, preparing, deleted
      dataverse: true
      securityGroup: Users of HR
      allocations:
        app-passes: 110
        copilot-credits: { units: 20000, whenExhausted: { alert: true } }
      consumption:
        app-passes: 97             # or { units: 97, asOf: 2026-11-22 }
  behaviour:
    overAllocation: refuse         # accept
    hidden: []                     # ids of environments that no listing shows
    unreadable: []                 # ids of environments that cannot be read
    failWrites:
      # kind: denied, locked, throttled, unavailable, unknownBefore,
      #       or unknownAfter
      - environment: "d54a33bc-880a-e348-b341-3a0581585c02"
        kind: unknownAfter
        times: 1                   # every write, if absent"#;

/// `allot emulate`
#[derive(Debug, Args)]
#[command(after_help = SEED)]
pub struct EmulateArgs {
    /// The address to listen on; port 0 takes a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8790")]
    pub listen: SocketAddr,
    /// Answer to this name as well, such as a container's; NAME:PORT if clients see another port; repeatable. Without it:
    /// localhost, the loopback addresses and the address of --listen, or every IP address if --listen is 0.0.0.0 or its IPv6
    /// form
    #[arg(long, value_name = "NAME[:PORT]")]
    pub host: Vec<Authority>,
    /// The seed of the tenant, described below
    #[arg(long, value_name = "FILE")]
    pub seed: PathBuf,
    /// Keep the tenant in this file instead of in memory
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// The role of every caller
    #[arg(long = "as", value_name = "ROLE", value_parser = parse_role, default_value = "power-platform-admin")]
    pub role: Role,
    /// The maximum number of environments on a page
    #[arg(long, value_name = "N", default_value = "100", value_parser = parse_count)]
    pub page_size: NonZeroUsize,
    /// The only secret that gets a token [default: any]
    #[arg(long, value_name = "SECRET", env = "ALLOT_EMULATE_CLIENT_SECRET", hide_env_values = true)]
    pub client_secret: Option<String>,
    /// Accept only tokens that were issued here
    #[arg(long)]
    pub strict_auth: bool,
    /// The lifetime of a token, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3599", value_parser = parse_number)]
    pub token_lifetime: u64,
    /// Answer over https, with a new certificate at every start
    #[arg(long, requires = "tls_cert_out")]
    pub tls: bool,
    /// Write the certificate for clients to trust, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub tls_cert_out: Option<PathBuf>,
    /// The faults at the start, in the JSON of `GET /emulator/faults`
    #[arg(long, value_name = "FILE", help_heading = "Faults")]
    pub faults: Option<PathBuf>,
    /// One fault, such as throttleRate=0.1 or surfaces='["old"]'; repeatable
    #[arg(long = "fault", value_name = "NAME=VALUE", help_heading = "Faults")]
    pub fault: Vec<String>,
    /// The random seed of the faults: the same number and the same requests give the same faults
    #[arg(long, value_name = "NUMBER", default_value = "0", value_parser = parse_number, help_heading = "Faults")]
    pub fault_seed: u64,
}

/// Serves. The first line of stdout is the address for clients.
///
/// # Errors
///
/// The errors of [`emulate`], and if stdout cannot be written to.
pub fn run(context: &Context, args: &EmulateArgs) -> Result<Ending, Stopped> {
    let options = EmulateOptions {
        listen: args.listen,
        hosts: args.host.clone(),
        seed: args.seed.clone(),
        database: args.database.clone(),
        role: args.role,
        page_size: args.page_size.get(),
        client_secret: args.client_secret.clone(),
        strict_auth: args.strict_auth,
        token_lifetime: Duration::from_secs(args.token_lifetime),
        certificate: args.tls_cert_out.clone().filter(|_| args.tls),
        faults: args.faults.clone(),
        fault: args.fault.clone(),
        fault_seed: args.fault_seed,
    };
    let ready = |address: &str| {
        context.print(&format!("{address}\n"))?;
        context.output.chatter("Ctrl-C ends it\n");
        Ok(())
    };
    block_on(async {
        let mut interrupts = Interrupts::listen()?;
        emulate(&context.ports, &options, ready, interrupts.next()).await
    })??;
    Ok(Ending::Fine)
}
