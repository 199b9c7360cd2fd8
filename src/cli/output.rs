//! The two streams: results go to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};

use super::bar::around;
use super::pipe::is_closed_pipe;
use crate::model::finding::{Finding, Severity};
use crate::model::source::Sources;
use crate::report::cap;
use crate::report::findings;
use crate::report::safe::rendered::Rendered;
use crate::report::style::Style;
use crate::report::text;
use crate::report::wrap::wrap;
use crate::workflow::failure::{Causes, Stopped};

/// The two streams, and their style.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    stdout_color: bool,
    stderr_color: bool,
    quiet: bool,
}

/// Whether the program that reads stdout has ended. The process has one stdout, which all outputs share.
static READER_ENDED: AtomicBool = AtomicBool::new(false);

/// The width of every text, in columns.
const WIDTH: usize = 80;

impl Output {
    /// Decides once about colour: the choice, then NO_COLOR and CLICOLOR_FORCE, then whether the stream is a terminal.
    pub fn new(color: ColorChoice, quiet: bool) -> Output {
        color.write_global();
        let colored = |choice: ColorChoice| choice != ColorChoice::Never;
        Output {
            stdout_color: colored(AutoStream::choice(&io::stdout())),
            stderr_color: colored(AutoStream::choice(&io::stderr())),
            quiet,
        }
    }

    /// The style of results.
    pub fn stdout_style(&self) -> Style {
        Style { color: self.stdout_color, width: WIDTH }
    }

    /// The style of findings and progress.
    pub fn stderr_style(&self) -> Style {
        Style { color: self.stderr_color, width: WIDTH }
    }

    /// Whether to show progress: stderr is a terminal, where a line can be overwritten, and `--quiet` is not set.
    pub fn shows_progress(&self) -> bool {
        io::stderr().is_terminal() && !self.quiet
    }

    /// Whether a question can be asked: stdin and stderr are terminals.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether the program that reads stdout has ended, as `head` does. What was printed since is lost.
    pub fn reader_ended(&self) -> bool {
        READER_ENDED.load(Ordering::Relaxed)
    }

    /// Prints a result for people, as [`Output::rendered`] does.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written to.
    pub fn result(&self, text: &str) -> io::Result<()> {
        self.rendered(&Rendered::text(text))
    }

    /// Prints a result. A closed pipe is no error: if the program that reads stdout has ended, the command ends as it
    /// would otherwise.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written to, such as on a full disk.
    pub fn rendered(&self, result: &Rendered) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(result.for_stream().as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if is_closed_pipe(&error) => {
                READER_ENDED.store(true, Ordering::Relaxed);
                Ok(())
            }
            written => written,
        }
    }

    /// Prints findings, errors and questions. A failure of stderr cannot be reported anywhere.
    pub fn aside(&self, text: &str) {
        let _ = io::stderr().lock().write_all(Rendered::text(text).for_stream().as_bytes());
    }

    /// Prints progress and hints, unless `--quiet` is set.
    pub fn chatter(&self, text: &str) {
        if !self.quiet {
            around(|| self.aside(&wrap(text, self.stderr_style().columns())));
        }
    }

    /// Prints findings, up to the limits of [`cap`], and their true number; without hints if `--quiet` is set.
    pub fn findings<'a>(&self, found: impl IntoIterator<Item = &'a Finding>, sources: &Sources) {
        let is_shown = |finding: &&Finding| !self.quiet || finding.severity > Severity::Hint;
        let shown: Vec<&Finding> = found.into_iter().filter(is_shown).collect();
        if !shown.is_empty() {
            let listed = cap::without_base(shown.iter().copied(), sources);
            let listed = listed.iter().map(|finding| &**finding);
            self.aside(&findings::render(listed, sources, &self.stderr_style()));
        }
        if let Some(summary) = findings::summary(shown) {
            self.aside(&format!("{summary}\n\n"));
        }
    }

    /// Prints an error, its causes, and what to do next.
    pub fn error(&self, error: &anyhow::Error) {
        self.failure("error", error);
    }

    /// Prints an error that does not fail the command.
    pub fn warning(&self, error: &anyhow::Error) {
        self.failure("warning", error);
    }

    fn failure(&self, kind: &str, error: &anyhow::Error) {
        let causes = Causes::of(error);
        self.aside(&text::failure::failure(kind, &causes.messages, &causes.help, &self.stderr_style()));
    }

    /// Prints why a command ended early.
    pub fn stopped(&self, stopped: &Stopped) {
        match stopped {
            Stopped::Invalid { sources, findings } | Stopped::Refused { sources, findings } => {
                self.findings(findings, sources);
            }
            Stopped::Failed(error) => self.error(error),
            Stopped::Declined(_) => self.aside("Nothing was applied.\n"),
        }
    }
}
