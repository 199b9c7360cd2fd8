//! The id of a plan, and what makes a saved plan stale.

use super::{plan_id, stale};
use crate::model::document::Switch;
use crate::model::observed::ObservedState;
use crate::model::plan::draft::Draft;
use crate::model::plan::order::Plan;
use crate::model::terms::Units;
use crate::planning::fixture::{Configuration, Retouch, TODAY, configuration, known, tenant, unknown};
use crate::planning::schedule::order::order;

const TEXT: &str = "
rules: { maxDecrease: { percent: 100 } }
environments: { a: { id(a), allocations: { app-passes: 20 } }, b: { id(b), allocations: { app-passes: 5 } } }
";

fn observed() -> ObservedState {
    tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 10)]), ('b', &[("app-passes", 9)]), ('c', &[])])
}

fn saved(configuration: &Configuration) -> Plan {
    let draft = configuration.draft(&observed());
    let steps = order(&draft);
    Plan::try_new(draft, steps).unwrap()
}

/// The number of findings about the saved plan after a later reading.
fn stale_findings(later: &str, now: &ObservedState) -> usize {
    stale(&saved(&configuration(TEXT)), &configuration(later).draft(now)).len()
}

#[test]
fn a_plan_is_not_stale_if_nothing_that_it_touches_changed() {
    assert_eq!(stale_findings(TEXT, &observed()), 0);
    let elsewhere = observed().with('c', |seen| seen.name = known("another".into()));
    assert_eq!(stale_findings(TEXT, &elsewhere), 0);
    let more = TEXT.replace("b: {", "c: { id(c), allocations: { app-passes: 1 } }, b: {");
    assert_eq!(stale_findings(&more, &observed()), 0, "a change outside the plan does not matter");
}

#[test]
fn a_touched_cell_a_total_or_a_rule_that_changed_makes_a_plan_stale() {
    let cell = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 11)]), ('b', &[("app-passes", 9)]), ('c', &[])]);
    assert_eq!(stale_findings(TEXT, &cell), 1);
    assert_eq!(stale_findings(TEXT, &observed().with('a', |seen| seen.document = unknown())), 1);
    assert_eq!(stale_findings(&TEXT.replace("app-passes: 20", "app-passes: 21"), &observed()), 1);
    let total = observed().total("app-passes", |total| total.purchased = known(Units::new(99)));
    assert!(stale_findings(TEXT, &total) >= 1);
    assert_eq!(stale_findings(&TEXT.replace("percent: 100", "percent: 99"), &observed()), 1);
    assert_eq!(stale_findings("tenant: { name: t, whoCanAllocate: environment-admins }\n", &observed()), 4);
    let done = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 20)]), ('b', &[("app-passes", 5)]), ('c', &[])]);
    assert!(stale_findings(TEXT, &done) >= 2, "a plan is used once");
}

/// The messages about the saved plan after a later reading.
fn stale_messages(later: &str, now: &ObservedState) -> Vec<String> {
    let findings = stale(&saved(&configuration(TEXT)), &configuration(later).draft(now));
    findings.into_iter().map(|finding| finding.message).collect()
}

#[test]
fn a_difference_that_no_amount_shows_is_named() {
    let cells = |entries: &[(&str, u64)]| {
        tenant(&[("app-passes", 100)], &[('a', entries), ('b', &[("app-passes", 9)]), ('c', &[])])
    };
    let empty = configuration(TEXT);
    for (then, now, what) in [
        (&[][..], &[("app-passes", 0)][..], "the tenant had no entry there and has one of 0"),
        (&[("app-passes", 0)], &[], "the tenant had an entry of 0 there and has none"),
    ] {
        let draft = empty.draft(&cells(then));
        let steps = order(&draft);
        let found = stale(&Plan::try_new(draft, steps).unwrap(), &empty.draft(&cells(now)));
        let expected = format!("the plan is stale: a/app-passes still goes from 0 to 20, but {what}");
        assert_eq!(found.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>(), [expected]);
    }
    let switched = observed().switched('a', "app-passes", [(Switch::Alert, true)].into_iter().collect());
    let expected = "the plan is stale: a/app-passes still goes from 10 to 20, \
                    but `alert` was not stated in the tenant and is on";
    assert_eq!(stale_messages(TEXT, &switched), [expected]);
    let declared = TEXT.replace("app-passes: 20", "app-passes: { units: 20, whenExhausted: { deny: true } }");
    let expected = "the plan is stale: a/app-passes still goes from 10 to 20, \
                    but `deny` was not stated in the configuration and is on";
    assert_eq!(stale_messages(&declared, &observed()), [expected]);
}

#[test]
fn the_id_covers_everything_but_what_was_not_checked() {
    let configuration = configuration(TEXT);
    let draft = configuration.draft(&observed());
    let mut silent = draft.clone();
    silent.not_checked.clear();
    let id = |draft: &Draft| plan_id(draft).unwrap().to_string();
    assert_eq!(id(&draft), id(&silent));
    assert_eq!(id(&draft).len(), 32, "16 bytes");
    let tomorrow = configuration.draft_for(&observed(), TODAY.tomorrow().unwrap(), &[]);
    assert_ne!(id(&draft), id(&tomorrow));
    let allowing = |allow: &[&str]| id(&configuration.draft_allowing(&observed(), allow));
    assert_ne!(id(&draft), allowing(&["A303:a/app-passes"]));
    assert_ne!(allowing(&["A303:a/app-passes"]), allowing(&["A303:b/app-passes"]));
    let (one, other) = ("A303:a/app-passes", "A304:a/app-passes");
    assert_eq!(allowing(&[one, other]), allowing(&[other, one, other]), "their order means nothing");
    assert_ne!(id(&draft), id(&Draft { strict: true, ..draft.clone() }));
}
