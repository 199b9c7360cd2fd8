//! What other branches have to do with a plan: where this one left another, and what becomes of it where others are merged first.

use super::args::PlanArgs;
use super::configuration::Configuration;
use super::context::Context;
use super::exit::Advised;
use super::tenant::Planned;
use crate::git::error::GitError;
use crate::git::repository::{Merged, Repository};
use crate::load::base::{BaseError, folder_of, load_at, load_base};
use crate::manifest::check::{self, Checked};
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::plan::change::ChangeOrigin;
use crate::model::plan::draft::Draft;
use crate::model::plan::draft::NotChecked;
use crate::model::source::Sources;
use crate::model::terms::EnvironmentKey;
use crate::planning::check::budgets;
use crate::planning::merge_preview::{self, shortages};
use crate::planning::origin::origins;
use crate::planning::planner::{self, Selection};
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
    let inputs = &base.inputs;
    let Checked::Valid { desired, .. } = check::check(inputs) else {
        let why = format!("the configuration at {} is not valid", base.commit);
        return Ok(view.without_base(reference, &why));
    };
    // Environments that were declared then and are not now have targets that nobody knows any more.
    let targets: Vec<_> =
        args.scope.targets.iter().filter(|target| desired.environments.contains_key(*target)).cloned().collect();
    if targets.is_empty() && !args.scope.targets.is_empty() {
        return Ok(view.held_against(
            reference,
            &base.commit,
            &vec![ChangeOrigin::Branch; planned.draft().changes.len()],
        ));
    }
    let before = drafted(context, args, configuration, planned, (&desired, &inputs.sources), &targets);
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
    (desired, sources): (&DesiredState, &Sources),
    targets: &[EnvironmentKey],
) -> Draft {
    let date = context.date(&configuration.desired, args.at);
    let request = planner::Request { date, targets, selection: Selection::All };
    planner::draft(desired, &planned.observed, sources, &request)
}

/// What becomes of a plan where other branches are merged first.
#[derive(Default)]
pub struct Others {
    /// What falls short.
    pub findings: Vec<Finding>,
    /// What cannot be said.
    pub not_checked: Vec<NotChecked>,
}

/// Merges each branch that was named with this one, and all of them where there are several, and plans what comes of it.
///
/// # Errors
///
/// Where git does not know a branch that was named. What cannot be merged is told as not checked.
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
    let root_file = &configuration.loaded.root_file;
    let repository = Repository::of(folder_of(root_file)).map_err(failed)?;
    let head = repository.commit("HEAD").map_err(failed)?;
    let committed = load_at(&repository, &head, root_file).map_err(failed)?;
    if !matches!(committed, Some(Ok(committed)) if is_same(&committed.sources, configuration.sources())) {
        others.not_checked.push(NotChecked {
            subject: "changes that are not committed, together with other branches".to_owned(),
            reason: "only commits can be merged".to_owned(),
        });
    }
    // What another branch takes, it takes whatever this plan is restricted to.
    let sources = configuration.sources();
    let alone = drafted(context, args, configuration, planned, (&configuration.desired, sources), &[]);
    let together = Together { context, args, configuration, planned, alone: &alone, repository: &repository };
    let mut all = Some(head.clone());
    for reference in &args.with {
        // A name that nobody knows is a mistake of whoever typed it; what is wrong with the branch is its own affair.
        let theirs = repository.commit(reference).map_err(failed)?;
        let what = format!("{} merges", shown(reference));
        let merged = others.merge(&repository, &head, &theirs, &what);
        all = match (all, &merged) {
            (Some(all), Some(_)) => match repository.merge(&all, &theirs) {
                Ok(Merged::Commit(commit)) => Some(commit),
                Ok(Merged::Conflict(_)) | Err(_) => None,
            },
            _ => None,
        };
        if let Some(commit) = merged {
            others.add(&together, &what, &commit);
        }
    }
    if let (Some(all), 2..) = (all, args.with.len()) {
        let names: Vec<String> = args.with.iter().map(|reference| shown(reference)).collect();
        // Where one alone is too much, all of them are no news.
        if others.findings.is_empty() {
            others.add(&together, &format!("{} merge", names.join(" and ")), &all);
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
    /// The plan of all environments without them.
    alone: &'a Draft,
    repository: &'a Repository,
}

impl Others {
    /// The commit that two make together; where they make none, that is told. `what` says what is merged, as in "`sales` merges".
    fn merge(&mut self, repository: &Repository, ours: &str, theirs: &str, what: &str) -> Option<String> {
        let why = match repository.merge(ours, theirs) {
            Ok(Merged::Commit(commit)) => return Some(commit),
            Ok(Merged::Conflict(files)) => {
                format!("git cannot merge the two: both change {}", files.join(", "))
            }
            Err(GitError::Unmergeable { reason, .. }) if reason.contains("unrelated histories") => {
                "git knows no common past of the two; a shallow checkout has none (`fetch-depth: 0`)".to_owned()
            }
            Err(GitError::Unmergeable { reason, .. }) => format!("git cannot merge the two: {reason}"),
            Err(error) => error.to_string(),
        };
        self.leave_out(what, why);
        None
    }

    fn leave_out(&mut self, what: &str, reason: String) {
        let subject = format!("what becomes of this if {what} before it");
        self.not_checked.push(NotChecked { subject, reason });
    }

    /// Plans with what was merged.
    fn add(&mut self, together: &Together<'_>, what: &str, commit: &str) {
        let Together { context, args, configuration, planned, alone, repository } = *together;
        let inputs = match load_at(repository, commit, &configuration.loaded.root_file) {
            Ok(Some(Ok(inputs))) => inputs,
            Ok(Some(Err(_))) => return self.leave_out(what, "the configuration cannot be read then".to_owned()),
            Ok(None) => return self.leave_out(what, "the configuration is not where it was then".to_owned()),
            Err(error) => return self.leave_out(what, error.to_string()),
        };
        match check::check(&inputs) {
            Checked::Valid { desired, .. } => {
                let draft = drafted(context, args, configuration, planned, (&desired, &inputs.sources), &[]);
                self.findings.extend(shortages(&configuration.desired, alone, what, &draft));
                let of = |desired: &DesiredState| budgets::budgets(desired, draft.date);
                self.findings.extend(merge_preview::budgets(&of(&configuration.desired), &of(&desired), what));
            }
            Checked::Invalid { findings } => {
                let first = findings.iter().find(|finding| finding.is_error());
                let why = first.map_or_else(String::new, |first| format!("{}: {}", first.code, first.message));
                self.findings.push(unreadable(what, &why));
            }
        }
    }
}

/// Whether two configurations are the same files. Git may keep other ends of lines than the working tree has.
fn is_same(one: &Sources, other: &Sources) -> bool {
    let texts = |sources: &Sources| -> Vec<String> {
        sources.iter().map(|(_, source)| source.text.replace("\r\n", "\n")).collect()
    };
    texts(one) == texts(other)
}

fn unreadable(what: &str, why: &str) -> Finding {
    let message = format!("the configuration would not be valid if {what} before this");
    Finding::warning(Code::A211, message)
        .note(why.to_owned())
        .help("agree with whoever proposes the other; whichever is merged second has to be mended")
}

/// A branch as people call it: a pull request by its number.
fn shown(reference: &str) -> String {
    let parts: Vec<&str> = reference.split('/').collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        ["refs", .., "pull", number, "head" | "merge"] if is_number(number) => format!("#{number}"),
        ["refs", .., "merge-requests", number, "head" | "merge"] if is_number(number) => format!("!{number}"),
        _ => format!("`{reference}`"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_pull_request_is_called_by_its_number() {
        for (reference, shown) in [
            ("refs/pull/41/head", "#41"),
            ("refs/remotes/origin/pull/41/merge", "#41"),
            ("origin/my-pull/12", "`origin/my-pull/12`"),
            ("refs/merge-requests/7/head", "!7"),
            ("origin/more-for-sales", "`origin/more-for-sales`"),
            ("refs/pull/x/head", "`refs/pull/x/head`"),
            ("pull/", "`pull/`"),
        ] {
            assert_eq!(super::shown(reference), shown);
        }
    }
}
