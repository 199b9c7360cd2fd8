//! The faces that can be asked for, and where they go.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::cli::exit::Advised;
use crate::files::typed;
use crate::report::markdown;

/// A face of what a command found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Face {
    /// For people
    Text,
    /// For programs: every byte of stdout is JSON
    Json,
    /// For a comment on a pull request
    Markdown,
    /// The same for the summary of a CI step, which has room for more; a file is added to
    Summary,
    /// For a browser: one page with gauges and who holds what, without a script
    Html,
    /// Findings at their lines, as the CI host takes them from the log: `github` or `azure` by its variables, nothing elsewhere
    Ci,
    /// Findings at their lines, as GitHub's workflow commands
    Github,
    /// Findings at their lines, as Azure DevOps' logging commands
    Azure,
    /// Findings at their lines, as GitLab's code quality report
    Gitlab,
    /// Findings at their lines, as SARIF 2.1.0
    Sarif,
    /// Checks as JUnit test cases
    Junit,
    /// Changes as comma-separated values
    Csv,
}

impl Face {
    /// Whether a program reads it whole, so that nothing may stand before or after it.
    pub const fn is_whole(self) -> bool {
        matches!(self, Face::Json | Face::Html | Face::Gitlab | Face::Sarif | Face::Junit | Face::Csv)
    }
}

/// One more face, and the file that it is written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which.
    pub face: Face,
    /// Where; `None` for stdout, after the result.
    pub file: Option<PathBuf>,
}

impl FaceArgs {
    /// One face and no reports.
    pub const fn only(format: Face) -> FaceArgs {
        FaceArgs { format, reports: Vec::new(), budget: markdown::BUDGET }
    }

    /// Whether all of it can be printed.
    ///
    /// # Errors
    ///
    /// Where something would stand beside what a program reads whole.
    pub fn check(&self) -> anyhow::Result<()> {
        let mut on_stdout = self.reports.iter().filter(|report| report.file.is_none());
        let is_mixed = match on_stdout.next() {
            None => false,
            Some(first) => {
                self.format.is_whole() || first.face.is_whole() || on_stdout.any(|report| report.face.is_whole())
            }
        };
        if is_mixed {
            let what = "a program reads that format whole, and nothing else may stand on stdout beside it";
            return Err(Advised::error(what, "write one of them to a file instead of `-`"));
        }
        Ok(())
    }

    /// Removes the reports of an earlier run, or of a checkout: however this run ends, what is there then is its own. The summary of a
    /// step is written to by several commands and stays, as does what this run reads: `input`, and YAML.
    pub fn remove_earlier(&self, working_folder: &Path, input: Option<&Path>) {
        let is_input = |file: &&PathBuf| input == Some(file.as_path()) || is_yaml(file);
        let files = self.reports.iter().filter(|report| report.face != Face::Summary);
        for file in files.filter_map(|report| report.file.as_ref()).filter(|file| !is_input(file)) {
            // What cannot be removed cannot be written either, which is reported then.
            let _ = typed::remove(working_folder, file);
        }
    }
}

/// Whether a file may be one of the configuration by its name. No report is.
pub fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

fn parse_report(text: &str) -> Result<Report, String> {
    let (face, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("write FORMAT=FILE, such as sarif=allot.sarif")?;
    let face = Face::from_str(face, false).map_err(|_| {
        let names = Face::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let names: Vec<String> = names.map(|name| name.get_name().to_owned()).collect();
        format!("`{face}` is no format; write one of {}", names.join(", "))
    })?;
    Ok(Report { face, file: (file != "-").then(|| file.into()) })
}

/// The faces that a run is to show.
#[derive(Clone, Debug, Args)]
pub struct FaceArgs {
    /// How to print the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Face,
    /// Write it in one more format to a file, or after the result where the file is `-`; repeatable
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = parse_report)]
    pub reports: Vec<Report>,
    /// The most characters of a comment, or the host that it is for: github, azure, gitlab or bitbucket; what matters least is left
    /// out first
    #[arg(long, value_name = "N", default_value_t = markdown::BUDGET, value_parser = parse_budget)]
    pub budget: usize,
}

/// What each host takes, with room for what it adds itself.
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
    if budget < LEAST {
        Err("2000 characters are the least that a comment can be made of".to_owned())
    } else {
        Ok(budget)
    }
}
