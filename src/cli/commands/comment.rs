//! `allot comment`: one comment on the pull request, kept up to date, and a status beside it.

use anyhow::Context as _;

use crate::cli::args::comment::CommentArgs;
use crate::cli::context::{Context, Reached};
use crate::cli::exit::{Advised, Exit};
use crate::cli::stopped::Stopped;
use crate::cli::tenant::block_on;
use crate::files::typed;
use crate::forge::port::{Forge, PullRequestNumber};
use crate::model::marker::Marker;
use crate::report::number::count;
use crate::workflow::pull_request_comment::{Became, NotPosted, Posted, Posting, post};

/// Posts what was written before.
///
/// # Errors
///
/// Where the file is none of ours, the pull request is not known, or the host refuses.
pub fn run(context: &Context, args: &CommentArgs) -> Result<Exit, Stopped> {
    let shown = args.file.display();
    let body = typed::open(&context.working_folder, &args.file).and_then(|file| file.text());
    let body = body.with_context(|| format!("{shown} cannot be read"))?;
    if body.came_through_link {
        let help = "name the file that `allot` wrote; keep it outside the checkout, where no branch can put another in its place";
        return Err(Advised::error(format!("{shown} is a link, and only a file itself is posted"), help).into());
    }
    let body = body.text;
    let marker = Marker::of(&body).ok_or_else(|| {
        Advised::error(
            format!("{shown} does not begin with the marker of a comment"),
            format!("write it with `allot plan --report markdown={shown}`, or validate or apply"),
        )
    })?;
    let Reached { forge, number, commit, head } = context.forge(args)?;
    let comment = context.comment();
    let posting = Posting {
        body: &body,
        marker: &marker,
        number: number.map(PullRequestNumber),
        // Only what was applied is about a commit of the main branch; a plan without its pull request is nobody's.
        commit: commit.as_deref().filter(|_| marker.command == "apply" || args.commit.is_some()),
        head: head.as_deref(),
        with_status: !args.no_status,
        target: comment.page(),
        seed: u64::from(std::process::id()),
    };
    match block_on(post(forge.as_ref(), &posting))? {
        Ok(posted) => {
            context.output.result(&told(&posted, forge.as_ref()))?;
            let Some(failed) = posted.failed else { return Ok(Exit::Fine) };
            let message = format!("the comment stands, and its status or an older comment does not: {failed}");
            Err(Stopped::Failed(advised(message, failed.help)))
        }
        // No fault of the run: there is nobody to tell, or it was given a token that only reads.
        Err(error @ (NotPosted::NoPullRequest(_) | NotPosted::ReadOnly(_))) => {
            context.output.result(&format!("nothing posted: {error}\n"))?;
            Ok(Exit::Fine)
        }
        Err(error) => {
            let message = error.to_string();
            let help = match error {
                NotPosted::Forge(error) => error.help,
                NotPosted::Nowhere => {
                    Some("name it with `--pull-request`, or the commit that it became with `--commit`".to_owned())
                }
                NotPosted::Fork(_) => {
                    Some("run `allot validate --report markdown=FILE` for it, and post that".to_owned())
                }
                NotPosted::NoPullRequest(_) | NotPosted::ReadOnly(_) => None,
            };
            Err(Stopped::Failed(advised(message, help)))
        }
    }
}

fn told(posted: &Posted, forge: &dyn Forge) -> String {
    let verb = match posted.became {
        Became::Created => "created",
        Became::Updated => "updated",
        Became::Unchanged => "left as it is, since it says the same:",
        Became::NewerStands => "left as it is, since a later run wrote it:",
        Became::MovedOn => "left as it is, since the branch has gone on:",
    };
    let mut text = format!("{verb} the comment on {} pull request {}", forge.name(), posted.number.0);
    if posted.put_away > 0 {
        text.push_str(&format!("; put away {}", count(posted.put_away as u64, "older one", "older ones")));
    }
    if posted.is_shortened {
        text.push_str("; it was too long for the host and shows only how it begins");
    }
    text.push('\n');
    text
}

fn advised(message: String, help: Option<String>) -> anyhow::Error {
    match help {
        Some(help) => Advised::error(message, help),
        None => anyhow::anyhow!(message),
    }
}
