//! Cells: nothing changes that the plan does not name, and the guards hold in every state on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::contract::{Breach, Promise, View, Wanted, is_alone};
use super::files::key;
use super::run::{NEXT, Story};
use super::service::{Event, Who};
use super::shape::World;
use super::tenant::{ADD_ONS, SWITCHES, Tenant, entries, entry, held};

/// The maximum age of a reading when a write goes out, and a little more.
const FRESH: Duration = Duration::from_millis(10_500);

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    /// The units of a currency.
    Units(String),
    /// A rule of a currency.
    Rule(String, String),
    /// Another field of an entry.
    Entry(String, String),
    /// Another field of the document.
    Document(String),
}

/// Every part of a document. An entry of zero units counts as no entry.
fn fields(document: Option<&Value>) -> BTreeMap<Field, Value> {
    let mut all = BTreeMap::new();
    let Some(document) = document else { return all };
    for (name, value) in document.as_object().into_iter().flatten() {
        if !["environmentId", "currencyAllocations"].contains(&name.as_str()) {
            all.insert(Field::Document(name.clone()), value.clone());
        }
    }
    for entry in entries(document) {
        let currency = entry["currencyType"].as_str().unwrap_or_default().to_owned();
        for (name, value) in entry.as_object().into_iter().flatten() {
            match name.as_str() {
                "currencyType" => {}
                "allocated" if super::tenant::whole(value) == Some(0) => {}
                "allocated" => drop(all.insert(Field::Units(currency.clone()), value.clone())),
                "enforcementRules" => {
                    for rule in value.as_array().into_iter().flatten() {
                        let kind = rule["ruleType"].as_str().unwrap_or_default().to_owned();
                        all.insert(Field::Rule(currency.clone(), kind), rule.clone());
                    }
                }
                _ => drop(all.insert(Field::Entry(currency.clone(), name.clone()), value.clone())),
            }
        }
    }
    all
}

fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    one == other || one.and_then(Value::as_f64).is_some_and(|number| other.and_then(Value::as_f64) == Some(number))
}

struct Walk<'a> {
    world: &'a World,
    story: &'a Story,
    truth: &'a Tenant,
    sent: BTreeMap<usize, (&'a Event, Duration)>,
    views: BTreeMap<Who, View>,
    starts: BTreeMap<Who, &'a Tenant>,
    wanted: BTreeMap<Who, Wanted>,
    breaches: Vec<Breach>,
    seen: BTreeSet<(&'static str, usize, String)>,
}

pub(super) fn check(world: &World, story: &Story) -> Vec<Breach> {
    let mut walk = Walk {
        world,
        story,
        truth: &story.start,
        sent: BTreeMap::new(),
        views: BTreeMap::new(),
        starts: BTreeMap::new(),
        wanted: [0, 1, NEXT].into_iter().map(|who| (who, Wanted::of(world, story, who))).collect(),
        breaches: Vec::new(),
        seen: BTreeSet::new(),
    };
    for logged in &story.log {
        match &logged.event {
            Event::Begin { who, .. } => {
                walk.views.insert(*who, View::default());
                walk.starts.insert(*who, walk.truth);
            }
            event @ Event::Sent { id, .. } => drop(walk.sent.insert(*id, (event, logged.at))),
            Event::Answer { id, status, body } => {
                if let Some((event @ Event::Sent { who, .. }, _)) = walk.sent.get(id) {
                    let view = walk.views.entry(*who).or_default();
                    view.hear(logged.at, walk.truth, event, *status, body);
                }
            }
            Event::Effect { id, tenant } => {
                walk.effect(*id, tenant, logged.at);
                walk.truth = tenant;
            }
            Event::Outside { tenant, .. } => walk.truth = tenant,
            _ => {}
        }
    }
    walk.breaches
}

impl<'a> Walk<'a> {
    fn effect(&mut self, id: usize, after: &'a Tenant, at: Duration) {
        if after.only_specific_admins != self.truth.only_specific_admins
            && self.world.who_can_allocate != Some(after.only_specific_admins)
        {
            let what = "the setting who may allocate changes, and no file names it".to_owned();
            self.breach(Promise::Untouched, "setting", at, 0, what);
        }
        let Some((Event::Sent { who, place: Some(place), .. }, sent_at)) = self.sent.get(&id).copied() else { return };
        // The configuration of others is not known.
        if self.world.is_local && *who == 1 {
            return;
        }
        let before = fields(self.truth.places[*place].document.as_ref());
        let now = fields(after.places[*place].document.as_ref());
        let all: BTreeSet<&Field> = before.keys().chain(now.keys()).collect();
        for field in all {
            let (old, new) = (before.get(field), now.get(field));
            if same(old, new)
                || self.is_named(*who, *place, field, new)
                || self.is_excused(*who, *place, field, new, sent_at)
            {
                continue;
            }
            let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), Value::to_string);
            let (old, new) = (shown(old), shown(new));
            self.breach(
                Promise::Untouched,
                "changed without a name",
                at,
                *place,
                format!("{field:?} from {old} to {new}"),
            );
        }
        for add_on in 0..ADD_ONS.len() {
            let units = |tenant: &Tenant| held(tenant.places[*place].document.as_ref(), add_on);
            if units(after) < units(self.truth) {
                self.lowered(*who, *place, add_on, (units(self.truth), units(after)), (sent_at, at));
            }
        }
        let raised = |add_on: &usize| {
            let units = |tenant: &Tenant| held(tenant.places[*place].document.as_ref(), *add_on);
            // By the last reading before it was sent, the write does not raise the cell: others gave back units
            // meanwhile.
            let read = self.read_before(*who, *place, *add_on, sent_at);
            let gives_back = !is_alone(self.story, *who) && read.is_some_and(|read| read >= units(after));
            units(after) > units(self.truth) && !gives_back
        };
        let is_denied = self.world.is_default(*place) && self.world.default_environment == Some(false);
        if let Some(add_on) = (0..ADD_ONS.len()).find(raised).filter(|_| is_denied) {
            let (slug, name) = (ADD_ONS[add_on].1, key(*place));
            if !self.is_allowed(*who, &name) && !self.is_allowed(*who, &format!("{name}/{slug}")) {
                self.breach(Promise::Guarded, "units for the default environment", at, *place, slug.to_owned());
            }
        }
        self.caps(*who, after, at);
        self.language(*who, *place, after, (sent_at, at));
    }

    fn breach(&mut self, promise: Promise, rule: &'static str, at: Duration, place: usize, what: String) {
        if self.seen.insert((rule, place, what.clone())) {
            self.breaches.push(Breach { promise, rule, at, what: format!("{}: {what}", key(place)) });
        }
    }

    /// Whether the configuration names the change.
    fn is_named(&self, who: Who, place: usize, field: &Field, after: Option<&Value>) -> bool {
        let Some(wanted) = self.wanted.get(&who) else { return false };
        let add_on = |currency: &str| ADD_ONS.iter().position(|(known, ..)| *known == currency);
        match field {
            Field::Units(currency) => {
                let units = after.and_then(super::tenant::whole).unwrap_or(0);
                let wanted = add_on(currency).and_then(|add_on| wanted.units.get(&(place, add_on)));
                let years = if self.world.before_new_year.is_some() { 2 } else { 1 };
                wanted.is_some_and(|wanted| wanted[..years].contains(&units))
            }
            Field::Rule(currency, kind) => {
                let index = SWITCHES.iter().position(|(rule, _)| rule == kind);
                let (Some(add_on), Some(index)) = (add_on(currency), index) else { return false };
                let value = after.and_then(|rule| rule["enabled"].as_bool());
                wanted.switches.get(&(place, add_on, index)).is_some_and(|wanted| value == Some(*wanted))
            }
            Field::Entry(..) | Field::Document(_) => false,
        }
    }

    /// Whether the write only repeats what was read in the last 10 s before it went out: others must have
    /// changed the value meanwhile. If the read showed no value, the tenant must really have had none at some time.
    fn is_excused(&self, who: Who, place: usize, field: &Field, after: Option<&Value>, sent_at: Duration) -> bool {
        // The built-in tenant compares what was read with what it holds, in the transaction of the write.
        if self.world.is_local {
            return false;
        }
        let documents = self.views.get(&who).and_then(|view| view.documents.get(&place));
        let was_read = documents.into_iter().flatten().any(|(when, document)| {
            *when <= sent_at && sent_at - *when <= FRESH && same(fields(document.as_ref()).get(field), after)
        });
        let was_true = |tenant: &Tenant| same(fields(tenant.places[place].document.as_ref()).get(field), after);
        let others = self.story.log.iter().filter_map(|logged| match &logged.event {
            Event::Effect { tenant, .. } | Event::Outside { tenant, .. } => Some(tenant),
            _ => None,
        });
        was_read && (after.is_some() || std::iter::once(&self.story.start).chain(others).any(was_true))
    }

    fn is_allowed(&self, who: Who, scope: &str) -> bool {
        let allowed = if who == NEXT { &self.story.allowed } else { &self.story.allowed_at_first };
        allowed.iter().any(|allowed| allowed.scope == scope)
    }

    /// Whether a write sets no less than the last reading before it showed: others must have raised the cell
    /// meanwhile.
    fn is_carried(&self, who: Who, place: usize, add_on: usize, after: u64, sent_at: Duration) -> bool {
        let read = self.read_before(who, place, add_on, sent_at);
        !is_alone(self.story, who) && read.is_some_and(|read| read <= after)
    }

    /// The units that a process last read in a cell before this time.
    fn read_before(&self, who: Who, place: usize, add_on: usize, sent_at: Duration) -> Option<u64> {
        let all = self.views.get(&who).and_then(|view| view.cells.get(&(place, add_on)));
        all.into_iter().flatten().rev().find(|(when, _)| *when <= sent_at).map(|(_, read)| *read)
    }

    /// A cell went down by our write.
    fn lowered(&mut self, who: Who, place: usize, add_on: usize, units: (u64, u64), times: (Duration, Duration)) {
        let ((before, after), (sent_at, at)) = (units, times);
        let (slug, name) = (ADD_ONS[add_on].1, key(place));
        let cell = format!("{name}/{slug}");
        let by_name = self.is_allowed(who, &cell) || self.is_allowed(who, &name);
        let what = format!("{slug} from {before} to {after}");
        // The guards protect only what the environment held when the process began. A late effect of an earlier write
        // may restore that amount.
        let at_start = self.starts.get(&who).map(|start| held(start.places[place].document.as_ref(), add_on));
        if self.is_carried(who, place, add_on, after, sent_at) || at_start.is_some_and(|units| after >= units) {
            return;
        }
        if let Some(declared) = &self.world.environments[place].declared
            && !by_name
        {
            if let Some(floor) = declared.floors[add_on].filter(|floor| after < u64::from(*floor)) {
                self.breach(
                    Promise::Guarded,
                    "below the floor",
                    at,
                    place,
                    format!("{what}, below the floor of {floor}"),
                );
            }
            if declared.protect {
                self.breach(Promise::Guarded, "protected", at, place, format!("{what}, although it is protected"));
            }
        }
        let consumed = self.truth.places[place].consumed.get(&add_on).filter(|consumed| after < **consumed);
        if let Some(consumed) = consumed.filter(|_| !self.world.below_consumption && !by_name) {
            self.breach(
                Promise::Guarded,
                "below consumption",
                at,
                place,
                format!("{what}, below the consumption of {consumed}"),
            );
        }
        self.taken_unseen(who, place, add_on, &what, at);
    }

    /// A cell went down although it was never read, or although no listing shows its environment in a known state.
    fn taken_unseen(&mut self, who: Who, place: usize, add_on: usize, what: &str, at: Duration) {
        let (slug, name) = (ADD_ONS[add_on].1, key(place));
        let by_name = self.is_allowed(who, &format!("{name}/{slug}")) || self.is_allowed(who, &name);
        let view = self.views.get(&who).cloned().unwrap_or_default();
        if !view.cells.contains_key(&(place, add_on)) && entry_is(self.truth, place, add_on) {
            self.breach(
                Promise::Guarded,
                "released unread",
                at,
                place,
                format!("{what}, although the amount was never read"),
            );
        }
        match view.states.get(&place).map(|(_, state)| state.as_str()) {
            _ if by_name || self.is_allowed(who, "tenant") => {}
            None => self.breach(
                Promise::Guarded,
                "released from unlisted",
                at,
                place,
                format!("{what}, although no listing has it"),
            ),
            Some("Melting" | "unknown") => {
                self.breach(
                    Promise::Guarded,
                    "released from unknown state",
                    at,
                    place,
                    format!("{what}, although its state is unknown"),
                );
            }
            Some(_) => {}
        }
    }

    /// The budget, the tickets and the cap on environments.
    fn language(&mut self, who: Who, place: usize, after: &Tenant, (sent_at, at): (Duration, Duration)) {
        let units = |tenant: &Tenant, place: usize, add_on: usize| held(tenant.places[place].document.as_ref(), add_on);
        let Some(declared) = &self.world.environments[place].declared else { return };
        let marks = declared.marks;
        let years: &[bool] = if self.world.before_new_year.is_some() { &[false, true] } else { &[false] };
        for (add_on, (_, slug, _)) in ADD_ONS.iter().enumerate() {
            let (before, now) = (units(self.truth, place, add_on), units(after, place, add_on));
            let cell = format!("{}/{slug}", key(place));
            let has_ticket = marks.has_ticket && declared.amounts[add_on].is_some();
            let is_named = before != now && !self.is_carried(who, place, add_on, now, sent_at);
            if is_named && self.world.language.needs_ticket[add_on] && !has_ticket && !self.is_allowed(who, &cell) {
                self.breach(Promise::Guarded, "no ticket", at, place, format!("{slug} from {before} to {now}"));
            }
            let limit =
                self.world.language.limits[add_on].map(u64::from).filter(|_| marks.is_in_budget && now > before);
            let Some(limit) = limit.filter(|_| who != 1) else { continue };
            let members = || self.world.in_budget();
            let desired =
                |next: &bool| -> u64 { members().filter_map(|at| self.world.desired(at, add_on, *next)).sum() };
            let at_start: u64 = members().map(|at| units(&self.story.start, at, add_on)).sum();
            let least = years.iter().map(desired).min().unwrap_or(0);
            if least > limit.max(at_start) {
                let what =
                    format!("{slug} from {before} to {now}: the budget is to hold {least}, and its limit is {limit}");
                self.breach(Promise::Guarded, "above the budget", at, place, what);
            }
        }
        let Some(start) = self.starts.get(&who).copied().filter(|_| is_alone(self.story, who)) else { return };
        let is_changed = |at: &usize| start.places[*at].document != after.places[*at].document;
        let changed = (0..after.places.len()).filter(is_changed).count();
        let most = self.world.language.most_changed.map(usize::from).filter(|most| changed > *most);
        if let Some(most) = most.filter(|_| !self.is_allowed(who, "tenant")) {
            let what = format!("{changed} environments change, more than {most}");
            self.breach(Promise::Guarded, "cap on environments", at, place, what);
        }
    }

    /// The caps on decreases. They limit the sum over all cells of an add-on.
    fn caps(&mut self, who: Who, after: &Tenant, at: Duration) {
        let Some(start) = self.starts.get(&who).copied().filter(|_| is_alone(self.story, who)) else { return };
        for (add_on, (_, slug, _)) in ADD_ONS.iter().enumerate() {
            if self.is_allowed(who, slug) {
                continue;
            }
            let units = |tenant: &Tenant, place: usize| held(tenant.places[place].document.as_ref(), add_on);
            let lowered: u64 =
                (0..after.places.len()).map(|place| units(start, place).saturating_sub(units(after, place))).sum();
            let allocated = start.allocated(add_on);
            let percent = u64::from(self.world.max_decrease_percent.unwrap_or(100));
            if allocated >= 100 && lowered * 100 > allocated * percent + 99 {
                let what = format!("{slug} goes down by {lowered} of {allocated}, more than {percent} %");
                self.breach(Promise::Guarded, "cap in percent", at, 0, what);
            }
            if let Some(most) = self.world.purchases[add_on].most_decrease.filter(|most| lowered > u64::from(*most)) {
                self.breach(
                    Promise::Guarded,
                    "cap in units",
                    at,
                    0,
                    format!("{slug} goes down by {lowered}, more than {most}"),
                );
            }
        }
    }
}

fn entry_is(tenant: &Tenant, place: usize, add_on: usize) -> bool {
    let document = tenant.places[place].document.as_ref();
    document.and_then(|document| entry(document, ADD_ONS[add_on].0)).is_some()
}
