//! Posts a report of an earlier command on a pull request: one comment, kept up to date, and a status beside it.

use std::path::PathBuf;

use anyhow::Context as _;

use super::destination::{Destination, NamedPullRequest};
use super::failure::{Advised, Stopped};
use super::ports::Ports;
use super::pull_request_comment::{NotPosted, Posted, Posting, post};
use crate::ci::job::Job;
use crate::files::shown::slashed;
use crate::files::typed;
use crate::forge::port::PullRequestNumber;
use crate::model::command::CommandName;
use crate::model::marker::Marker;

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

/// The result of posting.
#[derive(Debug)]
pub enum Commented {
    /// The comment is there.
    Posted {
        /// What was done.
        posted: Posted,
        /// The name of the host.
        host: &'static str,
    },
    /// Nothing was posted, which is not an error: there is no pull request, or the token is read-only.
    Skipped(NotPosted),
}

/// Posts a report.
///
/// # Errors
///
/// If the file is no report of ours, the pull request is not known, or the host refuses.
pub async fn comment(ports: &Ports, options: &CommentOptions) -> Result<Commented, Stopped> {
    let shown = slashed(&options.file);
    let body = typed::open(&ports.working_folder, &options.file).and_then(|file| file.text());
    let body = body.with_context(|| format!("{shown} cannot be read"))?;
    if body.came_through_link {
        let help = "name the file that `allot` wrote; keep it outside the checkout, so that no branch can replace it";
        return Err(Advised::error(format!("{shown} is a link, and links are not posted"), help).into());
    }
    let body = body.text;
    let marker = Marker::of(&body).ok_or_else(|| {
        Advised::error(
            format!("{shown} does not begin with the marker of a comment"),
            format!("write it with `--report markdown={shown}` of `allot plan`, `validate` or `apply`"),
        )
    })?;
    let destination = Destination::of(&options.pull_request, &ports.variables, ports.event()?)?;
    let forge = ports.forge(&destination)?;
    let page = Job::of(&ports.variables).page;
    let posting = Posting {
        body: &body,
        marker: &marker,
        number: destination.number.map(PullRequestNumber),
        // The job's own commit leads to the pull request only after the merge, so it counts only for a report of `apply`.
        commit: destination
            .commit
            .as_deref()
            .filter(|_| marker.command == CommandName::Apply || options.pull_request.commit.is_some()),
        head: destination.head.as_deref(),
        with_status: options.with_status,
        target: page.as_deref(),
        seed: ports.jitter_seed,
    };
    match post(forge.as_ref(), &posting).await {
        Ok(posted) => Ok(Commented::Posted { posted, host: forge.name() }),
        Err(error @ (NotPosted::NoPullRequest(_) | NotPosted::ReadOnly(_))) => Ok(Commented::Skipped(error)),
        Err(error) => {
            let message = error.to_string();
            Err(Advised::error_if_any(message, help(error)).into())
        }
    }
}

/// What to do about a comment that was not posted.
fn help(error: NotPosted) -> Option<String> {
    match error {
        NotPosted::Forge(error) => error.help,
        NotPosted::Nowhere => {
            Some("name it with `--pull-request`, or name its merge commit with `--commit`".to_owned())
        }
        NotPosted::Fork(_) => Some("post a report of `allot validate --report markdown=FILE` instead".to_owned()),
        NotPosted::NoPullRequest(_) | NotPosted::ReadOnly(_) => None,
    }
}
