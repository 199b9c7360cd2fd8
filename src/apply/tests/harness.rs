//! Plans and runs against the fake tenant, and the laws that every run keeps: no pool exceeds its ceiling, neither in the
//! tenant nor in the worst case that the events allow, and after a complete run a second one has nothing to do.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::super::event::ApplyEvent;
use super::super::executor::run;
use super::super::options::{ExecutorOptions, Ports};
use crate::apply::stop::Stop;
use crate::model::catalog::Pool;
use crate::model::desired::{ConfigurationDigests, Provider};
use crate::model::document::Entry;
use crate::model::plan::change::{Change, EnvironmentRef, PlannedChange, SettingChange};
use crate::model::plan::draft::{Basis, Draft};
use crate::model::plan::order::{Plan, Step};
use crate::model::plan::pool::{Owned, PlannedPool};
use crate::model::roles::WhoCanAllocate;
use crate::model::run::{Outcome, Run};
use crate::model::terms::{EnvironmentId, Units};
use crate::planning::limits::Limits;
use crate::provider::fake::{Call, Fake, add_on, clock, id};

pub(in crate::apply) const PASSES: &str = "app-passes";
pub(in crate::apply) const LOGINS: &str = "portal-logins";

/// A full pool: team-1 gives 50, team-2 takes 30, team-3 takes 20.
pub(in crate::apply) fn full_pool() -> Fake {
    Fake::new(&[(1, &[(PASSES, 100), (LOGINS, 7)]), (2, &[(PASSES, 0)]), (3, &[(PASSES, 10)]), (4, &[(PASSES, 90)])])
}

pub(in crate::apply) const MOVE: &[(usize, &str, u64)] = &[(1, PASSES, 50), (2, PASSES, 30), (3, PASSES, 30)];
pub(in crate::apply) const OWNED: &[(&str, u64)] = &[(PASSES, 200), (LOGINS, 50)];

pub(in crate::apply) async fn moved(fake: &Fake) -> Recorded {
    apply(fake, &plan(fake, OWNED, MOVE), &options()).await
}

pub(in crate::apply) const APPLIED: [&str; 3] =
    ["team-1 app-passes: applied", "team-2 app-passes: applied", "team-3 app-passes: applied"];

pub(in crate::apply) fn restricted() -> SettingChange {
    SettingChange {
        before: Some(WhoCanAllocate::EnvironmentAdmins),
        after: WhoCanAllocate::OnlySpecificAdmins,
        declared_at: None,
    }
}

/// The target of one change: environment, add-on, units.
pub(in crate::apply) type Wish<'a> = (usize, &'a str, u64);

/// A plan from the current state of the tenant: decreases before increases, and one write for each environment and kind.
pub(in crate::apply) fn plan(fake: &Fake, owned: &[(&str, u64)], wishes: &[Wish<'_>]) -> Plan {
    let change = |(number, slug, units): &Wish<'_>| {
        let before = fake.document_now(&id(*number)).entries.get(&add_on(slug)).cloned();
        let change = Change::between(add_on(slug), before, Entry::of(Units::new(*units)))?;
        let key = format!("team-{number}").parse().unwrap();
        let environment = EnvironmentRef { key, id: id(*number), name: None };
        Some(PlannedChange {
            environment,
            change,
            until: None,
            ticket: None,
            reason: None,
            owner: None,
            declared_at: None,
        })
    };
    let mut changes: Vec<PlannedChange> = wishes.iter().filter_map(change).collect();
    changes.sort_by_key(|planned| (planned.change.kind(), planned.environment.id.clone()));
    let mut steps: Vec<Step> = Vec::new();
    for (index, planned) in changes.iter().enumerate() {
        let together = |step: &&mut Step| {
            let first = step.changes.first().and_then(|&first| changes.get(first)).unwrap();
            step.environment == planned.environment.id && first.change.takes() == planned.change.takes()
        };
        match steps.iter_mut().find(together) {
            Some(step) => step.changes.push(index),
            None => steps.push(Step { environment: planned.environment.id.clone(), changes: vec![index] }),
        }
    }
    Plan::try_new(draft(fake, owned, changes), steps).unwrap()
}

fn draft(fake: &Fake, owned: &[(&str, u64)], changes: Vec<PlannedChange>) -> Draft {
    let pool = |(slug, units): &(&str, u64)| {
        let (pool, live) = (add_on(slug).pool(), Units::new(*units));
        let allocated_before = fake.held_by_all(&pool);
        let net: i128 = changes
            .iter()
            .filter(|planned| planned.change.add_on().pool() == pool)
            .map(|planned| planned.change.after().units.difference(planned.change.units_before()))
            .sum();
        PlannedPool {
            pool,
            owned: Owned::Known { units: live, declared: None, live: Some(live) },
            reserve: Units::ZERO,
            debt: None,
            allocated_before,
            allocated_after: Units::new(u64::try_from(i128::from(allocated_before.get()) + net).unwrap()),
            unknown_environments: 0,
            unseen: Some(Units::ZERO),
            future: Vec::new(),
        }
    };
    Draft {
        date: jiff::civil::date(2026, 11, 24),
        tenant: "contoso".to_owned(),
        provider: Provider::Local,
        targets: Vec::new(),
        allowances: Vec::new(),
        strict: false,
        pools: owned.iter().map(pool).collect(),
        changes,
        setting: None,
        not_checked: Vec::new(),
        basis: Basis {
            tenant: "contoso".into(),
            configuration: ConfigurationDigests::default(),
            live_totals: BTreeMap::new(),
        },
    }
}

/// The same plan with a setting to change.
pub(in crate::apply) fn with_setting(plan: &Plan, setting: SettingChange) -> Plan {
    let draft = Draft { setting: Some(setting), ..plan.draft().clone() };
    Plan::try_new(draft, plan.steps().to_vec()).unwrap()
}

/// A run and its events.
pub(in crate::apply) struct Recorded {
    pub(in crate::apply) run: Run,
    pub(in crate::apply) events: Vec<ApplyEvent>,
}

impl Recorded {
    /// The outcome of each change as text, in the draft's order.
    pub(in crate::apply) fn words(&self) -> Vec<String> {
        let planned = &self.run.draft.changes;
        planned.iter().zip(&self.run.outcomes).map(|(planned, outcome)| line(planned, outcome)).collect()
    }
}

fn line(planned: &PlannedChange, outcome: &Outcome) -> String {
    let (key, add_on) = (planned.environment.key.as_str(), planned.change.add_on());
    match outcome {
        Outcome::Applied => format!("{key} {add_on}: applied"),
        Outcome::Refused { code, why } => format!("{key} {add_on}: refused {code}: {why}"),
        Outcome::Unconfirmed { why } => format!("{key} {add_on}: unconfirmed: {why}"),
        Outcome::Stale { why } => format!("{key} {add_on}: stale: {why}"),
        Outcome::NotSent { why } => format!("{key} {add_on}: not sent: {why}"),
    }
}

/// The options of the tests.
pub(in crate::apply) fn options() -> ExecutorOptions {
    ExecutorOptions {
        parallelism: NonZeroUsize::new(8).unwrap(),
        confirm_timeout: Duration::from_secs(30),
        baseline: Arc::default(),
        first_reading: None,
        clock: clock(),
        jitter_seed: 1,
    }
}

/// Runs a plan, and checks the laws.
pub(in crate::apply) async fn apply(fake: &Fake, plan: &Plan, options: &ExecutorOptions) -> Recorded {
    let recorded = apply_until(fake, plan, options, |_, _| {}).await;
    if recorded.run.is_complete() {
        let before = fake.writes();
        let again = apply_until(fake, plan, options, |_, _| {}).await;
        assert!(again.run.is_complete(), "{:?}", again.words());
        assert!(again.run.writes.is_empty(), "the second time there is nothing to do");
        assert_eq!(fake.writes(), before);
    }
    recorded
}

/// Runs a plan and calls back at each event, for runs that are stopped.
pub(in crate::apply) async fn apply_until(
    fake: &Fake,
    plan: &Plan,
    options: &ExecutorOptions,
    mut on_event: impl FnMut(&ApplyEvent, &Stop),
) -> Recorded {
    let (stop, mut events) = (Stop::default(), Vec::new());
    let handle = stop.clone();
    let mut progress = |event: &ApplyEvent| {
        events.push(event.clone());
        on_event(event, &handle);
    };
    let ports = Ports { reader: fake, writer: fake, options, limits: &Limits::default(), stop: &stop };
    let run = run(plan, ports, &mut progress).await;
    assert_eq!(run.outcomes.len(), run.draft.changes.len(), "every change has an outcome");
    worst_case_fits(plan.draft(), &events);
    Recorded { run, events }
}

/// The most and the least units of a change, by the events.
struct Bounds {
    most: u64,
    least: u64,
}

/// Folds the events: a sent write may have taken effect, an applied one has, and a refused one has not.
fn worst_case_fits(draft: &Draft, events: &[ApplyEvent]) {
    let mut cells: BTreeMap<usize, Bounds> = (0..)
        .zip(&draft.changes)
        .map(|(index, planned)| {
            let before = planned.change.units_before().get();
            (index, Bounds { most: before, least: before })
        })
        .collect();
    for event in events {
        let (indexes, outcome) = match event {
            ApplyEvent::Sent { changes, .. } => (changes, None),
            ApplyEvent::Settled { changes, outcome, .. } => (changes, Some(outcome)),
            _ => continue,
        };
        for index in indexes {
            let change = &draft.changes[*index].change;
            let (before, after) = (change.units_before().get(), change.after().units.get());
            let bounds = match outcome {
                Some(Outcome::Applied) => Bounds { most: after, least: after },
                Some(Outcome::Refused { .. } | Outcome::NotSent { .. }) => Bounds { most: before, least: before },
                // The bounds stay: an unconfirmed write may take effect later, and amounts of others do not count.
                Some(Outcome::Stale { .. } | Outcome::Unconfirmed { .. }) => continue,
                None => Bounds { most: before.max(after), least: before.min(after) },
            };
            assert!(bounds.least <= bounds.most);
            cells.insert(*index, bounds);
        }
        for pool in &draft.pools {
            let moved: i128 = cells
                .iter()
                .map(|(index, bounds)| (&draft.changes[*index].change, bounds))
                .filter(|(change, _)| change.add_on().pool() == pool.pool)
                .map(|(change, bounds)| i128::from(bounds.most) - i128::from(change.units_before().get()))
                .sum();
            let worst = i128::from(pool.allocated_before.get()) + moved;
            let ceiling = i128::from(pool.ceiling().max(pool.allocated_before).get());
            assert!(worst <= ceiling, "after {event:?}, {} may hold {worst} of {ceiling}", pool.pool);
        }
    }
}

impl Fake {
    /// The units of a pool in all environments.
    pub(in crate::apply) fn held_by_all(&self, pool: &Pool) -> Units {
        let documents = self.documents_now();
        documents.values().flat_map(|document| pool.members().into_iter().map(|member| document.units(&member))).sum()
    }

    /// The number of writes that arrived.
    pub(in crate::apply) fn writes(&self) -> usize {
        self.written().len()
    }

    /// The numbers of listings and of single reads.
    pub(in crate::apply) fn reads(&self) -> (usize, usize) {
        let calls = self.calls();
        let listings = calls.iter().filter(|call| **call == Call::Listing).count();
        let singles = calls.iter().filter(|call| matches!(call, Call::Single(_))).count();
        (listings, singles)
    }

    /// The position of a call among all calls.
    pub(in crate::apply) fn position(&self, wanted: &Call) -> Option<usize> {
        self.calls().iter().position(|call| call == wanted)
    }

    /// The units of an add-on in each environment.
    pub(in crate::apply) fn holdings(&self, slug: &str, environments: &[usize]) -> Vec<u64> {
        environments.iter().map(|number| self.held(&id(*number), slug)).collect()
    }
}

/// The write of an environment.
pub(in crate::apply) fn write_of(environment: &EnvironmentId) -> Call {
    Call::Write(environment.clone())
}
