//! A tenant in memory, for tests: it answers late, injects faults, serves stale reads, and records all calls and the maximum of each pool.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use litemap::LiteMap;
use tokio::time::{Instant, sleep};

use crate::model::catalog::{AddOn, Pool};
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::observed::{Caller, EnvironmentState, Listing, ObservedEnvironment, ObservedTotal, Reading};
use crate::model::roles::{Role, WhoCanAllocate};
use crate::model::terms::{EnvironmentClass, EnvironmentId, Units};
use crate::provider::port::{
    Clock, DocumentReading, Documents, Environments, KnownDocument, ListingCost, MissingRow, Observe, Perform,
    ProviderError, ProviderErrorKind,
};

/// A fault of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// The tenant refuses the call, and nothing changes.
    Fails(ProviderErrorKind),
    /// The call takes effect, and the response is lost.
    AnswerLost,
    /// The call takes no effect, and the caller gets no response.
    RequestLost,
    /// The write takes effect, and the response is an empty document.
    WrongAnswer,
    /// The write takes no effect, and the response is the unchanged document.
    Ignored,
}

/// One call, as the tenant saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// A read of all documents.
    Listing,
    /// A read of one document.
    Single(EnvironmentId),
    /// A write of one document.
    Write(EnvironmentId),
    /// A read of the setting `whoCanAllocate`.
    ReadSetting,
    /// A write of the setting `whoCanAllocate`.
    WriteSetting(WhoCanAllocate),
}

type Contents = BTreeMap<EnvironmentId, EnvironmentDocument>;

#[derive(Default)]
struct Inner {
    documents: Contents,
    history: Vec<(Option<Instant>, Contents)>,
    setting: Option<WhoCanAllocate>,
    unreadable: Vec<EnvironmentId>,
    calls: Vec<Call>,
    sent_at: Vec<(EnvironmentId, Instant)>,
    writes: usize,
    reads: usize,
    open: usize,
    most_open: usize,
    most_held: BTreeMap<Pool, u64>,
}

/// The fake tenant. Set its faults before the run.
pub(crate) struct Fake {
    inner: Mutex<Inner>,
    /// The duration of a call. A write takes effect half way.
    pub(crate) latency: Duration,
    /// The age of the data that a read returns.
    pub(crate) lag: Duration,
    /// Faults of writes by their number, counted from 0 in the order of arrival. Retries count.
    pub(crate) write_faults: BTreeMap<usize, Fault>,
    /// Faults of every write to an environment.
    pub(crate) always: BTreeMap<EnvironmentId, Fault>,
    /// Faults of reads of documents by their number, counted from 0.
    pub(crate) read_faults: BTreeMap<usize, ProviderErrorKind>,
    /// Amounts that another admin sets just before the nth read of documents is answered.
    pub(crate) concurrent_changes: BTreeMap<usize, (EnvironmentId, AddOn, u64)>,
    /// The fault of every write of the setting.
    pub(crate) setting_fault: Option<Fault>,
    /// The fault of every read of consumption, of the setting, and of the caller.
    pub(crate) other_fault: Option<ProviderErrorKind>,
    /// Environments that the listing of environments leaves out.
    pub(crate) hidden: Vec<EnvironmentId>,
    /// The meaning of a missing row.
    pub(crate) missing_row: MissingRow,
    /// The listing cost that the fake reports.
    pub(crate) listing_cost: ListingCost,
    /// The number of reads after which a listing costs one request for each environment.
    pub(crate) costly_after_reads: Option<AtomicUsize>,
}

/// The id of the nth environment.
pub(crate) fn id(number: usize) -> EnvironmentId {
    format!("00000000-0000-4000-8000-{number:012}").parse().unwrap()
}

/// An add-on by its slug.
pub(crate) fn add_on(slug: &str) -> AddOn {
    AddOn::from_slug(slug).unwrap()
}

/// A document that was read.
pub(crate) fn known(contents: EnvironmentDocument) -> KnownDocument {
    KnownDocument::new(contents)
}

/// The proof that an environment holds nothing.
pub(crate) fn proved_absent() -> KnownDocument {
    KnownDocument::proved_absent()
}

/// A listing with these rows, in which a missing row proves nothing.
pub(crate) fn listing(rows: impl IntoIterator<Item = (EnvironmentId, EnvironmentDocument)>) -> Documents {
    let rows = rows.into_iter().map(|(id, document)| (id, Ok(known(document)))).collect();
    Documents { rows, missing_row: MissingRow::ProvesNothing, listing: Listing::Complete }
}

/// A clock that follows tokio's clock: pausing tokio's clock pauses both.
pub(crate) fn clock() -> Clock {
    let start = Instant::now();
    let epoch: jiff::Timestamp = "2026-11-24T09:00:00Z".parse().unwrap();
    Arc::new(move || epoch + start.elapsed())
}

impl Fake {
    /// A tenant whose environments hold these amounts.
    pub(crate) fn new(holdings: &[(usize, &[(&str, u64)])]) -> Fake {
        let documents: Contents = holdings
            .iter()
            .map(|(number, held)| {
                let entries = held.iter().map(|(slug, units)| (add_on(slug), Entry::of(Units::new(*units))));
                (id(*number), EnvironmentDocument { entries: entries.collect() })
            })
            .collect();
        let mut inner = Inner { history: vec![(None, documents.clone())], documents, ..Inner::default() };
        inner.count();
        Fake {
            inner: Mutex::new(inner),
            latency: Duration::from_millis(40),
            lag: Duration::ZERO,
            write_faults: BTreeMap::new(),
            always: BTreeMap::new(),
            read_faults: BTreeMap::new(),
            concurrent_changes: BTreeMap::new(),
            setting_fault: None,
            other_fault: None,
            hidden: Vec::new(),
            missing_row: MissingRow::HoldsNothing,
            listing_cost: ListingCost::OneRequest,
            costly_after_reads: None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Makes the document of one environment unreadable.
    pub(crate) fn cannot_read(&self, environment: EnvironmentId) {
        self.lock().unreadable.push(environment);
    }

    /// Sets `whoCanAllocate`, as an administrator would.
    pub(crate) fn set_who_can_allocate(&self, setting: WhoCanAllocate) {
        self.lock().setting = Some(setting);
    }

    /// The setting `whoCanAllocate`, now.
    pub(crate) fn setting(&self) -> Option<WhoCanAllocate> {
        self.lock().setting
    }

    /// Sets an amount as another admin would.
    pub(crate) fn set(&self, environment: EnvironmentId, add_on: &AddOn, units: u64) {
        let mut inner = self.lock();
        inner.documents.entry(environment).or_default().entries.insert(add_on.clone(), Entry::of(Units::new(units)));
        inner.changed();
    }

    /// The units of an add-on that an environment holds now.
    pub(crate) fn held(&self, environment: &EnvironmentId, slug: &str) -> u64 {
        self.lock().documents.get(environment).map_or(0, |document| document.units(&add_on(slug)).get())
    }

    /// The document of an environment now.
    pub(crate) fn document_now(&self, environment: &EnvironmentId) -> EnvironmentDocument {
        self.lock().documents.get(environment).cloned().unwrap_or_default()
    }

    /// The documents of all environments now.
    pub(crate) fn documents_now(&self) -> BTreeMap<EnvironmentId, EnvironmentDocument> {
        self.lock().documents.clone()
    }

    /// The most units that the pool of an add-on ever held.
    pub(crate) fn most_held(&self, slug: &str) -> u64 {
        self.lock().most_held.get(&add_on(slug).pool()).copied().unwrap_or(0)
    }

    /// Every call so far.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// The writes so far, in the order of arrival.
    pub(crate) fn written(&self) -> Vec<EnvironmentId> {
        let calls = self.calls();
        calls.into_iter().filter_map(|call| if let Call::Write(id) = call { Some(id) } else { None }).collect()
    }

    /// When each write arrived.
    pub(crate) fn arrivals(&self) -> Vec<(EnvironmentId, Instant)> {
        self.lock().sent_at.clone()
    }

    /// The most writes that were in flight at one time.
    pub(crate) fn most_open(&self) -> usize {
        self.lock().most_open
    }

    async fn visible(&self) -> Result<Contents, ProviderError> {
        let number = {
            let mut inner = self.lock();
            inner.reads += 1;
            inner.reads - 1
        };
        if let Some(left) = &self.costly_after_reads {
            let _ = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        }
        sleep(self.latency).await;
        if let Some((environment, add_on, units)) = self.concurrent_changes.get(&number) {
            self.set(environment.clone(), add_on, *units);
        }
        if let Some(kind) = self.read_faults.get(&number) {
            return Err(ProviderError::new(*kind, "the tenant could not be read"));
        }
        let inner = self.lock();
        let now = Instant::now();
        let seen = inner.history.iter().rev().find(|(since, _)| since.is_none_or(|since| since + self.lag <= now));
        Ok(seen.map(|(_, documents)| documents.clone()).unwrap_or_default())
    }

    fn reading(&self, environment: &EnvironmentId, documents: &Contents) -> DocumentReading {
        if self.lock().unreadable.contains(environment) {
            return Err("the tenant answered with half a document".into());
        }
        Ok(documents.get(environment).cloned().map_or_else(KnownDocument::proved_absent, KnownDocument::new))
    }

    fn other<T>(&self, value: T) -> Result<T, ProviderError> {
        match self.other_fault {
            Some(kind) => Err(ProviderError::new(kind, "this caller may not read that")),
            None => Ok(value),
        }
    }
}

impl Inner {
    fn changed(&mut self) {
        self.history.push((Some(Instant::now()), self.documents.clone()));
        self.count();
    }

    fn count(&mut self) {
        let mut held: BTreeMap<Pool, u64> = BTreeMap::new();
        for (add_on, entry) in self.documents.values().flat_map(|document| &document.entries) {
            *held.entry(add_on.pool()).or_default() += entry.units.get();
        }
        for (pool, units) in held {
            let most = self.most_held.entry(pool).or_default();
            *most = units.max(*most);
        }
    }
}

#[async_trait]
impl Observe for Fake {
    fn tenant(&self) -> Arc<str> {
        "contoso".into()
    }

    /// Reports only the allocated units. The plans of the tests contain the purchases.
    async fn totals(&self) -> Result<BTreeMap<AddOn, ObservedTotal>, ProviderError> {
        let mut held: BTreeMap<AddOn, Units> = BTreeMap::new();
        for (add_on, entry) in self.lock().documents.values().flat_map(|document| &document.entries) {
            let sum = held.entry(add_on.clone()).or_default();
            *sum = [*sum, entry.units].into_iter().sum();
        }
        let total = |allocated| ObservedTotal {
            purchased: Reading::Absent,
            allocated: Reading::Known { value: allocated, as_of: jiff::Timestamp::UNIX_EPOCH },
            consumed: Reading::Absent,
        };
        Ok(held.into_iter().map(|(add_on, units)| (add_on, total(units))).collect())
    }

    async fn environments(&self) -> Result<Environments, ProviderError> {
        let ids: Vec<EnvironmentId> = self.lock().documents.keys().cloned().collect();
        let listed = ids.into_iter().filter(|id| !self.hidden.contains(id)).map(|id| (id.clone(), environment(id)));
        let environments = listed.map(|(id, seen)| (id, Box::new(seen))).collect();
        Ok(Environments { listing: Listing::Complete, environments })
    }

    async fn documents(&self) -> Result<Documents, ProviderError> {
        self.lock().calls.push(Call::Listing);
        let seen = self.visible().await?;
        let rows = seen.keys().map(|id| (id.clone(), self.reading(id, &seen))).collect();
        Ok(Documents { rows, missing_row: self.missing_row, listing: Listing::Complete })
    }

    fn listing_cost(&self) -> ListingCost {
        match &self.costly_after_reads {
            Some(left) if left.load(Ordering::SeqCst) == 0 => ListingCost::OnePerEnvironment,
            _ => self.listing_cost,
        }
    }

    async fn document(&self, environment: &EnvironmentId) -> Result<DocumentReading, ProviderError> {
        self.lock().calls.push(Call::Single(environment.clone()));
        let seen = self.visible().await?;
        Ok(self.reading(environment, &seen))
    }

    async fn consumption(&self, _: &EnvironmentId) -> Result<BTreeMap<AddOn, Reading<Units>>, ProviderError> {
        self.other(BTreeMap::new())
    }

    async fn who_can_allocate(&self) -> Result<Reading<WhoCanAllocate>, ProviderError> {
        let setting = {
            let mut inner = self.lock();
            inner.calls.push(Call::ReadSetting);
            inner.setting
        };
        sleep(self.latency).await;
        self.other(match setting {
            Some(value) => Reading::Known { value, as_of: jiff::Timestamp::UNIX_EPOCH },
            None => Reading::Absent,
        })
    }

    async fn caller(&self) -> Result<Caller, ProviderError> {
        let known = |value| Reading::Known { value, as_of: jiff::Timestamp::UNIX_EPOCH };
        let may_allocate = Reading::Known { value: true, as_of: jiff::Timestamp::UNIX_EPOCH };
        self.other(Caller { role: known(Role::PowerPlatformAdmin), may_allocate })
    }
}

#[async_trait]
impl Perform for Fake {
    async fn write_document(
        &self,
        environment: &EnvironmentId,
        _: &KnownDocument,
        document: &EnvironmentDocument,
    ) -> Result<EnvironmentDocument, ProviderError> {
        let fault = {
            let mut inner = self.lock();
            inner.calls.push(Call::Write(environment.clone()));
            inner.sent_at.push((environment.clone(), Instant::now()));
            inner.writes += 1;
            inner.open += 1;
            inner.most_open = inner.most_open.max(inner.open);
            self.write_faults.get(&(inner.writes - 1)).or_else(|| self.always.get(environment)).copied()
        };
        sleep(self.latency / 2).await;
        let before = self.document_now(environment);
        if !matches!(fault, Some(Fault::Fails(_) | Fault::RequestLost | Fault::Ignored)) {
            let mut inner = self.lock();
            inner.documents.insert(environment.clone(), document.clone());
            inner.changed();
        }
        sleep(self.latency / 2).await;
        self.lock().open -= 1;
        let wrong = if matches!(fault, Some(Fault::Ignored)) { before } else { EnvironmentDocument::default() };
        answer(fault, document.clone(), wrong)
    }

    async fn write_who_can_allocate(&self, setting: WhoCanAllocate) -> Result<(), ProviderError> {
        self.lock().calls.push(Call::WriteSetting(setting));
        sleep(self.latency).await;
        if !matches!(self.setting_fault, Some(Fault::Fails(_) | Fault::RequestLost)) {
            self.lock().setting = Some(setting);
        }
        answer(self.setting_fault, (), ())
    }
}

fn answer<T>(fault: Option<Fault>, right: T, wrong: T) -> Result<T, ProviderError> {
    match fault {
        None => Ok(right),
        Some(Fault::WrongAnswer | Fault::Ignored) => Ok(wrong),
        Some(Fault::Fails(kind)) => Err(ProviderError::new(kind, "the tenant refused")),
        Some(Fault::AnswerLost | Fault::RequestLost) => {
            Err(ProviderError::new(ProviderErrorKind::OutcomeUnknown(None), "the connection broke"))
        }
    }
}

fn environment(id: EnvironmentId) -> ObservedEnvironment {
    fn known<T>(value: T) -> Reading<T> {
        Reading::Known { value, as_of: jiff::Timestamp::UNIX_EPOCH }
    }
    ObservedEnvironment {
        listed: true,
        name: known(Arc::from(format!("Environment {id}"))),
        class: known(EnvironmentClass::Production),
        state: known(EnvironmentState::Ready),
        security_group: Reading::Absent,
        dataverse: known(true),
        document: Reading::Unknown { why: "not read yet".into() },
        consumed: LiteMap::new(),
        id,
    }
}
