//! The contract: what must hold in every world. Cells are a map, pools are sums, and nothing of the product's planning is used.
//!
//! Assumptions, which are also what one process cannot promise. The README prints the same lines.
//!
//! - While a run lasts, no other program or person writes.
//! - No purchased amount shrinks during a run, except on a day that the files declare.
//! - A read shows the tenant as it was at some moment of the run. A part may be missing, but nothing in it is older than the run.
//! - A write takes effect within a minute of its arrival, once or never.
//! - A write changes only the environment that it names.
//! - The service still counts the units of a deleted environment as allocated.
//! - If the service says that an environment that it lists as ready has no allocation, that is true.
//! - The clock of the machine is right.
//!
//! If one of the first three fails, another rule holds: every write of ours fits what had been read when it was sent.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::run::{NEXT, Story};
use super::service::{Event, Who};
use super::shape::{Each, World};
use super::tenant::{ADD_ONS, Surface, Tenant, entries, entry, held, whole};
use super::weather::{Act, Route, What};
use super::{cells, ends, pools, rules};

/// A promise of the product; ALLOT_WORLD_PROMISES selects some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Promise {
    /// No pool ever holds more than it may.
    Pools,
    /// Nothing changes that the plan does not name.
    Untouched,
    /// Every outcome and exit code is what happened.
    Honest,
    /// The next apply can go on.
    Alive,
    /// Floors, protection, consumption and caps hold in every state on the way.
    Guarded,
    /// Requests and silence are bounded, and nothing panics.
    Bounded,
}

impl Promise {
    pub(super) const ALL: [Promise; 6] =
        [Promise::Pools, Promise::Untouched, Promise::Honest, Promise::Alive, Promise::Guarded, Promise::Bounded];

    pub(super) fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// A promise that was broken: when, and with which numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Breach {
    pub(super) promise: Promise,
    /// A short name of the rule, by which breaches are counted.
    pub(super) rule: &'static str,
    pub(super) at: Duration,
    pub(super) what: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Breach { promise, rule, at, what } = self;
        write!(formatter, "{} [{rule}] at {:.3} s: {what}", promise.name(), at.as_secs_f64())
    }
}

/// A write that was sent and has had neither its effect nor its end.
pub(super) struct Flight<'a> {
    pub(super) who: Who,
    pub(super) place: usize,
    pub(super) surface: Surface,
    pub(super) patch: &'a Value,
    pub(super) at: Duration,
}

/// What the responses have shown to a process.
#[derive(Clone, Default)]
pub(super) struct View {
    /// The amounts of a cell, in the order of the responses.
    pub(super) cells: BTreeMap<(usize, usize), Vec<(Duration, u64)>>,
    /// The documents of an environment; `None` for the service's own "no document".
    pub(super) documents: BTreeMap<usize, Vec<(Duration, Option<Value>)>>,
    pub(super) purchased: Each<Option<u64>>,
    pub(super) has_totals: bool,
    /// The state of an environment by the last listing that had it.
    pub(super) states: BTreeMap<usize, (Duration, String)>,
}

/// What the configuration asks for, by this year's date and by the next year's.
pub(super) struct Wanted {
    pub(super) units: BTreeMap<(usize, usize), [u64; 2]>,
    pub(super) switches: BTreeMap<(usize, usize, usize), bool>,
}

impl Wanted {
    /// The only environment that the run is about.
    pub(super) fn target(world: &World) -> Option<usize> {
        let target = world.target.map(|at| usize::from(at) % world.environments.len());
        target.filter(|at| world.environments[*at].declared.is_some())
    }

    /// What a process wants; the second one may have another configuration.
    pub(super) fn of(world: &World, story: &Story, who: Who) -> Wanted {
        let second = story.log.iter().find_map(|logged| match logged.event {
            Event::Outside { act: Act::SecondApply(other), .. } => Some(other),
            _ => None,
        });
        let other = second.unwrap_or(false);
        let percent = if who == 1 && other { u64::from(world.other) } else { 100 };
        let mut wanted = Wanted { units: BTreeMap::new(), switches: BTreeMap::new() };
        let target = Wanted::target(world);
        for (place, environment) in world.environments.iter().enumerate() {
            if target.is_some_and(|target| target != place) {
                continue;
            }
            for add_on in 0..ADD_ONS.len() {
                if let Some((units, is_own)) = world.base(place, add_on) {
                    let base = u64::from(units) * if is_own { percent } else { 100 } / 100;
                    let on = |next: bool| base + world.granted(place, add_on, next);
                    wanted.units.insert((place, add_on), [on(false), on(true)]);
                }
                let own = environment.declared.as_ref().and_then(|declared| declared.amounts[add_on].as_ref());
                let switches = own.map(|own| own.switches).unwrap_or_default();
                for (index, value) in switches.into_iter().enumerate() {
                    if let Some(value) = value {
                        wanted.switches.insert((place, add_on, index), value);
                    }
                }
            }
        }
        wanted
    }
}

impl World {
    /// Whether the date has turned.
    pub(super) fn is_next_year(&self, at: Duration) -> bool {
        self.before_new_year.is_some_and(|seconds| at >= Duration::from_secs(u64::from(seconds)))
    }

    /// The most that a pool may hold: the lower of the declared and the live purchases, plus its debts.
    pub(super) fn may_hold(&self, pool: usize, live: &Each<Option<u64>>, next: bool) -> u64 {
        let members = || (0..ADD_ONS.len()).filter(|add_on| ADD_ONS[*add_on].2 == pool);
        let live_units = |add_on: usize| live[add_on].unwrap_or(0);
        let declared = |add_on: usize| match self.purchases[add_on].declared {
            Some((_, Some(later))) if next => u64::from(later),
            Some((now, _)) => u64::from(now),
            None => live_units(add_on),
        };
        let owned = members().map(declared).sum::<u64>().min(members().map(live_units).sum());
        owned + members().map(|add_on| u64::from(self.purchases[add_on].debt)).sum::<u64>()
    }

    /// The most that a pool may hold both now and in 30 seconds: a request that is sent now can last that long.
    pub(super) fn may_hold_soon(&self, pool: usize, live: &Each<Option<u64>>, at: Duration) -> u64 {
        let soon = at + Duration::from_secs(30);
        let on = |at: Duration| self.may_hold(pool, live, self.is_next_year(at));
        on(at).min(on(soon))
    }

    pub(super) fn has_stale_reads(&self) -> bool {
        self.faults.iter().any(|fault| matches!(fault.what, What::Stale { .. }))
    }
}

/// What a document holds of a pool.
pub(super) fn pool_of(document: Option<&Value>, pool: usize) -> u64 {
    (0..ADD_ONS.len()).filter(|add_on| ADD_ONS[*add_on].2 == pool).map(|add_on| held(document, add_on)).sum()
}

/// What all environments hold of a pool.
pub(super) fn level(tenant: &Tenant, pool: usize) -> u64 {
    tenant.places.iter().map(|place| pool_of(place.document.as_ref(), pool)).sum()
}

impl View {
    /// Takes a response in.
    pub(super) fn hear(&mut self, at: Duration, tenant: &Tenant, sent: &Event, status: u16, body: &Value) {
        let Event::Sent { route, place, patch, .. } = sent else { return };
        match (route, status) {
            (Route::Documents, 200) => {
                let rows = body.as_array().or_else(|| body["value"].as_array());
                for row in rows.into_iter().flatten() {
                    if let Some(place) = row["environmentId"].as_str().and_then(|id| tenant.find(id)) {
                        self.document(at, place, Some(row));
                    }
                }
            }
            (Route::Document | Route::Write, 200) if body.get("currencyAllocations").is_some() => {
                place.iter().for_each(|place| self.document(at, *place, Some(body)));
            }
            (Route::Write, 200) => {
                if let (Some(place), Some((_, patch))) = (place, patch) {
                    self.document(at, *place, Some(patch));
                }
            }
            (Route::Document, 404) if body.get("status").is_some() => {
                place.iter().for_each(|place| self.document(at, *place, None));
            }
            (Route::Environments, 200) => {
                for row in body["value"].as_array().into_iter().flatten() {
                    let old = &row["properties"]["states"]["management"]["id"];
                    let id = row["id"].as_str().or_else(|| row["name"].as_str());
                    if let Some(place) = id.and_then(|id| tenant.find(id)) {
                        let state = row["state"].as_str().or_else(|| old.as_str()).unwrap_or("unknown");
                        self.state(at, place, state);
                    }
                }
            }
            (Route::Reports, 200) => {
                for row in body.as_array().into_iter().flatten() {
                    let add_on = ADD_ONS.iter().position(|(currency, ..)| row["currencyType"] == *currency);
                    if let (Some(add_on), Some(units)) = (add_on, whole(&row["purchased"])) {
                        self.purchased[add_on] = Some(units);
                        self.has_totals = true;
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes a state in. An unknown state does not replace a state that another listing showed in the last ten seconds.
    fn state(&mut self, at: Duration, place: usize, state: &str) {
        let is_unknown = ["Melting", "unknown"].contains(&state);
        let is_known = self.states.get(&place).is_some_and(|(since, _)| at - *since <= Duration::from_secs(10));
        if !(is_unknown && is_known) {
            self.states.insert(place, (at, state.to_owned()));
        }
    }

    fn document(&mut self, at: Duration, place: usize, document: Option<&Value>) {
        self.documents.entry(place).or_default().push((at, document.cloned()));
        let is_list = document.is_none_or(|document| document["currencyAllocations"].is_array());
        for (add_on, (currency, ..)) in ADD_ONS.iter().enumerate() {
            let entry = document.and_then(|document| entry(document, currency));
            let units = match entry {
                Some(entry) => whole(&entry["allocated"]),
                None => is_list.then_some(0),
            };
            if let Some(units) = units {
                self.cells.entry((place, add_on)).or_default().push((at, units));
            }
        }
    }
}

/// Whether the body of a write says anything about an add-on.
pub(super) fn names(patch: &Value, add_on: usize) -> bool {
    entries(patch).iter().any(|entry| entry["currencyType"] == ADD_ONS[add_on].0)
}

/// Whether no others wrote and no purchase changed. In clear weather, none do.
pub(super) fn is_alone(story: &Story, who: Who) -> bool {
    let disturbs = |event: &Event| {
        matches!(event, Event::Outside { act: Act::Sets(..) | Act::Purchase(..) | Act::SecondApply(_), .. })
    };
    who == NEXT || !story.log.iter().any(|logged| disturbs(&logged.event))
}

/// Everything that broke.
pub(super) fn check(world: &World, story: &Story) -> Vec<Breach> {
    let mut breaches = pools::check(world, story);
    breaches.extend(cells::check(world, story));
    breaches.extend(ends::check(world, story));
    breaches.extend(rules::check(world, story));
    breaches.sort_by_key(|breach| (breach.promise, breach.at));
    breaches
}
