//! What other branches have to do with a plan: where this one left another, and what becomes of it where others are merged first.

use super::args::PlanArgs;
use super::configuration::Configuration;
use super::context::Context;
use super::exit::Advised;
use super::tenant::Planned;
use crate::engine::base::{BaseError, load_base};
use crate::engine::repository::{GitError, Merged, Repository};
use crate::manifest::check::{self, Checked};
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::plan::Draft;
use crate::model::source::Sources;
use crate::planning::meeting::shortages;
use crate::planning::origin::origins;
use crate::planning::planner;
use crate::report::view::basics::NotCheckedView;
use crate::report::view::plan::PlanView;

/// The view with where each change comes from, where that was asked for.
///
/// # Errors
///
/// Where git does not know the reference.
pub fn held_against_base(
    context: &Context,
    args: &PlanArgs,
    configuration: &Configuration,
    planned: &Planned,
    view: PlanView,
) -> anyhow::Result<PlanView> {
    let Some(reference) = &args.base else { return Ok(view) };
    let base = match load_base(reference, &configuration.loaded.root_file) {
        Ok(base) => base,
        Err(BaseError::Git(error)) => return Err(advised(&error, "--base")),
        Err(error @ (BaseError::NotThere { .. } | BaseError::NotLoaded { .. })) => {
            return Ok(view.without_base(reference, &error.to_string()));
        }
    };
    let inputs = &base.unpacked.loaded.inputs;
    let Checked::Valid { desired, .. } = check::check(inputs) else {
        let why = format!("the configuration at {} is not valid", base.commit);
        return Ok(view.without_base(reference, &why));
    };
    let before = drafted(context, args, configuration, planned, &desired, &inputs.sources);
    Ok(view.held_against(reference, &base.commit, &origins(planned.draft(), &before)))
}

fn advised(error: &GitError, option: &str) -> anyhow::Error {
    Advised::error(error.to_string(), error.help(option))
}

/// The plan of another configuration for the same tenant and the same day.
fn drafted(
    context: &Context,
    args: &PlanArgs,
    configuration: &Configuration,
    planned: &Planned,
    desired: &DesiredState,
    sources: &Sources,
) -> Draft {
    // Environments that only one of the two declares have targets that the other does not know.
    let targets: Vec<_> =
        args.scope.targets.iter().filter(|target| desired.environments.contains_key(*target)).cloned().collect();
    let date = context.date(&configuration.desired, args.at);
    let request = planner::Request { date, targets: &targets, only: None };
    planner::draft(desired, &planned.observed, sources, &request)
}

/// What becomes of a plan where other branches are merged first.
#[derive(Default)]
pub struct Others {
    /// What falls short.
    pub findings: Vec<Finding>,
    /// What cannot be said.
    pub not_checked: Vec<NotCheckedView>,
}

/// Merges each branch that was named with this one, and all of them where there are several, and plans what comes of it.
///
/// # Errors
///
/// Where git does not know a branch, or cannot merge.
pub fn merged_first(
    context: &Context,
    args: &PlanArgs,
    configuration: &Configuration,
    planned: &Planned,
) -> anyhow::Result<Others> {
    let mut others = Others::default();
    if args.with.is_empty() {
        return Ok(others);
    }
    let failed = |error: GitError| advised(&error, "--with");
    let repository = Repository::of(&configuration.loaded.root_file).map_err(failed)?;
    if repository.has_uncommitted().map_err(failed)? {
        others.not_checked.push(NotCheckedView {
            subject: "changes that are not committed, together with other branches".to_owned(),
            reason: "only commits can be merged".to_owned(),
        });
    }
    let head = repository.commit("HEAD").map_err(failed)?;
    let mut all = Some(head.clone());
    for reference in &args.with {
        let theirs = repository.commit(reference).map_err(failed)?;
        let alone = repository.merge(&head, &theirs).map_err(failed)?;
        others.add(
            &Together { context, args, configuration, planned, repository: &repository },
            &format!("{} merges", shown(reference)),
            &alone,
        )?;
        all = match (all, alone) {
            (Some(all), Merged::Commit(_)) => match repository.merge(&all, &theirs).map_err(failed)? {
                Merged::Commit(commit) => Some(commit),
                Merged::Conflict(_) => None,
            },
            _ => None,
        };
    }
    if let (Some(all), 2..) = (all, args.with.len()) {
        let names: Vec<String> = args.with.iter().map(|reference| shown(reference)).collect();
        let together = Together { context, args, configuration, planned, repository: &repository };
        let told = others.findings.len();
        others.add(&together, &format!("{} merge", names.join(" and ")), &Merged::Commit(all))?;
        // Where one alone is too much, all of them are no news.
        if told > 0 {
            others.findings.truncate(told);
        }
    }
    Ok(others)
}

/// What merged branches are planned with.
struct Together<'a> {
    context: &'a Context,
    args: &'a PlanArgs,
    configuration: &'a Configuration,
    planned: &'a Planned,
    repository: &'a Repository,
}

impl Others {
    /// Plans with what was merged; `what` says that, as in "`sales` merges".
    fn add(&mut self, together: &Together<'_>, what: &str, merged: &Merged) -> anyhow::Result<()> {
        let Together { context, args, configuration, planned, repository } = *together;
        let commit = match merged {
            Merged::Commit(commit) => commit,
            Merged::Conflict(files) => {
                self.not_checked.push(NotCheckedView {
                    subject: format!("what becomes of this if {what} before it"),
                    reason: format!("git cannot merge the two: both change {}", files.join(", ")),
                });
                return Ok(());
            }
        };
        let unpacked = match repository.unpack(commit).map_err(|error| advised(&error, "--with"))? {
            Ok(unpacked) => unpacked,
            Err(error) => {
                self.findings.push(unreadable(what, &error.to_string()));
                return Ok(());
            }
        };
        let inputs = &unpacked.loaded.inputs;
        match check::check(inputs) {
            Checked::Valid { desired, .. } => {
                let draft = drafted(context, args, configuration, planned, &desired, &inputs.sources);
                self.findings.extend(shortages(&configuration.desired, planned.draft(), what, &draft));
            }
            Checked::Invalid { findings } => {
                let first = findings.iter().find(|finding| finding.is_error());
                let why = first.map_or_else(String::new, |first| format!("{}: {}", first.code, first.message));
                self.findings.push(unreadable(what, &why));
            }
        }
        Ok(())
    }
}

fn unreadable(what: &str, why: &str) -> Finding {
    let message = format!("the configuration would not be valid if {what} before this");
    Finding::warning(Code::A211, message)
        .note(why.to_owned())
        .help("agree with whoever proposes the other; whichever is merged second has to be mended")
}

/// A branch as people call it: a pull request by its number.
fn shown(reference: &str) -> String {
    let number = |folder: &str, sign: char| {
        let (_, rest) = reference.split_once(folder)?;
        let number = rest.split('/').next()?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then(|| format!("{sign}{number}"))
    };
    let pull_request = number("pull/", '#').or_else(|| number("merge-requests/", '!'));
    pull_request.filter(|shown| shown.len() > 1).unwrap_or_else(|| format!("`{reference}`"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_pull_request_is_called_by_its_number() {
        for (reference, shown) in [
            ("refs/pull/41/head", "#41"),
            ("origin/pull/41/merge", "#41"),
            ("refs/merge-requests/7/head", "!7"),
            ("origin/more-for-sales", "`origin/more-for-sales`"),
            ("pull/x/head", "`pull/x/head`"),
            ("pull/", "`pull/`"),
        ] {
            assert_eq!(super::shown(reference), shown);
        }
    }
}
