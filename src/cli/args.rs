//! What can be typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::apply::options::ApplyOptions;
use crate::model::finding::Allowance;
use crate::model::terms::{EnvironmentKey, Role};
use comment::CommentArgs;
use faces::FaceArgs;

pub mod comment;
pub mod faces;

const EXIT_CODES: &str = "\
Exit codes:
    0  fine
    1  failed, or wrong usage
    2  changes or drift found (plan --detailed-exitcode, drift)
    3  refused: configuration, headroom, a rule, a stale plan
    4  applied in part
  130  interrupted

A first round, on the tenant that is built in:
  allot init             write a first configuration
  allot plan             see what would change, and what the pools look like
  allot apply            change it, after a question
  allot status           a gauge for each add-on";

/// Capacity add-ons of Microsoft Power Platform as code.
///
/// Declare in YAML how many units of each purchased add-on every environment holds. allot checks that against what was
/// purchased, compares it with the tenant, shows a plan and applies it, and never holds more than is owned.
#[derive(Debug, Parser)]
#[command(name = "allot", version, about, after_help = EXIT_CODES, max_term_width = 80, propagate_version = false)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The folder or the allotment.yaml to work with [default: the nearest one above the working directory]
    #[arg(short = 'C', long = "chdir", value_name = "PATH", global = true, help_heading = "Everywhere")]
    pub folder: Option<PathBuf>,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true, help_heading = "Everywhere")]
    pub color: Color,
    /// Print results only, no progress and no hints
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Everywhere")]
    pub quiet: bool,
    /// Say more; twice: everything (ALLOT_LOG filters)
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = "Everywhere")]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a first configuration, commented, that validates
    Init(InitArgs),
    /// Check the configuration without a tenant: language, rules, headroom on all dates
    Validate(ValidateArgs),
    /// Show what would change, and the pools before and after; never writes to the tenant
    Plan(PlanArgs),
    /// Change the tenant as planned, never holding more than is owned at any moment
    Apply(ApplyArgs),
    /// Compare the tenant with the configuration, for scheduled runs; exit 2 where they differ
    Drift(DriftArgs),
    /// A gauge for each add-on, and what needs attention
    Status(StatusArgs),
    /// The pools on every date at which something changes, and who could give back
    Forecast(ForecastArgs),
    /// Which credential was found, what it may read, and what to do about what it may not
    Doctor(DoctorArgs),
    /// Put what plan, validate or apply found on the pull request: one comment, kept up to date
    Comment(CommentArgs),
    /// Validate and plan, or apply, whenever a file is saved
    Watch(WatchArgs),
    /// Answer as the service does, over HTTP and from a seed, to test clients with
    Emulate(EmulateArgs),
    /// What a code means, what an add-on is, or why a cell has its value
    Explain(ExplainArgs),
    /// Print or write the JSON Schemas that editors and validate use
    Schema(SchemaArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for every command
    Man(ManArgs),
}

/// How to print results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people
    Text,
    /// For programs: every byte of stdout is JSON
    Json,
}

/// How to reach the tenant.
#[derive(Clone, Debug, Args)]
pub struct TenantArgs {
    /// The role to act in, on the built-in tenant
    #[arg(long = "as", value_name = "ROLE", value_parser = parse_role, default_value = "power-platform-admin", help_heading = "Tenant")]
    pub role: Role,
    /// What the built-in tenant starts with [default: tenant.seed.yaml beside allotment.yaml, if there is one]
    #[arg(long, value_name = "FILE", help_heading = "Tenant")]
    pub seed: Option<PathBuf>,
    /// Call the service at this address instead of its cloud's own: `allot emulate`, or a proxy
    #[arg(long, value_name = "URL", env = "ALLOT_ENDPOINT", help_heading = "Tenant")]
    pub endpoint: Option<String>,
}

/// What a plan is made for, and what it may do.
#[derive(Clone, Debug, Args)]
pub struct ScopeArgs {
    /// Only this environment, by its key; repeatable
    #[arg(long = "target", value_name = "ENVIRONMENT")]
    pub targets: Vec<EnvironmentKey>,
    /// Let one refusal through, as its message says, such as A303:hr-prod/app-passes; repeatable
    #[arg(long = "allow", value_name = "CODE:SCOPE")]
    pub allowances: Vec<Allowance>,
    /// Refuse on warnings too
    #[arg(long)]
    pub strict: bool,
}

fn parse_role(text: &str) -> Result<Role, String> {
    Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| {
        let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("write one of {}", roles.join(", "))
    })
}

/// `allot init`
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where to write it
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub folder: PathBuf,
}

/// `allot validate`
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// The day to begin at [default: today in the tenant's time zone]
    #[arg(long, value_name = "DATE")]
    pub at: Option<Date>,
    /// Refuse on warnings too
    #[arg(long)]
    pub strict: bool,
    /// How to print it
    #[command(flatten)]
    pub faces: FaceArgs,
}

/// `allot plan`
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What it is made for
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The day to plan for [default: today in the tenant's time zone]
    #[arg(long, value_name = "DATE")]
    pub at: Option<Date>,
    /// Save the plan, for `allot apply FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit 2 where there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Tell what this branch changes from what was pending before it left this branch or commit, such as origin/main
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Warn of what falls short if this branch or commit is merged first, such as origin/other; repeatable
    #[arg(long = "with", value_name = "REF")]
    pub with: Vec<String>,
    /// Show the environments' documents as a unified diff
    #[arg(long, conflicts_with = "format")]
    pub diff: bool,
    /// How to print it
    #[command(flatten)]
    pub faces: FaceArgs,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// `allot apply`
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// A plan that `allot plan --out` saved; it is applied without a question
    #[arg(value_name = "PLAN", conflicts_with_all = ["targets", "allowances", "strict"])]
    pub plan: Option<PathBuf>,
    /// What it is made for
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Apply without a question
    #[arg(long)]
    pub auto_approve: bool,
    /// How many writes may be under way at once
    #[arg(long, value_name = "N", default_value_t = ApplyOptions::PARALLELISM)]
    pub parallelism: NonZeroUsize,
    /// How long to wait until the tenant shows what was written, such as 2m or 90s; at most 15m
    #[arg(long, value_name = "TIME", default_value = CONFIRM_TIMEOUT.as_str(), value_parser = parse_confirm_timeout)]
    pub confirm_timeout: std::time::Duration,
    /// How to print the result
    #[command(flatten)]
    pub faces: FaceArgs,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// The default of `--confirm-timeout`, as people write it.
static CONFIRM_TIMEOUT: LazyLock<String> = LazyLock::new(|| {
    let default = jiff::SignedDuration::try_from(ApplyOptions::CONFIRM_TIMEOUT).unwrap_or_default();
    format!("{default:#}")
});

fn parse_confirm_timeout(text: &str) -> Result<std::time::Duration, String> {
    const LONGEST: std::time::Duration = std::time::Duration::from_mins(15);
    let parsed: jiff::SignedDuration = text.parse().map_err(|_| "write a time such as 90s, 2m or 15m".to_owned())?;
    let duration = std::time::Duration::try_from(parsed).map_err(|_| "a time cannot be negative".to_owned())?;
    if duration > LONGEST { Err("at most 15m".to_owned()) } else { Ok(duration) }
}

/// `allot drift`
#[derive(Debug, Args)]
pub struct DriftArgs {
    /// How to print the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// `allot status`
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// How to print the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// `allot forecast`
#[derive(Debug, Args)]
pub struct ForecastArgs {
    /// The day to begin at [default: today in the tenant's time zone]
    #[arg(long, value_name = "DATE")]
    pub at: Option<Date>,
    /// How to print the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// `allot doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// How to print the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// `allot watch`
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Apply what was planned after every save, without a question
    #[arg(long)]
    pub apply: bool,
    /// What it is made for
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// `allot emulate`
#[derive(Debug, Args)]
pub struct EmulateArgs {
    /// Where to listen; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8790")]
    pub listen: std::net::SocketAddr,
    /// Answer to this name, too, such as a container's; NAME:PORT where clients see another port; repeatable [default: localhost, the
    /// loopback addresses and that of --listen; every IP address where that is 0.0.0.0 or its IPv6 form]
    #[arg(long, value_name = "NAME[:PORT]")]
    pub host: Vec<crate::emulator::names::Authority>,
    /// What the tenant starts with
    #[arg(long, value_name = "FILE")]
    pub seed: PathBuf,
    /// Keep the tenant in this file instead of in memory
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// The role that every caller has
    #[arg(long = "as", value_name = "ROLE", value_parser = parse_role, default_value = "power-platform-admin")]
    pub role: Role,
    /// The most environments on one page
    #[arg(long, value_name = "N", default_value = "100")]
    pub page_size: NonZeroUsize,
    /// The only secret that gets a token [default: any]
    #[arg(long, value_name = "SECRET", env = "ALLOT_EMULATE_CLIENT_SECRET", hide_env_values = true)]
    pub client_secret: Option<String>,
    /// Take only tokens that were issued here
    #[arg(long)]
    pub strict_auth: bool,
    /// How long a token is good, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "3599")]
    pub token_lifetime: u64,
    /// Answer over https, with a certificate that is made anew at every start
    #[arg(long, requires = "tls_cert_out")]
    pub tls: bool,
    /// Write the certificate that clients have to trust, as PEM
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub tls_cert_out: Option<PathBuf>,
    /// Faults to begin with, in JSON as `GET /emulator/faults` shows them
    #[arg(long, value_name = "FILE", help_heading = "Faults")]
    pub faults: Option<PathBuf>,
    /// One fault, such as throttleRate=0.1 or surfaces='["old"]'; repeatable
    #[arg(long = "fault", value_name = "NAME=VALUE", help_heading = "Faults")]
    pub fault: Vec<String>,
    /// Where chance begins: the same number and the same requests bring the same faults
    #[arg(long, value_name = "NUMBER", default_value = "0", help_heading = "Faults")]
    pub fault_seed: u64,
}

/// `allot explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A code (A201), an add-on (app-passes), or a cell (hr-prod/app-passes); nothing lists all codes and add-ons
    #[arg(value_name = "SUBJECT")]
    pub subject: Option<String>,
    /// The day for which to explain a cell [default: today in the tenant's time zone]
    #[arg(long, value_name = "DATE")]
    pub at: Option<Date>,
}

/// Which schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// allotment.yaml
    Root,
    /// Files that it includes
    Environments,
}

/// `allot schema`
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Which file's schema to print
    #[arg(default_value = "root", value_name = "FILE")]
    pub name: SchemaName,
    /// Write both schemas into this folder instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "name")]
    pub write: Option<PathBuf>,
}

/// `allot completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// `allot man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write one page for every command into this folder
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}
