//! Checks the final plan against the rules of the configuration.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::entries;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::{DesiredEnvironment, DesiredState};
use crate::model::finding::Finding;
use crate::model::observed::{ObservedState, Reading};
use crate::model::plan::change::PlannedChange;
use crate::model::plan::draft::{Draft, NotChecked};
use crate::model::rules::{DefaultEnvironment, Rules};
use crate::model::source::Span;
use crate::model::terms::{EnvironmentClass, Percent, Units};
use crate::planning::words::amount;

/// Every rule that the plan breaks, and every pool that is nearly used up.
pub(super) fn findings(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> Vec<Finding> {
    let mut findings = decreases(desired, observed, draft);
    findings.extend(environments_changed(desired, draft));
    findings.extend(floors(desired, draft.date));
    findings.extend(entries::over(desired, draft.date));
    for planned in &draft.changes {
        let Some(environment) = desired.environments.get(&planned.environment.key) else { continue };
        let check = ChangeCheck { desired, observed, environment, planned };
        findings.extend(check.protected());
        findings.extend(check.below_consumption());
        findings.extend(check.default_environment());
        findings.extend(check.ticket());
    }
    findings.extend(nearly_used_up(desired, draft));
    findings
}

fn cell(environment: &DesiredEnvironment, add_on: &AddOn) -> Option<Span> {
    environment.managed().find(|(name, _)| *name == add_on).map(|(_, cell)| cell.amount_span())
}

/// An error for each add-on whose allocations shrink by more than the lower of its two caps, in percent and in units.
fn decreases(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> Vec<Finding> {
    let mut taken: BTreeMap<&AddOn, Units> = BTreeMap::new();
    for planned in draft.changes.iter().filter(|planned| planned.change.gives_back()) {
        let given = planned.change.units_before().remaining_after(planned.change.after().units);
        let total = taken.entry(planned.change.add_on()).or_default();
        *total = [*total, given].into_iter().sum();
    }
    let rules = &desired.rules;
    let mut findings = Vec::new();
    for (add_on, taken) in taken {
        let documents = observed.environments.values().filter_map(|environment| environment.document.known());
        let held: Units = documents.map(|document| document.units(add_on)).sum();
        // Environments that were not read hold units too.
        let counted = observed.totals.get(add_on).and_then(|total| total.allocated.known().copied());
        let held = held.max(counted.unwrap_or_default());
        let share = rules.max_decrease_percent.value;
        let by_share = (held >= Rules::MAX_DECREASE_FROM)
            .then(|| (share.of(held), rules.max_decrease_percent.span, format!("{share} of {}", amount(held))));
        let by_units = rules
            .max_decrease_units
            .get(add_on)
            .map(|cap| (cap.value, Some(cap.span), format!("{} units", amount(cap.value))));
        let tightest = by_share.into_iter().chain(by_units).min_by_key(|(cap, ..)| *cap);
        let Some((cap, span, words)) = tightest.filter(|(cap, ..)| taken > *cap) else { continue };
        let message =
            format!("{} {} would be taken away, and the cap is {}", amount(taken), add_on.display_name(), amount(cap));
        let finding = Finding::error(Code::A301, message).at_if(span, format!("the cap: {words}"));
        findings.push(finding.note(format!("{} are allocated now", amount(held))).allowable(add_on.to_string()));
    }
    findings
}

fn environments_changed(desired: &DesiredState, draft: &Draft) -> Option<Finding> {
    let cap = desired.rules.max_environments_changed.as_ref()?;
    let changed: BTreeSet<_> = draft.changes.iter().map(|planned| &planned.environment.id).collect();
    let count = u64::try_from(changed.len()).unwrap_or(u64::MAX);
    (count > cap.value).then(|| {
        Finding::error(Code::A302, format!("{count} environments would change, and the cap is {}", cap.value))
            .at(cap.span, "the cap")
            .help("`--target ENVIRONMENT` plans for fewer environments")
            .allowable("tenant")
    })
}

/// Every declared amount below its floor, whether it changes or not.
pub fn floors(desired: &DesiredState, date: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    for ((key, add_on), floor) in &desired.floors {
        let Some(environment) = desired.environments.get(key) else { continue };
        let declared =
            environment.managed().find(|(name, _)| *name == add_on).and_then(|(_, cell)| cell.effective(date));
        let Some(declared) = declared.filter(|declared| *declared < floor.value) else { continue };
        let message = format!(
            "{key} would hold {} {}, below its floor of {}",
            amount(declared),
            add_on.display_name(),
            amount(floor.value)
        );
        let finding = Finding::error(Code::A303, message)
            .at_if(cell(environment, add_on), format!("{} below", amount(floor.value.remaining_after(declared))))
            .see(floor.span, "the floor");
        findings.push(finding.allowable(format!("{key}/{add_on}")));
    }
    findings
}

struct ChangeCheck<'a> {
    desired: &'a DesiredState,
    observed: &'a ObservedState,
    environment: &'a DesiredEnvironment,
    planned: &'a PlannedChange,
}

impl ChangeCheck<'_> {
    fn scope(&self) -> String {
        format!("{}/{}", self.planned.environment.key, self.planned.change.add_on())
    }

    fn name(&self) -> &str {
        self.planned.change.add_on().display_name()
    }

    fn place(&self) -> Option<Span> {
        cell(self.environment, self.planned.change.add_on())
    }

    fn before_and_after(&self) -> String {
        format!("from {} to {}", amount(self.planned.change.units_before()), amount(self.planned.change.after().units))
    }

    fn protected(&self) -> Option<Finding> {
        let protect = self.environment.protect.filter(|_| self.planned.change.gives_back())?;
        let message = format!(
            "{} is protected, and its {} would go {}",
            self.environment.key.value,
            self.name(),
            self.before_and_after()
        );
        Some(
            Finding::error(Code::A304, message)
                .at_if(self.place(), "a decrease")
                .see(protect, "protected here")
                .allowable(self.scope()),
        )
    }

    fn below_consumption(&self) -> Option<Finding> {
        if !self.desired.rules.never_below_consumption.value || !self.planned.change.gives_back() {
            return None;
        }
        let seen = self.observed.environments.get(&self.environment.id.value)?;
        let used = match seen.consumed.get(self.planned.change.add_on())? {
            Reading::Known { value, .. } => *value,
            Reading::Absent => return None,
            Reading::Unknown { why } => return Some(self.unknown_consumption(why)),
        };
        (self.planned.change.after().units < used).then(|| {
            let message = format!(
                "{} uses {} {}, and would go {}",
                self.environment.key.value,
                amount(used),
                self.name(),
                self.before_and_after()
            );
            Finding::error(Code::A305, message)
                .at_if(self.place(), format!("{} are in use", amount(used)))
                .allowable(self.scope())
        })
    }

    /// An error, because the unknown consumption may exceed the new amount. The service may not show the consumption of
    /// single environments, so `--allow` can permit the decrease.
    fn unknown_consumption(&self, why: &str) -> Finding {
        let key = &self.environment.key.value;
        let message = format!(
            "the consumption of {} in {key} could not be read, and the amount would go {}",
            self.name(),
            self.before_and_after()
        );
        Finding::error(Code::A305, message)
            .at_if(self.place(), "a decrease")
            .note(why.to_owned())
            .help("look in the admin center how much is used, or run again later")
            .allowable(self.scope())
    }

    fn default_environment(&self) -> Option<Finding> {
        let declared = self.environment.class.as_ref().map(|class| class.value);
        let seen = self.observed.environments.get(&self.environment.id.value);
        let live = seen.and_then(|seen| seen.class.known()).copied();
        let is_default =
            self.environment.id.value.is_default() || [declared, live].contains(&Some(EnvironmentClass::Default));
        let denied = self.desired.rules.default_environment.value == DefaultEnvironment::Deny;
        (is_default && denied && self.planned.change.takes()).then(|| {
            let message = format!(
                "{} is the default environment, which every user can enter, and its {} would go {}",
                self.environment.key.value,
                self.name(),
                self.before_and_after()
            );
            Finding::error(Code::A306, message)
                .at_if(self.place(), "an allocation")
                .help("put the app into an environment of its own, or set `defaultEnvironment: allow` under `rules:`")
                .allowable(self.scope())
        })
    }

    fn ticket(&self) -> Option<Finding> {
        let required = *self.desired.rules.require_ticket.get(self.planned.change.add_on())?;
        self.planned.ticket.is_none().then(|| {
            let message = format!(
                "a change of {} needs a ticket, and {} would go {} without one",
                self.name(),
                self.environment.key.value,
                self.before_and_after()
            );
            Finding::error(Code::A307, message)
                .at_if(self.place(), "no ticket")
                .see(required, "required here")
                .help("write the amount as `{ units: …, ticket: … }`")
                .allowable(self.scope())
        })
    }
}

/// The add-ons that a draft takes back although nothing counts their use.
pub fn uncounted(desired: &DesiredState, observed: &ObservedState, draft: &Draft) -> Vec<NotChecked> {
    if !desired.rules.never_below_consumption.value {
        return Vec::new();
    }
    let given = draft.changes.iter().filter(|planned| planned.change.gives_back()).filter(|planned| {
        let seen = observed.environments.get(&planned.environment.id);
        let used = seen.and_then(|seen| seen.consumed.get(planned.change.add_on()));
        let is_metered = planned.change.add_on().entry().is_none_or(|entry| entry.metered);
        !is_metered && used.is_none_or(|used| *used == Reading::Absent)
    });
    let add_ons: BTreeSet<&AddOn> = given.map(|planned| planned.change.add_on()).collect();
    let note = |add_on: &AddOn| NotChecked {
        subject: format!("the use of {}", add_on.display_name()),
        reason: "the service does not count it, so an amount can go below it".to_owned(),
    };
    add_ons.into_iter().map(note).collect()
}

/// A warning for each pool that reaches a threshold and is not over-allocated. Names the highest threshold reached.
fn nearly_used_up(desired: &DesiredState, draft: &Draft) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pool in &draft.pools {
        let Some(owned) = pool.owned.units().filter(|owned| !owned.is_zero() && pool.allocated_after <= *owned) else {
            continue;
        };
        let reached = |percent: &&Percent| pool.allocated_after >= percent.of(owned);
        let Some(percent) = desired.rules.warn_at_percent.value.iter().filter(reached).max() else { continue };
        let message = format!(
            "{} {} allocated to {percent} or more",
            pool.pool.display_name(),
            crate::planning::words::be(&pool.pool.display_name())
        );
        let finding = Finding::warning(Code::A209, message)
            .at_if(desired.rules.warn_at_percent.span, "a warning from this percentage on");
        findings.push(finding.note(format!("allocated {} of {}", amount(pool.allocated_after), amount(owned))));
    }
    findings
}
