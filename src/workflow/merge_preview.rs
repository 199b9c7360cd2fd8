//! Compares a plan with other branches: which changes this branch adds to its base, and which pools fall short if others merge first.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::configuration::Configuration;
use super::failure::Advised;
use super::planned::Planned;
use crate::git::error::GitError;
use crate::git::repository::{Merged, Repository};
use crate::load::base::{BaseError, folder_of, load_at, load_base};
use crate::manifest::check::{self, Checked};
use crate::manifest::includes::includes;
use crate::manifest::inputs::Inputs;
use crate::manifest::parse::parse;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::plan::draft::{Draft, NotChecked};
use crate::model::source::Sources;
use crate::model::terms::EnvironmentKey;
use crate::planning::check::budgets;
use crate::planning::guard;
use crate::planning::guard_changes::{guard_changes, include_change};
use crate::planning::merge_preview::{self, shortages};
use crate::planning::origin::{compare, no_longer_managed};
use crate::planning::planner::{self, Request};
use crate::report::view::plan::PlanView;

/// Adds to the view which changes, pools and findings come from this branch, and which were there before. `findings`
/// are all findings of the plan, of which the view may list only some.
///
/// # Errors
///
/// If git does not know the reference.
pub(super) fn compare_with_base(
    reference: Option<&str>,
    configuration: &Configuration,
    planned: &Planned,
    findings: &[Finding],
    view: &mut PlanView,
) -> anyhow::Result<()> {
    let Some(reference) = reference else { return Ok(()) };
    // Without the base, it is unknown which changes come from this branch.
    let without_base = |why: String| NotChecked {
        subject: format!("which changes were pending before this branch left {reference}, and which guards it changes"),
        reason: why,
    };
    let head = &configuration.loaded.inputs;
    let shown = head.sources.get(head.root).map(|root| PathBuf::from(&*root.name)).unwrap_or_default();
    let shown = shown.parent().unwrap_or(Path::new(""));
    let base = match load_base(reference, &configuration.loaded.root_file, shown) {
        Ok(base) => base,
        Err(BaseError::Git(error @ GitError::Shallow { .. })) => {
            view.compare_with_nothing(without_base(format!("{error}; {}", error.help("--base"))));
            return Ok(());
        }
        Err(BaseError::Git(error)) => return Err(advised(&error, "--base")),
        Err(error @ (BaseError::NotThere { .. } | BaseError::NotLoaded { .. })) => {
            view.compare_with_nothing(without_base(error.to_string()));
            return Ok(());
        }
    };
    let inputs = &base.inputs;
    let Checked::Valid { desired, findings: before } = check::check(inputs) else {
        view.compare_with_nothing(without_base(format!("the configuration at {} is invalid", base.commit)));
        return Ok(());
    };
    let draft = planned.draft();
    // Targets can name environments that the base does not declare.
    let is_known = |target: &&EnvironmentKey| desired.environments.contains_key(*target);
    let known: Vec<_> = draft.targets.iter().filter(is_known).cloned().collect();
    let judged = (!known.is_empty() || draft.targets.is_empty()).then(|| {
        let (allowances, strict) = (draft.allowances.as_slice(), draft.strict);
        let request = Request { targets: &known, allowances, strict, ..Request::of(draft.date) };
        let base = planner::draft(&desired, &planned.observed, &inputs.sources, &request);
        guard::approve(&desired, &planned.observed, base)
    });
    let head = &configuration.desired;
    // Messages name an environment by its key, so they cannot be compared if a key has another environment's id now.
    let has_moved = desired.environments.values().any(|environment| {
        let now = head.environments.get(&environment.key.value);
        now.is_some_and(|now| now.id.value != environment.id.value)
    });
    let before = judged.as_ref().map(|judged| match has_moved {
        true => Vec::new(),
        false => [&before, judged.findings()].concat(),
    });
    let before = judged.as_ref().map(guard::Verdict::draft).zip(before.as_deref());
    let mut guards = guard_changes(&desired, head, planned.draft().date);
    guards.extend(include_change(&patterns(inputs), &patterns(&configuration.loaded.inputs)));
    let shared = compare((draft, findings), before);
    view.compare_with((reference, &base.commit), (findings, configuration.sources()), shared, guards);
    view.not_checked.extend(no_longer_managed(&desired, head));
    Ok(())
}

/// The patterns of the root's `include:`, or the default one.
fn patterns(inputs: &Inputs) -> Vec<String> {
    let text = inputs.sources.get(inputs.root).map_or("", |source| &source.text);
    let (patterns, _) = parse(inputs.root, text).root.map(|root| includes(&root)).unwrap_or_default();
    patterns.into_iter().map(|pattern| pattern.text).collect()
}

fn advised(error: &GitError, option: &str) -> anyhow::Error {
    Advised::error(error.to_string(), error.help(option))
}

/// Drafts a plan of another configuration for the same tenant and the same day.
fn drafted(planned: &Planned, (desired, sources): (&DesiredState, &Sources), targets: &[EnvironmentKey]) -> Draft {
    let date: Date = planned.draft().date;
    planner::draft(desired, &planned.observed, sources, &Request { targets, ..Request::of(date) })
}

/// What the pools look like if other branches are merged before this one.
#[derive(Default)]
pub(super) struct Preview {
    /// The shortages.
    pub(super) findings: Vec<Finding>,
    /// What could not be checked.
    pub(super) not_checked: Vec<NotChecked>,
}

/// Merges each named branch with this one, and then all of them, and plans each result.
///
/// # Errors
///
/// If git does not know a named branch. A branch that cannot be merged is listed as not checked.
pub(super) fn preview(with: &[String], configuration: &Configuration, planned: &Planned) -> anyhow::Result<Preview> {
    let mut preview = Preview::default();
    if with.is_empty() {
        return Ok(preview);
    }
    let failed = |error: GitError| advised(&error, "--with");
    let root_file = &configuration.loaded.root_file;
    let repository = Repository::of(folder_of(root_file)).map_err(failed)?;
    let head = repository.commit("HEAD").map_err(failed)?;
    let committed = load_at(&repository, &head, root_file).map_err(failed)?;
    if !matches!(committed, Some(Ok(committed)) if is_same(&committed.sources, configuration.sources())) {
        preview.not_checked.push(NotChecked {
            subject: "changes that are not committed, together with other branches".to_owned(),
            reason: "only commits can be merged".to_owned(),
        });
    }
    // Targets restrict this plan, but not the units that other branches take, so the drafts to compare cover all environments.
    let sources = configuration.sources();
    let alone = drafted(planned, (&configuration.desired, sources), &[]);
    let baseline = Baseline { configuration, planned, alone: &alone, repository: &repository };
    let mut all = Some(head.clone());
    for reference in with {
        // An unknown name is a mistake on the command line and fails the command; a broken branch does not.
        let theirs = repository.commit(reference).map_err(failed)?;
        let merge_name = format!("{} merges", shown(reference));
        let merged = preview.merge(&repository, &head, &theirs, &merge_name);
        all = match (all, &merged) {
            (Some(all), Some(_)) => match repository.merge(&all, &theirs) {
                Ok(Merged::Commit(commit)) => Some(commit),
                Ok(Merged::Conflict(_)) | Err(_) => None,
            },
            _ => None,
        };
        if let Some(commit) = merged {
            preview.add(&baseline, &merge_name, &commit);
        }
    }
    if let (Some(all), 2..) = (all, with.len()) {
        let names: Vec<String> = with.iter().map(|reference| shown(reference)).collect();
        // If one branch alone causes a finding, a check of all branches together is not needed.
        if preview.findings.is_empty() {
            preview.add(&baseline, &format!("{} merge", names.join(" and ")), &all);
        }
    }
    Ok(preview)
}

/// The plan of this branch, with which the plan of every merge is compared, and its inputs.
struct Baseline<'a> {
    configuration: &'a Configuration,
    planned: &'a Planned,
    /// The plan of all environments without other branches.
    alone: &'a Draft,
    repository: &'a Repository,
}

impl Preview {
    /// Merges two commits. If they cannot be merged, the reason is listed as not checked; `merge_name` is a clause such as "`sales` merges".
    fn merge(&mut self, repository: &Repository, ours: &str, theirs: &str, merge_name: &str) -> Option<String> {
        let why = match repository.merge(ours, theirs) {
            Ok(Merged::Commit(commit)) => return Some(commit),
            Ok(Merged::Conflict(files)) => {
                format!("git cannot merge the two: both change {}", files.join(", "))
            }
            Err(GitError::Unmergeable { reason, .. }) if reason.contains("unrelated histories") => {
                "git finds no common ancestor of the two; a shallow checkout may lack it, so fetch all of it (`fetch-depth: 0`)".to_owned()
            }
            Err(GitError::Unmergeable { reason, .. }) => format!("git cannot merge the two: {reason}"),
            Err(error) => error.to_string(),
        };
        self.leave_out(merge_name, why);
        None
    }

    fn leave_out(&mut self, merge_name: &str, reason: String) {
        let subject = format!("this plan, if {merge_name} before it");
        self.not_checked.push(NotChecked { subject, reason });
    }

    /// Plans the merged configuration and adds its shortages.
    fn add(&mut self, baseline: &Baseline<'_>, merge_name: &str, commit: &str) {
        let Baseline { configuration, planned, alone, repository } = *baseline;
        let inputs = match load_at(repository, commit, &configuration.loaded.root_file) {
            Ok(Some(Ok(inputs))) => inputs,
            Ok(Some(Err(_))) => {
                return self.leave_out(merge_name, "the merged configuration cannot be read".to_owned());
            }
            Ok(None) => return self.leave_out(merge_name, "the merge has no configuration at this path".to_owned()),
            Err(error) => return self.leave_out(merge_name, error.to_string()),
        };
        match check::check(&inputs) {
            Checked::Valid { desired, .. } => {
                let draft = drafted(planned, (&desired, &inputs.sources), &[]);
                self.findings.extend(shortages(&configuration.desired, alone, merge_name, &draft));
                let of = |desired: &DesiredState| budgets::budgets(desired, draft.date);
                self.findings.extend(merge_preview::budgets(&of(&configuration.desired), &of(&desired), merge_name));
            }
            Checked::Invalid { findings } => {
                let first = findings.iter().find(|finding| finding.is_error());
                let why = first.map_or_else(String::new, |first| format!("{}: {}", first.code, first.message));
                self.findings.push(unreadable(merge_name, &why));
            }
        }
    }
}

/// Whether two configurations have the same files. Line endings may differ between git and the working tree.
fn is_same(one: &Sources, other: &Sources) -> bool {
    let texts = |sources: &Sources| -> Vec<String> {
        sources.iter().map(|(_, source)| source.text.replace("\r\n", "\n")).collect()
    };
    texts(one) == texts(other)
}

fn unreadable(merge_name: &str, why: &str) -> Finding {
    let message = format!("the configuration would be invalid if {merge_name} before this branch");
    Finding::warning(Code::A211, message)
        .note(why.to_owned())
        .help("agree with the author of the other branch; the branch that is merged second has to be fixed")
}

/// The name of a branch for people: a pull request by its number.
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
