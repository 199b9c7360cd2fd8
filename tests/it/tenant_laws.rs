//! The laws of a plan and its effect on the built-in tenant, over random tenants, configurations and faults, through all of
//! the library: text, checks, reading, planning, guarding, applying, reading again.

mod case;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use allotment::apply::executor::apply;
use allotment::apply::options::ExecutorOptions;
use allotment::apply::stop::Stop;
use allotment::load::seed::GivenSeed;
use allotment::manifest::check::{Checked, check};
use allotment::manifest::inputs::Inputs;
use allotment::model::catalog::{AddOn, Pool};
use allotment::model::code::Code;
use allotment::model::desired::{DesiredState, Purchases};
use allotment::model::document::{Entry, Switch};
use allotment::model::finding::{Allowance, Finding};
use allotment::model::observed::ObservedState;
use allotment::model::plan::draft::Draft;
use allotment::model::plan::order::Plan;
use allotment::model::roles::Role;
use allotment::model::run::{Outcome, Run};
use allotment::model::source::Sources;
use allotment::model::terms::{EnvironmentId, Units};
use allotment::planning::guard::{Verdict, approve};
use allotment::planning::identity::plan_id;
use allotment::planning::planner::{Request, draft};
use allotment::provider::local::shared::{Declared, LocalOptions};
use allotment::provider::local::tenant::LocalTenant;
use allotment::provider::observe::observe;
use allotment::provider::port::Clock;
use allotment::report::saved::{read_saved_plan, saved_plan_json};
use allotment::workflow::apply::ApplyOptions;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use self::case::{Case, POOLS, RAW, SLUGS, Switches, case};

const TODAY: Date = date(2026, 11, 24);

type Law = Result<(), TestCaseError>;
type Cells = BTreeMap<(EnvironmentId, AddOn), Entry>;

/// A configuration and its tenant.
struct World<'a> {
    case: &'a Case,
    desired: DesiredState,
    sources: Sources,
    tenant: LocalTenant,
    clock: Clock,
}

/// One attempt to apply the configuration.
struct Attempt {
    before: ObservedState,
    draft: Draft,
    findings: Vec<Finding>,
    /// The approved plan and its run; `None` if the plan was refused.
    applied: Option<(Plan, Run)>,
    after: ObservedState,
}

impl<'a> World<'a> {
    fn new(case: &'a Case, folder: &Path) -> World<'a> {
        let inputs = inputs(case);
        let checked = check(&inputs);
        let Checked::Valid { desired, .. } = checked else { panic!("{checked:?}") };
        let begun = tokio::time::Instant::now();
        let clock: Clock = Arc::new(move || {
            let now: jiff::Timestamp = "2026-11-24T09:30:00Z".parse().expect("a timestamp");
            now + jiff::SignedDuration::try_from(begun.elapsed()).expect("a short time")
        });
        let today = |(add_on, all): (&AddOn, &Purchases)| (add_on.clone(), all.effective(TODAY));
        let purchased = desired.purchased.iter().map(today).collect();
        let debts = desired.debts.iter().map(|(pool, debt)| (pool.clone(), debt.value)).collect();
        let options = LocalOptions {
            database: folder.join("tenant.db"),
            seed: Some(GivenSeed::new("tenant.seed.yaml", case.seed())),
            declared: Declared { purchased, debts, ..Declared::default() },
            plays_service: true,
            role: Role::PowerPlatformAdmin,
            clock: Arc::clone(&clock),
        };
        let tenant = LocalTenant::open(options).unwrap_or_else(|error| panic!("{error} in\n{}", case.seed()));
        World { case, desired: *desired, sources: inputs.sources, tenant, clock }
    }

    async fn attempt(&self) -> Attempt {
        self.attempt_with(&[]).await
    }

    async fn attempt_with(&self, allowances: &[Allowance]) -> Attempt {
        let (reader, writer) = (self.tenant.reader(), self.tenant.writer());
        let before = observe(&reader, &self.clock, std::iter::empty()).await.expect("the tenant can be read");
        let request = Request { allowances, ..Request::of(TODAY) };
        let draft = draft(&self.desired, &before, &self.sources, &request);
        let (applied, findings) = match approve(&self.desired, &before, draft.clone()) {
            Verdict::Refused { findings, .. } => (None, findings),
            Verdict::Approved { plan: approved, findings } => {
                let plan = approved.plan().clone();
                let parallelism = NonZeroUsize::new(self.case.parallelism).expect("at least one");
                let options = ExecutorOptions {
                    parallelism,
                    confirm_timeout: ApplyOptions::CONFIRM_TIMEOUT,
                    baseline: Arc::default(),
                    first_reading: None,
                    clock: Arc::clone(&self.clock),
                    jitter_seed: 0,
                };
                let run = apply(approved, &reader, &writer, &options, &Stop::default(), &mut |_| {}).await;
                (Some((plan, run)), findings)
            }
        };
        let after = observe(&reader, &self.clock, std::iter::empty()).await.expect("the tenant can be read");
        Attempt { before, draft, findings, applied, after }
    }
}

fn inputs(case: &Case) -> Inputs {
    let mut sources = Sources::new();
    let root = sources.add("allotment.yaml", case.root());
    let file = sources.add("environments/all.yaml", case.file());
    Inputs { sources, root, files: vec![file], findings: Vec::new() }
}

fn id(number: usize) -> EnvironmentId {
    Case::id(number).parse().expect("an id")
}

fn add_on(at: usize) -> AddOn {
    AddOn::from_slug(SLUGS[at]).expect("a slug")
}

fn pool(at: usize) -> Pool {
    add_on(POOLS[at][0]).pool()
}

/// Every entry of every environment.
fn cells(observed: &ObservedState) -> Cells {
    let documents = observed.environments.values().filter_map(|seen| Some((&seen.id, seen.document.known()?)));
    let entries = documents.flat_map(|(id, document)| document.entries.iter().map(move |entry| (id, entry)));
    entries.map(|(id, (add_on, entry))| ((id.clone(), add_on.clone()), *entry)).collect()
}

fn entry((units, switches): (u64, Switches)) -> Entry {
    let stated = Switch::ALL.into_iter().zip(switches).filter_map(|(switch, value)| Some((switch, value?)));
    Entry { units: Units::new(units), when_exhausted: stated.collect() }
}

/// Amounts above the maximum of one environment are refused before planning.
fn is_refused_as_too_much(case: &Case) -> Law {
    let checked = check(&inputs(case));
    let too_large = |finding: &Finding| finding.is_error() && finding.code == Code::A107;
    prop_assert!(matches!(&checked, Checked::Invalid { findings } if findings.iter().all(too_large)), "{checked:?}");
    Ok(())
}

/// (1) If the plan is approved and nothing fails, every changed cell holds exactly its target, every other cell of every
/// environment is unchanged, including switches, and the second draft is empty.
async fn plan_and_effect_agree_cell_by_cell(world: &World<'_>, attempt: &Attempt) -> Law {
    let Some((plan, run)) = &attempt.applied else { return Ok(()) };
    prop_assert!(run.is_complete(), "{:?}", run.outcomes);
    let mut expected = cells(&attempt.before);
    for planned in &plan.draft().changes {
        let cell = (planned.environment.id.clone(), planned.change.add_on().clone());
        expected.insert(cell, *planned.change.after());
    }
    prop_assert_eq!(cells(&attempt.after), expected);
    is_what_the_case_wants(world.case, &attempt.after)?;
    let again = world.attempt().await;
    prop_assert!(again.draft.is_empty(), "{:?}", again.draft.changes);
    prop_assert!(again.applied.is_some(), "{:?}", again.findings);
    Ok(())
}

/// The final state is what the case computes by itself.
fn is_what_the_case_wants(case: &Case, observed: &ObservedState) -> Law {
    let wanted = case.environments().flat_map(|number| {
        let cells =
            (0..SLUGS.len()).filter_map(move |at| Some(((id(number), add_on(at)), entry(case.after(number, at)?))));
        let raw = case.raw(number).map(|units| ((id(number), AddOn::from_api_value(RAW)), entry((units, [None; 4]))));
        cells.chain(raw)
    });
    prop_assert_eq!(cells(observed), wanted.collect::<Cells>());
    let setting = observed.who_can_allocate.known().map(|setting| setting.as_str());
    prop_assert_eq!(setting, Some(case.setting_after()));
    Ok(())
}

/// (2) Whatever fails, after every write each pool holds at most the owned units and its debt, or its initial units if these are more.
/// A first plan has no allowances, and does not use the debt.
fn no_pool_ever_holds_too_much(world: &World<'_>, may_use_debts: bool) -> Law {
    for (at_write, totals) in (1..).zip(world.tenant.trace().expect("the tenant can be read")) {
        for at in world.case.pools() {
            let most = if may_use_debts { world.case.limit(at) } else { world.case.owned(at) };
            let most = most.max(world.case.pool_before(at));
            let held = totals.get(&pool(at)).map_or(0, |units| units.get());
            prop_assert!(held <= most, "after write {at_write}, {} holds {held} of {most}", pool(at));
        }
    }
    Ok(())
}

/// (3) If writes fail, every applied change holds its target, and every change that was refused or not sent holds its initial
/// amount. The tenant refuses only writes with a fault, and writes that move units within an over-allocated pool.
fn outcomes_are_true(case: &Case, attempt: &Attempt) -> Law {
    let Some((plan, run)) = &attempt.applied else { return Ok(()) };
    let (before, after) = (cells(&attempt.before), cells(&attempt.after));
    let mut expected = before.clone();
    for (planned, outcome) in plan.draft().changes.iter().zip(&run.outcomes) {
        let cell = (planned.environment.id.clone(), planned.change.add_on().clone());
        match outcome {
            Outcome::Applied => {
                expected.insert(cell, *planned.change.after());
            }
            Outcome::NotSent { .. } => {}
            Outcome::Refused { why, .. } => {
                let told = case.faults.iter().any(|(number, ..)| id(*number) == planned.environment.id);
                prop_assert!(told || case.may_be_refused_by_the_tenant(), "{}: {why}", planned.environment.key);
            }
            // An unconfirmed change holds its initial amount or its target.
            Outcome::Unconfirmed { .. } => {
                let held = after.get(&cell);
                prop_assert!(held == before.get(&cell) || held == Some(planned.change.after()));
                held.map(|held| expected.insert(cell, *held));
            }
            Outcome::Stale { why } => prop_assert!(false, "stale, though no others write: {why}"),
        }
    }
    prop_assert_eq!(after, expected);
    Ok(())
}

/// (3) Further attempts, once the faults are used up, end in (1): no write is a one-way door. Units that were given back to a pool within
/// its reserve or its debt are allocated again with the allowances that the refusal names. There is one exception: a pool that ends above
/// what is owned and its debt.
async fn what_failed_is_done_later(world: &World<'_>, first: Attempt) -> Law {
    let rounds: u32 = world.case.faults.iter().map(|(.., times)| times).sum();
    let mut attempt = first;
    for _ in 0..=rounds {
        outcomes_are_true(world.case, &attempt)?;
        if attempt.applied.is_none() {
            let errors = || attempt.findings.iter().filter(|finding| finding.is_error());
            let allowances: Vec<Allowance> = errors().filter_map(|error| error.allowance.clone()).collect();
            if allowances.len() < errors().count() {
                let is_expected = world.case.pools().any(|pool| world.case.moves_beyond_debt(pool));
                prop_assert!(is_expected, "refused later: {:?}", attempt.findings);
                return Ok(());
            }
            attempt = world.attempt_with(&allowances).await;
            prop_assert!(attempt.applied.is_some(), "refused with {:?}: {:?}", allowances, attempt.findings);
            outcomes_are_true(world.case, &attempt)?;
        }
        match &attempt.applied {
            Some((_, run)) if run.is_complete() => return plan_and_effect_agree_cell_by_cell(world, &attempt).await,
            Some(_) | None => attempt = world.attempt().await,
        }
    }
    Err(TestCaseError::fail(format!("the process does not end: {:?}", attempt.applied.map(|(_, run)| run.outcomes))))
}

/// (4) A saved plan reads back equal, with the same id.
fn a_saved_plan_reads_back_equal(attempt: &Attempt) -> Law {
    let Some((plan, _)) = &attempt.applied else { return Ok(()) };
    let id = plan_id(plan.draft()).expect("an id");
    let saved = read_saved_plan(&saved_plan_json(plan, &id)).expect("it is a plan");
    prop_assert_eq!(&saved.plan, plan);
    prop_assert_eq!(saved.id, plan_id(saved.plan.draft()).expect("an id"));
    Ok(())
}

/// (5) A draft is refused for headroom exactly if the case's own sums put a pool above the owned units at the end. Existing
/// over-allocation that does not grow is no reason. The same holds for the reserve.
fn headroom_is_what_the_sums_say(case: &Case, attempt: &Attempt) -> Law {
    let too_much: Vec<usize> = case.pools().filter(|pool| case.is_promised_too_much(*pool)).collect();
    let reserve: Vec<usize> = case.pools().filter(|pool| case.breaks_reserve(*pool)).collect();
    let errors: Vec<&Finding> = attempt.findings.iter().filter(|finding| finding.is_error()).collect();
    let said: Vec<Code> = errors.iter().map(|finding| finding.code).collect();
    let is_short = |code: &Code| matches!(code, Code::A201 | Code::A207 | Code::A208);
    prop_assert!(said.iter().all(|code| is_short(code) || *code == Code::A203), "{errors:?}");
    prop_assert_eq!(attempt.applied.is_none(), !errors.is_empty());
    prop_assert_eq!(said.iter().any(is_short), !too_much.is_empty(), "{:?}: {:?}", too_much, errors);
    // A debt does not help where nobody says what is owned.
    let is_beyond = |pool: &usize| case.pool_after(*pool) > case.limit(*pool) || said.contains(&Code::A208);
    let beyond = too_much.iter().any(is_beyond);
    prop_assert!(beyond == said.iter().any(|code| matches!(code, Code::A201 | Code::A208)), "{errors:?}");
    if too_much.is_empty() {
        prop_assert_eq!(said.contains(&Code::A203), !reserve.is_empty(), "{:?}: {:?}", reserve, errors);
    }
    for at in case.pools() {
        let planned = attempt.draft.pool(&pool(at));
        let (before, after) = planned.map_or((0, 0), |it| (it.allocated_before.get(), it.allocated_after.get()));
        prop_assert_eq!((before, after), (case.pool_before(at), case.pool_after(at)));
    }
    Ok(())
}

async fn laws(case: Case, folder: &Path) -> Law {
    if case.is_too_much_for_one() {
        return is_refused_as_too_much(&case);
    }
    let world = World::new(&case, folder);
    let first = world.attempt().await;
    headroom_is_what_the_sums_say(&case, &first)?;
    a_saved_plan_reads_back_equal(&first)?;
    no_pool_ever_holds_too_much(&world, false)?;
    if first.applied.is_none() {
        prop_assert_eq!(cells(&first.before), cells(&first.after), "refused, and something was written");
    } else if case.may_be_refused_by_the_tenant() {
        outcomes_are_true(&case, &first)?;
    } else if case.faults.is_empty() {
        plan_and_effect_agree_cell_by_cell(&world, &first).await?;
    } else {
        what_failed_is_done_later(&world, first).await?;
    }
    no_pool_ever_holds_too_much(&world, true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plans_and_their_effects_keep_the_laws(case in case()) {
        // The temporary folder is in memory if possible, because the disk would take most of the time.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.expect("a runtime").block_on(laws(case, folder.path()))?;
    }
}
