//! From what was typed to how it ends.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use super::args::faces::{Face, FaceArgs};
use super::args::{Cli, Command, TextOrJson};
use super::commands;
use super::context::{self, Comment, Context};
use super::exit::{Exit, tell};
use super::faces::{Answer, Unprintable, says_what_was_found};
use super::output::Output;
use super::pipe::is_closed_pipe;
use super::stopped::Stopped;
use crate::load::configuration::Search;
use crate::model::finding::Finding;
use crate::model::source::Sources;
use crate::report::view::failure::RefusalView;
use crate::report::view::validate::ValidateView;

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
    let speech =
        Speech { command: name_of(&cli.command), faces: faces(&cli.command), folder: cli.global.folder.clone() };
    if let Err(wrong) = speech.faces.check() {
        return speech.failed(&output, &wrong);
    }
    let input = match &cli.command {
        Command::Apply(args) => args.plan.as_deref(),
        _ => None,
    };
    speech.faces.remove_earlier(&std::env::current_dir().unwrap_or_default(), input);
    let ended =
        Context::new(&cli.global, output).map_err(Stopped::from).and_then(|context| dispatch(&context, &cli.command));
    match ended {
        Ok(exit) => exit,
        Err(Stopped::Invalid { sources, findings }) => speech.invalid(&output, &sources, &findings),
        Err(Stopped::Refused { sources, findings }) => speech.refused(&output, &sources, &findings),
        Err(Stopped::Failed(error)) => speech.failed(&output, &error),
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
        Command::Comment(args) => commands::comment::run(context, args),
        Command::Watch(args) => commands::watch::run(context, args),
        Command::Emulate(args) => commands::emulate::run(context, args),
        Command::Explain(args) => commands::explain::run(context, args),
        Command::Schema(args) => commands::schema::run(context, args),
        Command::Completions(args) => commands::completions::run(context, args),
        Command::Man(args) => commands::man::run(context, args),
    }
}

/// How this command was asked to speak, also when it fails.
struct Speech {
    command: &'static str,
    faces: FaceArgs,
    folder: Option<PathBuf>,
}

impl Speech {
    fn invalid(&self, output: &Output, sources: &Sources, found: &[Finding]) -> Exit {
        let view = ValidateView::new(self.command, found, sources, None, &[]);
        self.complain(output, sources, found, Answer::Invalid(&view))
    }

    fn refused(&self, output: &Output, sources: &Sources, found: &[Finding]) -> Exit {
        let view = RefusalView::new(self.command, found, sources);
        self.complain(output, sources, found, Answer::Refused(&view))
    }

    fn complain(&self, output: &Output, sources: &Sources, found: &[Finding], answer: Answer<'_>) -> Exit {
        if !says_what_was_found(self.faces.format) {
            output.findings(found, sources);
        }
        self.tell(output, answer, Exit::Refused)
    }

    fn failed(&self, output: &Output, error: &anyhow::Error) -> Exit {
        let is_closed = |error: &&io::Error| is_closed_pipe(error);
        if let Some(error) = error.chain().find_map(|error| error.downcast_ref::<io::Error>()).filter(is_closed) {
            return broken(output, error);
        }
        let told = tell(error);
        output.aside(&told.text(&output.stderr_style()));
        if error.is::<Unprintable>() {
            return Exit::Failed;
        }
        self.tell(output, Answer::Failed(&told.view(self.command)), Exit::Failed)
    }

    /// Writes what else was asked for than words. Where that fails it is told, too, and what the command came to stands.
    fn tell(&self, output: &Output, answer: Answer<'_>, exit: Exit) -> Exit {
        let comment = self.comment();
        for error in answer.report(&self.faces, &comment) {
            output.aside(&tell(&error).text(&output.stderr_style()));
        }
        match answer.print(output, &self.faces, &comment, |_| Ok(())) {
            Ok(()) => exit,
            Err(error) => match error.downcast_ref::<io::Error>() {
                Some(error) => broken(output, error),
                None => {
                    output.aside(&tell(&error).text(&output.stderr_style()));
                    Exit::Failed
                }
            },
        }
    }

    /// Where a comment stands that was to be about a configuration.
    fn comment(&self) -> Comment {
        let here = std::env::current_dir().unwrap_or_default();
        let start = self.folder.as_ref().map_or_else(|| here.clone(), |folder| here.join(folder));
        let now = context::clock().map_or_else(|_| jiff::Timestamp::now(), |clock| clock());
        Comment::new(&start, Search::of(self.folder.is_some()), &here, now)
    }
}

/// Whoever read from us has gone, as `head` does: nothing to say, and no success either.
fn broken(output: &Output, error: &io::Error) -> Exit {
    if !is_closed_pipe(error) {
        output.aside(&format!("error: stdout cannot be written to\n  because: {error}\n"));
    }
    Exit::Failed
}

fn faces(command: &Command) -> FaceArgs {
    let format = match command {
        Command::Plan(args) => return args.faces.clone(),
        Command::Validate(args) => return args.faces.clone(),
        Command::Apply(args) => return args.faces.clone(),
        Command::Drift(args) => args.format,
        Command::Status(args) => args.format,
        Command::Forecast(args) => args.format,
        Command::Doctor(args) => args.format,
        _ => TextOrJson::Text,
    };
    FaceArgs::only(if format == TextOrJson::Json { Face::Json } else { Face::Text })
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
        Command::Comment(_) => "comment",
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
