//! The weather: everything that goes wrong around a run. A fault names a kind of request and its number, so that a world can be printed,
//! replayed and shrunk fault by fault.

use serde_json::{Value, json};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Route {
    /// A page of the listing of environments, old or new.
    Environments,
    /// The listing of all documents.
    Documents,
    /// The document of one environment, on any surface.
    Document,
    /// The totals of the tenant.
    Reports,
    /// The consumption of one environment.
    Entitlements,
    /// The tenant settings.
    Settings,
    /// A write of a document, on any surface.
    Write,
    /// A write of the tenant settings.
    WriteSetting,
    /// An address that the service does not have.
    Nowhere,
}

/// The `Retry-After` of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryAfter {
    None,
    Seconds(u16),
    Date(u16),
    Fraction,
    Huge,
    Garbage,
}

/// What is odd about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Odd {
    WrongType,
    Null,
    Missing,
    UnknownWord,
    UnknownId,
    /// A document lacks its first entry.
    NoEntry,
}

/// What others do to the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Another admin sets an amount: environment, add-on, units.
    Sets(u8, u8, u32),
    /// The live purchase of an add-on moves: add-on, units.
    Purchase(u8, u32),
    /// An environment changes its state: environment, index into [`STATES`].
    State(u8, u8),
    /// A second `allot` starts; whether it has another configuration.
    SecondApply(bool),
}

/// The states that an environment can change to.
pub(super) const STATES: [&str; 5] = ["Ready", "Disabled", "Deleting", "Preparing", "gone"];

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The connection breaks; the request has its effect or none.
    Broken { effect: bool },
    /// Nothing is answered; the request has its effect or none.
    Silent { effect: bool },
    /// The connection breaks at once, and the effect comes some seconds later.
    Late { after: u8 },
    /// The write is accepted, and the effect comes some seconds later.
    Slow { after: u8 },
    /// A status instead of the response; the request has its effect or none.
    Status { code: u16, retry_after: RetryAfter, effect: bool },
    /// An HTML page with status 200.
    Html,
    /// 404 that is not the surface's own.
    AlienNotFound,
    /// A listing lacks a row.
    Lost(u8),
    /// A listing has a row twice.
    Doubled(u8),
    /// A row is odd.
    Odd(u8, Odd),
    /// The response shows the state some seconds ago.
    Stale { seconds: u16 },
    /// Others act, some milliseconds after the request arrived.
    Outside { act: Act, after: u16 },
    /// The process is killed, some milliseconds after the request arrived.
    Kill { after: u16 },
    /// The user asks the run to stop, some milliseconds after the request arrived.
    Stop { after: u16, twice: bool },
}

/// One fault: from the nth request of a kind on, so many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) on: Route,
    pub(super) nth: u8,
    pub(super) times: u8,
    pub(super) what: What,
}

impl Fault {
    pub(super) fn hits(&self, on: Route, nth: usize) -> bool {
        let first = usize::from(self.nth);
        self.on == on && (first..first + usize::from(self.times)).contains(&nth)
    }

    /// The class of the fault, by which ALLOT_WORLD_WEATHER selects.
    pub(super) fn class(&self) -> &'static str {
        match self.what {
            What::Lost(_) | What::Doubled(_) => "rows",
            What::Odd(..) | What::Html | What::AlienNotFound => "odd",
            What::Stale { .. } => "stale",
            What::Late { .. } | What::Slow { .. } => "late",
            What::Silent { .. } => "silent",
            What::Broken { .. } => "answers",
            What::Status { .. } => "status",
            What::Outside { act: Act::SecondApply(_), .. } => "second",
            What::Outside { act: Act::Purchase(..), .. } => "purchases",
            What::Outside { act: Act::Sets(..), .. } => "others",
            What::Outside { act: Act::State(..), .. } => "states",
            What::Kill { .. } => "kill",
            What::Stop { .. } => "stop",
        }
    }
}

/// The text of a `Retry-After`; `now` is the time at the service.
pub(super) fn retry_after(kind: RetryAfter, now: jiff::Timestamp) -> Option<String> {
    Some(match kind {
        RetryAfter::None => return None,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => {
            let at = now + jiff::SignedDuration::from_secs(i64::from(seconds));
            let seconds = u64::try_from(at.as_second()).unwrap_or(0);
            httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds))
        }
        RetryAfter::Fraction => "1.5".to_owned(),
        RetryAfter::Huge => u64::MAX.to_string(),
        RetryAfter::Garbage => "soon; maybe".to_owned(),
    })
}

/// Changes the rows of a response as the faults say.
pub(super) fn rows(route: Route, rows: &mut Vec<Value>, what: What) {
    let at = |wanted: u8, rows: &[Value]| usize::from(wanted) % rows.len().max(1);
    if rows.is_empty() {
        return;
    }
    match what {
        What::Lost(row) => drop(rows.remove(at(row, rows))),
        What::Doubled(row) => {
            let row = rows[at(row, rows)].clone();
            rows.push(row);
        }
        What::Odd(row, odd) => {
            let row = at(row, rows);
            make_odd(route, &mut rows[row], odd);
        }
        _ => {}
    }
}

/// Makes one row odd. A row of documents is odd in its first entry, if it has one.
pub(super) fn make_odd(route: Route, row: &mut Value, odd: Odd) {
    if route == Route::Entitlements {
        return make_use_odd(row, odd);
    }
    let (id, amount, word) = match route {
        Route::Environments => ("id", "displayName", "state"),
        Route::Documents | Route::Document => ("environmentId", "allocated", "currencyType"),
        Route::Reports if odd == Odd::WrongType => ("currencyType", "allocated", "currencyType"),
        Route::Reports => ("currencyType", "purchased", "currencyType"),
        _ => ("", "disableCapacityAllocationByEnvironmentAdmins", "disableCapacityAllocationByEnvironmentAdmins"),
    };
    if odd == Odd::UnknownId {
        if row.get(id).is_some() {
            row[id] = json!("7e0c0a7a");
        }
        return;
    }
    let is_document = row.get("currencyAllocations").is_some();
    let place = match row.get_mut("currencyAllocations").and_then(Value::as_array_mut) {
        // An unknown add-on is added to the others. In the place of another, it would make the row false, not odd.
        Some(entries) if odd == Odd::UnknownWord => {
            entries.push(json!({ "currencyType": "Melting", "allocated": 3 }));
            return;
        }
        Some(entries) if odd == Odd::NoEntry => {
            entries.drain(..1.min(entries.len()));
            return;
        }
        Some(entries) if !entries.is_empty() => &mut entries[0],
        _ => row,
    };
    let Some(fields) = place.as_object_mut() else { return };
    match odd {
        Odd::WrongType => drop(fields.insert(amount.to_owned(), json!("5"))),
        Odd::Null => drop(fields.insert(amount.to_owned(), Value::Null)),
        Odd::Missing => drop(fields.remove(amount)),
        Odd::UnknownWord if fields.contains_key(word) && !is_document => {
            fields.insert(word.to_owned(), json!("Melting"));
        }
        Odd::UnknownWord | Odd::UnknownId | Odd::NoEntry => {}
    }
}

/// Makes the row odd that tells how much of an add-on an environment uses.
fn make_use_odd(row: &mut Value, odd: Odd) {
    let Some(capacity) = row.pointer_mut("/entitlement/capacity").and_then(Value::as_object_mut) else { return };
    match odd {
        Odd::WrongType => drop(capacity.insert("consumed".to_owned(), json!({ "value": "5" }))),
        Odd::Null => drop(capacity.insert("consumed".to_owned(), Value::Null)),
        Odd::Missing => drop(capacity.remove("consumed")),
        Odd::UnknownWord => row["entitlementId"] = json!("Melting"),
        Odd::UnknownId | Odd::NoEntry => {}
    }
}
