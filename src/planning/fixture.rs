//! Short ways to write configurations and tenants in the tests of this module.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use litemap::LiteMap;

use super::guard::{self, Verdict};
use super::planner::{self, Request};
use crate::manifest::check::{Checked, check};
use crate::manifest::inputs::Inputs;
use crate::model::catalog::AddOn;
use crate::model::desired::DesiredState;
use crate::model::document::{Entry, EnvironmentDocument, Switches};
use crate::model::finding::{Finding, Severity};
use crate::model::observed::{
    Caller, EnvironmentState, Listing, ObservedEnvironment, ObservedState, ObservedTotal, Reading,
};
use crate::model::plan::draft::Draft;
use crate::model::roles::{Role, WhoCanAllocate};
use crate::model::source::Sources;
use crate::model::terms::{EnvironmentClass, EnvironmentId, EnvironmentKey, Units};

/// The day of every test that names no other.
pub(super) const TODAY: Date = jiff::civil::date(2026, 11, 24);

/// The id of the environment with this letter.
pub(super) fn id(letter: char) -> EnvironmentId {
    format!("00000000-0000-4000-8000-{:012x}", u32::from(letter)).parse().unwrap()
}

pub(super) fn add_on(slug: &str) -> AddOn {
    AddOn::from_slug(slug).unwrap()
}

pub(super) fn known<T>(value: T) -> Reading<T> {
    Reading::Known { value, as_of: Timestamp::UNIX_EPOCH }
}

pub(super) fn unknown<T>() -> Reading<T> {
    Reading::Unknown { why: "it answered 503".into() }
}

pub(super) struct Configuration {
    pub(super) desired: DesiredState,
    pub(super) sources: Sources,
}

/// Parses a valid root file without its version and tenant. `id(a)` is replaced by the id of `a`.
pub(super) fn configuration(text: &str) -> Configuration {
    let mut text = format!("version: 1\n{}{text}", if text.contains("tenant:") { "" } else { "tenant: { name: t }\n" });
    for letter in 'a'..='h' {
        text = text.replace(&format!("id({letter})"), &format!("id: \"{}\"", id(letter)));
    }
    let mut sources = Sources::new();
    let root = sources.add("allotment.yaml", text.as_str());
    let inputs = Inputs { sources: sources.clone(), root, files: Vec::new(), findings: Vec::new() };
    match check(&inputs) {
        Checked::Valid { desired, .. } => Configuration { desired: *desired, sources },
        Checked::Invalid { findings } => panic!("{text}\n{findings:#?}"),
    }
}

/// A tenant with these purchases and allocations. Its own totals agree with them until a test changes them.
pub(super) fn tenant(owned: &[(&str, u64)], holds: &[(char, &[(&str, u64)])]) -> ObservedState {
    let environments: BTreeMap<_, _> =
        holds.iter().map(|(letter, held)| (id(*letter), Box::new(environment(*letter, held)))).collect();
    let allocated = |slug: &str| {
        let held = holds.iter().flat_map(|(_, held)| held.iter()).filter(|(name, _)| *name == slug);
        held.map(|(_, units)| Units::new(*units)).sum()
    };
    let total = |(slug, units): &(&str, u64)| {
        let total = ObservedTotal {
            purchased: known(Units::new(*units)),
            allocated: known(allocated(slug)),
            consumed: Reading::Absent,
        };
        (add_on(slug), total)
    };
    ObservedState {
        tenant: "t".into(),
        captured_at: Timestamp::UNIX_EPOCH,
        listing: Listing::Complete,
        shows_switches: true,
        totals: owned.iter().map(total).collect(),
        environments,
        who_can_allocate: known(WhoCanAllocate::OnlySpecificAdmins),
        caller: Caller { role: known(Role::PowerPlatformAdmin), may_allocate: known(true) },
    }
}

fn environment(letter: char, held: &[(&str, u64)]) -> ObservedEnvironment {
    let entries = held.iter().map(|(slug, units)| (add_on(slug), Entry::of(Units::new(*units)))).collect();
    ObservedEnvironment {
        id: id(letter),
        listed: true,
        name: known(letter.to_string().into()),
        class: known(EnvironmentClass::Production),
        state: known(EnvironmentState::Ready),
        security_group: Reading::Absent,
        dataverse: known(true),
        document: known(EnvironmentDocument { entries }),
        consumed: LiteMap::new(),
    }
}

/// Changes to a tenant while a test builds it.
pub(super) trait Retouch: Sized {
    fn with(self, letter: char, change: impl FnOnce(&mut ObservedEnvironment)) -> Self;
    fn total(self, slug: &str, change: impl FnOnce(&mut ObservedTotal)) -> Self;
    fn uses(self, letter: char, slug: &str, used: Reading<Units>) -> Self {
        self.with(letter, |environment| {
            environment.consumed.insert(add_on(slug), used);
        })
    }
    fn switched(self, letter: char, slug: &str, switches: Switches) -> Self {
        self.with(letter, |environment| {
            if let Reading::Known { value, .. } = &mut environment.document {
                value.entries.entry(add_on(slug)).or_default().when_exhausted = switches;
            }
        })
    }
}

impl Retouch for ObservedState {
    fn with(mut self, letter: char, change: impl FnOnce(&mut ObservedEnvironment)) -> Self {
        change(self.environments.get_mut(&id(letter)).unwrap());
        self
    }

    fn total(mut self, slug: &str, change: impl FnOnce(&mut ObservedTotal)) -> Self {
        change(self.totals.get_mut(&add_on(slug)).unwrap());
        self
    }
}

impl Configuration {
    pub(super) fn draft(&self, observed: &ObservedState) -> Draft {
        self.draft_for(observed, TODAY, &[])
    }

    pub(super) fn draft_for(&self, observed: &ObservedState, date: Date, targets: &[EnvironmentKey]) -> Draft {
        planner::draft(&self.desired, observed, &self.sources, &Request { targets, ..Request::of(date) })
    }

    pub(super) fn draft_allowing(&self, observed: &ObservedState, allow: &[&str]) -> Draft {
        let allowances = allow.iter().map(|text| text.parse().unwrap()).collect();
        Draft { allowances, ..self.draft(observed) }
    }

    /// The findings of the guards, as [`words`].
    pub(super) fn guarded(&self, observed: &ObservedState, allow: &[&str]) -> Vec<String> {
        match guard::approve(&self.desired, observed, self.draft_allowing(observed, allow)) {
            Verdict::Approved { findings, .. } => {
                assert!(!findings.iter().any(Finding::is_error), "an approved plan has no errors");
                words(&findings)
            }
            Verdict::Refused { findings, .. } => {
                assert!(findings.iter().any(Finding::is_error), "a refused plan has an error");
                words(&findings)
            }
        }
    }
}

/// Each finding as a word, in order: `A201!` for an error, `A207?` for a warning, `A402.` for a hint.
pub(super) fn words(findings: &[Finding]) -> Vec<String> {
    let mark = |finding: &Finding| match finding.severity {
        Severity::Error => '!',
        Severity::Warning => '?',
        Severity::Hint => '.',
    };
    findings.iter().map(|finding| format!("{}{}", finding.code, mark(finding))).collect()
}
