//! The changes that a configuration results in.

use crate::model::document::{Switch, Switches};
use crate::model::observed::{EnvironmentState, Listing, Reading};
use crate::model::plan::draft::Draft;
use crate::model::roles::WhoCanAllocate;
use crate::planning::fixture::{Retouch, TODAY, configuration, known, tenant, unknown};

/// One line a change: environment, kind, add-on, from, to, and switches.
fn changes(draft: &Draft) -> Vec<String> {
    let line = |planned: &crate::model::plan::change::PlannedChange| {
        let change = &planned.change;
        let switched: String = change.switched().map(|(switch, _, on)| format!(" {}={on}", switch.as_str())).collect();
        format!(
            "{} {} {} {} {}{switched}",
            planned.environment.key,
            change.kind().as_str(),
            change.add_on(),
            change.units_before(),
            change.after().units
        )
    };
    draft.changes.iter().map(line).collect()
}

#[track_caller]
fn check(text: &str, observed: &crate::model::observed::ObservedState, expected: &[&str]) {
    assert_eq!(changes(&configuration(text).draft(observed)), expected);
}

#[test]
fn absent_is_skipped_zero_is_released_and_unmanaged_is_not_touched() {
    let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 10), ("portal-logins", 5)])]);
    check("environments: { a: { id(a) } }", &observed, &[]);
    check("environments: { a: { id(a), allocations: { app-passes: unmanaged } } }", &observed, &[]);
    check("environments: { a: { id(a), allocations: { app-passes: 0 } } }", &observed, &["a release app-passes 10 0"]);
    check("environments: { a: { id(a), allocations: { app-passes: 10 } } }", &observed, &[]);
    check("environments: { a: { id(a), allocations: { process: 0 } } }", &observed, &[]);
}

#[test]
fn decreases_come_before_increases_and_switches_last() {
    let observed = tenant(
        &[("app-passes", 100)],
        &[('a', &[("app-passes", 1)]), ('b', &[("app-passes", 9)]), ('c', &[]), ('d', &[("app-passes", 4)])],
    );
    let text = "
environments:
  a: { id(a), allocations: { app-passes: 5 } }
  b: { id(b), allocations: { app-passes: 3 } }
  c: { id(c), allocations: { app-passes: 2, copilot-credits: { units: 0, whenExhausted: { alert: true } } } }
  d: { id(d), allocations: { app-passes: 0 } }
";
    let expected = [
        "b decrease app-passes 9 3",
        "d release app-passes 4 0",
        "a increase app-passes 1 5",
        "c assign app-passes 0 2",
        "c switch copilot-credits 0 0 alert=true",
    ];
    check(text, &observed, &expected);
}

#[test]
fn only_named_switches_change_and_others_stay_as_they_are() {
    let on = |switches: &[(Switch, bool)]| switches.iter().copied().collect();
    let observed = tenant(&[("copilot-credits", 1_000)], &[('a', &[("copilot-credits", 500)])]).switched(
        'a',
        "copilot-credits",
        on(&[(Switch::DrawFromTenant, true), (Switch::Deny, false)]),
    );
    let cell = |text: &str| format!("environments: {{ a: {{ id(a), allocations: {{ copilot-credits: {text} }} }} }}");
    check(&cell("500"), &observed, &[]);
    check(&cell("{ units: 500, whenExhausted: { drawFromTenant: true } }"), &observed, &[]);
    let changed = cell("{ units: 600, whenExhausted: { drawFromTenant: false } }");
    check(&changed, &observed, &["a increase copilot-credits 500 600 drawFromTenant=false"]);
    let draft = configuration(&changed).draft(&observed);
    let after = &draft.changes[0].change.after().when_exhausted;
    assert_eq!(*after, on(&[(Switch::DrawFromTenant, false), (Switch::Deny, false)]), "an entry is written whole");
    let switches_only = cell("{ whenExhausted: { alert: true } }");
    check(&switches_only, &observed, &["a switch copilot-credits 500 500 alert=true"]);
}

#[test]
fn switches_that_could_not_be_read_are_neither_changed_nor_taken_for_the_declared_ones() {
    let observed = tenant(&[("copilot-credits", 900)], &[('a', &[("copilot-credits", 500)])]);
    let observed = observed.switched('a', "copilot-credits", Switches::UNKNOWN);
    let cell = |text: &str| format!("environments: {{ a: {{ id(a), allocations: {{ {text} }} }} }}");
    let wanted = cell("copilot-credits: { units: 500, whenExhausted: { drawFromTenant: true } }");
    check(&wanted, &observed, &[]);
    let not_checked = configuration(&wanted).draft(&observed).not_checked;
    let subject = "the `whenExhausted` switches of Copilot Credits, in 1 environment";
    assert!(not_checked.iter().any(|checked| checked.subject == subject), "{not_checked:?}");
    assert_eq!(configuration(&wanted).guarded(&observed, &[]), ["A410."]);
    let more = cell("copilot-credits: { units: 600, whenExhausted: { drawFromTenant: true } }");
    check(&more, &observed, &["a increase copilot-credits 500 600"]);
    let another = cell("copilot-credits: 500, copilot-sessions: { units: 3, whenExhausted: { alert: true } }");
    check(&another, &observed, &["a assign copilot-sessions 0 3"]);
    check(&cell("copilot-credits: 500"), &observed, &[]);
    assert!(configuration(&cell("copilot-credits: 500")).guarded(&observed, &[]).is_empty(), "it is not managed");
}

#[test]
fn an_interface_without_switches_is_not_given_any_for_an_environment_without_a_document() {
    let observed = tenant(&[("copilot-credits", 900)], &[('a', &[])]).with('a', |seen| seen.document = Reading::Absent);
    let hiding = crate::model::observed::ObservedState { shows_switches: false, ..observed.clone() };
    let cell = |text: &str| format!("environments: {{ a: {{ id(a), allocations: {{ copilot-credits: {text} }} }} }}");
    let both = cell("{ units: 500, whenExhausted: { deny: true } }");
    check(&both, &observed, &["a assign copilot-credits 0 500 deny=true"]);
    check(&both, &hiding, &["a assign copilot-credits 0 500"]);
    let switches_only = cell("{ whenExhausted: { deny: true } }");
    check(&switches_only, &hiding, &[]);
    for text in [&both, &switches_only] {
        let found = configuration(text).guarded(&hiding, &[]);
        assert!(found.contains(&"A410.".to_owned()), "{found:?}");
        let not_checked = configuration(text).draft(&hiding).not_checked;
        let subject = "the `whenExhausted` switches of Copilot Credits, in 1 environment";
        assert!(not_checked.iter().any(|checked| checked.subject == subject), "{not_checked:?}");
    }
    assert!(!configuration(&cell("500")).guarded(&hiding, &[]).contains(&"A410.".to_owned()), "it is not managed");
}

#[test]
fn nothing_is_planned_over_what_could_not_be_read_or_is_gone() {
    let text =
        "environments: { a: { id(a), allocations: { app-passes: 5 } }, b: { id(b), allocations: { app-passes: 5 } } }";
    let observed = tenant(&[("app-passes", 100)], &[('a', &[]), ('b', &[])]);
    let unreadable = observed.clone().with('a', |seen| seen.document = unknown());
    check(text, &unreadable, &["b assign app-passes 0 5"]);
    let not_checked = configuration(text).draft(&unreadable).not_checked;
    assert_eq!(not_checked[0].subject, format!("the allocations of a ({})", crate::planning::fixture::id('a')));
    let deleted = observed.clone().with('a', |seen| seen.state = known(EnvironmentState::Deleted));
    check(text, &deleted, &["b assign app-passes 0 5"]);
    let mut unlisted = observed;
    unlisted.environments.remove(&crate::planning::fixture::id('a'));
    check(text, &unlisted, &["b assign app-passes 0 5"]);
    let without_document =
        tenant(&[("app-passes", 100)], &[('a', &[]), ('b', &[])]).with('a', |seen| seen.document = Reading::Absent);
    check(text, &without_document, &["a assign app-passes 0 5", "b assign app-passes 0 5"]);
}

#[test]
fn a_target_leaves_the_others_out_and_lists_them_as_not_checked() {
    let text = "
tenant: { name: t, whoCanAllocate: environment-admins }
environments: { a: { id(a), allocations: { app-passes: 5 } }, b: { id(b), allocations: { app-passes: 5 } } }";
    let observed = tenant(&[("app-passes", 100)], &[('a', &[]), ('b', &[])]);
    let all = configuration(text).draft(&observed);
    assert_eq!((changes(&all).len(), all.setting.is_some()), (2, true));
    let one = configuration(text).draft_for(&observed, TODAY, &["b".parse().unwrap()]);
    assert_eq!(changes(&one), ["b assign app-passes 0 5"]);
    assert!(one.setting.is_none(), "a setting belongs to no environment");
    assert_eq!(one.not_checked[0].subject, "1 environment");
}

#[test]
fn the_setting_changes_if_it_is_known_to_differ() {
    let wanted = |value: &str| configuration(&format!("tenant: {{ name: t, whoCanAllocate: {value} }}\n"));
    let observed = tenant(&[], &[]);
    assert!(wanted("only-specific-admins").draft(&observed).setting.is_none());
    let change = wanted("environment-admins").draft(&observed).setting.unwrap();
    assert_eq!(
        (change.before, change.after),
        (Some(WhoCanAllocate::OnlySpecificAdmins), WhoCanAllocate::EnvironmentAdmins)
    );
    let unread = crate::model::observed::ObservedState { who_can_allocate: unknown(), ..observed.clone() };
    assert!(wanted("environment-admins").draft(&unread).setting.is_none());
    assert!(configuration("").draft(&observed).setting.is_none(), "absent is unmanaged");
}

#[test]
fn subjects_that_were_not_checked_are_listed() {
    let mut observed = tenant(&[("app-passes", 100)], &[('a', &[("portal-logins", 5)]), ('b', &[("app-passes", 7)])])
        .total("app-passes", |total| total.purchased = unknown());
    observed.listing = Listing::Incomplete("page 2 is missing".into());
    let draft = configuration("environments: { a: { id(a) }, c: { id(c) } }").draft(&observed);
    let subjects: Vec<&str> = draft.not_checked.iter().map(|left_out| left_out.subject.as_str()).collect();
    let expected = [
        "environments beyond those listed",
        "1 environment",
        "the tenant's figure for purchased App passes",
        "1 declared environment",
        "1 amount",
    ];
    assert_eq!(subjects, expected);
}

#[test]
fn a_grant_counts_on_its_days_and_lends_its_ticket() {
    let text = "
environments:
  a:
    id(a)
    allocations:
      app-passes:
        units: 3
        ticket: CHG0
        grants: [{ add: 4, from: 2026-12-01, until: 2027-03-31, ticket: CHG1 }]
";
    let text = text.replace("id(a)", &format!("id: \"{}\"", crate::planning::fixture::id('a')));
    let configuration = configuration(&text);
    let observed = tenant(&[("app-passes", 100)], &[('a', &[])]);
    let on = |day: &str| {
        let draft = configuration.draft_for(&observed, day.parse().unwrap(), &[]);
        let planned = &draft.changes[0];
        (planned.change.after().units.get(), planned.until.map(|day| day.to_string()), planned.ticket.clone().unwrap())
    };
    let granted = |units| (units, Some("2027-03-31".to_owned()), "CHG1".to_owned());
    assert_eq!(on("2026-11-30"), (3, None, "CHG0".to_owned()));
    assert_eq!(on("2026-12-01"), granted(7));
    assert_eq!(on("2027-03-31"), granted(7));
    assert_eq!(on("2027-04-01"), (3, None, "CHG0".to_owned()));
}

#[test]
fn the_same_input_gives_the_same_draft() {
    let text =
        "environments: { b: { id(b), allocations: { app-passes: 5 } }, a: { id(a), allocations: { app-passes: 0 } } }";
    let observed = tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 5)]), ('b', &[])]);
    let bytes = || serde_json::to_vec(&configuration(text).draft(&observed)).unwrap();
    assert_eq!(bytes(), bytes());
}
