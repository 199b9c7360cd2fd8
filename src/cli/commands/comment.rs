//! `allot comment`: one comment on the pull request, kept up to date, and a status beside it.

use std::path::PathBuf;

use clap::Args;

use crate::ci::event::Event;
use crate::ci::host::Host;
use crate::ci::job::Job;
use crate::cli::args::numbers::parse_number;
use crate::cli::context::Context;
use crate::cli::runtime::block_on;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::report::annotations;
use crate::report::number::count;
use crate::workflow::comment::{CommentOptions, Commented, comment};
use crate::workflow::destination::NamedPullRequest;
use crate::workflow::failure::{Advised, Causes, Stopped};
use crate::workflow::pull_request_comment::{CommentOutcome, Posted};

/// `allot comment`
#[derive(Debug, Args)]
pub struct CommentArgs {
    /// The report: a file that `--report markdown=FILE` of plan, validate or apply wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The pull request [default: the one of the CI job, or the one that the commit came from]
    #[arg(long, value_name = "NUMBER", value_parser = parse_number)]
    pub pull_request: Option<u64>,
    /// After a merge: the commit by which to find the pull request [default: the one of the CI job]
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
    /// The host of the pull request [default: the one that the variables of the CI job name]
    #[arg(long = "forge", value_name = "HOST")]
    pub host: Option<Host>,
    /// Post the comment without a status
    #[arg(long)]
    pub no_status: bool,
}

/// Posts a report.
///
/// # Errors
///
/// The errors of [`comment`], and if the comment, its status or an older comment could not be written. After an apply that applied
/// everything, the latter are warnings.
pub fn run(context: &Context, args: &CommentArgs) -> Result<Ending, Stopped> {
    let options = CommentOptions {
        file: args.file.clone(),
        pull_request: NamedPullRequest { number: args.pull_request, commit: args.commit.clone(), host: args.host },
        with_status: !args.no_status,
    };
    let outcome = block_on(comment(&context.ports, &options))??;
    let failed = match outcome.commented {
        Ok(Commented::Skipped(why)) => {
            context.print(&format!("nothing posted: {why}\n"))?;
            None
        }
        Ok(Commented::Posted { posted, host }) => {
            context.print(&summary(&posted, host))?;
            posted.failed.map(|failed| {
                let message = format!(
                    "the comment was posted, but its status or an older comment could not be changed: {failed}"
                );
                Advised::error_if_any(message, failed.help)
            })
        }
        Err(error) => Some(error),
    };
    match failed {
        None => Ok(Ending::Fine),
        Some(error) if outcome.is_receipt_of_success => {
            let host = Job::of(&context.ports.variables, &Event::default()).host;
            let annotation = annotations::warning(host, CommandName::Comment, &Causes::of(&error).view().error);
            context.output.rendered(&annotation)?;
            context.output.warning(&error);
            Ok(Ending::Fine)
        }
        Some(error) => Err(error.into()),
    }
}

fn summary(posted: &Posted, host: &str) -> String {
    let (verb, why) = match posted.outcome {
        CommentOutcome::Created => ("created", ""),
        CommentOutcome::Updated => ("updated", ""),
        CommentOutcome::Unchanged => ("kept", ": it has this text already"),
        CommentOutcome::Superseded => ("kept", ": a later run wrote it"),
        CommentOutcome::BranchMoved => ("kept", ": the branch has a newer commit"),
    };
    let mut text = format!("{verb} the comment on {host} pull request {}{why}", posted.number.0);
    if posted.hidden > 0 {
        let older = count(posted.hidden as u64, "older comment", "older comments");
        text.push_str(&format!("; hid or deleted {older}"));
    }
    if posted.is_shortened {
        text.push_str("; the comment was too long for the host, so only its beginning was posted");
    }
    text.push('\n');
    text
}
