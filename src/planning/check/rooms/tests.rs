//! A number that a finding suggests is the largest that fits: with that number, no finding about the amount is left;
//! with one unit more, there is a finding.

use proptest::prelude::*;

use crate::model::finding::{Finding, Label};
use crate::model::source::Span;
use crate::model::terms::EnvironmentKey;
use crate::planning::check::headroom::{check_declared, check_draft};
use crate::planning::fixture::{Configuration, TODAY, add_on, configuration, tenant};

const ADD_ONS: [&str; 3] = ["app-passes", "process", "unattended-rpa"];
const KEYS: [char; 4] = ['a', 'b', 'c', 'd'];
/// Days of purchases, limits and grants: before today, soon, and later.
const DAYS: [&str; 5] = ["2026-11-01", "2026-11-30", "2026-12-10", "2027-01-01", "2027-03-01"];

/// Units from one day of [`DAYS`] to the day before another.
#[derive(Clone, Debug)]
struct Part {
    units: u64,
    from: Option<usize>,
    until: Option<usize>,
}

#[derive(Clone, Debug)]
struct Cell {
    units: u64,
    grants: Vec<Part>,
}

#[derive(Clone, Debug)]
struct World {
    purchased: [Vec<Part>; 3],
    reserve: [Option<(u64, bool)>; 2],
    limits: [Option<Vec<Part>>; 3],
    in_budget: [bool; 4],
    cells: Vec<[Option<Cell>; 3]>,
    held: Vec<[u64; 3]>,
}

fn part(most: u64) -> impl Strategy<Value = Part> {
    let day = || proptest::option::of(0..DAYS.len());
    (0..most, day(), day()).prop_map(|(units, from, until)| match (from, until) {
        (Some(from), Some(until)) if until < from => Part { units, from: Some(until), until: Some(from) },
        (from, until) => Part { units, from, until },
    })
}

fn world() -> impl Strategy<Value = World> {
    let purchases = || proptest::collection::vec(part(60), 1..4);
    let limit = || proptest::option::of(proptest::collection::vec(part(60), 1..3));
    let reserve = || proptest::option::of((0..20_u64, any::<bool>()));
    let grants = || proptest::collection::vec(part(10), 0..3);
    let cell = move || (0..50_u64, grants()).prop_map(|(units, grants)| Cell { units, grants });
    let cells = || proptest::option::of(cell());
    let held = proptest::collection::vec([0..40_u64, 0..40_u64, 0..40_u64], 4);
    (
        [purchases(), purchases(), purchases()],
        [reserve(), reserve()],
        [limit(), limit(), limit()],
        any::<[bool; 4]>(),
        proptest::collection::vec([cells(), cells(), cells()], 4),
        held,
    )
        .prop_map(|(purchased, reserve, limits, in_budget, cells, held)| World {
            purchased,
            reserve,
            limits,
            in_budget,
            cells,
            held,
        })
}

fn parts(word: &str, parts: &[Part]) -> String {
    let day = |key: &str, day: Option<usize>| day.map_or_else(String::new, |day| format!(", {key}: {}", DAYS[day]));
    let part =
        |part: &Part| format!("{{ {word}: {}{}{} }}", part.units, day("from", part.from), day("until", part.until));
    format!("[{}]", parts.iter().map(part).collect::<Vec<_>>().join(", "))
}

impl World {
    fn configuration(&self) -> Configuration {
        let mut text = "purchased:\n".to_owned();
        for (slug, bought) in ADD_ONS.iter().zip(&self.purchased) {
            text.push_str(&format!("  {slug}: {}\n", parts("units", bought)));
        }
        text.push_str("reserve:\n");
        for (slug, reserve) in ADD_ONS.iter().zip(&self.reserve) {
            let (units, is_share) = reserve.unwrap_or_default();
            text.push_str(&format!("  {slug}: {units}{}\n", if is_share { "%" } else { "" }));
        }
        text.push_str("budgets:\n  hr:\n    limits:\n");
        text.push_str("      portal-logins: 0\n");
        for (slug, limit) in ADD_ONS.iter().zip(&self.limits) {
            if let Some(limit) = limit {
                text.push_str(&format!("      {slug}: {}\n", parts("units", limit)));
            }
        }
        text.push_str("environments:\n");
        for ((key, cells), in_budget) in KEYS.iter().zip(&self.cells).zip(self.in_budget) {
            let budget = if in_budget { ", budget: hr" } else { "" };
            let cell = |(slug, cell): (&&str, &Option<Cell>)| {
                let cell = cell.as_ref()?;
                Some(format!("{slug}: {{ units: {}, grants: {} }}", cell.units, parts("add", &cell.grants)))
            };
            let cells: Vec<String> = ADD_ONS.iter().zip(cells).filter_map(cell).collect();
            text.push_str(&format!("  {key}: {{ id({key}){budget}, allocations: {{ {} }} }}\n", cells.join(", ")));
        }
        configuration(&text.replace(", grants: []", ""))
    }

    /// The findings of a check without a tenant, or of a plan.
    fn findings(&self, is_planned: bool) -> (Configuration, Vec<Finding>) {
        let configuration = self.configuration();
        if !is_planned {
            let findings = check_declared(&configuration.desired, TODAY);
            return (configuration, findings);
        }
        let owned = |slug: &str| {
            let purchases = configuration.desired.purchased.get(&add_on(slug));
            purchases.map_or(0, |purchases| purchases.effective(TODAY).get())
        };
        let owned = ADD_ONS.map(|slug| (slug, owned(slug)));
        let held: Vec<Vec<(&str, u64)>> =
            self.held.iter().map(|held| ADD_ONS.iter().copied().zip(held.iter().copied()).collect()).collect();
        let holds: Vec<(char, &[(&str, u64)])> = KEYS.iter().copied().zip(held.iter().map(Vec::as_slice)).collect();
        let observed = tenant(&owned, &holds);
        let findings = check_draft(&configuration.desired, &observed, &configuration.draft(&observed));
        (configuration, findings)
    }

    fn with(&self, (environment, add_on): (usize, usize), units: u64) -> World {
        let mut world = self.clone();
        if let Some(cell) = &mut world.cells[environment][add_on] {
            cell.units = units;
        }
        world
    }
}

/// The place of an amount.
fn span(configuration: &Configuration, (environment, slug): (usize, usize)) -> Option<Span> {
    let key: EnvironmentKey = KEYS[environment].to_string().parse().unwrap();
    let mut managed = configuration.desired.environments[&key].managed();
    managed.find(|(name, _)| **name == add_on(ADD_ONS[slug])).map(|(_, cell)| cell.amount_span())
}

fn entries() -> impl Iterator<Item = (usize, usize)> {
    (0..KEYS.len()).flat_map(|environment| (0..ADD_ONS.len()).map(move |slug| (environment, slug)))
}

/// The number after a word.
fn number(text: &str, before: &str) -> Option<u64> {
    let digits = text.split_once(before)?.1.split(' ').next()?;
    digits.replace(',', "").parse().ok()
}

/// The entry whose amount has this place.
fn entry_at(configuration: &Configuration, place: Span) -> Option<(usize, usize)> {
    entries().find(|entry| span(configuration, *entry) == Some(place))
}

/// The number of a message, with the entry at the place of the finding. A message such as "no amount fits" has none.
fn of_message(configuration: &Configuration, finding: &Finding) -> Option<((usize, usize), u64)> {
    let most = number(&finding.message, "at most ").or(number(&finding.message, "more than "))?;
    Some((entry_at(configuration, finding.primary.as_ref()?.span)?, most))
}

/// The numbers that a finding suggests, each for an amount.
fn suggested(configuration: &Configuration, finding: &Finding) -> Vec<((usize, usize), u64)> {
    let labelled = |label: &Label| Some((entry_at(configuration, label.span)?, number(&label.text, "at most ")?));
    of_message(configuration, finding).into_iter().chain(finding.related.iter().filter_map(labelled)).collect()
}

fn is_about_an_amount(finding: &Finding) -> bool {
    ["fits in", "increases the shortage", "increases the excess"].iter().any(|words| finding.message.contains(words))
}

fn concerns(finding: &Finding, slug: usize) -> bool {
    let pool = ["App passes", "Process + Unattended RPA", "Process + Unattended RPA"][slug];
    finding.message.contains(pool) || finding.message.starts_with("the budget hr")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Without a tenant, a suggested number makes its pool and its budget fit on every date; one more does not.
    #[test]
    fn a_suggested_amount_fits_on_every_date_and_one_more_does_not(world in world()) {
        let (configuration, found) = world.findings(false);
        for finding in &found {
            for (entry, most) in suggested(&configuration, finding) {
                let left = world.with(entry, most).findings(false).1;
                let shortage = |finding: &&Finding| concerns(finding, entry.1) && finding.message.contains("short by");
                prop_assert!(!left.iter().any(|finding| shortage(&finding)), "{most} for {entry:?}: {left:#?}");
                let more = world.with(entry, most + 1).findings(false).1;
                let lacks = |finding: &Finding| {
                    finding.message.contains("short by") || finding.message.contains("the budget hr is exceeded")
                };
                prop_assert!(
                    more.iter().any(|finding| concerns(finding, entry.1) && lacks(finding)),
                    "{most} and one more for {entry:?} fit: {finding:#?}"
                );
            }
        }
    }

    /// In a plan, an amount that has the suggested number has no finding. With one unit more, there is a finding.
    #[test]
    fn a_plan_with_the_suggested_amount_has_no_finding_about_it(world in world()) {
        let (configuration, found) = world.findings(true);
        for finding in found.iter().filter(|finding| is_about_an_amount(finding)) {
            let Some((entry, most)) = of_message(&configuration, finding) else { continue };
            let (edited, left) = world.with(entry, most).findings(true);
            let place = span(&edited, entry);
            let about = |finding: &&Finding| {
                is_about_an_amount(finding) && finding.primary.as_ref().map(|label| label.span) == place
            };
            prop_assert!(!left.iter().any(|finding| about(&finding)), "{most} for {entry:?}: {left:#?}");
            let more = world.with(entry, most + 1).findings(true).1;
            prop_assert!(
                more.iter().any(|finding| concerns(finding, entry.1) && is_about_an_amount(finding)),
                "{most} and one more for {entry:?} fit: {finding:#?}\n{more:#?}"
            );
        }
    }
}

#[test]
fn the_number_is_over_pool_reserve_budget_and_all_dates() {
    let text = |units: u64| {
        format!(
            "purchased: {{ app-passes: 200 }}\nreserve: {{ app-passes: 5 }}\n\
             budgets: {{ hr: {{ limits: {{ app-passes: [{{ units: 190, until: 2026-12-31 }}, {{ units: 175, from: 2027-01-01 }}] }} }} }}\n\
             environments:\n  a: {{ id(a), budget: hr, allocations: {{ app-passes: {units} }} }}\n  \
             b: {{ id(b), allocations: {{ app-passes: {{ units: 5, grants: [{{ add: 12, from: 2026-12-05, until: 2026-12-20 }}] }} }} }}\n"
        )
    };
    let messages = |units: u64| {
        let configuration = configuration(&text(units));
        let observed = tenant(&[("app-passes", 200)], &[('a', &[("app-passes", 150)]), ('b', &[("app-passes", 5)])]);
        let found = check_draft(&configuration.desired, &observed, &configuration.draft(&observed));
        found.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(
        messages(195),
        [
            "the reserve of App passes is short by 5; at most 175 fits in a on every date",
            "App passes are short by 17 from 2026-12-05; at most 175 fits in a on every date",
            "the budget hr is exceeded by 5 passes; at most 175 fits in a on every date",
        ]
    );
    let budget = "the budget hr is exceeded by 1 pass from 2027-01-01; at most 175 fits in a on every date";
    assert_eq!(messages(176), [budget]);
    assert!(messages(175).is_empty());
}
