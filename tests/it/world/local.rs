//! Worlds on the built-in tenant: the seed and its failures. Every write that the file of the tenant records goes into
//! the log that the service keeps too.

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::routes;
use super::run::apply_beside;
use super::service::{Event, Logged, Service, Who};
use super::shape::{Amount, World};
use super::tenant::{ADD_ONS, SWITCHES, Semantics, Surface};
use super::weather::{Act, Route, What};

impl World {
    /// The world with only what the built-in tenant knows.
    pub(super) fn on_the_built_in_tenant(mut self) -> World {
        self.is_local = true;
        self.semantics = Semantics::ReplaceDocument;
        self.has = [true; 3];
        for holding in self.environments.iter_mut().flat_map(|one| one.holds.iter_mut().flatten()) {
            holding.strange = false;
            holding.auto = None;
        }
        self.faults.retain(|fault| {
            matches!(fault.what, What::Kill { .. } | What::Stop { .. } | What::Outside { act: Act::SecondApply(_), .. })
                || fault.on == Route::Write && matches!(fault.what, What::Broken { .. } | What::Status { .. })
        });
        self
    }

    /// The seed of the built-in tenant. JSON is YAML.
    pub(super) fn seed(&self) -> String {
        let tenant = self.tenant();
        let named = |of: &dyn Fn(usize) -> Option<Value>| -> Value {
            let all =
                ADD_ONS.iter().enumerate().filter_map(|(add_on, (_, slug, _))| Some((slug.to_string(), of(add_on)?)));
            Value::Object(all.collect())
        };
        let environments = self.environments.iter().enumerate().map(|(at, one)| {
            let amount = |add_on: usize| {
                let holding = one.holds[add_on].as_ref()?;
                let rules = SWITCHES.iter().zip(holding.rules).filter_map(|((_, name), on)| Some((name.to_string(), json!(on?))));
                Some(json!({ "units": holding.units, "whenExhausted": rules.collect::<Map<String, Value>>() }))
            };
            let state = if one.state == "Deleting" { "deleted".to_owned() } else { one.state.to_lowercase() };
            json!({ "id": self.id(at), "name": tenant.places[at].name, "class": tenant.places[at].class.to_lowercase(), "state": state,
                "allocations": named(&amount), "consumption": named(&|add_on| one.consumed[add_on].map(|units| json!(units))) })
        });
        let hidden = (0..self.environments.len()).filter(|at| !self.environments[*at].is_listed).map(|at| self.id(at));
        let failures = self.faults.iter().filter_map(|fault| {
            let kind = match fault.what {
                What::Broken { effect: true } | What::Status { effect: true, .. } => "unknownAfter",
                What::Broken { effect: false } => "unknownBefore",
                What::Status { code: 401, .. } => "denied",
                What::Status { code: 425 | 429, .. } => "throttled",
                What::Status { .. } => "unavailable",
                _ => return None,
            };
            Some((self.id(usize::from(fault.nth) % self.environments.len()), kind, fault.times))
        });
        let mut by_place: Map<String, Value> = Map::new();
        for (place, kind, times) in failures {
            by_place.insert(place.clone(), json!({ "environment": place, "kind": kind, "times": times }));
        }
        // Others write between a reading of ours and the write of this number.
        let held = self.faults.iter().find(|fault| matches!(fault.what, What::Outside { act: Act::Sets(..), .. }));
        let held = held.map(|fault| json!({ "write": u64::from(fault.nth) + 1, "moment": "before" }));
        let who = if self.only_specific_admins { "only-specific-admins" } else { "environment-admins" };
        json!({ "tenant": "contoso", "settings": { "whoCanAllocate": who },
            "purchased": named(&|add_on| self.purchases[add_on].live.map(|units| json!(units))),
            "environments": environments.collect::<Vec<_>>(),
            "behaviour": { "overAllocation": if self.refuses_over_allocation { "refuse" } else { "accept" },
                "holdAtWrite": held, "hidden": hidden.collect::<Vec<_>>(), "failWrites": by_place.into_values().collect::<Vec<_>>() } })
        .to_string()
    }
}

/// A document of the file as the service would write it.
fn document(place: &str, content: &str) -> Value {
    let content: Value = serde_json::from_str(content).unwrap_or(Value::Null);
    let held = if content["entries"].is_object() { &content["entries"] } else { &content };
    let entry = |(currency, slug, _): &(&str, &str, usize)| {
        let entry = held.get(*slug)?;
        let rule = |(rule, name): &(&str, &str)| {
            Some(json!({ "ruleType": rule, "enabled": entry["whenExhausted"].get(*name)?.as_bool()? }))
        };
        let rules: Vec<Value> = SWITCHES.iter().filter_map(rule).collect();
        let mut shown = json!({ "currencyType": currency, "allocated": entry["units"] });
        if !rules.is_empty() {
            shown["enforcementRules"] = json!(rules);
        }
        Some(shown)
    };
    json!({ "environmentId": place, "currencyAllocations": ADD_ONS.iter().filter_map(entry).collect::<Vec<_>>() })
}

/// The file of the tenant.
fn file(folder: &Path) -> Option<Connection> {
    let path = folder.join(".allotment").join("tenant.db");
    path.exists().then(|| Connection::open(path).expect("the tenant's file"))
}

/// Ends the failures of writes, even if no process has made the tenant's file yet.
pub(super) fn clear(world: &World, folder: &Path) {
    match file(folder) {
        Some(file) => drop(file.execute("DELETE FROM failure", []).expect("no more failures")),
        None => {
            let calm = World { faults: Vec::new(), ..world.clone() };
            std::fs::write(folder.join("tenant.seed.yaml"), calm.seed()).expect("a file");
        }
    }
}

/// Adds the writes that the file has recorded since the last call to the log, as writes of a process.
fn absorb(service: &Arc<Service>, folder: &Path, who: Who) {
    let Some(file) = file(folder) else { return };
    let known = service.lock().recorded;
    let mut statement = file
        .prepare("SELECT sequence, environment, after FROM write WHERE sequence > ?1 ORDER BY sequence")
        .expect("the trace");
    let rows = statement
        .query_map([known], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)));
    let rows: Vec<(i64, String, String)> = rows.expect("rows").filter_map(Result::ok).collect();
    let at = service.elapsed();
    for (sequence, place, after) in &rows {
        let after = document(place, after);
        let mut inner = service.lock();
        inner.recorded = *sequence;
        let Some(place) = inner.tenant.find(place) else { continue };
        let id = usize::try_from(*sequence).unwrap_or(0) + 1_000_000;
        let patch = Some((Surface::Middle, after.clone()));
        inner.log.push(Logged { at, event: Event::Sent { id, who, route: Route::Write, place: Some(place), patch } });
        inner.tenant.places[place].document = Some(after.clone());
        let tenant = inner.tenant.clone();
        inner.log.push(Logged { at, event: Event::Effect { id, tenant } });
        inner.log.push(Logged { at, event: Event::Answer { id, status: 200, body: after } });
    }
    if !rows.is_empty() {
        read_all(service, who);
    }
}

/// Logs a read of the whole tenant by a process. A read of the built-in tenant is exact.
pub(super) fn read_all(service: &Arc<Service>, who: Who) {
    for (route, id) in [(Route::Environments, 2_000_000), (Route::Documents, 2_000_001), (Route::Reports, 2_000_002)] {
        service.log(Event::Sent { id, who, route, place: None, patch: None });
        let (status, mut body) = routes::answer(service, id, &routes::Asked::plain(route), &[]);
        // The caller does not see what is hidden.
        if let (Route::Documents, Some(rows)) = (route, body.as_array_mut()) {
            let inner = service.lock();
            let place = |row: &Value| inner.tenant.find(row["environmentId"].as_str().unwrap_or_default());
            rows.retain(|row| place(row).is_none_or(|place| inner.tenant.places[place].is_listed));
        }
        service.log(Event::Answer { id, status, body });
    }
}

/// A process on the built-in tenant. After every step, the writes go into the log; at some step, it may be killed or asked to stop.
pub(super) struct Stepped<'a, F> {
    pub(super) work: Pin<Box<F>>,
    pub(super) world: &'a World,
    pub(super) service: &'a Arc<Service>,
    pub(super) folder: &'a Path,
    pub(super) who: Who,
    pub(super) steps: u16,
    pub(super) faults: Vec<(u16, What)>,
}

impl<F: Future> Future for Stepped<'_, F> {
    /// `None` if it was killed.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<F::Output>> {
        let step = self.steps;
        self.steps += 1;
        for (_, what) in self.faults.iter().filter(|(at, _)| *at == step) {
            match what {
                What::Kill { .. } => return Poll::Ready(None),
                What::Stop { twice, .. } => self.service.ask_to_stop(*twice),
                What::Outside { act: act @ Act::Sets(..), .. } => self.others_write(*act),
                What::Outside { act, .. } => self.service.act(*act),
                _ => {}
            }
        }
        let result = self.work.as_mut().poll(context);
        absorb(self.service, self.folder, self.who);
        result.map(Some)
    }
}

impl<F> Stepped<'_, F> {
    /// Others set an amount, with an `allot` of their own.
    fn others_write(&self, act: Act) {
        let Act::Sets(place, add_on, units) = act else { return };
        let mut other = World { faults: Vec::new(), target: None, ..self.world.clone() };
        let declared = other.environments[usize::from(place)].declared.take();
        other.environments.iter_mut().for_each(|one| one.declared = None);
        let mut declared = declared.expect("a declared environment");
        declared.amounts = [const { None }; ADD_ONS.len()];
        declared.amounts[usize::from(add_on)] = Some(Amount { units, grant: None, switches: [None; 4] });
        other.environments[usize::from(place)].declared = Some(declared);
        let (what, tenant) = ("another process applies".to_owned(), self.service.lock().tenant.clone());
        self.service.log(Event::Outside { act, what, tenant });
        if let Some(file) = file(self.folder) {
            file.execute("DELETE FROM fact WHERE key = 'holdAtWrite'", []).expect("the tenant goes on");
        }
        apply_beside(&other, self.service, self.folder);
    }
}

impl World {
    /// The steps at which a process is killed or asked to stop, others write, or a second one begins.
    pub(super) fn steps(&self) -> Vec<(u16, What)> {
        let of = |fault: &super::weather::Fault| match fault.what {
            What::Outside { act: Act::Sets(..), .. } => Some((1, fault.what)),
            What::Kill { after } | What::Stop { after, .. } | What::Outside { after, .. } => {
                Some((u16::from(fault.nth) + after % 8, fault.what))
            }
            _ => None,
        };
        self.faults.iter().filter_map(of).collect()
    }
}
