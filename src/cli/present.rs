//! Presents an answer: on stdout and stderr, and in report files.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::args::formats::{FormatArgs, Report};
use super::output::Output;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::model::ending::Ending;
use crate::report::answer::Answer;
use crate::report::format::Format;
use crate::report::origin::Origin;
use crate::report::render::render;
use crate::report::style::Style;

/// Renders an answer for stdout of a terminal.
pub type ForTerminal = fn(&Answer, &Style) -> String;

/// How to present answers.
pub struct Presenter<'a> {
    /// The streams.
    pub output: &'a Output,
    /// The formats, and the report files.
    pub formats: &'a FormatArgs,
    /// Where the reports come from.
    pub origin: &'a Origin,
    /// The folder that the names of report files are relative to.
    pub working_folder: &'a Path,
}

/// The answer could not be printed. Its report files are written already and are kept.
#[derive(Debug, thiserror::Error)]
#[error("the result cannot be printed")]
pub struct Unprintable(#[source] pub anyhow::Error);

impl Presenter<'_> {
    /// Writes the report files, and prints the answer. If a report file cannot be written, a command that succeeded ends as failed.
    ///
    /// # Errors
    ///
    /// If stdout cannot be written to.
    pub fn present(&self, answer: &Answer, for_terminal: ForTerminal) -> Result<Ending, Unprintable> {
        if !self.formats.format.embeds_findings() {
            self.output.findings(answer.own_findings(), &answer.sources);
        }
        let failed = self.write_files(answer);
        self.print(answer, for_terminal).map_err(Unprintable)?;
        for error in &failed {
            self.output.error(error);
        }
        Ok(match answer.ending {
            Ending::Fine | Ending::Changes if !failed.is_empty() => Ending::Failed,
            ending => ending,
        })
    }

    /// Writes every report file, even after one of them failed, and returns the errors.
    fn write_files(&self, answer: &Answer) -> Vec<anyhow::Error> {
        let files = self.formats.reports.iter().filter_map(|report| Some((report.format, report.file.as_ref()?)));
        let write = |(format, file): (Format, &PathBuf)| {
            let text = render(answer, format, self.formats.budget, self.origin)?;
            // Several commands of a CI step write to its summary.
            let write = if format == Format::Summary { typed::append } else { typed::replace_with_folders };
            let written = write(self.working_folder, file, text.for_file().as_bytes());
            written.with_context(|| format!("the report cannot be written to {}", slashed(file)))
        };
        files.filter_map(|report| write(report).err()).collect()
    }

    fn print(&self, answer: &Answer, for_terminal: ForTerminal) -> anyhow::Result<()> {
        match self.formats.format {
            Format::Text => self.output.result(&for_terminal(answer, &self.output.stdout_style()))?,
            format => self.print_in(answer, format)?,
        }
        let on_stdout = |report: &&Report| report.file.is_none();
        for report in self.formats.reports.iter().filter(on_stdout) {
            self.print_in(answer, report.format)?;
        }
        Ok(())
    }

    fn print_in(&self, answer: &Answer, format: Format) -> anyhow::Result<()> {
        let result = render(answer, format, self.formats.budget, self.origin)?;
        Ok(self.output.rendered(&result)?)
    }
}
