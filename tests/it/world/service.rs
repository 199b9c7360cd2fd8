//! A plain service of its own, without a socket: JSON values in, JSON values out. Every request, effect and response goes into a log, from
//! which the contract is checked. The server works on by itself if the client goes away.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use allotment::net::transport::{SendFault, Sending, Transport};
use allotment::workflow::apply::Stop;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use super::routes;
use super::tenant::{ADD_ONS, History, Semantics, Surface, Tenant};
use super::weather::{Act, Fault, Route, STATES, What, retry_after};

/// A connection that is silent for so long breaks. The client gives up before that.
const SILENCE: Duration = Duration::from_secs(100);

/// How the service behaves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) semantics: Semantics,
    pub(super) refuses_over_allocation: bool,
    /// A surface that does not take an add-on.
    pub(super) refuses: Option<(Surface, usize)>,
    pub(super) has_middle: bool,
    pub(super) has_newest: bool,
    pub(super) has_new_listing: bool,
    pub(super) page: usize,
    /// Half of the time that a request takes.
    pub(super) latency: Duration,
    pub(super) start: jiff::Timestamp,
}

/// Who sends: the number of the process, counted from 0.
pub(super) type Who = usize;

/// One line of the log.
#[derive(Clone, Debug)]
pub(super) enum Event {
    /// A request arrived. A write has its environment, its surface and its document.
    Sent { id: usize, who: Who, route: Route, place: Option<usize>, patch: Option<(Surface, Value)> },
    /// A write took effect.
    Effect { id: usize, tenant: Tenant },
    /// A write has no effect, and will have none.
    Void { id: usize },
    /// A response was delivered.
    Answer { id: usize, status: u16, body: Value },
    /// Others changed the tenant.
    Outside { act: Act, what: String, tenant: Tenant },
    /// A process showed something to the person at the terminal.
    Word { who: Who },
    /// The user asked the run to stop.
    StopAsked { twice: bool },
    /// A process began; `run` is the number of its report.
    Begin { who: Who, run: usize },
    /// A process ended: killed or not.
    End { who: Who },
}

/// An event and its time.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    pub(super) at: Duration,
    pub(super) event: Event,
}

/// The parts that change.
pub(super) struct Inner {
    pub(super) tenant: Tenant,
    pub(super) history: History,
    pub(super) log: Vec<Logged>,
    faults: Vec<Fault>,
    counts: BTreeMap<Route, usize>,
    requests: usize,
    stops: Vec<Stop>,
    /// The last write of the built-in tenant's file that is in the log.
    pub(super) recorded: i64,
    /// The number of processes so far.
    pub(super) runs: usize,
}

/// The service.
pub(super) struct Service {
    pub(super) rules: Rules,
    begun: tokio::time::Instant,
    inner: Mutex<Inner>,
    /// The process is to be killed.
    pub(super) kill: Notify,
    /// `Some` if a second process is to begin; whether it has another configuration.
    pub(super) second: Mutex<Option<bool>>,
    pub(super) second_begins: Notify,
}

/// A response on its way; `None` if the connection breaks.
pub(super) type Reply = Option<http::Response<Bytes>>;

impl Service {
    pub(super) fn new(tenant: Tenant, rules: Rules, faults: Vec<Fault>) -> Arc<Service> {
        let inner = Inner {
            history: History::new(&tenant),
            tenant,
            log: Vec::new(),
            faults,
            counts: BTreeMap::new(),
            requests: 0,
            stops: Vec::new(),
            recorded: 0,
            runs: 0,
        };
        Arc::new(Service {
            rules,
            begun: tokio::time::Instant::now(),
            inner: Mutex::new(inner),
            kill: Notify::new(),
            second: Mutex::new(None),
            second_begins: Notify::new(),
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    pub(super) fn now(&self) -> jiff::Timestamp {
        self.rules.start + jiff::SignedDuration::try_from(self.elapsed()).expect("a short time")
    }

    pub(super) fn log(&self, event: Event) {
        let at = self.elapsed();
        self.lock().log.push(Logged { at, event });
    }

    /// The weather ends.
    pub(super) fn clear(&self) {
        self.lock().faults.clear();
    }

    /// Stop requests of the weather go to this run.
    pub(super) fn stops(&self, stop: &Stop) {
        self.lock().stops = vec![stop.clone()];
    }

    /// The user asks the run to stop.
    pub(super) fn ask_to_stop(&self, twice: bool) {
        let stops = self.lock().stops.clone();
        self.log(Event::StopAsked { twice });
        for stop in stops {
            stop.request();
            if twice {
                stop.request();
            }
        }
    }

    pub(super) fn transport(self: &Arc<Service>, who: Who) -> Arc<dyn Transport> {
        Arc::new(Line { service: Arc::clone(self), who })
    }

    /// A change by others.
    pub(super) fn act(&self, act: Act) {
        let mut inner = self.lock();
        let places = inner.tenant.places.len();
        let what = match act {
            Act::Sets(place, add_on, units) => {
                let (place, add_on) = (usize::from(place) % places, usize::from(add_on) % ADD_ONS.len());
                let (id, name) = (inner.tenant.places[place].id.clone(), inner.tenant.places[place].name.clone());
                let currency = ADD_ONS[add_on].0;
                let patch = json!({ "environmentId": id,
                    "currencyAllocations": [{ "currencyType": currency, "allocated": units }] });
                let before = inner.tenant.places[place].document.take();
                let after = super::tenant::written(Semantics::Merge, Surface::Middle, before.as_ref(), &patch);
                inner.tenant.places[place].document = Some(after);
                format!("another admin sets {name} {currency} to {units}")
            }
            Act::Purchase(add_on, units) => {
                let add_on = usize::from(add_on) % ADD_ONS.len();
                inner.tenant.purchased[add_on] = Some(u64::from(units));
                format!("the live purchase of {} becomes {units}", ADD_ONS[add_on].1)
            }
            Act::State(place, state) => {
                let place = usize::from(place) % places;
                let state = STATES[usize::from(state) % STATES.len()];
                inner.tenant.places[place].state = state;
                inner.tenant.places[place].is_listed = state != "gone";
                format!("{} becomes {state}", inner.tenant.places[place].name)
            }
            Act::SecondApply(other) => {
                self.second.lock().expect("no panic").get_or_insert(other);
                self.second_begins.notify_one();
                "a second allot begins".to_owned()
            }
        };
        let (at, tenant) = (self.elapsed(), inner.tenant.clone());
        inner.history.note(at, &tenant);
        inner.log.push(Logged { at, event: Event::Outside { act, what, tenant } });
    }

    /// A request arrives: it is logged, the weather decides, and the server begins to work on it.
    fn arrive(self: &Arc<Service>, who: Who, request: &http::Request<Bytes>) -> (usize, oneshot::Receiver<Reply>) {
        let asked = routes::asked(self, request);
        let at = self.elapsed();
        let (id, hits) = {
            let mut inner = self.lock();
            let id = inner.requests;
            inner.requests += 1;
            let (route, place, patch) = (asked.route, asked.place, asked.patch.clone());
            inner.log.push(Logged { at, event: Event::Sent { id, who, route, place, patch } });
            let nth = inner.counts.entry(asked.route).or_default();
            let hit = *nth;
            *nth += 1;
            let hits: Vec<What> =
                inner.faults.iter().filter(|fault| fault.hits(asked.route, hit)).map(|fault| fault.what).collect();
            (id, hits)
        };
        for what in &hits {
            self.happens(*what);
        }
        let (reply, receive) = oneshot::channel();
        let service = Arc::clone(self);
        tokio::spawn(async move { service.serve(id, asked, hits, reply).await });
        (id, receive)
    }

    /// What happens around a request.
    fn happens(self: &Arc<Service>, what: What) {
        let service = Arc::clone(self);
        let later = |after: u16| tokio::time::sleep(Duration::from_millis(u64::from(after)));
        match what {
            What::Outside { act, after: 0 } => self.act(act),
            What::Outside { act, after } => {
                tokio::spawn(async move {
                    later(after).await;
                    service.act(act);
                });
            }
            What::Kill { after } => {
                tokio::spawn(async move {
                    later(after).await;
                    service.kill.notify_one();
                });
            }
            What::Stop { after, twice } => {
                tokio::spawn(async move {
                    later(after).await;
                    service.ask_to_stop(twice);
                });
            }
            _ => {}
        }
    }

    /// The server's work on one request.
    async fn serve(
        self: Arc<Service>,
        id: usize,
        asked: routes::Asked,
        hits: Vec<What>,
        reply: oneshot::Sender<Reply>,
    ) {
        let latency = self.rules.latency;
        tokio::time::sleep(latency).await;
        let is_fault = |what: &&What| {
            matches!(
                what,
                What::Broken { .. }
                    | What::Silent { .. }
                    | What::Late { .. }
                    | What::Slow { .. }
                    | What::Status { .. }
                    | What::AlienNotFound
            )
        };
        let fault = hits.iter().find(is_fault).copied();
        let has_effect = match fault {
            Some(What::Broken { effect } | What::Silent { effect } | What::Status { effect, .. }) => effect,
            Some(What::Late { .. } | What::Slow { .. } | What::AlienNotFound) => false,
            _ => true,
        };
        let is_read = asked.patch.is_none() && asked.route != Route::WriteSetting;
        let answer = (has_effect || is_read).then(|| routes::answer(&self, id, &asked, &hits));
        let accepted = matches!(fault, Some(What::Slow { .. })).then(|| routes::accepted(&self, &asked)).flatten();
        match fault {
            Some(What::Late { after } | What::Slow { after }) => {
                let service = Arc::clone(&self);
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(u64::from(after))).await;
                    routes::answer(&service, id, &asked, &[]);
                });
            }
            _ if answer.is_none() => self.log(Event::Void { id }),
            _ => {}
        }
        tokio::time::sleep(latency).await;
        let _ = match fault {
            Some(What::Silent { .. }) => {
                tokio::time::sleep(SILENCE * 2).await;
                reply.send(None)
            }
            Some(What::Broken { .. } | What::Late { .. }) => reply.send(None),
            Some(What::AlienNotFound) => {
                reply.send(Some(page(404, None, "<html><body>Not found</body></html>".into())))
            }
            Some(What::Status { code, retry_after: kind, .. }) => {
                let name = if code == 400 { "InvalidAllocation" } else { "Trouble" };
                // A refusal may quote add-ons, and still refuses the whole request.
                let quoted = ADD_ONS.map(|(currency, ..)| format!("\"{currency}\"")).join(", ");
                let body = json!({ "error": { "code": name, "message": format!("Not now: {quoted}.") } });
                reply.send(Some(page(code, retry_after(kind, self.now()), body.to_string())))
            }
            _ if hits.contains(&What::Html) => {
                reply.send(Some(page(200, None, "<!DOCTYPE html><html>Sign in</html>".into())))
            }
            _ => {
                let (status, body) = answer.or(accepted).unwrap_or((500, Value::Null));
                let text = if body.is_null() { String::new() } else { body.to_string() };
                reply.send(Some(page(status, None, text)))
            }
        };
    }
}

fn page(status: u16, retry_after: Option<String>, body: String) -> http::Response<Bytes> {
    let mut response = http::Response::builder().status(status);
    if let Some(text) = retry_after {
        response = response.header(http::header::RETRY_AFTER, text);
    }
    response.body(Bytes::from(body)).expect("a response")
}

/// The line of one process to the service.
struct Line {
    service: Arc<Service>,
    who: Who,
}

impl Transport for Line {
    fn send(&self, request: http::Request<Bytes>) -> Sending<'_> {
        Box::pin(async move {
            if request.uri().path().ends_with("/oauth2/v2.0/token") {
                let name = format!("token {}", self.service.lock().log.len());
                let token = json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": name });
                return Ok(page(200, None, token.to_string()));
            }
            let (id, receive) = self.service.arrive(self.who, &request);
            let no_answer = |why: &str| Err(SendFault::NoResponse(why.to_owned()));
            match tokio::time::timeout(SILENCE, receive).await {
                Ok(Ok(Some(response))) => {
                    let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
                    self.service.log(Event::Answer { id, status: response.status().as_u16(), body });
                    Ok(response)
                }
                Ok(_) => no_answer("the connection broke"),
                Err(_) => no_answer("it took too long"),
            }
        })
    }
}
