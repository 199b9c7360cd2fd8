//! Damaged listings: lost rows, repeated pages, truncated answers, hidden environments. A damaged listing never causes a release of
//! units, and the finding says why.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use allotment::emulator::faults::{Cut, Faults, RepeatedPage};
use allotment::model::code::Code;
use allotment::model::finding::Finding;
use allotment::model::plan::draft::Draft;
use allotment::planning::guard::Verdict;

use crate::service::{Service, Session, Wanted, on_a_paused_clock};

const ENVIRONMENTS: usize = 40;
const SEEDS: u64 = 60;

fn id(at: usize) -> String {
    format!("00000000-0000-4000-8000-{at:012}")
}

fn seed() -> String {
    let mut seed = "tenant: contoso\npurchased: { app-passes: 500 }\nenvironments:\n".to_owned();
    for at in 0..=ENVIRONMENTS {
        let _ = writeln!(seed, "  - {{ id: \"{}\", name: E{at}, allocations: {{ app-passes: 10 }} }}", id(at));
    }
    seed
}

/// Half of the environments give two back, and half get one more. The last environment is not declared.
fn wanted() -> Wanted {
    let mut root = "version: 1\ntenant: { name: contoso, provider: power-platform }\nenvironments:\n".to_owned();
    for at in 0..ENVIRONMENTS {
        let units = if at % 2 == 0 { 8 } else { 11 };
        let _ = writeln!(root, "  e{at}: {{ id: \"{}\", allocations: {{ app-passes: {units} }} }}", id(at));
    }
    Wanted::of(&root)
}

/// The result of planning.
enum Came {
    /// The tenant could not be read.
    Unread,
    /// The plan was refused, with these errors.
    Refused(Vec<Finding>),
    Approved(Box<Draft>),
}

async fn planned(faults: Faults, fault_seed: u64) -> Came {
    let service = Service::with(&seed(), |options| {
        options.faults = faults;
        options.fault_seed = fault_seed;
        options.page_size = 7;
    });
    let wanted = wanted();
    let session = Session::new(&service, &wanted);
    let came = match session.plan().await {
        Err(_) => Came::Unread,
        Ok((_, draft, Verdict::Approved { .. })) => Came::Approved(Box::new(draft)),
        Ok((_, _, Verdict::Refused { findings, .. })) => {
            Came::Refused(findings.into_iter().filter(Finding::is_error).collect())
        }
    };
    assert!(service.requests().iter().all(|request| request.starts_with("GET") || request.starts_with("POST")));
    came
}

/// How often each result occurred.
#[derive(Debug, Default)]
struct Tally {
    unread: usize,
    refused: BTreeSet<Code>,
    sound: usize,
}

fn tally(faults: &Faults) -> Tally {
    let Came::Approved(sound) = on_a_paused_clock(planned(Faults::default(), 0)) else { panic!("nothing is wrong") };
    assert_eq!(sound.changes.len(), ENVIRONMENTS);
    let mut tally = Tally::default();
    for fault_seed in 0..SEEDS {
        match on_a_paused_clock(planned(faults.clone(), fault_seed)) {
            Came::Unread => tally.unread += 1,
            Came::Refused(findings) => tally.refused.extend(findings.iter().map(|finding| finding.code)),
            // By chance nothing was damaged.
            Came::Approved(draft) => {
                assert_eq!(draft.changes, sound.changes, "{faults:?} with {fault_seed}");
                tally.sound += 1;
            }
        }
    }
    tally
}

#[test]
fn lost_rows_give_nothing_back() {
    let tally = tally(&Faults { short_pages_rate: 0.15, ..Faults::default() });
    assert_eq!((tally.unread, tally.sound), (0, 0), "{tally:?}");
    assert!(tally.refused.contains(&Code::A404), "{tally:?}");
}

#[test]
fn an_endless_listing_gives_nothing_back() {
    let faults = Faults { repeated_page: RepeatedPage::Endless, ..Faults::default() };
    let Came::Refused(findings) = on_a_paused_clock(planned(faults, 0)) else { panic!("it is refused") };
    let why = "the listing repeats a page that was read already";
    let (finding, others) = findings.split_first().expect("a finding");
    let message = format!("the listing of environments looks incomplete: {why}");
    assert_eq!((finding.code, &finding.message), (Code::A404, &message));
    assert!(others.iter().all(|other| other.code == Code::A403), "those that it lacks get nothing: {others:?}");
}

#[test]
fn rows_that_come_twice_and_agree_do_no_harm() {
    let faults = Faults { repeated_page: RepeatedPage::Once, ..Faults::default() };
    let Came::Approved(draft) = on_a_paused_clock(planned(faults, 0)) else { panic!("nothing is wrong") };
    assert_eq!(draft.changes.len(), ENVIRONMENTS);
}

#[test]
fn an_answer_that_is_cut_gives_nothing_back() {
    for cut_listing in [Cut::Connection, Cut::Json] {
        // A connection that breaks is tried again, so most of its plans are sound.
        let rate = if cut_listing == Cut::Connection { 0.75 } else { 0.1 };
        let tally = tally(&Faults { cut_listing_rate: rate, cut_listing, ..Faults::default() });
        assert!(tally.unread > 0 && tally.sound > 0, "{cut_listing:?}: {tally:?}");
        assert_eq!(tally.refused, BTreeSet::from([Code::A403, Code::A404]), "{cut_listing:?}: {tally:?}");
    }
}

#[test]
fn units_of_hidden_environments_give_nothing_back() {
    let faults = Faults { hidden_environments: [id(ENVIRONMENTS).parse().expect("an id")].into(), ..Faults::default() };
    let Came::Refused(findings) = on_a_paused_clock(planned(faults, 0)) else { panic!("it is refused") };
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    let expected = "the listing of environments looks incomplete: \
                    the tenant counts 10 App passes that no listed environment holds";
    assert_eq!((finding.code, finding.message.as_str()), (Code::A404, expected));
}
