//! Rules about more than one event: what follows a refusal, how many writes are in flight, the last reading, and what a plan says.

use std::collections::BTreeMap;
use std::time::Duration;

use allotment::model::code::Code;
use allotment::model::ending::Ending;
use allotment::model::run::OutcomeKind;
use serde_json::Value;

use super::contract::{Breach, Promise, is_alone, level};
use super::files::key;
use super::life::life;
use super::report::{Ended, Report};
use super::run::{NEXT, Story};
use super::service::{Event, Who};
use super::shape::World;
use super::tenant::{ADD_ONS, POOLS, Surface, Tenant, entry, whole};
use super::weather::{Fault, RetryAfter, Route, What};

/// A request, and its response if one came.
struct Request<'a> {
    at: Duration,
    who: Who,
    /// The number of the run, as in `Event::Begin` of the log.
    run: usize,
    route: Route,
    place: Option<usize>,
    surface: Option<Surface>,
    patch: Option<&'a Value>,
    answer: Option<(Duration, u16, &'a Value)>,
}

pub(super) fn check(world: &World, story: &Story) -> Vec<Breach> {
    let mut breaches = Vec::new();
    if !world.is_local {
        let requests = requests(story);
        another_surface(&requests, &mut breaches);
        after_a_status(world, story, &requests, &mut breaches);
        in_flight(world, &requests, &mut breaches);
        read_before(world, story, &requests, &mut breaches);
    }
    saved(world, story, &mut breaches);
    for report in story.reports.iter().chain(&story.after) {
        grants(world, report, &mut breaches);
        let is_set = |tenant: &&Tenant| Some(tenant.only_specific_admins) == world.who_can_allocate;
        if report.setting == Some(OutcomeKind::Applied)
            && !world.is_local
            && !life(story, report).states.iter().any(is_set)
        {
            let what = "the setting is reported as applied, and the tenant never had it".to_owned();
            breaches.push(breach(Promise::Honest, "applied, and never there", report.to, what));
        }
        if report.is_run && report.is(Ending::Fine) {
            last_reading(world, story, report, &mut breaches);
            reserve(world, story, report, &mut breaches);
        }
    }
    breaches
}

fn requests(story: &Story) -> Vec<Request<'_>> {
    let mut runs: BTreeMap<Who, usize> = BTreeMap::new();
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    let mut all: Vec<Request<'_>> = Vec::new();
    for logged in &story.log {
        let at = logged.at;
        match &logged.event {
            Event::Begin { who, run } => drop(runs.insert(*who, *run)),
            Event::Sent { id, who, route, place, patch } => {
                numbers.insert(*id, all.len());
                let run = runs.get(who).copied().unwrap_or(0);
                let (surface, patch) = patch.as_ref().map(|(surface, patch)| (*surface, patch)).unzip();
                all.push(Request { at, who: *who, run, route: *route, place: *place, surface, patch, answer: None });
            }
            Event::Answer { id, status, body } => {
                if let Some(number) = numbers.get(id) {
                    all[*number].answer = Some((at, *status, body));
                }
            }
            _ => {}
        }
    }
    all
}

fn breach(promise: Promise, rule: &'static str, at: Duration, what: String) -> Breach {
    Breach { promise, rule, at, what }
}

/// A write goes through another surface only if the first one is missing or does not know an add-on. Any other
/// refusal holds for all surfaces.
fn another_surface(requests: &[Request<'_>], breaches: &mut Vec<Breach>) {
    for (number, refused) in requests.iter().enumerate() {
        let Some((_, 400, body)) = refused.answer.filter(|_| refused.surface.is_some()) else { continue };
        if body.to_string().contains("Error converting value") {
            continue;
        }
        let again = requests[number..].iter().find(|later| {
            (later.run, later.place) == (refused.run, refused.place)
                && later.surface.is_some_and(|surface| Some(surface) != refused.surface)
        });
        if let (Some(again), Some(place)) = (again, refused.place) {
            let what = format!("{:?} refused {}, and {:?} is tried", refused.surface, key(place), again.surface);
            breaches.push(breach(Promise::Untouched, "another interface after a refusal", again.at, what));
        }
    }
}

/// A request that was answered with 401 once is sent again. If a 429 or a 5xx asks for a pause, no write is sent again
/// before the pause is over.
fn after_a_status(world: &World, story: &Story, requests: &[Request<'_>], breaches: &mut Vec<Breach>) {
    for fault in &world.faults {
        let What::Status { code, retry_after, .. } = fault.what else { continue };
        let of_route = || requests.iter().enumerate().filter(|(_, request)| request.route == fault.on);
        for (number, request) in of_route().skip(usize::from(fault.nth)).take(usize::from(fault.times)) {
            let only = |other: &Fault| other == fault || !is_hit(other, requests, number);
            let Some((at, status, _)) = request.answer.filter(|_| world.faults.iter().all(only)) else { continue };
            let is_same = |other: &&Request<'_>| {
                (other.run, other.route, other.place) == (request.run, request.route, request.place)
            };
            let before = requests[..number].iter().rfind(is_same);
            let is_second = before.and_then(|before| before.answer).is_some_and(|(_, status, _)| status == 401);
            let mut later = requests[number + 1..].iter().filter(is_same);
            let is_killed =
                story.reports.iter().any(|report| report.run == request.run && report.ended == Ended::Killed);
            // Anything else that happens can be a reason not to write.
            let is_alone = world.faults.len() == 1;
            let is_once = status == 401 && code == 401 && fault.times == 1 && is_alone && !is_second;
            if is_once && !is_killed && later.next().is_none() {
                let what = format!("{:?} is answered with 401 once, and not sent again", request.route);
                breaches.push(breach(Promise::Alive, "401 once, and not repeated", at, what));
            }
            let pause = match retry_after {
                RetryAfter::Seconds(seconds) | RetryAfter::Date(seconds) => u64::from(seconds).saturating_sub(1),
                _ => 0,
            };
            let early = later.find(|later| later.at < at + Duration::from_secs(pause));
            if let Some(early) = early.filter(|_| (status == 429 || status >= 500) && request.route == Route::Write) {
                let what = format!("{:.1} s after a {status} that asks for {pause} s", (early.at - at).as_secs_f64());
                breaches.push(breach(Promise::Bounded, "before the pause is over", early.at, what));
            }
        }
    }
}

fn is_hit(fault: &Fault, requests: &[Request<'_>], number: usize) -> bool {
    let route = requests[number].route;
    fault.hits(route, requests[..number].iter().filter(|request| request.route == route).count())
}

/// In clear weather, no more writes are in flight than `--parallelism` allows.
fn in_flight(world: &World, requests: &[Request<'_>], breaches: &mut Vec<Breach>) {
    for request in requests.iter().filter(|request| request.who == NEXT || world.faults.is_empty()) {
        let is_open = |other: &&Request<'_>| {
            let ended = other.answer.is_some_and(|(ended, ..)| ended <= request.at);
            (other.run, other.route) == (request.run, Route::Write) && other.at <= request.at && !ended
        };
        let open = requests.iter().filter(is_open).count();
        if request.route == Route::Write && open > usize::from(world.parallelism) {
            let what = format!("{open} writes are in flight, and {} may be", world.parallelism);
            breaches.push(breach(Promise::Bounded, "too many in flight", request.at, what));
        }
    }
}

/// A write goes out only if its environment was read within the last ten seconds. A write that takes units also needs
/// totals of the last 20 seconds. If the operator was asked, the tenant was read again after the operator's answer.
fn read_before(world: &World, story: &Story, requests: &[Request<'_>], breaches: &mut Vec<Breach>) {
    for (number, write) in requests.iter().enumerate().filter(|(_, request)| request.route == Route::Write) {
        let (Some(place), earlier) = (write.place, &requests[..number]) else { continue };
        let is_read = |read: &&Request<'_>| {
            let covers = read.route == Route::Documents || read.route == Route::Document && read.place == Some(place);
            read.run == write.run && covers && read.answer.is_some_and(|(_, status, _)| [200, 404].contains(&status))
        };
        let last = earlier.iter().filter(is_read).map(|read| read.at).max().unwrap_or_default();
        if write.at > last + Duration::from_secs(10) {
            let what = format!("{} was last read at {:.3} s", key(place), last.as_secs_f64());
            breaches.push(breach(Promise::Untouched, "written on an old reading", write.at, what));
        }
        let report = story.reports.iter().find(|report| report.run == write.run);
        let takes = |change: &super::report::Change| change.place == place && change.after > change.before;
        if !world.is_local && report.is_some_and(|report| report.changes.iter().any(takes)) {
            let is_totals = |read: &&Request<'_>| {
                read.run == write.run
                    && read.route == Route::Reports
                    && read.answer.is_some_and(|(ended, status, _)| status == 200 && ended <= write.at)
            };
            let last = earlier.iter().filter(is_totals).map(|read| read.at).max().unwrap_or_default();
            if write.at > last + Duration::from_secs(20) {
                let what =
                    format!("{} takes units, and totals were last read at {:.3} s", key(place), last.as_secs_f64());
                breaches.push(breach(Promise::Pools, "took units on old totals", write.at, what));
            }
        }
        let shown = report.and_then(|report| life(story, report).shown_at).unwrap_or_default();
        let answered = shown + Duration::from_secs(u64::from(world.thinks));
        let is_again =
            |read: &Request<'_>| read.run == write.run && read.route == Route::Reports && read.at >= answered;
        if world.thinks > 0 && !world.is_saved && report.is_some() && !earlier.iter().any(is_again) {
            let what = format!("answered at {:.1} s", answered.as_secs_f64());
            breaches.push(breach(Promise::Pools, "not read again after the answer", write.at, what));
        }
    }
    for report in story.reports.iter().chain(&story.after).filter(|report| report.is_run) {
        over_others(report, requests, breaches);
    }
}

/// A cell is not written if the last reading shows that others have changed it.
fn over_others(report: &Report, requests: &[Request<'_>], breaches: &mut Vec<Breach>) {
    for change in &report.changes {
        let currency = ADD_ONS[change.add_on].0;
        let writes = requests.iter().filter(|request| {
            let names = request.patch.is_some_and(|patch| {
                entry(patch, currency).is_some_and(|entry| whole(&entry["allocated"]) == Some(change.after))
            });
            request.run == report.run && request.place == Some(change.place) && names
        });
        for write in writes {
            let known = requests.iter().filter(|read| read.run == write.run).filter_map(|read| {
                let (ended, status, body) = read.answer?;
                let units = units(read, change.place, currency, body)?;
                (ended <= write.at && status == 200).then_some((read.at, units))
            });
            let known: Vec<(Duration, u64)> = known.collect();
            let last = known.iter().map(|(at, _)| *at).max();
            let shown: Vec<u64> = known.iter().filter(|(at, _)| Some(*at) == last).map(|(_, units)| *units).collect();
            let is_others = |units: &u64| ![change.before, change.after].contains(units);
            if !shown.is_empty() && shown.iter().all(is_others) {
                let what = format!("{change:?} is written, although the last reading shows {shown:?}");
                breaches.push(breach(Promise::Untouched, "written over others", write.at, what));
            }
        }
    }
}

/// The units of a cell in a response.
fn units(read: &Request<'_>, place: usize, currency: &str, body: &Value) -> Option<u64> {
    let document = match read.route {
        Route::Documents => body
            .as_array()?
            .iter()
            .find(|row| row["environmentId"].as_str().is_some_and(|id| id.ends_with(&super::files::id(place))))?,
        Route::Document if read.place == Some(place) => body,
        _ => return None,
    };
    whole(&entry(document, currency)?["allocated"])
}

/// A saved plan makes the changes that it shows, and no others.
fn saved(world: &World, story: &Story, breaches: &mut Vec<Breach>) {
    let of_first = |report: &&Report| report.who == 0;
    let mut reports = story.reports.iter().filter(of_first);
    let (Some(plan), Some(run)) = (reports.next().filter(|_| world.is_saved), reports.next()) else { return };
    for change in run.changes.iter().filter(|_| run.is_run) {
        let is_same = |planned: &super::report::Change| {
            (planned.place, planned.add_on, planned.before, planned.after)
                == (change.place, change.add_on, change.before, change.after)
        };
        if !plan.changes.iter().any(is_same) {
            let what = format!("the saved plan does not have {change:?}");
            breaches.push(breach(Promise::Honest, "not the saved plan", run.to, what));
        }
    }
}

/// A change shows the first end of the grants in its amount.
fn grants(world: &World, report: &Report, breaches: &mut Vec<Breach>) {
    for change in &report.changes {
        let declared = world.environments[change.place].declared.as_ref();
        let grant = declared.and_then(|declared| declared.amounts[change.add_on].as_ref()?.grant);
        let expected = match grant {
            Some((units, false)) if !world.is_next_year(report.from) => Some(world.first_end(units)),
            Some(_) if world.before_new_year.is_some() => continue,
            _ => None,
        };
        if world.before_new_year.is_none() && change.until.as_deref() != expected {
            let what = format!("{change:?} should end on {expected:?}");
            breaches.push(breach(Promise::Honest, "another end of a grant", report.to, what));
        }
    }
}

/// Exit 0 needs a reading after the last write.
fn last_reading(world: &World, story: &Story, report: &Report, breaches: &mut Vec<Breach>) {
    let requests = requests(story);
    let last = life(story, report).writes.last().map(|(at, _)| *at);
    let Some(last) = last.filter(|_| !world.is_local) else { return };
    let was_read = requests.iter().any(|request| {
        let is_answered = request.answer.is_some_and(|(_, status, _)| status == 200);
        request.run == report.run && request.route == Route::Environments && request.at > last && is_answered
    });
    if !was_read {
        let what = "exit 0, and the tenant was not read after the last write".to_owned();
        breaches.push(breach(Promise::Honest, "exit 0 without a last reading", report.to, what));
    }
}

/// A plan that is applied takes no units of the reserve, unless an allowance permits that.
fn reserve(world: &World, story: &Story, report: &Report, breaches: &mut Vec<Breach>) {
    let life = life(story, report);
    let (Some(first), Some(last)) = (life.states.first(), life.states.last()) else { return };
    let is_disturbed = !is_alone(story, report.who) || world.has_stale_reads() || life.effects.is_empty();
    for (pool, name) in POOLS.iter().enumerate().filter(|_| !is_disturbed) {
        let members = || (0..ADD_ONS.len()).filter(move |add_on| ADD_ONS[*add_on].2 == pool);
        let of = |units: fn(&super::shape::Purchase) -> u32| -> u64 {
            members().map(|add_on| u64::from(units(&world.purchases[add_on]))).sum()
        };
        let owned = |at| world.may_hold(pool, &last.purchased, world.is_next_year(at)) - of(|purchase| purchase.debt);
        let free_for_plans = owned(report.from).max(owned(report.to)).saturating_sub(of(|purchase| purchase.reserve));
        let allowed = if report.who == NEXT { &story.allowed } else { &story.allowed_at_first };
        let is_allowed = allowed.iter().any(|allowance| matches!(allowance.code, Code::A203 | Code::A207));
        let (before, after) = (level(first, pool), level(last, pool));
        if after > before && after > free_for_plans && !is_allowed {
            let what = format!("{name} goes from {before} to {after}, and plans may use {free_for_plans}");
            breaches.push(breach(Promise::Guarded, "into the reserve", report.to, what));
        }
    }
}
