//! Refusals of the service: the message says what to do, and the other writes go on.

use std::time::Duration;

use allotment::emulator::faults::{Faults, Surface};
use allotment::model::code::Code;
use allotment::model::run::Outcome;

use crate::service::{Attempt, Service, Session, Wanted, on_a_paused_clock};

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";

const SEED: &str = r#"
tenant: contoso
purchased: { app-passes: 20, copilot-credits: 30000 }
environments:
  - { id: "00000000-0000-4000-8000-00000000000a", name: A, allocations: { copilot-credits: 100, app-passes: 1 } }
  - { id: "00000000-0000-4000-8000-00000000000b", name: B, allocations: { app-passes: 1 } }
"#;

const ROOT: &str = r#"
version: 1
tenant: { name: contoso, provider: power-platform }
environments:
  a:
    id: "00000000-0000-4000-8000-00000000000a"
    allocations:
      app-passes: 1
      copilot-credits: { units: 200, whenExhausted: { drawFromTenant: true } }
  b: { id: "00000000-0000-4000-8000-00000000000b", allocations: { app-passes: 5 } }
"#;

fn applied(faults: Faults) -> Attempt {
    on_a_paused_clock(async {
        let service = Service::new(SEED, 0, faults);
        let wanted = Wanted::of(ROOT);
        Session::new(&service, &wanted).apply(|_| {}).await
    })
}

/// The outcome of an environment.
fn outcome<'a>(attempt: &'a Attempt, id: &str) -> Option<&'a Outcome> {
    let run = attempt.run.as_ref().expect("the plan was approved");
    let of_it = run.draft.changes.iter().zip(&run.outcomes).find(|(planned, _)| planned.environment.id.as_str() == id);
    of_it.map(|(_, outcome)| outcome)
}

#[test]
fn a_switch_that_a_group_owns_is_refused_there_and_nothing_else() {
    let locked = Faults { locked_environments: [A.parse().expect("an id")].into(), ..Faults::default() };
    let attempt = applied(locked);
    let Some(Outcome::Refused { code, why }) = outcome(&attempt, A) else { panic!("{:?}", attempt.run) };
    assert_eq!(*code, Code::A407);
    assert!(why.contains("group"), "{why}");
    assert_eq!(outcome(&attempt, B), Some(&Outcome::Applied));
}

#[test]
fn an_environment_that_licensing_does_not_know_yet_is_skipped() {
    let new = Faults { new_environments: [A.parse().expect("an id")].into(), ..Faults::default() };
    for surfaces in [None, Some([Surface::Old].into())] {
        let attempt = applied(Faults { surfaces, ..new.clone() });
        assert_eq!(outcome(&attempt, B), Some(&Outcome::Applied));
        // The listing lacks the new environment, and its own answer proves nothing.
        let seen = attempt.before.environments[&A.parse().expect("an id")].clone();
        assert!(seen.document.unknown().is_some());
        assert_eq!(outcome(&attempt, A), None);
        assert!(attempt.findings.iter().any(|finding| finding.code == Code::A410));
    }
}

#[test]
fn an_unregistered_application_gets_help() {
    on_a_paused_clock(async {
        let service = Service::new(SEED, 0, Faults { unregistered_app: true, ..Faults::default() });
        let wanted = Wanted::of(ROOT);
        let error = Session::new(&service, &wanted).plan().await.expect_err("it may read nothing");
        let message = error.to_string();
        assert!(message.starts_with("the service does not know this application, in response to GET "), "{message}");
        assert!(error.help.expect("what to do").contains("ask a Power Platform administrator"));
    });
}

#[test]
fn an_add_on_that_one_surface_refuses_goes_through_the_next_and_that_is_remembered() {
    on_a_paused_clock(async {
        let refused_currencies = [(Surface::New, ["MCSMessages".to_owned()].into())].into();
        let service = Service::new(SEED, 0, Faults { refused_currencies, ..Faults::default() });
        let wanted = Wanted::of(&ROOT.replace("app-passes: 5", "app-passes: 5, copilot-credits: 7"));
        let attempt =
            Session::new(&service, &wanted).apply(|options| options.parallelism = 1.try_into().expect("1")).await;
        assert!(attempt.run.expect("the plan was approved").is_complete());
        let writes: Vec<String> = service
            .requests()
            .into_iter()
            .filter(|request| request.starts_with("P") && !request.starts_with("POST"))
            .collect();
        let [first, rest @ ..] = writes.as_slice() else { panic!("nothing was written") };
        assert_eq!(first, "PATCH /licensing/allocationsByEnvironment", "{writes:?}");
        assert!(rest.iter().all(|write| write == "PUT /licensing/allocationsV2"), "{writes:?}");
    });
}

#[test]
fn slow_reads_are_awaited_up_to_the_confirm_timeout() {
    // Reads lag ten minutes behind: a timeout of 15 minutes is enough, the default of 2 minutes is not.
    for (minutes, is_enough) in [(15, true), (2, false)] {
        on_a_paused_clock(async {
            let service = Service::new(SEED, 0, Faults { stale_reads_seconds: 600, ..Faults::default() });
            let wanted = Wanted::of(ROOT);
            let begun = tokio::time::Instant::now();
            let confirm_timeout = Duration::from_secs(60 * minutes);
            let attempt =
                Session::new(&service, &wanted).apply(|options| options.confirm_timeout = confirm_timeout).await;
            let run = attempt.run.expect("the plan was approved");
            if is_enough {
                assert!(run.is_complete(), "{:?}", run.outcomes);
            } else {
                let why = "the tenant accepted the write, but the last read still shows the old values";
                assert!(run.outcomes.iter().all(|it| *it == Outcome::Unconfirmed { why: why.into() }), "{run:?}");
            }
            let (took, most) = (begun.elapsed(), Duration::from_secs(if is_enough { 630 } else { 125 }));
            assert!(took <= most, "{took:?}");
            let listings =
                service.requests().iter().filter(|it| *it == "GET /licensing/allocationsByEnvironment").count();
            assert!(listings <= 60, "{listings} listings");
        });
    }
}
