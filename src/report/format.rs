//! The formats that an answer can be rendered in. `clap` takes their names and their help from here.

use clap::ValueEnum;

/// A format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs: every byte of stdout is JSON
    Json,
    /// For a comment on a pull request
    Markdown,
    /// For the summary of a CI step: as markdown, but longer; appended to the file
    Summary,
    /// For a browser: one page with gauges and who holds what, without a script
    Html,
    /// Findings at their lines, in the log format of the CI host: `github` or `azure`; empty on other hosts
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

impl Format {
    /// Whether a program parses the output as one document, so that no other output may precede or follow it.
    pub const fn is_document(self) -> bool {
        match self {
            Format::Json | Format::Html | Format::Gitlab | Format::Sarif | Format::Junit | Format::Csv => true,
            Format::Text | Format::Markdown | Format::Summary | Format::Ci | Format::Github | Format::Azure => false,
        }
    }

    /// Whether the format contains the findings with their notes, so that they are not printed on stderr as well.
    pub const fn embeds_findings(self) -> bool {
        match self {
            Format::Json | Format::Markdown | Format::Summary | Format::Html => true,
            Format::Text
            | Format::Ci
            | Format::Github
            | Format::Azure
            | Format::Gitlab
            | Format::Sarif
            | Format::Junit
            | Format::Csv => false,
        }
    }
}
