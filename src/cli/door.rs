//! The command line as a whole: from the arguments of the process to its exit code.

// A new command does not compile until every function here handles it.
#![deny(clippy::wildcard_enum_match_arm)]

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use super::args::advice::advise;
use super::args::formats::FormatArgs;
use super::args::global::{Color, Global};
use super::args::tenant::ReadArgs;
use super::context::{Context, present_without_context};
use super::output::Output;
use super::pipe::is_closed_pipe;
use super::present::Unprintable;
use super::{commands, exit, log};
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::report::format::Format;
use crate::workflow::failure::Stopped;

const EXIT_CODES: &str = "\
Exit codes:
    0  fine
    1  failed, or wrong usage
    2  changes or drift found (plan --detailed-exitcode, drift)
    3  refused: configuration, headroom, a rule, a stale plan
    4  applied in part
  130  interrupted

A first round, on the built-in tenant:
  allot init             write a first configuration
  allot plan             show the changes, and the pools before and after
  allot apply            apply them, after a question
  allot status           show a gauge for each pool";

/// Capacity add-ons of Microsoft Power Platform as code.
///
/// Declare in YAML how many units of each purchased add-on every environment holds. allot checks that against what was
/// purchased, compares it with the tenant, shows a plan and applies it, and never allocates more than is owned.
#[derive(Debug, Parser)]
#[command(name = "allot", version, about, after_help = EXIT_CODES, max_term_width = 80, propagate_version = false)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    /// Arguments of every command.
    #[command(flatten)]
    pub global: Global,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a first configuration with comments
    Init(commands::init::InitArgs),
    /// Check the configuration without a tenant: syntax, names, rules, and headroom on all dates
    Validate(commands::validate::ValidateArgs),
    /// Show the changes, and the pools before and after; never write to the tenant
    Plan(commands::plan::PlanArgs),
    /// Change the tenant as planned; no pool ever holds more than was purchased
    Apply(commands::apply::ApplyArgs),
    /// Compare the tenant with the configuration, for scheduled runs; exit 2 if they differ, 1 if not all could be read
    Drift(ReadArgs),
    /// Show a gauge for each pool and what needs attention; with --by, what is declared, held and used
    Status(commands::status::StatusArgs),
    /// Show the pools on every date on which something changes, and who can give units back
    Forecast(commands::forecast::ForecastArgs),
    /// Show the credential, what it can read, and how to get access to the rest
    Doctor(ReadArgs),
    /// Post a report of plan, validate or apply on the pull request: one comment, kept up to date
    Comment(commands::comment::CommentArgs),
    /// Plan, or apply, at the start and whenever the files change, with one line for each save
    Watch(commands::watch::WatchArgs),
    /// Serve the HTTP interface of the service from a seed, to test clients
    Emulate(commands::emulate::EmulateArgs),
    /// Explain a code, an add-on, or why a cell has its value
    Explain(commands::explain::ExplainArgs),
    /// Print or write the JSON Schemas that editors and validate use
    Schema(commands::schema::SchemaArgs),
    /// Print a completion script for a shell
    Completions(commands::completions::CompletionsArgs),
    /// Print the manual page, or write one for every command
    Man(commands::man::ManArgs),
}

impl Command {
    /// The name of the command.
    pub const fn name(&self) -> CommandName {
        match self {
            Command::Init(_) => CommandName::Init,
            Command::Validate(_) => CommandName::Validate,
            Command::Plan(_) => CommandName::Plan,
            Command::Apply(_) => CommandName::Apply,
            Command::Drift(_) => CommandName::Drift,
            Command::Status(_) => CommandName::Status,
            Command::Forecast(_) => CommandName::Forecast,
            Command::Doctor(_) => CommandName::Doctor,
            Command::Comment(_) => CommandName::Comment,
            Command::Watch(_) => CommandName::Watch,
            Command::Emulate(_) => CommandName::Emulate,
            Command::Explain(_) => CommandName::Explain,
            Command::Schema(_) => CommandName::Schema,
            Command::Completions(_) => CommandName::Completions,
            Command::Man(_) => CommandName::Man,
        }
    }

    /// The formats of the answer, also of a failure.
    pub fn formats(&self) -> FormatArgs {
        match self {
            Command::Plan(args) => args.formats.clone(),
            Command::Validate(args) => args.formats.clone(),
            Command::Apply(args) => args.formats.clone(),
            Command::Drift(args) => args.format.formats(),
            Command::Status(args) => args.read.format.formats(),
            Command::Forecast(args) => args.read.format.formats(),
            Command::Doctor(args) => args.format.formats(),
            Command::Init(_)
            | Command::Comment(_)
            | Command::Watch(_)
            | Command::Emulate(_)
            | Command::Explain(_)
            | Command::Schema(_)
            | Command::Completions(_)
            | Command::Man(_) => FormatArgs::only(Format::Text),
        }
    }
}

/// Parses the arguments, runs the command, and reports a failure once.
pub fn enter(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let ending = match Cli::try_parse_from(&arguments) {
        Ok(cli) => run(&cli),
        Err(error) => unparsed(&advise(error, &arguments, &Cli::command())),
    };
    ExitCode::from(exit::code(ending))
}

/// Prints help or the version, which are results, or wrong usage, which exits with 1 and not with clap's 2.
fn unparsed(error: &clap::Error) -> Ending {
    let printed = error.print().and_then(|()| io::stdout().flush());
    if error.use_stderr() {
        return Ending::Failed;
    }
    match printed {
        Err(full) if !is_closed_pipe(&full) => {
            Output::new(Color::Auto.choice(), false).error(&Unprintable(full.into()).into());
            Ending::Failed
        }
        _ => Ending::Fine,
    }
}

fn run(cli: &Cli) -> Ending {
    let output = Output::new(cli.global.color.choice(), cli.global.quiet);
    log::start(cli.global.verbose, output.stderr_style().color);
    let ended = check(cli).map_err(Stopped::from).and_then(|()| {
        let context = Context::new(&cli.global, output)?;
        dispatch(&context, &cli.command)
    });
    ended.unwrap_or_else(|stopped| fail(cli, &output, stopped))
}

/// Checks the formats, and removes the report files of earlier runs.
fn check(cli: &Cli) -> anyhow::Result<()> {
    let formats = cli.command.formats();
    formats.check()?;
    let input = if let Command::Apply(args) = &cli.command { args.plan.as_deref() } else { None };
    formats.remove_earlier(&std::env::current_dir().unwrap_or_default(), input);
    Ok(())
}

fn dispatch(context: &Context, command: &Command) -> Result<Ending, Stopped> {
    match command {
        Command::Init(args) => commands::init::run(context, args),
        Command::Validate(args) => commands::validate::run(context, args),
        Command::Plan(args) => commands::plan::run(context, args),
        Command::Apply(args) => commands::apply::run(context, args),
        Command::Drift(args) => commands::drift::run(context, args),
        Command::Status(args) => commands::status::run(context, args),
        Command::Forecast(args) => commands::forecast::run(context, args),
        Command::Doctor(args) => commands::doctor::run(context, args),
        Command::Comment(args) => commands::comment::run(context, args),
        Command::Watch(args) => commands::watch::run(context, args),
        Command::Emulate(args) => commands::emulate::run(context, args),
        Command::Explain(args) => commands::explain::run(context, args),
        Command::Schema(args) => commands::schema::run(context, args),
        Command::Completions(args) => commands::completions::run(context, args, &Cli::command()),
        Command::Man(args) => commands::man::run(context, args, &Cli::command()),
    }
}

/// Reports why a command ended early, in every format that was asked for.
fn fail(cli: &Cli, output: &Output, stopped: Stopped) -> Ending {
    if let Stopped::Declined(ending) = stopped {
        output.stopped(&stopped);
        return ending;
    }
    if let Stopped::Failed(error) = &stopped {
        output.error(error);
        if error.is::<Unprintable>() {
            return Ending::Failed;
        }
    }
    let Some(answer) = stopped.answer(cli.command.name()) else { return Ending::Failed };
    match present_without_context(output, &cli.global, &cli.command.formats(), &answer) {
        Ok(ending) => ending,
        Err(unprintable) => {
            output.error(&unprintable.into());
            Ending::Failed
        }
    }
}
