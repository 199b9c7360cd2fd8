//! The formats of an answer, and the files that they go to.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::files::typed;
use crate::model::source::is_yaml;
use crate::report::format::Format;
use crate::report::markdown;
use crate::workflow::failure::Advised;

/// A format, and the file that it is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The format.
    pub format: Format,
    /// The file; `None` for stdout, after the result.
    pub file: Option<PathBuf>,
}

impl FormatArgs {
    /// One format and no report files.
    pub const fn only(format: Format) -> FormatArgs {
        FormatArgs { format, reports: Vec::new(), budget: markdown::BUDGET }
    }

    /// Checks that stdout gets either one document or nothing but text.
    ///
    /// # Errors
    ///
    /// If a document would share stdout with something else.
    pub fn check(&self) -> anyhow::Result<()> {
        let mut on_stdout = self.reports.iter().filter(|report| report.file.is_none());
        let is_mixed = match on_stdout.next() {
            None => false,
            Some(first) => {
                self.format.is_document()
                    || first.format.is_document()
                    || on_stdout.any(|report| report.format.is_document())
            }
        };
        if is_mixed {
            let what = "several results go to stdout, and a program parses one of them, so it must be alone";
            return Err(Advised::error(what, "write the reports to files instead of `-`"));
        }
        Ok(())
    }

    /// Removes report files that an earlier run or the checkout left, so that every report file afterwards is from this run. Keeps the
    /// summary of a step, because several commands write to it, and the files that this run reads: `input`, and YAML.
    pub fn remove_earlier(&self, working_folder: &Path, input: Option<&Path>) {
        let is_input = |file: &&PathBuf| input == Some(file.as_path()) || is_yaml(file);
        let files = self.reports.iter().filter(|report| report.format != Format::Summary);
        for file in files.filter_map(|report| report.file.as_ref()).filter(|file| !is_input(file)) {
            // A file that cannot be removed cannot be written either, and that is reported.
            let _ = typed::remove(working_folder, file);
        }
    }
}

fn parse_report(text: &str) -> Result<Report, String> {
    let (format, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("write FORMAT=FILE, such as sarif=allot.sarif")?;
    let format = Format::from_str(format, false).map_err(|_| {
        let names = Format::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = names.map(|name| name.get_name().to_owned()).collect();
        format!("`{format}` is not a format; write one of {}", names.join(", "))
    })?;
    Ok(Report { format, file: (file != "-").then(|| file.into()) })
}

/// The formats of a command that has many.
#[derive(Clone, Debug, Args)]
pub struct FormatArgs {
    /// The format of the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Format,
    /// Write the result in one more format to a file, or to stdout after the result if the file is `-`; repeatable
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub reports: Vec<Report>,
    /// The maximum length of a comment in characters, or the host whose limit applies: github, azure, gitlab or bitbucket; the
    /// least important parts are left out first
    #[arg(long, value_name = "N", default_value_t = markdown::BUDGET, value_parser = parse_budget)]
    pub budget: usize,
}

/// The limit for a comment on each host: the maximum that the host accepts, less the text that the host adds itself.
const HOSTS: [(&str, usize); 4] =
    [("github", markdown::BUDGET), ("azure", 140_000), ("gitlab", 900_000), ("bitbucket", 30_000)];

fn parse_budget(text: &str) -> Result<usize, String> {
    const LEAST: usize = 2_000;
    if let Some((_, budget)) = HOSTS.iter().find(|(host, _)| *host == text) {
        return Ok(*budget);
    }
    let budget: usize = text.parse().map_err(|_| {
        let hosts: Vec<&str> = HOSTS.iter().map(|(host, _)| *host).collect();
        format!("write a number of characters, such as 60000, or one of {}", hosts.join(", "))
    })?;
    if budget < LEAST { Err("a comment needs at least 2000 characters".to_owned()) } else { Ok(budget) }
}

/// The formats of a command that shows pools and writes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PoolsFormat {
    /// For people
    Text,
    /// For programs: every byte of stdout is JSON
    Json,
    /// For an issue, a wiki or the summary of a CI step
    Markdown,
    /// For a browser: one page without a script
    Html,
    /// Pools as comma-separated values
    Csv,
}

impl PoolsFormat {
    /// This format as [`FormatArgs`], without report files.
    pub const fn formats(self) -> FormatArgs {
        FormatArgs::only(match self {
            PoolsFormat::Text => Format::Text,
            PoolsFormat::Json => Format::Json,
            PoolsFormat::Markdown => Format::Markdown,
            PoolsFormat::Html => Format::Html,
            PoolsFormat::Csv => Format::Csv,
        })
    }
}

/// The formats of a command that has text and JSON only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people
    Text,
    /// For programs: every byte of stdout is JSON
    Json,
}

impl TextOrJson {
    /// This format as [`FormatArgs`], without report files.
    pub const fn formats(self) -> FormatArgs {
        FormatArgs::only(match self {
            TextOrJson::Text => Format::Text,
            TextOrJson::Json => Format::Json,
        })
    }
}
