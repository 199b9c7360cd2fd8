//! A conformance suite for implementations of the port. The same tests run against the built-in tenant and against the client
//! over the emulator, for every set of surfaces and for both merging and replacing writes.

use std::collections::BTreeMap;

use allotment::emulator::faults::{Faults, Semantics, Surface};
use allotment::model::catalog::AddOn;
use allotment::model::document::{Entry, EnvironmentDocument, Switch};
use allotment::model::observed::{Listing, ObservedEnvironment, ObservedTotal, Reading};
use allotment::model::roles::{Role, WhoCanAllocate};
use allotment::model::seed::OverAllocation;
use allotment::model::terms::{EnvironmentId, Units};
use allotment::provider::local::tenant::LocalTenant;
use allotment::provider::port::{DocumentReading, ListingCost, Observe, Perform, ProviderError, ProviderErrorKind};

use crate::service::{Service, Wanted, on_a_paused_clock};

const HR: &str = "d54a33bc-880a-e348-b341-3a0581585c02";
const LAB: &str = "11111111-880a-e348-b341-3a0581585c03";
const NOBODY: &str = "99999999-880a-e348-b341-3a0581585c99";

const SEED: &str = r#"
tenant: contoso
purchased: { app-passes: 20, copilot-credits: 30000, FutureThing: 5 }
environments:
  - id: "d54a33bc-880a-e348-b341-3a0581585c02"
    name: HR
    class: production
    securityGroup: people
    allocations:
      app-passes: 10
      FutureThing: 5
      copilot-credits: { units: 10000, whenExhausted: { drawFromTenant: false, alert: true } }
    consumption:
      app-passes: { units: 7, asOf: 2026-11-22 }
  - { id: "11111111-880a-e348-b341-3a0581585c03", name: Lab, class: sandbox }
settings: { whoCanAllocate: environment-admins }
"#;

const ROOT: &str = r#"
version: 1
tenant: { name: contoso, provider: power-platform }
environments:
  hr: { id: "d54a33bc-880a-e348-b341-3a0581585c02", allocations: { app-passes: 10 } }
  lab: { id: "11111111-880a-e348-b341-3a0581585c03", allocations: { app-passes: 0 } }
"#;

/// An implementation under test, with its variant.
#[derive(Clone, Debug)]
struct Implementation {
    /// `None` for the built-in tenant.
    service: Option<(Semantics, Option<Surface>)>,
    over_allocation: OverAllocation,
}

impl Implementation {
    fn all() -> Vec<Implementation> {
        let services = [Semantics::Merge, Semantics::Replace]
            .into_iter()
            .flat_map(|semantics| [None, Some(Surface::New), Some(Surface::Old)].map(|only| Some((semantics, only))));
        let kept = services.chain([None]);
        kept.flat_map(|service| {
            [OverAllocation::Refuse, OverAllocation::Accept]
                .map(|over_allocation| Implementation { service, over_allocation })
        })
        .collect()
    }

    /// Whether the implementation has switches. The oldest surface has none.
    fn has_switches(&self) -> bool {
        !matches!(self.service, Some((_, Some(Surface::Old))))
    }

    fn open(&self, seed: &str, role: Role) -> Kept {
        let service = Service::as_role(seed, role, |options| {
            let Some((semantics, only)) = self.service else { return };
            let surfaces = only.map(|only| [only].into());
            options.faults =
                Faults { semantics, surfaces, over_allocation: Some(self.over_allocation), ..Faults::default() };
        });
        if self.service.is_some() {
            let client = service.client(&Wanted::of(ROOT).desired);
            return Kept::new(client.reader(), client.writer(), service.truth);
        }
        service.truth.set_over_allocation(self.over_allocation).expect("the setting is written");
        Kept::new(service.truth.reader(), service.truth.writer(), service.truth)
    }
}

/// Both halves under test, and the built-in tenant that holds the true state.
struct Kept {
    reads: Box<dyn Observe>,
    writes: Box<dyn Perform>,
    truth: LocalTenant,
}

impl Kept {
    fn new(reads: impl Observe + 'static, writes: impl Perform + 'static, truth: LocalTenant) -> Kept {
        Kept { reads: Box::new(reads), writes: Box::new(writes), truth }
    }

    async fn document(&self, text: &str) -> Reading<EnvironmentDocument> {
        let reading = self.read(text).await;
        reading
            .map_or_else(|why| Reading::Unknown { why }, |document| document.into_reading(jiff::Timestamp::UNIX_EPOCH))
    }

    /// Reads one environment after the listings, as a plan does: only they prove that it has no document.
    async fn read(&self, text: &str) -> DocumentReading {
        let _ = futures::join!(self.reads.environments(), self.reads.documents());
        self.reads.document(&id(text)).await.expect("the tenant can be read")
    }

    /// Writes a document after a read, as an apply does.
    async fn write(&self, text: &str, document: &EnvironmentDocument) -> Result<EnvironmentDocument, ProviderError> {
        for _ in 0..3 {
            let before = self.read(text).await.expect("a document, or the proof that there is none");
            match self.writes.write_document(&id(text), &before, document).await {
                Err(error) if error.kind.needs_a_read() => {}
                ended => return ended,
            }
        }
        panic!("the tenant asks for another read again and again")
    }

    async fn held(&self, text: &str) -> EnvironmentDocument {
        self.document(text).await.known().cloned().unwrap_or_default()
    }
}

fn id(text: &str) -> EnvironmentId {
    text.parse().expect("an id")
}

fn add_on(slug: &str) -> AddOn {
    AddOn::from_slug(slug).expect("a slug")
}

/// A document with one amount set.
fn with(mut document: EnvironmentDocument, slug: &str, units: u64) -> EnvironmentDocument {
    document.entries.entry(add_on(slug)).or_insert_with(|| Entry::of(Units::ZERO)).units = Units::new(units);
    document
}

/// The units of two add-ons.
fn units(document: &EnvironmentDocument) -> [u64; 2] {
    ["app-passes", "copilot-credits"].map(|slug| document.units(&add_on(slug)).get())
}

fn switches(document: &EnvironmentDocument, slug: &str) -> BTreeMap<Switch, bool> {
    document.entries.get(&add_on(slug)).map(|entry| entry.when_exhausted.into()).unwrap_or_default()
}

/// Totals have purchased, allocated and consumed units.
async fn totals(_: &Implementation, kept: Kept) {
    let totals = kept.reads.totals().await.expect("totals");
    let total: &ObservedTotal = &totals[&add_on("app-passes")];
    let figures = [&total.purchased, &total.allocated, &total.consumed].map(|figure| figure.known().copied());
    assert_eq!(figures, [20, 10, 7].map(|units| Some(Units::new(units))));
    assert_eq!(totals[&add_on("copilot-credits")].allocated.known().copied(), Some(Units::new(10_000)));
}

/// Environments are listed with all known properties.
async fn environments(_: &Implementation, kept: Kept) {
    let listed = kept.reads.environments().await.expect("environments");
    assert_eq!(listed.listing, Listing::Complete);
    let told: Vec<_> = listed.environments.values().map(|environment| told(environment)).collect();
    assert_eq!(told, [(LAB, "Lab", "sandbox", "ready"), (HR, "HR", "production", "ready")].map(of_text));
    assert_eq!(*kept.reads.tenant(), *"contoso");
}

fn told(environment: &ObservedEnvironment) -> (String, String, String, String) {
    let word = |reading: Option<String>| reading.unwrap_or_else(|| "unknown".to_owned());
    (
        environment.id.to_string(),
        word(environment.name.known().map(ToString::to_string)),
        word(environment.class.known().map(ToString::to_string)),
        word(environment.state.known().map(|state| state.as_str().to_owned())),
    )
}

fn of_text((id, name, class, state): (&str, &str, &str, &str)) -> (String, String, String, String) {
    (id.to_owned(), name.to_owned(), class.to_owned(), state.to_owned())
}

/// A single read and the listing agree, and a missing document is absent, not zero.
async fn documents(implementation: &Implementation, kept: Kept) {
    let all = kept.reads.documents().await.expect("documents");
    let single = kept.document(HR).await;
    assert_eq!(all.known(&id(HR)), single.known());
    assert_eq!(units(single.known().expect("a document")), [10, 10_000]);
    assert!(all.rows.get(&id(LAB)).is_none_or(|row| row.as_ref().is_ok_and(|document| !document.exists())));
    assert_eq!(kept.document(LAB).await, Reading::Absent);
    let told = if implementation.has_switches() {
        BTreeMap::from([(Switch::DrawFromTenant, false), (Switch::Alert, true)])
    } else {
        BTreeMap::new()
    };
    let switches = switches(single.known().expect("a document"), "copilot-credits");
    // A service may report switches that were never set, but only as off.
    let stated: BTreeMap<_, _> = switches.into_iter().filter(|(switch, on)| *on || told.contains_key(switch)).collect();
    assert_eq!(stated, told);
}

/// A write returns the document after it, changes nothing else, and is idempotent.
async fn writes(_: &Implementation, kept: Kept) {
    let wanted = with(kept.held(HR).await, "app-passes", 12);
    for _ in 0..2 {
        let answer = kept.write(HR, &wanted).await.expect("the write is accepted");
        assert_eq!(answer, wanted);
        assert_eq!(kept.held(HR).await, wanted);
    }
    assert_eq!(kept.document(LAB).await, Reading::Absent);
    let totals = kept.reads.totals().await.expect("totals");
    assert_eq!(totals[&add_on("app-passes")].allocated.known().copied(), Some(Units::new(12)));
    let first = with(EnvironmentDocument::default(), "app-passes", 3);
    let answer = kept.write(LAB, &first).await.expect("the first of its kind is taken");
    assert_eq!((units(&answer), units(&kept.held(LAB).await)), ([3, 0], [3, 0]));
    let none = with(kept.held(LAB).await, "app-passes", 0);
    kept.write(LAB, &none).await.expect("nothing can be held");
    assert_eq!(units(&kept.held(LAB).await), [0, 0]);
}

/// A write keeps everything that it does not change, including switches and unknown add-ons.
async fn unchanged_entries_stay(implementation: &Implementation, kept: Kept) {
    let truth = kept.truth.reader().document(&id(HR)).await.expect("the truth");
    let before = switches(truth.as_ref().expect("a document").contents(), "copilot-credits");
    let wanted = with(kept.held(HR).await, "app-passes", 1);
    kept.write(HR, &wanted).await.expect("the write is accepted");
    let truth = kept.truth.reader().document(&id(HR)).await.expect("the truth");
    let after = truth.as_ref().expect("a document").contents();
    assert_eq!(units(after), [1, 10_000], "{implementation:?}");
    assert_eq!(after.units(&AddOn::from_api_value("FutureThing")), Units::new(5), "{implementation:?}");
    assert_eq!(switches(after, "copilot-credits"), before, "{implementation:?}");
}

/// Switches are written where they exist, and refused, with nothing changed, where they do not.
async fn switches_are_written_or_refused(implementation: &Implementation, kept: Kept) {
    let before = kept.held(HR).await;
    let mut wanted = with(before.clone(), "copilot-credits", 9_000);
    let entry = wanted.entries.get_mut(&add_on("copilot-credits")).expect("an entry");
    entry.when_exhausted.insert(Switch::Deny, true);
    let answer = kept.write(HR, &wanted).await;
    if implementation.has_switches() {
        assert_eq!(answer.expect("the write is accepted"), wanted);
        assert_eq!(kept.held(HR).await, wanted);
    } else {
        assert_eq!(answer.expect_err("there is no such thing").kind, ProviderErrorKind::Conflict);
        assert_eq!(kept.held(HR).await, before);
    }
}

/// Over-allocation is refused without effect, or accepted.
async fn more_than_is_owned(implementation: &Implementation, kept: Kept) {
    let before = kept.held(HR).await;
    let too_much = with(before.clone(), "app-passes", 21);
    let answer = kept.write(HR, &too_much).await;
    match implementation.over_allocation {
        OverAllocation::Refuse => {
            assert_eq!(answer.expect_err("over-allocation is refused").kind, ProviderErrorKind::Conflict);
            assert_eq!(kept.held(HR).await, before);
        }
        OverAllocation::Accept => {
            assert_eq!(units(&answer.expect("the write is accepted")), [21, 10_000]);
            assert_eq!(units(&kept.held(HR).await), [21, 10_000]);
        }
    }
}

/// A write to a missing environment is refused, and the environment does not exist afterwards.
async fn nobody(_: &Implementation, kept: Kept) {
    // Only a tenant that proves that nothing is held there can be asked to write.
    if let Ok(Ok(before)) = kept.reads.document(&id(NOBODY)).await {
        let document = with(EnvironmentDocument::default(), "app-passes", 1);
        let answer = kept.writes.write_document(&id(NOBODY), &before, &document).await;
        let refused = answer.expect_err("there is no such environment");
        assert!(matches!(refused.kind, ProviderErrorKind::NotFound | ProviderErrorKind::Denied), "{refused}");
    }
    let totals = kept.reads.totals().await.expect("totals");
    assert_eq!(totals[&add_on("app-passes")].allocated.known().copied(), Some(Units::new(10)));
    assert!(!kept.reads.documents().await.expect("documents").rows.contains_key(&id(NOBODY)));
}

/// Who may allocate is read and written.
async fn setting(_: &Implementation, kept: Kept) {
    for setting in [WhoCanAllocate::OnlySpecificAdmins, WhoCanAllocate::EnvironmentAdmins] {
        kept.writes.write_who_can_allocate(setting).await.expect("the setting is written");
        assert_eq!(kept.reads.who_can_allocate().await.expect("a setting").known(), Some(&setting));
    }
}

/// Once only specific admins may allocate, writes of others are denied without effect.
async fn side_door(implementation: &Implementation, kept: Kept) {
    kept.write(HR, &with(kept.held(HR).await, "app-passes", 11)).await.expect("environment admins may allocate");
    let refused = kept.writes.write_who_can_allocate(WhoCanAllocate::OnlySpecificAdmins).await;
    assert_eq!(refused.expect_err("an environment admin sets nothing").kind, ProviderErrorKind::Denied);
    let closed =
        implementation.open(&SEED.replace("environment-admins", "only-specific-admins"), Role::EnvironmentAdmin);
    let refused = closed.write(HR, &with(closed.held(HR).await, "app-passes", 11)).await;
    assert_eq!(refused.expect_err("only specific admins may allocate").kind, ProviderErrorKind::Denied);
    assert_eq!(units(&closed.held(HR).await), [10, 10_000]);
}

/// After a listing, `listing_cost` returns the actual cost.
async fn listing_cost(implementation: &Implementation, kept: Kept) {
    kept.reads.documents().await.expect("documents");
    let expected = if implementation.has_switches() { ListingCost::OneRequest } else { ListingCost::OnePerEnvironment };
    assert_eq!(kept.reads.listing_cost(), expected);
}

fn ask<F: Future<Output = ()>>(role: Role, demand: impl Fn(Implementation, Kept) -> F) {
    for implementation in Implementation::all() {
        on_a_paused_clock(async {
            let kept = implementation.open(SEED, role);
            demand(implementation, kept).await;
        });
    }
}

macro_rules! demands {
    ($($demand:ident as $role:ident),* $(,)?) => {
        $(
            #[test]
            fn $demand() {
                ask(Role::$role, |implementation, kept| async move { super::$demand(&implementation, kept).await });
            }
        )*
    };
}

mod every_tenant {
    use super::{Role, ask};

    demands! {
        totals as PowerPlatformAdmin,
        environments as PowerPlatformAdmin,
        documents as PowerPlatformAdmin,
        writes as PowerPlatformAdmin,
        unchanged_entries_stay as PowerPlatformAdmin,
        switches_are_written_or_refused as PowerPlatformAdmin,
        more_than_is_owned as PowerPlatformAdmin,
        nobody as PowerPlatformAdmin,
        setting as PowerPlatformAdmin,
        side_door as EnvironmentAdmin,
        listing_cost as PowerPlatformAdmin,
    }
}
