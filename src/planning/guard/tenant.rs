//! Checks of the tenant before a write: caller, listing, environments and add-ons.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use super::{add_ons, hints};
use crate::model::catalog::Pool;
use crate::model::code::Code;
use crate::model::desired::{DesiredEnvironment, DesiredState, ManagedCell};
use crate::model::finding::{Finding, Severity};
use crate::model::observed::{EnvironmentState, Listing, ObservedEnvironment, ObservedState, Reading};
use crate::model::plan::change::PlannedChange;
use crate::model::plan::draft::Draft;
use crate::model::plan::pool::PlannedPool;
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::{EnvironmentId, Units};
use crate::planning::guard::usage;
use crate::planning::matching::{Matching, held, usable};
use crate::planning::planner::{UNKNOWN_SWITCHES, counted};
use crate::planning::words::amount;

pub(super) fn findings(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(caller(observed, draft));
    findings.extend(environment_admins_may_allocate(desired, observed));
    findings.extend(unread_setting(desired, observed, draft));
    let matching = Matching::of(desired, observed);
    let written = LazyCell::new(|| draft.changes.iter().map(|planned| &planned.environment.id).collect());
    match listing(&matching, observed, draft) {
        Some(incomplete) => findings.push(incomplete),
        None => findings.extend(count(observed, draft)),
    }
    findings.extend(unlisted(&matching));
    for (environment, seen) in &matching.declared {
        match usable(*seen) {
            Some(seen) => {
                findings.extend(environment_findings(environment, seen));
                findings.extend(cannot_be_written(environment, seen, (draft, &written)));
            }
            None => findings.extend(missing(environment, *seen, draft)),
        }
    }
    findings.extend(matching.undeclared.iter().filter_map(|seen| deleted_holder(seen)));
    findings.extend(unknown_switches(observed, &matching, draft));
    findings.extend(hints::first_assignments(observed, draft));
    findings.extend(hints::unmanaged(desired, &matching));
    findings.extend(add_ons::unknown(desired, observed));
    findings.extend(add_ons::unreported(desired, observed));
    findings.extend(usage::findings(&matching, draft));
    findings
}

fn caller(observed: &ObservedState, draft: &Draft) -> Option<Finding> {
    let refused = observed.caller.may_allocate.known() == Some(&false) && !draft.is_empty();
    let role = observed.caller.role.known().map_or("this caller", |role| role.as_str());
    refused.then(|| {
        Finding::error(Code::A401, format!("{role} may not allocate: the tenant allows only specific admins to do so"))
            .help("ask a global, Dynamics 365 or Power Platform administrator to apply")
    })
}

fn environment_admins_may_allocate(desired: &DesiredState, observed: &ObservedState) -> Option<Finding> {
    let open = observed.who_can_allocate.known() == Some(&WhoCanAllocate::EnvironmentAdmins);
    let is_undeclared = desired.tenant.who_can_allocate.is_none();
    (open && is_undeclared).then(|| {
        Finding::hint(Code::A406, "environment admins may allocate too, each of them for every environment")
            .help("set `whoCanAllocate: only-specific-admins` under `tenant:` to stop that, or `environment-admins` to allow it without this hint")
    })
}

/// A warning if the setting is declared and could not be read. Unknown is neither the declared value nor another one.
fn unread_setting(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> Option<Finding> {
    let declared = desired.tenant.who_can_allocate.as_ref().filter(|_| draft.targets.is_empty())?;
    let why = observed.who_can_allocate.unknown()?;
    let finding = Finding::warning(Code::A410, "`whoCanAllocate` could not be read");
    let finding = finding.at(declared.span, "neither compared nor changed").note(why.to_string());
    Some(finding.help("give the caller the right to read the tenant's settings, or delete this line to skip it"))
}

/// The share of declared environments that a complete listing may lack, in percent.
const MOST_MISSING_PERCENT: usize = 10;

/// A finding about an incomplete listing: an error if the plan gives units back, else a warning.
fn incomplete(what: &str, gives_back: bool) -> Finding {
    let severity = if gives_back { Severity::Error } else { Severity::Warning };
    Finding::new(Code::A404, severity, format!("the listing of environments looks incomplete: {what}"))
        .help("no plan gives units back while the listing is incomplete; run again later, or with more rights")
}

/// A finding if the listing broke off or lacks too many declared environments. No earlier listing is recorded to compare it with.
fn listing(matching: &Matching<'_>, observed: &ObservedState, draft: &Draft) -> Option<Finding> {
    let gives_back = draft.changes.iter().any(|planned| planned.change.gives_back());
    if let Listing::Incomplete(why) = &observed.listing {
        return Some(incomplete(why, gives_back));
    }
    let declared = matching.declared.len();
    let missing = matching.declared.iter().filter(|(_, seen)| seen.is_none_or(|seen| !seen.listed)).count();
    if missing <= 1 || missing * 100 <= declared * MOST_MISSING_PERCENT {
        return None;
    }
    let missing = counted(missing, "declared environment is", "declared environments are");
    Some(incomplete(&format!("{missing} missing, of {declared}"), gives_back))
}

/// Compares each pool's allocations with the tenant's own total. If they differ, either may be stale, so no plan gives units back.
fn count(observed: &ObservedState, draft: &Draft) -> Vec<Finding> {
    if observed.environments.values().any(|environment| environment.document.unknown().is_some()) {
        return Vec::new();
    }
    draft.pools.iter().filter_map(|pool| miscounted(pool, observed, draft)).collect()
}

fn miscounted(pool: &PlannedPool, observed: &ObservedState, draft: &Draft) -> Option<Finding> {
    let total = counted_by_tenant(&pool.pool, observed)?;
    let listed = pool.allocated_before.remaining_after(pool.unseen?);
    let name = pool.pool.display_name();
    let of_pool = |planned: &PlannedChange| planned.change.add_on().pool() == pool.pool;
    let gives_back = draft.changes.iter().any(|planned| planned.change.gives_back() && of_pool(planned));
    let what = match (total.remaining_after(listed), listed.remaining_after(total)) {
        (Units::ZERO, Units::ZERO) => return None,
        (more, Units::ZERO) => format!("the tenant counts {} {name} that no listed environment holds", amount(more)),
        (_, more) => format!("the listed environments hold {} {name} more than the tenant counts", amount(more)),
    };
    Some(incomplete(&what, gives_back).allowable(pool.pool.to_string()))
}

/// The tenant's own total of a pool; `None` if it reports none or a figure could not be read. A member that is not reported counts as 0.
fn counted_by_tenant(pool: &Pool, observed: &ObservedState) -> Option<Units> {
    let members = pool.members();
    let totals = members.iter().filter_map(|member| observed.totals.get(member)).map(|total| &total.allocated);
    let stated: Vec<&Reading<Units>> = totals.filter(|allocated| **allocated != Reading::Absent).collect();
    let known: Option<Vec<Units>> = stated.into_iter().map(|allocated| allocated.known().copied()).collect();
    known.filter(|known| !known.is_empty()).map(|known| known.into_iter().sum())
}

/// A warning about environments that hold units and that the listing of environments does not show. The listing of
/// environments and that of allocations come from different services with different rights, so each may lack what the
/// other has.
fn unlisted(matching: &Matching<'_>) -> Option<Finding> {
    let ids: Vec<&str> = matching
        .undeclared
        .iter()
        .filter(|seen| !seen.listed && held(seen).next().is_some())
        .map(|seen| seen.id.as_str())
        .collect();
    if ids.is_empty() {
        return None;
    }
    let hold = counted(ids.len(), "environment that holds units", "environments that hold units");
    let message = format!("the listing of environments looks incomplete: it lacks {hold}");
    let shown: Vec<&str> = ids.iter().copied().take(MOST_SHOWN).collect();
    let more = if ids.len() > MOST_SHOWN { ", …" } else { "" };
    Some(
        Finding::warning(Code::A404, message)
            .note(format!("allocations are listed for {}{more}", shown.join(", ")))
            .help("what they hold counts; their names, classes and states are not checked"),
    )
}

/// The most ids in one note.
const MOST_SHOWN: usize = 4;

fn is_targeted(environment: &DesiredEnvironment, draft: &Draft) -> bool {
    draft.targets.is_empty() || draft.targets.contains(&environment.key.value)
}

fn is_wanted(environment: &DesiredEnvironment, draft: &Draft) -> bool {
    environment.managed().any(|(_, cell)| cell.effective(draft.date).is_some_and(|units| !units.is_zero()))
}

/// A finding if an environment is not listed, or its state is unknown or accepts no writes: an error if the plan would or might
/// write there, even if the write only gives units back.
fn cannot_be_written<'a>(
    environment: &DesiredEnvironment,
    seen: &ObservedEnvironment,
    (draft, written): (&'a Draft, &LazyCell<BTreeSet<&'a EnvironmentId>, impl FnOnce() -> BTreeSet<&'a EnvironmentId>>),
) -> Option<Finding> {
    let key = &environment.key.value;
    let writes = || written.contains(&seen.id);
    let (message, label, why) = match &seen.state {
        _ if !seen.listed => {
            let label = "not listed: hidden from this caller, deleted, or a wrong id";
            (format!("{key} is not listed by the tenant"), label, seen.document.unknown())
        }
        Reading::Known { value: EnvironmentState::Disabled | EnvironmentState::Preparing, .. } if !writes() => {
            return None;
        }
        Reading::Known { value: state @ (EnvironmentState::Disabled | EnvironmentState::Preparing), .. } => {
            (format!("{key} is {} in the tenant, and accepts no allocation", state.as_str()), "not ready", None)
        }
        Reading::Known { .. } | Reading::Absent => return None,
        Reading::Unknown { why } => (format!("the state of {key} is unknown"), "perhaps not ready", Some(why)),
    };
    // If the allocations of an unlisted environment are unknown, the plan cannot tell whether it needs a write.
    let may_write = writes() || (!seen.listed && seen.document.known().is_none() && is_wanted(environment, draft));
    if !is_targeted(environment, draft) {
        return None;
    }
    let severity = if may_write { Severity::Error } else { Severity::Warning };
    let finding = Finding::new(Code::A403, severity, message).at(environment.id.span, label);
    let finding = why.into_iter().fold(finding, |finding, why| finding.note(why.to_string()));
    Some(finding.help("check the environment in the admin center; until then, `--target` plans for the others"))
}

/// The amounts that a deleted environment still holds, as text; `None` if it holds none. They count as allocated until
/// the tenant no longer reports them.
fn still_holds(seen: &ObservedEnvironment) -> Option<String> {
    let amounts: Vec<String> =
        held(seen).map(|(add_on, entry)| format!("{} {}", amount(entry.units), add_on.display_name())).collect();
    (!amounts.is_empty()).then(|| amounts.join(", "))
}

/// The help about units of a deleted environment.
const FREE_DELETED: &str = "these units count until the tenant no longer reports them: restore the environment, apply amounts of 0, and \
    delete it again; or wait until it is removed for good";

/// A hint about a deleted environment that no file names and that still holds units.
fn deleted_holder(seen: &ObservedEnvironment) -> Option<Finding> {
    let is_deleted = seen.state.known() == Some(&EnvironmentState::Deleted);
    let holds = still_holds(seen).filter(|_| is_deleted)?;
    let name = seen.name.known().map_or_else(|| seen.id.to_string(), |name| format!("{name} ({})", seen.id));
    Some(Finding::hint(Code::A403, format!("{name} was deleted, and still holds {holds}")).help(FREE_DELETED))
}

fn missing(environment: &DesiredEnvironment, seen: Option<&ObservedEnvironment>, draft: &Draft) -> Option<Finding> {
    let deleted = seen.is_some();
    let wanted = is_wanted(environment, draft);
    if !is_targeted(environment, draft) {
        return None;
    }
    let what = if deleted { "was deleted in the tenant" } else { "is not listed by the tenant" };
    let severity = if wanted { Severity::Error } else { Severity::Warning };
    let finding = Finding::new(Code::A403, severity, format!("{} {what}", environment.key.value)).at(
        environment.id.span,
        if deleted { "deleted" } else { "not listed: hidden from this caller, deleted, or a wrong id" },
    );
    let finding = finding.help("check the id; if the environment is gone, delete its entry");
    Some(match seen.and_then(still_holds) {
        Some(holds) => finding.note(format!("it still holds {holds}")).help(FREE_DELETED),
        None => finding,
    })
}

fn environment_findings(environment: &DesiredEnvironment, seen: &ObservedEnvironment) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let (Some(declared), Some(live)) = (&environment.name, seen.name.known())
        && declared.value != live.as_ref()
    {
        let finding =
            Finding::warning(Code::A405, format!("the tenant calls {} by another name", environment.key.value));
        findings.push(
            finding
                .at(declared.span, format!("the tenant's name is {live:?}"))
                .help("correct the name, or check whether the id is the right one"),
        );
    }
    if let (Some(declared), Some(live)) = (&environment.class, seen.class.known())
        && declared.value != *live
    {
        let finding =
            Finding::warning(Code::A409, format!("{} has another class in the tenant", environment.key.value));
        findings.push(
            finding
                .at(declared.span, format!("the tenant's class is {live}"))
                .help("the defaults of the class written here apply; correct it if the tenant is right"),
        );
    }
    if let Some(why) = seen.document.unknown().filter(|_| seen.listed) {
        let finding =
            Finding::warning(Code::A410, format!("the allocations of {} could not be read", environment.key.value));
        findings.push(
            finding
                .at(environment.id.span, "skipped")
                .note(why.to_string())
                .help("plans skip this environment until its allocations can be read"),
        );
    }
    findings
}

/// A hint if declared switches could not be read: the tenant may differ from the configuration in them.
fn unknown_switches(observed: &ObservedState, matching: &Matching<'_>, draft: &Draft) -> Option<Finding> {
    let targeted = matching.declared.iter().filter(|(environment, _)| is_targeted(environment, draft));
    let cell = targeted.filter_map(|(environment, seen)| {
        usable(*seen).filter(|seen| observed.has_unknown_switches(seen))?;
        environment.managed().find(|(_, cell)| !cell.switches().is_empty()).map(|(_, cell)| cell)
    });
    let first = cell.map(ManagedCell::amount_span).next()?;
    let message = "the `whenExhausted` switches could not be read";
    let finding = Finding::hint(Code::A410, message).at(first, "declared here").note(UNKNOWN_SWITCHES);
    Some(finding.help("set them in the admin center, and remove `whenExhausted` to skip them without this hint"))
}
