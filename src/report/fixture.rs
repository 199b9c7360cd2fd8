//! The tenant of this module's tests: contoso on 23 November 2026.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, date};

use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::{ConfigurationDigests, Provider};
use crate::model::document::{Entry, Switch};
use crate::model::finding::Finding;
use crate::model::gauge::Gauge;
use crate::model::observed::Reading;
use crate::model::plan::change::{Change, EnvironmentRef, PlannedChange, SettingChange};
use crate::model::plan::draft::{Basis, Draft, NotChecked};
use crate::model::plan::order::{Plan, PlanId, Step};
use crate::model::plan::pool::{FuturePool, Owned, PlannedPool};
use crate::model::roles::WhoCanAllocate;
use crate::model::run::{Outcome, Run, SentWrite};
use crate::model::source::{Place, Sources, Span};
use crate::model::terms::{Percent, Units};

pub(super) const TODAY: Date = date(2026, 11, 23);

pub(super) fn ninety() -> Percent {
    Percent::new(90).unwrap()
}

pub(super) fn add_on(slug: &str) -> AddOn {
    AddOn::from_slug(slug).unwrap()
}

pub(super) fn read_at() -> Timestamp {
    "2026-11-23T20:41:07Z".parse().unwrap()
}

pub(super) fn id() -> PlanId {
    PlanId("9b1e4c20aa31f0d75c08e2b6713fd94a".to_owned())
}

/// An environment whose id is made from a digit.
pub(super) fn environment(key: &str, name: &str, digit: char) -> EnvironmentRef {
    let run = |length: usize| digit.to_string().repeat(length);
    let id = format!("{}-{}-{}-{}-{}", run(8), run(4), run(4), run(4), run(12));
    EnvironmentRef { key: key.parse().unwrap(), id: id.parse().unwrap(), name: (!name.is_empty()).then(|| name.into()) }
}

pub(super) fn pool(slug: &str, owned: u64, reserve: u64, before: u64, after: u64) -> PlannedPool {
    let units = Units::new(owned);
    PlannedPool {
        pool: add_on(slug).pool(),
        owned: Owned::Known { units, declared: Some(units), live: Some(units) },
        reserve: Units::new(reserve),
        debt: None,
        allocated_before: Units::new(before),
        allocated_after: Units::new(after),
        unknown_environments: 0,
        unseen: Some(Units::ZERO),
        future: Vec::new(),
    }
}

pub(super) fn future(from: Date, owned: u64, reserve: u64, allocated: u64) -> FuturePool {
    FuturePool { from, owned: Some(Units::new(owned)), reserve: Units::new(reserve), allocated: Units::new(allocated) }
}

pub(super) fn planned(environment: EnvironmentRef, slug: &str, before: u64, after: u64) -> PlannedChange {
    let held = (before > 0).then(|| Entry::of(Units::new(before)));
    PlannedChange {
        environment,
        change: Change::between(add_on(slug), held, Entry::of(Units::new(after))).unwrap(),
        until: None,
        ticket: None,
        reason: None,
        owner: None,
        declared_at: None,
    }
}

fn place(file: &str, line: u32, column: u32) -> Option<Place> {
    Some(Place { file: file.into(), line, column })
}

fn switched(environment: EnvironmentRef) -> PlannedChange {
    let entry = |draw| Entry {
        units: Units::new(20_000),
        when_exhausted: [(Switch::DrawFromTenant, draw), (Switch::PayAsYouGo, true)].into_iter().collect(),
    };
    PlannedChange {
        change: Change::between(add_on("copilot-credits"), Some(entry(true)), entry(false)).unwrap(),
        ..planned(environment, "copilot-credits", 0, 1)
    }
}

#[expect(clippy::too_many_lines, reason = "one value that many tests render")]
pub(super) fn draft() -> Draft {
    let changes = vec![
        PlannedChange {
            owner: Some("ap-automation@contoso.com".into()),
            ..planned(environment("invoice-ocr-test", "Invoice OCR (Test)", 'a'), "ai-builder-credits", 500_000, 0)
        },
        PlannedChange {
            reason: Some("FY27 renewal".to_owned()),
            owner: Some("service-owners@contoso.com".into()),
            declared_at: place("environments/portals.yaml", 9, 26),
            ..planned(environment("supplier-portal", "Supplier Portal", 'b'), "portal-page-views", 400_000, 250_000)
        },
        planned(environment("sales-test", "Sales (Test)", 'c'), "app-passes", 75, 50),
        planned(environment("field-service-prod", "Field Service (Prod)", 'd'), "app-passes", 40, 65),
        PlannedChange {
            until: Some(date(2027, 3, 31)),
            ticket: Some("CHG0048211".to_owned()),
            reason: Some("Contractor team".to_owned()),
            owner: Some("hr-platform@contoso.com".into()),
            declared_at: place("environments/hr.yaml", 22, 13),
            ..planned(environment("hr-contractors", "HR Contractors (Prod)", 'e'), "app-passes", 0, 10)
        },
        switched(environment("servicedesk-prod", "Service Desk (Prod)", 'f')),
    ];
    let mut page_views = pool("portal-page-views", 500_000, 0, 470_000, 320_000);
    page_views.future = vec![future(date(2027, 1, 1), 300_000, 0, 320_000)];
    let mut passes = pool("app-passes", 1_200, 36, 1_104, 1_114);
    passes.future = vec![future(date(2027, 4, 1), 1_200, 36, 1_104)];
    Draft {
        date: TODAY,
        tenant: "contoso".to_owned(),
        provider: Provider::PowerPlatform,
        targets: Vec::new(),
        allowances: vec!["A301:ai-builder-credits".parse().unwrap()],
        strict: false,
        pools: vec![
            passes,
            pool("ai-builder-credits", 2_000_000, 0, 1_750_000, 1_250_000),
            page_views,
            pool("copilot-credits", 200_000, 10_000, 185_000, 185_000),
            pool("process", 40, 2, 12, 12),
        ],
        changes,
        setting: Some(SettingChange {
            before: Some(WhoCanAllocate::EnvironmentAdmins),
            after: WhoCanAllocate::OnlySpecificAdmins,
            declared_at: place("allotment.yaml", 9, 3),
        }),
        not_checked: vec![
            NotChecked {
                subject: "4 environments that the tenant lists".to_owned(),
                reason: "no file names them, so what they hold stays as it is".to_owned(),
            },
            NotChecked {
                subject: "Portal logins of hr-prod".to_owned(),
                reason: "the line was deleted, so nothing is released by omission".to_owned(),
            },
        ],
        basis: Basis {
            tenant: "contoso.onmicrosoft.com".into(),
            configuration: ConfigurationDigests { files: "ab".repeat(32), rules: "cd".repeat(32) },
            live_totals: BTreeMap::from([(add_on("app-passes"), Units::new(1_200))]),
        },
    }
}

/// One write for each environment: decreases first, then increases.
pub(super) fn plan() -> Plan {
    let draft = draft();
    let step = |index: usize| Step { environment: draft.changes[index].environment.id.clone(), changes: vec![index] };
    let steps = (0..draft.changes.len()).map(step).collect();
    Plan::try_new(draft, steps).unwrap()
}

fn gauge(planned: &PlannedPool, holders: u64, consumed: Reading<Units>) -> Gauge {
    Gauge {
        pool: planned.pool.clone(),
        owned: planned.owned.clone(),
        reserve: planned.reserve,
        allocated: planned.allocated_before,
        unknown_environments: planned.unknown_environments,
        unseen: planned.unseen,
        holders,
        consumed,
        future: planned.future.clone(),
    }
}

/// The pools before the plan.
pub(super) fn gauges() -> Vec<Gauge> {
    let used = |units, as_of: &str| Reading::Known { value: Units::new(units), as_of: as_of.parse().unwrap() };
    let pools = draft().pools;
    vec![
        gauge(&pools[0], 31, used(812, "2026-11-22T23:00:00Z")),
        gauge(&pools[1], 4, used(1_203_441, "2026-11-21T04:00:00Z")),
        gauge(&PlannedPool { allocated_before: Units::new(520_000), ..pools[2].clone() }, 3, Reading::Absent),
        gauge(
            &PlannedPool { unknown_environments: 2, unseen: None, ..pools[3].clone() },
            9,
            Reading::Unknown { why: "the consumption report answered 503".into() },
        ),
        gauge(
            &PlannedPool {
                owned: Owned::Unknown {
                    why: "no file declares it and the tenant does not report it".into(),
                    at_least: Units::ZERO,
                },
                ..pools[4].clone()
            },
            1,
            Reading::Absent,
        ),
    ]
}

const PURCHASES: &str = "version: 1
purchased:
  portal-page-views:
    - { units: 500000, until: 2026-12-31 }
    - { units: 300000, from: 2027-01-01, until: 2027-12-31 }
";

pub(super) fn sources() -> Sources {
    let mut sources = Sources::new();
    sources.add("allotment.yaml", PURCHASES);
    sources
}

pub(super) fn find(sources: &Sources, needle: &str) -> Span {
    let (source, start) =
        sources.iter().find_map(|(id, source)| source.text.find(needle).map(|start| (id, start))).unwrap();
    let start = u32::try_from(start).unwrap();
    Span { source, start, end: start + u32::try_from(needle.len()).unwrap() }
}

pub(super) fn warning(sources: &Sources) -> Finding {
    Finding::warning(Code::A202, "Portal page views are short by 20,000 from 1 January 2027 on")
        .at(find(sources, "300000"), "300,000 are owned then, and 320,000 are allocated")
        .note("Supplier Portal holds 250,000 and used 182,340 last month: it can give back 67,660")
        .help("lower the allocations before 1 January 2027, or declare what the renewal brings")
}

pub(super) fn error() -> Finding {
    Finding::error(Code::A301, "one plan takes 500,000 of 1,750,000 AI Builder credits away, more than 30%")
        .note("30% of 1,750,000 are 525,000; 100% of what Invoice OCR (Test) holds goes")
        .help("split it, or allow it by name")
        .allowable("ai-builder-credits")
}

pub(super) fn run(outcomes: Vec<Outcome>, setting: Outcome, interrupted: bool) -> Run {
    let draft = draft();
    let writes = draft.changes.iter().zip(&outcomes).filter(|(_, outcome)| !matches!(outcome, Outcome::NotSent { .. }));
    let writes = writes
        .map(|(planned, outcome)| SentWrite {
            environment: planned.environment.clone(),
            add_ons: vec![planned.change.add_on().clone()],
            outcome: outcome.clone(),
        })
        .collect();
    Run { draft, outcomes, setting: Some(setting), writes, interrupted }
}

/// Compares with `golden/<name>`. `ALLOT_BLESS=1` rewrites the file; read every change of it.
#[track_caller]
pub(super) fn check_golden(name: &str, shown: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/golden").join(name);
    if std::env::var_os("ALLOT_BLESS").is_some() {
        std::fs::write(&file, shown).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap();
    assert_eq!(shown, expected, "{name}");
}
