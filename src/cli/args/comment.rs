//! What can be typed after `allot comment`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// A host of pull requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ForgeName {
    /// GitHub, or GitHub Enterprise
    Github,
    /// GitLab
    Gitlab,
    /// Azure DevOps
    Azure,
}

/// `allot comment`
#[derive(Debug, Args)]
pub struct CommentArgs {
    /// What `--report markdown=FILE` of plan, validate or apply wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The pull request [default: the one that the CI host runs for, or that the commit came from]
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<u64>,
    /// The commit whose pull request it is, after the merge [default: the one that the CI host runs for]
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
    /// Who keeps the pull request [default: as the CI host's variables say]
    #[arg(long, value_name = "HOST")]
    pub forge: Option<ForgeName>,
    /// Set no status beside the comment
    #[arg(long)]
    pub no_status: bool,
}
