//! From what was typed to how it ends.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use super::args::{Cli, Command, PlanFormat, TextOrJson};
use super::commands;
use super::context::{Comment, Context};
use super::exit::{Exit, tell};
use super::output::Output;
use super::stopped::Stopped;
use crate::model::finding::Finding;
use crate::model::source::Sources;
use crate::report::view::basics::FindingView;
use crate::report::view::failure::RefusalView;
use crate::report::view::validate::ValidateView;
use crate::report::{json, markdown};

/// Parses, runs, and tells failures once.
pub fn enter(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; the rest is wrong usage, which exits 1 and not clap's 2.
            let exit = if error.use_stderr() { Exit::Failed } else { Exit::Fine };
            let _ = error.print();
            return exit;
        }
    };
    let output = Output::new(cli.global.color, cli.global.quiet);
    start_log(cli.global.verbose, output.stderr_style().color);
    let face = Face { command: name_of(&cli.command), speech: speech(&cli.command), folder: cli.global.folder.clone() };
    let ended =
        Context::new(&cli.global, output).map_err(Stopped::from).and_then(|context| dispatch(&context, &cli.command));
    match ended {
        Ok(exit) => exit,
        Err(Stopped::Invalid { sources, findings }) => face.invalid(&output, &sources, &findings),
        Err(Stopped::Refused { sources, findings }) => face.refused(&output, &sources, &findings),
        Err(Stopped::Failed(error)) => face.failed(&output, &error),
    }
}

fn dispatch(context: &Context, command: &Command) -> Result<Exit, Stopped> {
    match command {
        Command::Init(args) => commands::init::run(context, args),
        Command::Validate(args) => commands::validate::run(context, args),
        Command::Plan(args) => commands::plan::run(context, args),
        Command::Apply(args) => commands::apply::run(context, args),
        Command::Drift(args) => commands::drift::run(context, args),
        Command::Status(args) => commands::status::run(context, args),
        Command::Forecast(args) => commands::forecast::run(context, args),
        Command::Doctor(args) => commands::doctor::run(context, args),
        Command::Watch(args) => commands::watch::run(context, args),
        Command::Emulate(args) => commands::emulate::run(context, args),
        Command::Explain(args) => commands::explain::run(context, args),
        Command::Schema(args) => commands::schema::run(context, args),
        Command::Completions(args) => commands::completions::run(context, args),
        Command::Man(args) => commands::man::run(context, args),
    }
}

/// How this command was asked to speak, also when it fails.
struct Face {
    command: &'static str,
    speech: Speech,
    folder: Option<PathBuf>,
}

/// In which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speech {
    Words,
    Json,
    /// A comment of at most so many characters.
    Comment(usize),
}

impl Face {
    fn invalid(&self, output: &Output, sources: &Sources, found: &[Finding]) -> Exit {
        self.complain(output, sources, found, || {
            json::json(&ValidateView::new(self.command, found, sources, None, &[]))
        })
    }

    fn refused(&self, output: &Output, sources: &Sources, found: &[Finding]) -> Exit {
        self.complain(output, sources, found, || json::json(&RefusalView::new(self.command, found, sources)))
    }

    fn complain(&self, output: &Output, sources: &Sources, found: &[Finding], view: impl Fn() -> String) -> Exit {
        let result = match self.speech {
            Speech::Words => {
                output.findings(found, sources);
                return Exit::Refused;
            }
            Speech::Json => view(),
            Speech::Comment(budget) => {
                let comment = self.comment();
                markdown::refused(&FindingView::all(found, sources), &comment.frame(self.command, None, budget))
            }
        };
        match output.result(&result) {
            Ok(()) => Exit::Refused,
            Err(error) => broken(output, &error),
        }
    }

    /// Where a comment stands that was to be about a configuration.
    fn comment(&self) -> Comment {
        let here = std::env::current_dir().unwrap_or_default();
        let start = self.folder.as_ref().map_or_else(|| here.clone(), |folder| here.join(folder));
        Comment::new(&start, &here)
    }

    fn failed(&self, output: &Output, error: &anyhow::Error) -> Exit {
        if let Some(error) = error.downcast_ref::<io::Error>().filter(|error| error.kind() == io::ErrorKind::BrokenPipe)
        {
            return broken(output, error);
        }
        let told = tell(error);
        output.aside(&told.text(&output.stderr_style()));
        let view = told.view(self.command);
        let result = match self.speech {
            Speech::Words => return Exit::Failed,
            Speech::Json => json::json(&view),
            Speech::Comment(budget) => markdown::failed(&view.error, &self.comment().frame(self.command, None, budget)),
        };
        match output.result(&result) {
            Ok(()) => Exit::Failed,
            Err(error) => broken(output, &error),
        }
    }
}

/// Whoever read from us has gone, as `head` does: nothing to say, and no success either.
fn broken(output: &Output, error: &io::Error) -> Exit {
    if error.kind() != io::ErrorKind::BrokenPipe {
        output.aside(&format!("error: stdout cannot be written to\n  because: {error}\n"));
    }
    Exit::Failed
}

fn speech(command: &Command) -> Speech {
    let is_json = match command {
        Command::Plan(args) if args.format == PlanFormat::Markdown => return Speech::Comment(args.budget),
        Command::Plan(args) => args.format == PlanFormat::Json,
        Command::Validate(args) => args.format == TextOrJson::Json,
        Command::Apply(args) => args.format == TextOrJson::Json,
        Command::Drift(args) => args.format == TextOrJson::Json,
        Command::Status(args) => args.format == TextOrJson::Json,
        Command::Forecast(args) => args.format == TextOrJson::Json,
        Command::Doctor(args) => args.format == TextOrJson::Json,
        _ => false,
    };
    if is_json { Speech::Json } else { Speech::Words }
}

fn name_of(command: &Command) -> &'static str {
    match command {
        Command::Init(_) => "init",
        Command::Validate(_) => "validate",
        Command::Plan(_) => "plan",
        Command::Apply(_) => "apply",
        Command::Drift(_) => "drift",
        Command::Status(_) => "status",
        Command::Forecast(_) => "forecast",
        Command::Doctor(_) => "doctor",
        Command::Watch(_) => "watch",
        Command::Emulate(_) => "emulate",
        Command::Explain(_) => "explain",
        Command::Schema(_) => "schema",
        Command::Completions(_) => "completions",
        Command::Man(_) => "man",
    }
}

/// Logs go to stderr, and only where they are asked for.
fn start_log(verbose: u8, has_colour: bool) {
    let asked = std::env::var("ALLOT_LOG").ok().filter(|filter| !filter.is_empty());
    let filter = match (asked, verbose) {
        (Some(filter), _) => filter,
        (None, 0) => return,
        (None, 1) => "allotment=info".to_owned(),
        (None, _) => "allotment=trace".to_owned(),
    };
    let built = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(has_colour)
        .with_writer(io::stderr)
        .try_init();
    if let Err(error) = built {
        let _ = writeln!(io::stderr(), "note: no log: {error}");
    }
}
