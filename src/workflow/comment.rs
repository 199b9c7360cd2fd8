//! Posts a report of an earlier command on a pull request: one comment, kept up to date, and a status beside it.

use std::path::PathBuf;

use anyhow::Context as _;

use super::destination::{Destination, NamedPullRequest};
use super::failure::{Advised, Stopped};
use super::ports::{Ports, event};
use super::pull_request_comment::{NotPosted, Obstacle, Posted, Posting, post};
use crate::ci::job::Job;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::forge::port::PullRequestNumber;
use crate::model::command::CommandName;
use crate::model::marker::{CommentVerdict, Marker};

/// What to post, and where.
#[derive(Clone, Debug)]
pub struct CommentOptions {
    /// The report: a file that `--report markdown=FILE` wrote.
    pub file: PathBuf,
    /// The pull request.
    pub pull_request: NamedPullRequest,
    /// Whether to set a status too.
    pub with_status: bool,
}

/// What became of a report.
#[derive(Debug)]
pub enum Commented {
    /// The comment is there.
    Posted {
        /// What was done.
        posted: Posted,
        /// The name of the host.
        host: &'static str,
    },
    /// Nothing was posted, which is not an error: there is no pull request, or it may not show the report.
    Skipped(NotPosted),
}

/// The result of posting a report.
#[derive(Debug)]
pub struct Outcome {
    /// What became of it.
    pub commented: anyhow::Result<Commented>,
    /// Whether the report is the receipt of an apply that applied everything. The job of such an apply must not fail because of a comment.
    pub is_receipt_of_success: bool,
}

/// Posts a report.
///
/// # Errors
///
/// If the file is no report of ours. Other errors are a part of the outcome.
pub async fn comment(ports: &Ports, options: &CommentOptions) -> Result<Outcome, Stopped> {
    let (body, marker) = read(ports, options)?;
    Ok(Outcome {
        commented: deliver(ports, options, &body, &marker).await,
        is_receipt_of_success: marker.command == CommandName::Apply && marker.verdict == CommentVerdict::Passed,
    })
}

fn read(ports: &Ports, options: &CommentOptions) -> anyhow::Result<(String, Marker)> {
    let shown = slashed(&options.file);
    let body = typed::open(&ports.working_folder, &options.file).and_then(|file| file.text());
    let body = body.with_context(|| format!("{shown} cannot be read"))?;
    if body.came_through_link {
        let help = "name the file that `allot` wrote; keep it outside the checkout, so that no branch can replace it";
        return Err(Advised::error(format!("{shown} is a link, and links are not posted"), help));
    }
    let body = body.text;
    let marker = Marker::of(&body).ok_or_else(|| {
        Advised::error(
            format!("{shown} does not begin with the marker of a comment"),
            format!("write it with `--report markdown={shown}` of `allot plan`, `validate` or `apply`"),
        )
    })?;
    Ok((body, marker))
}

async fn deliver(ports: &Ports, options: &CommentOptions, body: &str, marker: &Marker) -> anyhow::Result<Commented> {
    let event = event(&ports.variables)?;
    let destination = Destination::of(&options.pull_request, &ports.variables, &event)?;
    let forge = ports.forge(&destination)?;
    let page = Job::of(&ports.variables, &event).page;
    let posting = Posting {
        body,
        marker,
        number: destination.number.map(PullRequestNumber),
        // The job's own commit leads to the pull request only after the merge, so it counts only for a report of `apply`.
        commit: destination
            .commit
            .as_deref()
            .filter(|_| marker.command == CommandName::Apply || options.pull_request.commit.is_some()),
        // The report is about the commit that its own run saw. This run can be another one.
        head: marker.head.as_deref().or(destination.head.as_deref()),
        with_status: options.with_status,
        target: page.as_deref(),
        seed: ports.jitter_seed,
    };
    match post(forge.as_ref(), &posting).await {
        Ok(posted) => Ok(Commented::Posted { posted, host: forge.name() }),
        Err(error) if is_no_error(&error.why, marker) => Ok(Commented::Skipped(error)),
        Err(error) => {
            let message = error.to_string();
            Err(Advised::error_if_any(message, help(error.why)))
        }
    }
}

/// Whether it is right that nothing was posted.
fn is_no_error(why: &Obstacle, marker: &Marker) -> bool {
    match why {
        Obstacle::NoPullRequest(_) | Obstacle::ReadOnly(_) => true,
        // After the merge, the job of the main branch cannot know that the commit came from a fork.
        Obstacle::Fork(_) => marker.command == CommandName::Apply,
        Obstacle::Forge(_) | Obstacle::Nowhere => false,
        Obstacle::Locked(_) | Obstacle::Archived(_) | Obstacle::TooMany { .. } => false,
    }
}

/// What to do about a comment that was not posted.
fn help(why: Obstacle) -> Option<String> {
    let help = match why {
        Obstacle::Forge(error) => return error.help,
        Obstacle::Nowhere => "name it with `--pull-request`, or name its merge commit with `--commit`",
        Obstacle::Fork(_) => "post a report of `allot validate --report markdown=FILE` instead",
        Obstacle::Locked(_) => "unlock it and run this again, or read the report in the log of the run",
        Obstacle::Archived(_) => "an archived repository takes no comment and no status; unarchive it first",
        Obstacle::TooMany { .. } => "delete comments that are not needed, or go on in a new pull request",
        Obstacle::NoPullRequest(_) | Obstacle::ReadOnly(_) => return None,
    };
    Some(help.to_owned())
}
