//! Behaviour of the built-in tenant, tested through its two halves.

use std::future::Future;
use std::sync::Arc;

use super::shared::{Declared, LocalOptions};
use super::tenant::LocalTenant;
use crate::files::folder::Folder;
use crate::load::seed::{GivenSeed, SeedFile};
use crate::model::catalog::AddOn;
use crate::model::document::{Entry, EnvironmentDocument};
use crate::model::observed::Reading;
use crate::model::roles::{Role, WhoCanAllocate};
use crate::model::terms::{EnvironmentId, Units};
use crate::provider::port::{KnownDocument, Observe, Perform, ProviderErrorKind};
use crate::provider::seed::SeedSource;

const A: &str = "00000000-0000-4000-8000-00000000000a";
const B: &str = "00000000-0000-4000-8000-00000000000b";
const SEED: &str = r#"
tenant: test
purchased: { app-passes: 10, process: 3, unattended-rpa: 2 }
environments:
  - { id: "00000000-0000-4000-8000-00000000000a", name: A, class: production, allocations: { app-passes: 6 } }
  - { id: "00000000-0000-4000-8000-00000000000b", name: B, allocations: { app-passes: { units: 4, whenExhausted: { alert: true } } } }
"#;

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn options(folder: &tempfile::TempDir, seed: Option<&str>, role: Role) -> LocalOptions {
    LocalOptions {
        database: folder.path().join(".allotment/tenant.db"),
        seed: seed.map(|text| GivenSeed::new("tenant.seed.yaml", text) as Arc<dyn SeedSource>),
        declared: Declared::default(),
        plays_service: false,
        role,
        clock: Arc::new(|| "2026-11-24T09:30:00Z".parse().unwrap()),
    }
}

fn open(folder: &tempfile::TempDir, seed: &str) -> LocalTenant {
    LocalTenant::open(options(folder, Some(seed), Role::PowerPlatformAdmin)).unwrap()
}

fn id(text: &str) -> EnvironmentId {
    text.parse().unwrap()
}

fn document(amounts: &[(&str, u64)]) -> EnvironmentDocument {
    let entry = |(slug, units): &(&str, u64)| (AddOn::from_slug(slug).unwrap(), Entry::of(Units::new(*units)));
    EnvironmentDocument { entries: amounts.iter().map(entry).collect() }
}

/// Writes, and returns the result as text: kind and message of the error, or the amounts that the environment holds then.
fn write(tenant: &LocalTenant, environment: &str, amounts: &[(&str, u64)]) -> String {
    let read = run(tenant.reader().document(&id(environment))).unwrap();
    // A hidden environment cannot be read. The write is tried all the same, so that the tenant refuses it.
    let before = read.unwrap_or_else(|_| KnownDocument::proved_absent());
    match run(tenant.writer().write_document(&id(environment), &before, &document(amounts))) {
        Err(error) => format!("{:?}: {}", error.kind, error.message),
        Ok(_) => {
            let entries = held(tenant, environment).entries;
            entries.iter().map(|(add_on, entry)| format!("{add_on}={}", entry.units)).collect::<Vec<_>>().join(" ")
        }
    }
}

fn held(tenant: &LocalTenant, environment: &str) -> EnvironmentDocument {
    run(tenant.reader().document(&id(environment))).unwrap().unwrap().contents().clone()
}

#[test]
fn a_write_after_somebody_elses_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = open(&folder, SEED);
    let read = run(tenant.reader().document(&id(A))).unwrap().unwrap();
    assert_eq!(write(&open(&folder, SEED), A, &[("app-passes", 5)]), "app-passes=5");
    let refused = run(tenant.writer().write_document(&id(A), &read, &document(&[("app-passes", 6)]))).unwrap_err();
    assert_eq!(refused.message, "another run or person changed the environment after it was read");
    assert_eq!(held(&tenant, A), document(&[("app-passes", 5)]));
}

#[test]
fn a_tenant_that_is_only_read_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = open(&folder, SEED);
    assert_eq!(run(tenant.reader().environments()).unwrap().environments.len(), 2);
    assert_eq!(run(tenant.reader().documents()).unwrap().rows.len(), 2);
    assert!(!folder.path().join(".allotment").exists());
}

#[test]
fn writes_persist_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let early = open(&folder, SEED);
    assert_eq!(write(&open(&folder, SEED), A, &[("app-passes", 5)]), "app-passes=5");
    let later = open(&folder, SEED);
    for tenant in [early, later] {
        let documents = run(tenant.reader().documents()).unwrap();
        assert_eq!(documents.known(&id(A)).unwrap(), &document(&[("app-passes", 5)]));
    }
}

#[test]
fn no_pool_grows_beyond_the_purchased_units() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = open(&folder, SEED);
    let short =
        "Conflict: the allocations of App passes would exceed the purchased units by 1: 11 allocated, 10 purchased";
    assert_eq!(write(&tenant, A, &[("app-passes", 7)]), short);
    assert_eq!(
        write(&tenant, A, &[("app-passes", 6), ("process", 4), ("unattended-rpa", 1)]),
        "app-passes=6 process=4 unattended-rpa=1"
    );
    let pooled = "Conflict: the allocations of Process + Unattended RPA would exceed the purchased units by 1: 6 allocated, 5 purchased";
    assert_eq!(write(&tenant, B, &[("app-passes", 4), ("unattended-rpa", 1)]), pooled);
    let totals: Vec<String> =
        tenant.trace().unwrap()[0].iter().map(|(pool, units)| format!("{pool}={units}")).collect();
    assert_eq!(totals, ["app-passes=10", "process=5"]);
}

#[test]
fn only_a_tenant_that_plays_the_service_accepts_over_allocation() {
    let accepting = format!("{SEED}behaviour: {{ overAllocation: accept }}\n");
    for (plays_service, answer) in [
        (true, "app-passes=70"),
        (
            false,
            "Conflict: the allocations of App passes would exceed the purchased units by 64: 74 allocated, 10 purchased",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let options = options(&folder, Some(&accepting), Role::PowerPlatformAdmin);
        let tenant = LocalTenant::open(LocalOptions { plays_service, ..options }).unwrap();
        assert_eq!(write(&tenant, A, &[("app-passes", 70)]), answer);
    }
}

#[test]
fn a_pool_may_grow_to_the_purchased_units_and_its_debt() {
    let folder = tempfile::tempdir().unwrap();
    let debts = [("app-passes", 2), ("process", 1)]
        .map(|(slug, units)| (AddOn::from_slug(slug).unwrap().pool(), Units::new(units)));
    let mut options = options(&folder, Some(SEED), Role::PowerPlatformAdmin);
    options.declared.debts = debts.into();
    let tenant = LocalTenant::open(options).unwrap();
    let short = "Conflict: the allocations of App passes would exceed the purchased units by 3: 13 allocated, 10 purchased, a debt of 2 declared";
    assert_eq!(write(&tenant, A, &[("app-passes", 9)]), short);
    assert_eq!(write(&tenant, A, &[("app-passes", 8), ("unattended-rpa", 6)]), "app-passes=8 unattended-rpa=6");
    // Without the debt, a write that lets no pool grow is accepted although the pool holds too much.
    let strict = open(&folder, SEED);
    assert_eq!(write(&strict, A, &[("app-passes", 7), ("unattended-rpa", 6)]), "app-passes=7 unattended-rpa=6");
}

#[test]
fn environment_admins_may_write_until_only_specific_admins_may() {
    let folder = tempfile::tempdir().unwrap();
    let admin = LocalTenant::open(options(&folder, Some(SEED), Role::EnvironmentAdmin)).unwrap();
    assert_eq!(write(&admin, A, &[("app-passes", 5)]), "app-passes=5");
    let refused = run(admin.writer().write_who_can_allocate(WhoCanAllocate::OnlySpecificAdmins)).unwrap_err();
    assert_eq!(refused.kind, ProviderErrorKind::Denied);
    run(open(&folder, SEED).writer().write_who_can_allocate(WhoCanAllocate::OnlySpecificAdmins)).unwrap();
    let denied = "Denied: the role environment-admin may not allocate: the tenant allows only specific admins to do so";
    assert_eq!(write(&admin, A, &[("app-passes", 4)]), denied);
    assert_eq!(run(admin.reader().caller()).unwrap().may_allocate.known(), Some(&false));
}

#[test]
fn behaviour_is_as_the_seed_says() {
    let folder = tempfile::tempdir().unwrap();
    let behaviour = format!(
        "{SEED}behaviour: {{ hidden: [\"{A}\"], failWrites: [{{ environment: \"{B}\", kind: unknownAfter, times: 1 }}] }}\n"
    );
    let tenant = open(&folder, &behaviour);
    assert_eq!(write(&tenant, A, &[("app-passes", 5)]), "NotFound: the tenant has no such environment");
    assert_eq!(
        write(&tenant, B, &[("app-passes", 3)]),
        "OutcomeUnknown(None): the connection broke after the request was sent"
    );
    assert_eq!(held(&tenant, B), document(&[("app-passes", 3)]));
    assert_eq!(write(&tenant, B, &[("app-passes", 2)]), "app-passes=2");
    assert_eq!(run(tenant.reader().documents()).unwrap().rows.len(), 1);
}

#[test]
fn a_declared_purchase_that_the_tenant_does_not_own_is_reported_as_zero() {
    let folder = tempfile::tempdir().unwrap();
    let logins = AddOn::from_slug("portal-logins").unwrap();
    let declared = Declared { purchased: [(logins.clone(), Units::new(3))].into(), ..Declared::default() };
    let with_seed = LocalOptions { declared, ..options(&folder, Some(SEED), Role::GlobalAdmin) };
    let totals = run(LocalTenant::open(with_seed).unwrap().reader().totals()).unwrap();
    assert_eq!(totals[&logins].purchased.known(), Some(&Units::ZERO));
}

#[test]
fn without_a_seed_the_tenant_follows_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = options(&folder, None, Role::GlobalAdmin);
    wanted.declared = Declared {
        tenant: "quick".into(),
        environments: vec![(id(A), "A".into(), None)],
        purchased: [(AddOn::from_slug("app-passes").unwrap(), Units::new(3))].into(),
        debts: std::collections::BTreeMap::new(),
    };
    let tenant = LocalTenant::open(wanted).unwrap();
    assert_eq!(tenant.reader().tenant().as_ref(), "quick");
    assert_eq!(write(&tenant, A, &[("app-passes", 3)]), "app-passes=3");
    assert_eq!(write(&tenant, B, &[("app-passes", 0)]), "NotFound: the tenant has no such environment");
    assert!(run(tenant.reader().documents()).unwrap().rows.contains_key(&id(A)));
}

#[test]
fn an_unusable_seed_or_file_is_reported_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let broken =
        LocalTenant::open(options(&folder, Some("tenant: x\npurchased: { app-passes: -1 }\n"), Role::GlobalAdmin))
            .err()
            .unwrap();
    assert!(broken.message.starts_with("the seed tenant.seed.yaml:2:"), "{}", broken.message);
    let file = folder.path().join(".allotment/tenant.db");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "this is no database, and long enough to look at").unwrap();
    let damaged = LocalTenant::open(options(&folder, Some(SEED), Role::GlobalAdmin)).err().unwrap();
    assert!(damaged.message.ends_with("tenant.db is not a database"), "{}", damaged.message);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("this is no database"));
}

#[test]
fn a_seed_that_no_tenant_can_have_is_refused() {
    for (text, expected) in [
        (
            "purchased: { app-passes: 9007199254740992 }",
            "`purchased` has 9007199254740992 app-passes; the maximum is 9007199254740991",
        ),
        ("purchased: { app-passes: 1, AppPass: 2 }", "names one add-on twice"),
        (
            "environments: [{ id: ID, name: A, allocations: { app-passes: 9007199254740992 } }]",
            "the maximum is 9007199254740991",
        ),
        ("environments: [{ id: ID, name: A, allocations: { app-passes: 1, AppPass: 2 } }]", "A names one add-on twice"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let text = format!("tenant: x\n{}\n", text.replace("ID", &format!("\"{A}\"")));
        let refused = LocalTenant::open(options(&folder, Some(&text), Role::GlobalAdmin)).err().unwrap();
        assert!(refused.message.contains(expected), "{}", refused.message);
    }
}

#[test]
fn a_file_of_version_1_gains_the_stored_totals() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = open(&folder, SEED);
    assert_eq!(write(&tenant, A, &[("app-passes", 4)]), "app-passes=4");
    let totals = run(tenant.reader().totals()).unwrap();
    drop(tenant);
    let file = folder.path().join(".allotment/tenant.db");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute_batch("DROP TABLE held; PRAGMA user_version = 1;").unwrap();
    drop(connection);
    let again = open(&folder, SEED);
    let allocated = |totals: &std::collections::BTreeMap<AddOn, crate::model::observed::ObservedTotal>| {
        totals.iter().map(|(add_on, total)| (add_on.clone(), total.allocated.known().copied())).collect::<Vec<_>>()
    };
    assert_eq!(allocated(&run(again.reader().totals()).unwrap()), allocated(&totals));
    assert_eq!(write(&again, A, &[("app-passes", 3)]), "app-passes=3");
}

#[test]
fn rare_flags_are_found_by_index() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(write(&open(&folder, SEED), A, &[("app-passes", 4)]), "app-passes=4");
    let file = folder.path().join(".allotment/tenant.db");
    // The file as version 2 wrote it.
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute_batch("DROP INDEX flagged; DROP INDEX consuming; PRAGMA user_version = 2;").unwrap();
    drop(connection);
    assert_eq!(write(&open(&folder, SEED), A, &[("app-passes", 3)]), "app-passes=3");
    let connection = rusqlite::Connection::open(&file).unwrap();
    for (query, index) in [(super::reader::FLAGGED, "flagged"), (super::reader::CONSUMING, "consuming")] {
        let plan: String = connection.query_row(&format!("EXPLAIN QUERY PLAN {query}"), [], |row| row.get(3)).unwrap();
        assert!(plan.contains(&format!("USING INDEX {index}")), "{plan}");
    }
}

#[test]
fn a_changed_seed_is_reported_and_a_touched_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenant.seed.yaml");
    let notices = |text: &str, seconds: u64| {
        std::fs::write(&path, text).unwrap();
        let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        let file = Folder::open(folder.path()).unwrap().file("tenant.seed.yaml".as_ref()).unwrap();
        let seed: Arc<dyn SeedSource> = Arc::new(SeedFile::new("tenant.seed.yaml", file));
        let options = LocalOptions { seed: Some(seed), ..options(&folder, None, Role::PowerPlatformAdmin) };
        let tenant = LocalTenant::open(options).unwrap();
        assert_eq!(write(&tenant, A, &[("app-passes", 4)]), "app-passes=4");
        tenant.notices().len()
    };
    assert_eq!(notices(SEED, 1), 0);
    assert_eq!(notices(SEED, 1), 0);
    assert_eq!(notices(SEED, 2), 0);
    assert_eq!(notices(&format!("{SEED}\n# changed\n"), 3), 1);
}

#[test]
fn how_much_is_owned_of_an_add_on_that_nothing_describes_is_unknown_and_not_zero() {
    let seed = format!(
        "tenant: test\npurchased: {{ KnownHere: 7 }}\nenvironments: [{{ id: \"{A}\", name: A, allocations: {{ FutureAddOn: 5, KnownHere: 1, app-passes: 1 }} }}]\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let totals = run(open(&folder, &seed).reader().totals()).unwrap();
    let owned = |name| totals[&AddOn::from_api_value(name)].purchased.clone();
    assert_eq!(owned("FutureAddOn"), Reading::Absent);
    assert_eq!(owned("KnownHere").known(), Some(&Units::new(7)));
    assert_eq!(owned("AppPass").known(), Some(&Units::ZERO));
}

#[test]
fn a_full_disk_loses_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let tenant = open(&folder, SEED);
    assert_eq!(write(&tenant, A, &[("app-passes", 5)]), "app-passes=5");
    let reader = tenant.reader();
    let limit = |pages: u32| reader.shared.read(|file| file.pragma_update(None, "max_page_count", pages)).unwrap();
    // If the limit is smaller than the current number of pages, SQLite takes that number as the limit.
    limit(1);
    // Every write adds a line to the trace, so the file soon needs another page.
    let amounts = (0..1000).map(|turn| 4 + turn % 2);
    let mut last = 5;
    let refused = amounts
        .map(|units| (units, write(&tenant, A, &[("app-passes", units)])))
        .inspect(|(units, written)| last = if *written == format!("app-passes={units}") { *units } else { last })
        .find(|(units, written)| *written != format!("app-passes={units}"));
    let (_, refused) = refused.unwrap();
    assert!(refused.starts_with("Malformed: ") && refused.contains("because its disk or quota is full"), "{refused}");
    assert_eq!(held(&tenant, A), document(&[("app-passes", last)]), "what was written before");
    limit(100_000);
    assert_eq!(write(&tenant, A, &[("app-passes", 3)]), "app-passes=3");
}
