use std::time::Duration;

use tokio::time::{Instant, advance};

use super::{Outgoing, SendDecision, Sender};
use crate::apply::event::ApplyEvent;
use crate::apply::options::ExecutorOptions;
use crate::apply::pacing::Pacing;
use crate::apply::snapshots::Snapshots;
use crate::apply::tests::harness::{options, plan};
use crate::apply::writes::Phase;
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::plan::order::Plan;
use crate::model::run::Outcome;
use crate::model::terms::Units;
use crate::planning::schedule::machine::WriteNumber;
use crate::provider::fake::{Fake, add_on, id, known};
use crate::provider::port::{ProviderError, ProviderErrorKind};

const PASSES: &str = "app-passes";

/// team-1 to team-3 raise their passes from 1 to 5.
fn raise() -> Plan {
    let fake = Fake::new(&[(1, &[(PASSES, 1)]), (2, &[(PASSES, 1)]), (3, &[(PASSES, 1)])]);
    plan(&fake, &[(PASSES, 20)], &[(1, PASSES, 5), (2, PASSES, 5), (3, PASSES, 5)])
}

fn holding(units: u64) -> EnvironmentDocument {
    EnvironmentDocument { entries: [(add_on(PASSES), Entry::of(Units::new(units)))].into_iter().collect() }
}

fn error(kind: ProviderErrorKind) -> ProviderError {
    ProviderError::new(kind, "no")
}

/// A sender with three queued writes.
struct Stage<'a> {
    sender: Sender<'a>,
    pacing: Pacing,
    snapshots: Snapshots,
    numbers: Vec<WriteNumber>,
}

impl<'a> Stage<'a> {
    fn new(plan: &'a Plan, options: &'a ExecutorOptions) -> Stage<'a> {
        let mut sender = Sender::new(plan, options);
        sender.admit();
        let numbers = sender.writes.queued(false);
        Stage { sender, pacing: Pacing::new(Instant::now()), snapshots: Snapshots::default(), numbers }
    }

    fn try_send(&mut self, at: usize, units: u64) -> SendDecision {
        self.sender.try_send(self.numbers[at], Ok(known(holding(units))), &self.pacing)
    }

    fn answer(&mut self, at: usize, answer: Result<EnvironmentDocument, ProviderError>) -> bool {
        self.sender.answered(self.numbers[at], answer, &mut self.snapshots, &mut self.pacing)
    }

    fn phase(&self, at: usize) -> &Phase {
        &self.sender.writes.get(self.numbers[at]).unwrap().phase
    }

    fn outcome(&self, at: usize) -> Option<&Outcome> {
        self.sender.writes.outcomes.get(&self.numbers[at])
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_goes_out_if_its_environment_is_as_the_plan_found_it() {
    let (plan, options) = (raise(), options());
    let mut stage = Stage::new(&plan, &options);
    let outgoing = Outgoing { environment: id(1), before: known(holding(1)), document: holding(5), without: None };
    assert_eq!(stage.try_send(0, 1), SendDecision::Send(outgoing));
    assert_eq!(stage.try_send(1, 2), SendDecision::Changed(id(2), holding(2)));
    assert!(matches!(stage.outcome(1), Some(Outcome::Stale { .. })));
    assert_eq!(stage.try_send(2, 5), SendDecision::InPlace);
    assert_eq!(stage.sender.writes.sent, [stage.numbers[0]]);
    let events = stage.sender.take_events();
    assert!(matches!(events.as_slice(), [ApplyEvent::Sent { .. }, ApplyEvent::Settled { .. }]));
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_keeps_writes_queued() {
    let (plan, options) = (raise(), options());
    let mut stage = Stage::new(&plan, &options);
    for number in 10..15 {
        stage.pacing.circuit.failed(&id(number), Instant::now(), Instant::now());
    }
    assert_eq!(stage.try_send(0, 1), SendDecision::Nothing);
    assert!(matches!(stage.phase(0), Phase::Queued));
    advance(Duration::from_secs(5)).await;
    assert!(matches!(stage.try_send(0, 1), SendDecision::Send(..)));
    assert_eq!(stage.try_send(1, 1), SendDecision::Nothing, "one trial write at a time");
}

#[tokio::test(start_paused = true)]
async fn an_answer_confirms_doubts_refuses_or_delays_a_write() {
    let (plan, options) = (raise(), options());
    let doubts = [
        (Ok(holding(5)), None),
        (Ok(holding(1)), Some("the tenant answered with the old values")),
        (Err(error(ProviderErrorKind::OutcomeUnknown(None))), Some("no")),
    ];
    for (answer, doubt) in doubts {
        let mut stage = Stage::new(&plan, &options);
        stage.try_send(0, 1);
        assert!(stage.answer(0, answer), "has to be confirmed");
        let Phase::Confirming(confirming) = stage.phase(0) else { panic!("{:?}", stage.phase(0)) };
        assert_eq!(confirming.doubt.as_deref(), doubt);
        assert_eq!(confirming.deadline, Instant::now() + options.confirm_timeout);
    }
    let mut stage = Stage::new(&plan, &options);
    stage.try_send(0, 1);
    assert!(!stage.answer(0, Err(error(ProviderErrorKind::Conflict))));
    assert!(matches!(stage.outcome(0), Some(Outcome::Refused { .. })));
    stage.try_send(1, 1);
    let throttled = ProviderErrorKind::Throttled(Some(Duration::from_secs(20)));
    assert!(!stage.answer(1, Err(error(throttled))));
    let until = Instant::now() + Duration::from_secs(20);
    assert!(matches!(stage.phase(1), Phase::BackingOff { until: at, .. } if *at == until));
    assert_eq!(stage.pacing.sends_resume_at(Instant::now()), Some(until), "the other writes wait as well");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_took_no_effect_is_resent_at_once_then_with_backoff_then_never() {
    let (plan, options) = (raise(), options());
    let mut stage = Stage::new(&plan, &options);
    let mut delays = Vec::new();
    loop {
        stage.try_send(0, 1);
        stage.answer(0, Err(error(ProviderErrorKind::OutcomeUnknown(None))));
        stage.pacing.circuit.close();
        if !stage.sender.resend(stage.numbers[0], &mut stage.pacing) {
            break;
        }
        let until = match stage.phase(0) {
            Phase::BackingOff { until, .. } => *until,
            _ => Instant::now(),
        };
        delays.push(until - Instant::now());
        advance(until - Instant::now()).await;
        stage.sender.writes.requeue(Instant::now());
    }
    assert_eq!((delays.len(), delays[0]), (6, Duration::ZERO));
    assert!(delays.is_sorted() && stage.sender.writes.get(stage.numbers[0]).unwrap().is_last_attempt);
}

#[tokio::test(start_paused = true)]
async fn a_halt_ends_waiting_writes_and_keeps_writes_in_flight() {
    let (plan, options) = (raise(), options());
    let mut stage = Stage::new(&plan, &options);
    stage.try_send(0, 1);
    stage.try_send(1, 1);
    stage.answer(1, Err(error(ProviderErrorKind::Unavailable)));
    stage.sender.halt("why not");
    stage.sender.halt("another reason");
    assert!(matches!(stage.phase(0), Phase::InFlight));
    let refused = stage.outcome(1);
    assert!(matches!(refused, Some(Outcome::Refused { why, .. }) if **why == *"no; not retried, because why not"));
    assert_eq!(stage.outcome(2), Some(&Outcome::NotSent { why: "why not".into() }));
    assert_eq!(stage.sender.halted.as_deref(), Some("why not"), "the first reason counts");
}

#[tokio::test(start_paused = true)]
async fn after_a_stop_request_unconfirmed_writes_have_ten_seconds() {
    let (plan, options) = (raise(), options());
    let mut stage = Stage::new(&plan, &options);
    stage.try_send(0, 1);
    stage.answer(0, Ok(holding(5)));
    assert_eq!(stage.sender.next_overdue(), None);
    stage.sender.stop();
    assert_eq!(stage.sender.next_overdue(), Some(Instant::now() + Duration::from_millis(10_001)));
    advance(Duration::from_secs(10)).await;
    stage.sender.drop_overdue();
    assert_eq!(stage.outcome(0), None);
    advance(Duration::from_millis(1)).await;
    stage.sender.drop_overdue();
    assert!(matches!(stage.outcome(0), Some(Outcome::Unconfirmed { .. })));
    assert!(stage.sender.writes.is_idle());
}
