//! Pools: whichever requests in flight succeed, no pool holds more than it may, or more than at the start.

use std::collections::BTreeMap;
use std::time::Duration;

use super::contract::{Breach, Flight, Promise, View, is_alone, level, names, pool_of};
use super::run::Story;
use super::service::{Event, Logged, Rules, Who};
use super::shape::{Each, World};
use super::tenant::{ADD_ONS, POOLS, Tenant, held, written};
use super::totals::Totals;
use super::weather::Route;

/// The time within which a write takes effect.
pub(super) const TAKES_EFFECT: Duration = Duration::from_secs(60);

/// Walks through the log.
struct Walk<'a> {
    world: &'a World,
    rules: Rules,
    truth: &'a Tenant,
    flight: BTreeMap<usize, Flight<'a>>,
    /// The writes whose end the sender does not know.
    open: BTreeMap<usize, Flight<'a>>,
    views: BTreeMap<Who, View>,
    totals: BTreeMap<Who, Totals>,
    /// The levels of the pools when a process began.
    starts: BTreeMap<Who, [u64; POOLS.len()]>,
    /// The levels of the pools when a process first wrote, by its readings.
    first_view: BTreeMap<Who, [u64; POOLS.len()]>,
    last_write: BTreeMap<(Who, usize), Duration>,
    breaches: Vec<Breach>,
}

pub(super) fn check(world: &World, story: &Story) -> Vec<Breach> {
    let mut walk = Walk {
        world,
        rules: story.rules,
        truth: &story.start,
        flight: BTreeMap::new(),
        open: BTreeMap::new(),
        views: BTreeMap::new(),
        totals: BTreeMap::new(),
        starts: BTreeMap::new(),
        first_view: BTreeMap::new(),
        last_write: BTreeMap::new(),
        breaches: Vec::new(),
    };
    let mut sent: BTreeMap<usize, &Logged> = BTreeMap::new();
    for logged in &story.log {
        let at = logged.at;
        match &logged.event {
            Event::Begin { who, .. } => {
                walk.views.insert(*who, View::default());
                walk.totals.insert(*who, Totals::default());
                walk.starts.insert(*who, std::array::from_fn(|pool| level(walk.truth, pool)));
            }
            Event::Sent { id, who, place, patch, .. } => {
                sent.insert(*id, logged);
                if let (Some(place), Some((surface, patch))) = (place, patch) {
                    let flight = || Flight { who: *who, place: *place, surface: *surface, patch, at };
                    walk.note(*id, &flight());
                    // The built-in tenant checks the sum by itself.
                    if is_alone(story, *who) || world.is_local {
                        walk.strict(&flight());
                    } else {
                        walk.fits_what_was_read(&flight());
                        walk.fits_the_totals(&flight());
                    }
                    walk.flight.insert(*id, flight());
                    walk.open.insert(*id, flight());
                    walk.last_write.insert((*who, *place), at);
                }
            }
            Event::Effect { id, tenant } => {
                walk.truth = tenant;
                walk.flight.remove(id);
            }
            Event::Void { id } => drop(walk.flight.remove(id)),
            Event::Outside { tenant, .. } => walk.truth = tenant,
            Event::Answer { id, status, body } => walk.hear(at, sent.get(id).copied(), *id, *status, body),
            Event::Word { .. } | Event::End { .. } | Event::StopAsked { .. } => {}
        }
    }
    walk.breaches
}

impl<'a> Walk<'a> {
    fn hear(&mut self, at: Duration, sent: Option<&Logged>, id: usize, status: u16, body: &serde_json::Value) {
        let Some(Logged { at: since, event: event @ Event::Sent { who, route, .. } }) = sent else { return };
        let has_ended = status == 200 || (400..500).contains(&status) && ![408, 499].contains(&status);
        let totals = self.totals.entry(*who).or_default();
        match (route, status) {
            (Route::Reports, 200) => totals.hear(*since, at, body),
            (Route::Write, _) if has_ended => totals.answered(id, at, status == 200),
            _ => {}
        }
        let view = self.views.entry(*who).or_default();
        view.hear(at, self.truth, event, status, body);
        if has_ended {
            self.open.remove(&id);
        }
        // A response that shows the amounts of an environment ends the doubt about writes to it that are a minute old or
        // older.
        let is_shown = |flight: &Flight<'_>, add_on: usize| {
            let all = view.cells.get(&(flight.place, add_on));
            all.and_then(|all| all.last()).is_some_and(|(when, _)| *when == at)
        };
        let named = |flight: &Flight<'a>| (0..ADD_ONS.len()).filter(|add_on| names(flight.patch, *add_on));
        self.open.retain(|_, flight| {
            let is_old = at >= flight.at + TAKES_EFFECT;
            flight.who != *who || !is_old || !named(flight).all(|add_on| is_shown(flight, add_on))
        });
    }

    /// The worst case over all requests in flight.
    fn worst(&self, pool: usize, more: Option<&Flight<'_>>) -> u64 {
        let one = |place: usize| {
            let document = self.truth.places[place].document.as_ref();
            let makes = |flight: &Flight<'_>| {
                let after = written(self.rules.semantics, flight.surface, document, flight.patch);
                pool_of(Some(&after), pool)
            };
            let flights = self.flight.values().chain(more).filter(|flight| flight.place == place);
            flights.map(makes).max().unwrap_or(0).max(pool_of(document, pool))
        };
        (0..self.truth.places.len()).map(one).sum()
    }

    /// If only this run writes, no pool exceeds the larger of what it may hold and its level at the start.
    fn strict(&mut self, flight: &Flight<'a>) {
        for pool in 0..POOLS.len() {
            let (without, with) = (self.worst(pool, None), self.worst(pool, Some(flight)));
            let may = self.world.may_hold_soon(pool, &self.truth.purchased, flight.at);
            let start = self.starts.get(&flight.who).map_or(0, |start| start[pool]);
            if with > without && with > may.max(start) {
                let name = &self.truth.places[flight.place].name;
                self.breaches.push(Breach {
                    promise: Promise::Pools,
                    rule: if is_reported(&self.truth.purchased, pool) {
                        "overdrawn"
                    } else {
                        "overdrawn, none reported"
                    },
                    at: flight.at,
                    what: format!(
                        "the write to {name} can bring {} to {with}: it may hold {may}, and held {start} at the start",
                        POOLS[pool]
                    ),
                });
            }
        }
    }

    /// The amount of a cell by the readings of a process. If several can be true, the lowest.
    fn read(&self, who: Who, place: usize, add_on: usize) -> u64 {
        let Some(all) = self.views.get(&who).and_then(|view| view.cells.get(&(place, add_on))) else { return 0 };
        let since = self.last_write.get(&(who, place));
        let least = |after: Duration| all.iter().filter(|(when, _)| *when > after).map(|(_, units)| *units).min();
        let last = all.last().map_or(0, |(_, units)| *units);
        match since {
            Some(since) => least(*since).unwrap_or(last),
            None if self.world.has_stale_reads() => least(Duration::ZERO).unwrap_or(last),
            None => last,
        }
    }

    /// Every amount of a cell that a process had read.
    fn all_read(&self, who: Who, place: usize, add_on: usize) -> Vec<u64> {
        let all = self.views.get(&who).and_then(|view| view.cells.get(&(place, add_on)));
        all.into_iter().flatten().map(|(_, units)| *units).collect()
    }

    fn read_level(&self, who: Who, pool: usize, more: Option<&Flight<'_>>, with_open: bool) -> u64 {
        let members = || (0..ADD_ONS.len()).filter(|add_on| ADD_ONS[*add_on].2 == pool);
        let one = |place: usize| {
            let seen: u64 = members().map(|add_on| self.read(who, place, add_on)).sum();
            let makes = |flight: &Flight<'_>| -> u64 {
                let unit = |add_on: usize| match names(flight.patch, add_on) {
                    // The write repeats an amount that was read, which raises nothing.
                    true if self.all_read(who, place, add_on).contains(&held(Some(flight.patch), add_on)) => {
                        self.read(who, place, add_on)
                    }
                    true => held(Some(flight.patch), add_on),
                    false => self.read(who, place, add_on),
                };
                members().map(unit).sum()
            };
            let open = self.open.values().filter(|flight| with_open && flight.who == who);
            open.chain(more).filter(|flight| flight.place == place).map(makes).max().unwrap_or(0).max(seen)
        };
        (0..self.truth.places.len()).map(one).sum()
    }

    /// Records a write together with the readings of its environment.
    fn note(&mut self, id: usize, flight: &Flight<'a>) {
        let (who, place) = (flight.who, flight.place);
        let read: Vec<u64> = (0..ADD_ONS.len()).map(|add_on| self.read(who, place, add_on)).collect();
        let carried: Vec<Vec<u64>> = (0..ADD_ONS.len()).map(|add_on| self.all_read(who, place, add_on)).collect();
        // If the write repeats an amount that was read, it raises nothing.
        let before = |add_on: usize, after: u64| match carried[add_on].contains(&after) {
            true => read[add_on].max(after),
            false => read[add_on],
        };
        self.totals.entry(who).or_default().sent(id, flight.at, place, flight.patch, before);
    }

    /// If others write too, the write fits the tenant's own totals. `note` must have recorded the write, and no
    /// later one.
    fn fits_the_totals(&mut self, flight: &Flight<'a>) {
        let who = flight.who;
        let (Some(totals), Some(view)) = (self.totals.get(&who), self.views.get(&who).filter(|view| view.has_totals))
        else {
            return;
        };
        let readings =
            |place: usize, add_on: usize| view.cells.get(&(place, add_on)).map_or(&[][..], |all| all.as_slice());
        for pool in 0..POOLS.len() {
            let may = self.world.may_hold_soon(pool, &view.purchased, flight.at);
            let start = self.starts.get(&who).map_or(0, |start| start[pool]);
            let first = self.first_view.get(&who).map_or(0, |first| first[pool]);
            let first = totals.first.map_or(0, |first| first[pool]).max(first);
            if let Some((level, true)) = totals.level(pool, readings)
                && level > may.max(start).max(first)
            {
                let name = &self.truth.places[flight.place].name;
                self.breaches.push(Breach {
                    promise: Promise::Pools,
                    rule: "does not fit the totals",
                    at: flight.at,
                    what: format!(
                        "by the tenant's own total, the write of process {who} to {name} can bring {} to {level}: it may hold {may}, and held {start} at the start",
                        POOLS[pool]
                    ),
                });
            }
        }
    }

    /// If others write too, the write fits what had been read when it was sent.
    fn fits_what_was_read(&mut self, flight: &Flight<'a>) {
        let who = flight.who;
        let first: [u64; POOLS.len()] = std::array::from_fn(|pool| self.read_level(who, pool, None, false));
        let first = *self.first_view.entry(who).or_insert(first);
        for pool in 0..POOLS.len() {
            let (without, with) =
                (self.read_level(who, pool, None, true), self.read_level(who, pool, Some(flight), true));
            let Some(view) = self.views.get(&who).filter(|view| view.has_totals) else { continue };
            let may = self.world.may_hold_soon(pool, &view.purchased, flight.at);
            let start = self.starts.get(&who).map_or(0, |start| start[pool]).max(first[pool]);
            if with > without && with > may.max(start) {
                let name = &self.truth.places[flight.place].name;
                self.breaches.push(Breach {
                    promise: Promise::Pools,
                    rule: if is_reported(&view.purchased, pool) { "does not fit what was read" } else { "overdrawn, none reported" },
                    at: flight.at,
                    what: format!(
                        "by what process {who} had read, the write to {name} can bring {} to {with}: it may hold {may}, and held {start} at the start",
                        POOLS[pool]
                    ),
                });
            }
        }
    }
}

/// Whether the tenant reports a purchase for the pool. An unreported purchase counts as none.
fn is_reported(live: &Each<Option<u64>>, pool: usize) -> bool {
    live.iter().zip(ADD_ONS).any(|(units, (.., other))| other == pool && units.is_some())
}
