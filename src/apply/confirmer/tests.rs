use std::num::NonZeroUsize;
use std::time::Duration;

use tokio::time::{Instant, advance};

use super::{Confirmation, Confirmer, NextRead, confirmation};
use crate::apply::options::{Baseline, ExecutorOptions};
use crate::apply::others::Others;
use crate::apply::pacing::Pacing;
use crate::apply::snapshots::ReadScope;
use crate::apply::tests::harness::{options, plan};
use crate::apply::totals::Agreement;
use crate::apply::writes::{ActiveWrite, Confirming, Phase, Writes};
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::plan::change::{Change, EnvironmentRef};
use crate::model::plan::order::Plan;
use crate::model::run::Outcome;
use crate::model::terms::Units;
use crate::planning::schedule::machine::WriteNumber;
use crate::provider::fake::{Fake, add_on, id, known, listing};
use crate::provider::port::{DocumentReading, ListingCost};

const PASSES: &str = "app-passes";
const SECOND: Duration = Duration::from_secs(1);

fn document(units: u64) -> EnvironmentDocument {
    EnvironmentDocument { entries: [(add_on(PASSES), Entry::of(Units::new(units)))].into_iter().collect() }
}

fn holding(units: u64) -> DocumentReading {
    Ok(known(document(units)))
}

/// The first environments raise their passes from 1 to 5.
fn raise(environments: usize) -> Plan {
    let holdings: Vec<(usize, &[(&str, u64)])> =
        (1..=environments).map(|number| (number, [(PASSES, 1)].as_slice())).collect();
    let wishes: Vec<_> = (1..=environments).map(|number| (number, PASSES, 5)).collect();
    plan(&Fake::new(&holdings), &[(PASSES, 500)], &wishes)
}

fn admitted(plan: &Plan) -> (Writes, Vec<WriteNumber>) {
    let mut writes = Writes::new(plan);
    writes.admit(plan, 8, 1);
    let numbers = writes.queued(false);
    (writes, numbers)
}

/// Lets a write be sent and answered.
fn answer(confirmer: &mut Confirmer<'_>, writes: &mut Writes, number: WriteNumber) {
    writes.send(number, &document(1));
    let write = writes.get_mut(number).unwrap();
    let (now, turn) = (Instant::now(), confirmer.snapshots.written(&write.environment.id));
    let deadline = now + SECOND * 30;
    write.phase =
        Phase::Confirming(Confirming { since: now, turn, read_from: now, deadline, doubt: None, needs_totals: false });
    confirmer.read_soon();
}

/// Lets a read of these environments end.
fn take_in(
    confirmer: &mut Confirmer<'_>,
    options: &ExecutorOptions,
    scope: &ReadScope,
    environments: &[usize],
    units: u64,
) -> u64 {
    let turn = confirmer.begin(scope);
    confirmer.end(scope);
    let documents = listing(environments.iter().map(|number| (id(*number), document(units))));
    confirmer.snapshots.take_in(scope, turn, (options.clock)(), documents);
    turn
}

#[tokio::test(start_paused = true)]
async fn a_reading_confirms_resends_leaves_pending_or_ends_a_write() {
    let now = Instant::now();
    let environment = EnvironmentRef { key: "team-1".parse().unwrap(), id: id(1), name: None };
    let change = Change::between(add_on(PASSES), Some(Entry::of(Units::new(1))), Entry::of(Units::new(5))).unwrap();
    let mut write = ActiveWrite::new(environment, vec![0], vec![change], 1);
    write.attempts = 1;
    let judge =
        |held: DocumentReading, doubt: Option<&str>, agreement: Agreement, seconds_left: u32, expected: &str| {
            let (doubt, deadline) = (doubt.map(Into::into), now + SECOND * seconds_left);
            let confirming = Confirming { since: now, turn: 1, read_from: now, deadline, doubt, needs_totals: false };
            let found = match confirmation(&write, &confirming, &held, agreement, now) {
                Confirmation::Final(Outcome::Stale { why } | Outcome::Unconfirmed { why }) => why.to_string(),
                other => format!("{other:?}"),
            };
            assert_eq!(found, expected);
        };
    let check =
        |held, doubt, seconds_left, expected: &str| judge(held, doubt, Agreement::Agrees, seconds_left, expected);
    let changed = "App passes: 7, but the plan found 1";
    check(holding(5), None, 9, "Confirmed");
    check(holding(5), Some("lost"), 0, "Confirmed");
    check(holding(1), None, 9, "Pending");
    check(holding(1), None, 0, "the tenant accepted the write, but the last read still shows the old values");
    check(holding(1), Some("lost"), 0, "Resend");
    check(holding(7), None, 9, "Pending");
    check(
        holding(7),
        None,
        0,
        &format!("the tenant accepted the write, but others changed the environment afterwards ({changed})"),
    );
    check(holding(7), Some("lost"), 9, &format!("lost; others changed the environment meanwhile ({changed})"));
    check(Err("broken".into()), Some("lost"), 9, "Pending");
    check(Err("broken".into()), Some("lost"), 0, "lost; the environment could not be read (broken)");
    let differs = || Agreement::Differs("the tenant counts 9".to_owned());
    judge(holding(5), None, differs(), 9, "Confirmed");
    judge(holding(5), Some("lost"), Agreement::NotRead, 9, "NeedsTotals");
    judge(holding(5), Some("lost"), differs(), 9, "NeedsTotals");
    judge(holding(5), Some("lost"), differs(), 0, "lost; the tenant counts 9");
}

#[tokio::test(start_paused = true)]
async fn one_listing_serves_many_writes_and_a_single_read_the_last() {
    let options = options();
    for (environments, scope) in [(1, ReadScope::One(id(1))), (2, ReadScope::All)] {
        let plan = raise(environments);
        let (writes, _) = admitted(&plan);
        let (mut confirmer, pacing) = (Confirmer::new(&options), Pacing::new(Instant::now()));
        let next = confirmer.next_read(&writes, &pacing, ListingCost::OneRequest, false);
        assert_eq!(next, NextRead::Now(vec![scope.clone()]));
        confirmer.begin(&scope);
        let next = confirmer.next_read(&writes, &pacing, ListingCost::OneRequest, false);
        assert_eq!(next, NextRead::Never, "the read is under way");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answered_write_waits_for_a_common_listing_while_others_are_in_flight() {
    let options = options();
    for (environments, delay) in [(2, SECOND * 10), (9, SECOND * 2)] {
        let plan = raise(environments);
        let (mut writes, numbers) = admitted(&plan);
        let (mut confirmer, pacing) = (Confirmer::new(&options), Pacing::new(Instant::now()));
        let all: Vec<usize> = (1..=environments).collect();
        take_in(&mut confirmer, &options, &ReadScope::All, &all, 1);
        writes.send(numbers[1], &document(1));
        answer(&mut confirmer, &mut writes, numbers[0]);
        let due = Instant::now() + delay;
        let next = confirmer.next_read(&writes, &pacing, ListingCost::OneRequest, true);
        assert_eq!(next, NextRead::At(due), "{environments}");
        let next = confirmer.next_read(&writes, &pacing, ListingCost::OneRequest, false);
        assert!(matches!(next, NextRead::Now(_)), "with nothing in flight there is nothing to wait for");
    }
}

#[tokio::test(start_paused = true)]
async fn expensive_listings_are_replaced_by_reads_of_the_written_environments() {
    let three = ExecutorOptions { parallelism: NonZeroUsize::new(3).unwrap(), ..options() };
    let plan = raise(5);
    let (writes, _) = admitted(&plan);
    let (mut confirmer, mut pacing) = (Confirmer::new(&three), Pacing::new(Instant::now()));
    let NextRead::Now(scopes) = confirmer.next_read(&writes, &pacing, ListingCost::OnePerEnvironment, false) else {
        panic!("reads are due");
    };
    assert_eq!(scopes, [1, 2, 3].map(|number| ReadScope::One(id(number))));
    for scope in &scopes {
        confirmer.begin(scope);
    }
    let next = confirmer.next_read(&writes, &pacing, ListingCost::OnePerEnvironment, false);
    assert_eq!(next, NextRead::Never, "three reads are under way");
    confirmer.end(&scopes[0]);
    let resume = Instant::now() + SECOND * 20;
    pacing.pause_reads(resume);
    let next = confirmer.next_read(&writes, &pacing, ListingCost::OnePerEnvironment, false);
    assert_eq!(next, NextRead::At(resume));
}

#[tokio::test(start_paused = true)]
async fn only_a_read_that_began_after_the_answer_confirms_a_write() {
    let options = options();
    let plan = raise(2);
    let (mut writes, numbers) = admitted(&plan);
    let mut confirmer = Confirmer::new(&options);
    let during = confirmer.begin(&ReadScope::All);
    answer(&mut confirmer, &mut writes, numbers[0]);
    confirmer.snapshots.take_in(&ReadScope::All, during, (options.clock)(), listing([(id(1), document(5))]));
    assert_eq!(confirmer.judge(&writes, &Others::new(&plan, &Baseline::new()), &ReadScope::All, during), []);
    let other = take_in(&mut confirmer, &options, &ReadScope::One(id(2)), &[2], 5);
    assert_eq!(confirmer.judge(&writes, &Others::new(&plan, &Baseline::new()), &ReadScope::One(id(2)), other), []);
    let after = take_in(&mut confirmer, &options, &ReadScope::All, &[1, 2], 5);
    assert_eq!(
        confirmer.judge(&writes, &Others::new(&plan, &Baseline::new()), &ReadScope::All, after),
        [(numbers[0], Confirmation::Confirmed)]
    );
}

#[tokio::test(start_paused = true)]
async fn reads_back_off_up_to_the_deadline() {
    let options = options();
    let plan = raise(1);
    let (mut writes, numbers) = admitted(&plan);
    let (mut confirmer, pacing) = (Confirmer::new(&options), Pacing::new(Instant::now()));
    answer(&mut confirmer, &mut writes, numbers[0]);
    let deadline = Instant::now() + SECOND * 30;
    let mut waits = 0;
    while Instant::now() < deadline {
        match confirmer.next_read(&writes, &pacing, ListingCost::OneRequest, false) {
            NextRead::Now(_) => confirmer.read_later(&writes),
            NextRead::At(instant) => {
                assert!(instant <= deadline);
                waits += 1;
                advance(instant - Instant::now()).await;
            }
            NextRead::Never => panic!("a write is unconfirmed"),
        }
    }
    assert!((3..=8).contains(&waits), "{waits}");
}
