//! Ends: every outcome and exit code is what happened, the next apply can go on, and requests and silence are bounded.

use std::time::Duration;

use allotment::model::ending::Ending;
use allotment::model::finding::Severity;
use allotment::model::run::OutcomeKind;

use super::contract::{Breach, Promise, Wanted, is_alone, level};
use super::files::key;
use super::life::{Life, life};
use super::report::{Change, Ended, Report};
use super::run::{NEXT, Story};
use super::service::Event;
use super::shape::{Purchase, World};
use super::tenant::{ADD_ONS, POOLS, SWITCHES, Tenant, entry, held, switch};
use super::weather::Act;

/// The longest silence, and a little more.
const SILENCE: Duration = Duration::from_millis(30_500);

/// More requests than this are a storm, in any weather.
const MOST_REQUESTS: usize = 400;

pub(super) fn check(world: &World, story: &Story) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for report in story.reports.iter().chain(&story.after) {
        let life = life(story, report);
        let mut end = End { world, story, report, life, breaches: &mut breaches };
        end.bounded();
        if !report.only_planned {
            end.honest();
        }
    }
    alive(world, story, &mut breaches);
    breaches
}

struct End<'a> {
    world: &'a World,
    story: &'a Story,
    report: &'a Report,
    life: Life<'a>,
    breaches: &'a mut Vec<Breach>,
}

impl End<'_> {
    fn breach(&mut self, promise: Promise, rule: &'static str, what: String) {
        self.breaches.push(Breach {
            promise,
            rule,
            at: self.report.to,
            what: format!("process {}: {what}", self.report.who),
        });
    }

    fn bounded(&mut self) {
        match &self.report.ended {
            Ended::Panicked(why) => self.breach(Promise::Bounded, "panic", format!("it panicked: {why}")),
            Ended::Hung => self.breach(Promise::Bounded, "hung", "it did not end within three hours".to_owned()),
            _ => {}
        }
        let gap = self.life.signs.windows(2).map(|pair| (pair[1] - pair[0], pair[0])).max();
        if let Some((gap, since)) = gap.filter(|(gap, _)| *gap > SILENCE) {
            let what = format!("silent for {:.1} s from {:.1} s on", gap.as_secs_f64(), since.as_secs_f64());
            self.breach(Promise::Bounded, "silence", what);
        }
        if self.life.requests > MOST_REQUESTS {
            self.breach(Promise::Bounded, "a storm of requests", format!("{} requests", self.life.requests));
        }
        if (self.report.who == NEXT || self.world.faults.is_empty())
            && self.world.has == [true; 3]
            && !self.world.is_local
        {
            self.requests();
        }
    }

    /// The bounds of performance.md, in clear weather.
    fn requests(&mut self) {
        let places = &self.story.start.places;
        let pages = places.iter().filter(|place| place.is_listed).count().div_ceil(self.world.page).max(1);
        let by_place = |of: fn(&Change) -> bool| {
            let mut all: Vec<usize> =
                self.report.changes.iter().filter(|change| of(change)).map(|change| change.place).collect();
            all.sort_unstable();
            all.dedup();
            all.len()
        };
        let (changed, gives) = (by_place(|_| true), by_place(|change| change.after < change.before));
        let lacking = self.world.environments.iter().filter(|one| one.holds.iter().all(Option::is_none)).count();
        let plan = pages + 3 + gives + lacking;
        let seconds = usize::try_from((self.report.to - self.report.from).as_secs()).unwrap_or(usize::MAX);
        let splits = self.life.writes.len().saturating_sub(changed);
        let apply = changed + splits + 5 + seconds / 10 + changed + gives + pages + 2;
        // After the operator answers, the tenant is read again for the plan. The setting costs four requests: a read
        // before its write, the write, a read after it, and one in the last reading of the run.
        let answered = if self.world.thinks > 0 { plan } else { 0 };
        let setting = if self.world.who_can_allocate.is_some() { 4 } else { 0 };
        let apply = apply + answered + setting;
        let bound = if self.report.only_planned { plan } else { plan + apply };
        if self.life.requests > bound {
            let what = format!("{} requests, more than {bound}, for {changed} environments", self.life.requests);
            self.breach(Promise::Bounded, "requests", what);
        }
    }

    fn last(&self) -> Option<&Tenant> {
        self.life.states.last().copied()
    }

    fn honest(&mut self) {
        if let Some(last) = self.last().cloned().filter(|_| self.report.is_run) {
            self.pools_at_the_end(&last);
        }
        for change in &self.report.changes {
            self.outcome(change);
        }
        let wrote =
            self.life.effects.iter().any(|(place, before, after)| before.places[*place] != after.places[*place]);
        let is_open = self.report.changes.iter().any(|change| change.outcome == Some(OutcomeKind::Unconfirmed));
        match &self.report.ended {
            Ended::With(Ending::Fine) => {
                self.fine();
                self.strict();
            }
            Ended::With(Ending::Refused) if wrote => {
                self.breach(Promise::Honest, "refused after a write", "exit 3, although it wrote".to_owned());
            }
            Ended::With(Ending::Failed) if wrote && !is_open => {
                let what = format!(
                    "exit 1, although it wrote, and nothing is reported as not confirmed: {}",
                    self.report.failure
                );
                self.breach(Promise::Honest, "failed after a write", what);
            }
            Ended::With(Ending::Interrupted) if self.life.stopped.is_none() => {
                self.breach(
                    Promise::Honest,
                    "interrupted without a request",
                    "exit 130, without a request to stop".to_owned(),
                );
            }
            _ => {}
        }
        if let Some((stopped, twice)) = self.life.stopped {
            self.stop(stopped, twice);
        }
    }

    /// After a stop request nothing new goes out, and the run ends soon. After five seconds, it may not end as failed or partial.
    fn stop(&mut self, stopped: Duration, twice: bool) {
        let earlier = |place: usize| self.life.writes.iter().any(|(at, other)| *at <= stopped && *other == place);
        let is_late = |(at, place): &&(Duration, usize)| *at > stopped && !earlier(*place);
        let late: Vec<String> = self.life.writes.iter().filter(is_late).map(|(_, place)| key(*place)).collect();
        if !late.is_empty() {
            let what = format!("writes to {} went out after the stop request", late.join(", "));
            self.breach(Promise::Honest, "wrote after a stop", what);
        }
        if self.life.setting_writes.iter().any(|at| *at > stopped) {
            let what = "the setting was written after the stop request".to_owned();
            self.breach(Promise::Honest, "wrote after a stop", what);
        }
        // Before the plan is shown, the command line itself hears Ctrl-C; at the very end there is nothing left to stop.
        let is_shown = self.life.shown_at.is_some_and(|shown| shown < stopped);
        let took = self.report.to - stopped;
        if !is_shown {
            return;
        }
        if let (Ended::With(Ending::Failed | Ending::Partial), true) =
            (&self.report.ended, took > Duration::from_secs(5))
        {
            let what = format!("it was asked to stop, and ends with {:?}: {}", self.report.ended, self.report.failure);
            self.breach(Promise::Honest, "a stop is not heard", what);
        }
        let longest = if twice { 1 } else { 45 };
        if took > Duration::from_secs(longest) {
            let what = format!("it ends {:.1} s after the stop request", took.as_secs_f64());
            self.breach(Promise::Bounded, if twice { "slow to stop at once" } else { "slow to stop" }, what);
        }
    }

    /// One change and its outcome.
    fn outcome(&mut self, change: &Change) {
        let (slug, name) = (ADD_ONS[change.add_on].1, key(change.place));
        let is_there = |tenant: &Tenant| {
            let document = tenant.places[change.place].document.as_ref();
            let found = document.and_then(|document| entry(document, ADD_ONS[change.add_on].0));
            held(document, change.add_on) == change.after
                && change
                    .switches
                    .iter()
                    .all(|(index, on)| found.and_then(|entry| switch(entry, SWITCHES[*index].0)) == Some(*on))
        };
        let words = format!("{name} {slug} {} to {} is reported as {:?}", change.before, change.after, change.outcome);
        match change.outcome {
            Some(OutcomeKind::Applied) if !self.life.states.iter().any(|tenant| is_there(tenant)) => {
                self.breach(
                    Promise::Honest,
                    "applied, and never there",
                    format!("{words}, and the tenant never held it"),
                );
            }
            Some(OutcomeKind::NotSent | OutcomeKind::Refused | OutcomeKind::Stale) => {
                let did = |(place, before, after): &(usize, &Tenant, &Tenant)| {
                    *place == change.place && !is_there(before) && is_there(after)
                };
                if self.life.effects.iter().any(did) {
                    self.breach(Promise::Honest, "written, and not reported", format!("{words}, and it was written"));
                }
            }
            _ => {}
        }
    }

    /// Warnings change the exit code of a strict run.
    fn strict(&mut self) {
        let is_strict = self.world.language.is_strict && self.report.who != NEXT;
        if let Some(warning) =
            self.report.findings.iter().find(|finding| is_strict && finding.severity == Severity::Warning)
        {
            let what = format!("exit 0, strict, and a warning: {:?} {}", warning.code, warning.message);
            self.breach(Promise::Honest, "strict, and a warning", what);
        }
    }

    /// Exit 0: the setting is as desired, every change is applied, and by the last reading every cell holds what is desired.
    fn fine(&mut self) {
        if let (Some(wanted), Some(last)) = (self.world.who_can_allocate, self.last())
            && last.only_specific_admins != wanted
            && !self.world.is_local
            && !self.world.is_saved
            && Wanted::target(self.world).is_none()
        {
            self.breach(
                Promise::Honest,
                "exit 0, and the setting is another",
                format!("exit 0, and {wanted} is desired"),
            );
        }
        if let Some(open) = self
            .report
            .changes
            .iter()
            .find(|change| change.outcome.is_some_and(|outcome| outcome != OutcomeKind::Applied))
        {
            self.breach(
                Promise::Honest,
                "exit 0 with an open change",
                format!("exit 0, and {} is {:?}", key(open.place), open.outcome),
            );
        }
        let Some(last) = self.last().cloned() else { return };
        let trusts_reads = is_alone(self.story, self.report.who) && !self.world.has_stale_reads();
        let cells: Vec<((usize, usize), [u64; 2])> = if self.world.is_saved && self.report.who == 0 {
            self.report.changes.iter().map(|change| ((change.place, change.add_on), [change.after; 2])).collect()
        } else {
            Wanted::of(self.world, self.story, self.report.who).units.into_iter().collect()
        };
        let years = [self.world.is_next_year(self.report.from), self.world.is_next_year(self.report.to)];
        for ((place, add_on), wanted) in cells {
            let is_right = |units: u64| years.iter().any(|next| wanted[usize::from(*next)] == units);
            let truth = held(last.places[place].document.as_ref(), add_on);
            let read = self.life.view.cells.get(&(place, add_on)).and_then(|all| all.last()).map(|(_, units)| *units);
            // A cell that no reading showed counts as zero: a listing without a row shows that the environment holds
            // nothing, unless another part of the reading disagrees.
            if !is_right(truth) && (trusts_reads || !is_right(read.unwrap_or(0))) {
                let what = format!(
                    "exit 0, and {} holds {truth} {} where {wanted:?} is desired; last read: {read:?}; not checked: {:?}",
                    key(place),
                    ADD_ONS[add_on].1,
                    self.report.not_checked
                );
                let rule = if read.is_some() { "exit 0, and not as desired" } else { "exit 0, and never read" };
                self.breach(Promise::Honest, rule, what);
            }
        }
    }

    /// Whether the configuration says anything about a pool.
    fn concerns(&self, pool: usize) -> bool {
        let wanted = Wanted::of(self.world, self.story, self.report.who).units;
        let declares = |purchase: &Purchase| purchase.declared.is_some() || purchase.reserve + purchase.debt > 0;
        wanted.keys().any(|(_, add_on)| ADD_ONS[*add_on].2 == pool)
            || self.world.purchases.iter().zip(ADD_ONS).any(|(purchase, (.., of))| of == pool && declares(purchase))
    }

    fn pools_at_the_end(&mut self, last: &Tenant) {
        let next = self.world.is_next_year(self.report.to);
        // If the last reading failed, the report lists it as not checked instead.
        let was_unread = self.report.not_checked.iter().any(|item| item.contains("afterwards"));
        for (pool, name) in POOLS.iter().enumerate() {
            let members = || (0..ADD_ONS.len()).filter(move |add_on| ADD_ONS[*add_on].2 == pool);
            let read = |place: usize| -> u64 {
                members().filter_map(|add_on| Some(self.life.view.cells.get(&(place, add_on))?.last()?.1)).sum()
            };
            let (held, read) = (level(last, pool), (0..last.places.len()).map(read).sum::<u64>());
            let may = self.world.may_hold(pool, &last.purchased, next);
            let may_read = self.world.may_hold(pool, &self.life.view.purchased, next);
            let trusts_reads = is_alone(self.story, self.report.who) && !self.world.has_stale_reads();
            // Nothing is required of a pool that no file and no change names, if its purchases were never read.
            let is_unknown = members().all(|add_on| self.life.view.purchased[add_on].is_none()) && !self.concerns(pool);
            if held <= may || !trusts_reads && read <= may_read || is_unknown {
                continue;
            }
            let start = self.life.states.first().map_or(0, |tenant| level(tenant, pool));
            let what =
                format!("{name} holds {held}, more than {may}; last read: {read} of {may_read}; at the start {start}");
            if self.report.is(Ending::Fine) {
                let rule =
                    if held > start { "exit 0 above the pool" } else { "exit 0 above the pool, as at the start" };
                self.breach(Promise::Honest, rule, format!("exit 0, and {what}"));
            } else if self.life.stopped.is_none() && !was_unread && !self.report.failure.contains("A20") {
                self.breach(
                    Promise::Honest,
                    "no finding about the pool",
                    format!("{:?}, and {what}", self.report.ended),
                );
            }
        }
    }
}

/// Whether every pool can hold the desired amounts together with the amounts that no file manages. If a pool cannot, the
/// tenant itself refuses them.
fn fits(world: &World, story: &Story) -> bool {
    let tenant = story.log.iter().rev().find_map(|logged| match &logged.event {
        Event::Effect { tenant, .. } | Event::Outside { tenant, .. } => Some(tenant),
        _ => None,
    });
    let tenant = tenant.unwrap_or(&story.start);
    let wanted = Wanted::of(world, story, NEXT).units;
    let next = world.before_new_year.is_some();
    (0..POOLS.len()).all(|pool| {
        let members = || (0..ADD_ONS.len()).filter(move |add_on| ADD_ONS[*add_on].2 == pool);
        let cell = |place: usize, add_on: usize| match wanted.get(&(place, add_on)) {
            Some(years) => years[usize::from(next)],
            None => held(tenant.places[place].document.as_ref(), add_on),
        };
        let sum: u64 = members()
            .flat_map(|add_on| (0..tenant.places.len()).map(move |place| (place, add_on)))
            .map(|(place, add_on)| cell(place, add_on))
            .sum();
        sum <= world.may_hold(pool, &tenant.purchased, next)
    })
}

/// The next apply can go on, and afterwards there is nothing to do.
fn alive(world: &World, story: &Story, breaches: &mut Vec<Breach>) {
    let Some(last) = story.after.last() else { return };
    let mut breach = |rule: &'static str, what: String| {
        breaches.push(Breach { promise: Promise::Alive, rule, at: last.to, what });
    };
    if last.only_planned {
        // A configuration that promises too much stays refused, although there is nothing to change.
        let promises_too_much = last.errors().any(|finding| format!("{:?}", finding.code).starts_with("A20"));
        if !last.changes.is_empty() || !last.is(Ending::Fine) && !promises_too_much {
            breach("the second plan is not empty", format!("{:?}, {:?}", last.ended, last.changes));
        }
        return;
    }
    if !fits(world, story) {
        return;
    }
    let moved = |event: &Event| matches!(event, Event::Outside { act, .. } if !matches!(act, Act::SecondApply(false)));
    if story.log.iter().any(|logged| moved(&logged.event)) {
        return;
    }
    // The weather is the cause if the same world can be applied in clear weather, at the same date.
    let clear = World {
        faults: Vec::new(),
        is_saved: false,
        thinks: 0,
        before_new_year: world.before_new_year.map(|_| 0),
        ..world.clone()
    };
    let clear = clear.live();
    if clear.after.last().is_some_and(|report| report.only_planned) {
        let findings: Vec<String> =
            last.errors().map(|finding| format!("{:?} {}", finding.code, finding.message)).collect();
        let what = format!(
            "the next apply ends with {:?} ({}), and without the weather it ends with 0; {}",
            last.ended,
            findings.join("; "),
            last.failure
        );
        breach("cannot go on", what);
    }
}
