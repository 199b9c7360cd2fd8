//! Where words go: results to stdout, everything else to stderr.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};

use super::args::Color;
use crate::model::finding::{Finding, Severity};
use crate::model::source::Sources;
use crate::report::findings;
use crate::report::safe::ci_log;
use crate::report::style::Style;
use crate::report::wrap::wrap;

/// The two streams, and how to write on them.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    stdout_color: bool,
    stderr_color: bool,
    quiet: bool,
}

/// Every face holds in so many columns.
const WIDTH: usize = 80;

impl Output {
    /// Decides once about colour: the flag, then NO_COLOR and CLICOLOR_FORCE, then whether it is a terminal.
    pub fn new(color: Color, quiet: bool) -> Output {
        match color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        }
        .write_global();
        let colored = |choice: ColorChoice| choice != ColorChoice::Never;
        Output {
            stdout_color: colored(AutoStream::choice(&io::stdout())),
            stderr_color: colored(AutoStream::choice(&io::stderr())),
            quiet,
        }
    }

    /// How results look.
    pub fn stdout_style(&self) -> Style {
        Style { color: self.stdout_color, width: WIDTH }
    }

    /// How findings and progress look.
    pub fn stderr_style(&self) -> Style {
        Style { color: self.stderr_color, width: WIDTH }
    }

    /// Whether stderr is a terminal, so that a line can be drawn over.
    pub fn stderr_is_terminal(&self) -> bool {
        io::stderr().is_terminal()
    }

    /// Whether somebody can be asked: both to read from and to write to.
    pub fn can_ask(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Prints a result.
    ///
    /// # Errors
    ///
    /// Where stdout cannot be written to, such as on a closed pipe.
    pub fn result(&self, text: &str) -> io::Result<()> {
        self.verbatim(&ci_log::text(text))
    }

    /// Prints a result that is itself read by a program, byte for byte.
    ///
    /// # Errors
    ///
    /// Where stdout cannot be written to, such as on a closed pipe.
    pub fn verbatim(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }

    /// Prints what stands beside the result: findings, errors. Nobody can be told when stderr is gone.
    pub fn aside(&self, text: &str) {
        let _ = io::stderr().lock().write_all(ci_log::text(text).as_bytes());
    }

    /// Prints what can be left out: progress and hints.
    pub fn chatter(&self, text: &str) {
        if !self.quiet {
            self.aside(&wrap(text, self.stderr_style().columns()));
        }
    }

    /// Prints what was found, and how much of it; without hints where only results are wanted.
    pub fn findings(&self, found: &[Finding], sources: &Sources) {
        let shown: Vec<Finding> =
            found.iter().filter(|finding| !self.quiet || finding.severity > Severity::Hint).cloned().collect();
        if !shown.is_empty() {
            self.aside(&findings::render(&shown, sources, &self.stderr_style()));
        }
        if let Some(summary) = findings::summary(&shown) {
            self.aside(&format!("{summary}\n\n"));
        }
    }

    /// Whether hints and progress are left out.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }
}
