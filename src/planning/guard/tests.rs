//! Every rule at its boundary, and `--allow`, which allows only the finding that it names.

use super::{Verdict, approve};
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::document::Switch;
use crate::model::observed::{EnvironmentState, Listing, ObservedState, Reading};
use crate::model::plan::draft::Draft;
use crate::model::roles::WhoCanAllocate;
use crate::model::terms::Units;
use crate::planning::fixture::{Retouch, TODAY, configuration, id, known, tenant, unknown};

const OWNED: [(&str, u64); 2] = [("app-passes", 10_000), ("portal-logins", 10_000)];

/// The findings if environment `a` goes from one amount of app passes to another under some rules.
fn change(root: &str, from: u64, to: u64, allow: &[&str]) -> Vec<String> {
    let observed = tenant(&OWNED, &[('a', &[("app-passes", from)])]);
    change_in(root, &observed, to, allow)
}

fn change_in(root: &str, observed: &ObservedState, to: u64, allow: &[&str]) -> Vec<String> {
    let text = format!("{root}\nenvironments: {{ a: {{ id(a), name: a, allocations: {{ app-passes: {to} }} }} }}\n");
    let mut found = configuration(&text).guarded(observed, allow);
    found.retain(|word| !word.starts_with("A402"));
    found
}

#[test]
fn the_cap_in_percent_counts_from_a_hundred_units_on() {
    assert!(change("", 100, 70, &[]).is_empty());
    assert_eq!(change("", 100, 69, &[]), ["A301!"]);
    assert!(change("", 99, 0, &[]).is_empty());
    assert_eq!(change("rules: { maxDecrease: { percent: 10 } }", 100, 89, &[]), ["A301!"]);
    assert!(change("rules: { maxDecrease: { percent: 100 } }", 100, 0, &[]).is_empty());
}

#[test]
fn the_cap_in_units_counts_always_and_the_tighter_one_decides() {
    let root = "rules: { maxDecrease: { units: { app-passes: 5 } } }";
    assert!(change(root, 20, 15, &[]).is_empty());
    assert_eq!(change(root, 20, 14, &[]), ["A301!"]);
    assert_eq!(change(root, 1_000, 994, &[]), ["A301!"]);
}

#[test]
fn an_allowance_allows_what_it_names_and_nothing_else() {
    assert_eq!(change("", 100, 0, &["A301:app-passes"]), ["A301?"]);
    assert_eq!(change("", 100, 0, &["A301:portal-logins"]), ["A301!", "A311?"]);
    assert_eq!(change("", 100, 0, &["A304:app-passes"]), ["A301!", "A311?"]);
    assert_eq!(change("", 100, 100, &["A301:app-passes"]), ["A311?"]);
}

/// The help of the finding with a code, if the environment with the key `hr-prod` goes from 100 app passes to 90.
fn help(root: &str, allow: &[&str], code: Code) -> Option<String> {
    let text = "environments: { hr-prod: { id(a), name: a, protect: true, allocations: { app-passes: 90 } } }\n";
    let observed = tenant(&OWNED, &[('a', &[("app-passes", 100)])]);
    let configuration = configuration(&format!("{root}\n{text}"));
    let verdict = approve(&configuration.desired, &observed, configuration.draft_allowing(&observed, allow));
    let finding = verdict.findings().iter().find(|finding| finding.code == code);
    finding.map(|finding| finding.help.join("; "))
}

#[test]
fn an_allowance_without_effect_says_what_is_meant() {
    let help = |allowance: &str| help("", &[allowance], Code::A311);
    let question = Some("did you mean `A304:hr-prod/app-passes`?".to_owned());
    assert_eq!(help("A304:hr-prod/app-passes"), None);
    assert_eq!(help("A304:hr-prdo/app-passes"), question);
    assert_eq!(help("A304:hr-prod"), question);
    assert_eq!(help("A303:hr-prdo/app-passes"), Some("did you mean `A303:hr-prod/app-passes`?".to_owned()));
    assert_eq!(help("A303:hr-prod/app-passes"), question, "the cell is refused under another code");
    assert_eq!(help("A309:tenant"), Some("remove it: this plan has no such error".to_owned()));
}

#[test]
fn an_entry_that_does_not_let_a_refusal_through_says_what_to_change_in_it() {
    let (yesterday, later) = (TODAY.yesterday().expect("a day"), "set a later `until`");
    let both = format!("lower `to` and {later}");
    for (to, until, change) in [(95, TODAY, "lower `to`"), (90, yesterday, later), (95, yesterday, &both)] {
        let root = format!("allow: [{{ code: A304, scope: hr-prod/app-passes, to: {to}, until: {until} }}]");
        let words = format!("`--allow A304:hr-prod/app-passes` allows only this; or {change} in the entry of `allow`");
        assert_eq!(help(&root, &[], Code::A304), Some(words));
    }
}

#[test]
fn environments_that_change_are_counted_once_each() {
    let observed = tenant(&OWNED, &[('a', &[]), ('b', &[]), ('c', &[])]);
    let text = |most: u32| {
        format!(
            "rules: {{ maxEnvironmentsChanged: {most} }}\nenvironments:\n  a: {{ id(a), allocations: {{ app-passes: 1, portal-logins: 1 }} }}\n  b: {{ id(b), allocations: {{ app-passes: 1 }} }}\n"
        )
    };
    let found = |most| {
        let mut found = configuration(&text(most)).guarded(&observed, &[]);
        found.retain(|word| !word.starts_with("A402"));
        found
    };
    assert!(found(2).is_empty());
    assert_eq!(found(1), ["A302!"]);
}

#[test]
fn a_floor_holds_whether_or_not_the_amount_changes() {
    let root = "floors: { a: { app-passes: 50 } }";
    assert!(change(root, 60, 50, &[]).is_empty());
    assert_eq!(change(root, 60, 49, &[]), ["A303!"]);
    assert_eq!(change(root, 49, 49, &[]), ["A303!"]);
    assert_eq!(change(root, 60, 49, &["A303:a/app-passes"]), ["A303?"]);
}

#[test]
fn a_protected_environment_gives_back_only_if_allowed_by_name() {
    let observed = tenant(&OWNED, &[('a', &[("app-passes", 50)])]);
    let found = |units: u32, allow: &[&str]| {
        let text = format!("environments: {{ a: {{ id(a), protect: true, allocations: {{ app-passes: {units} }} }} }}");
        configuration(&text).guarded(&observed, allow)
    };
    assert!(found(51, &[]).is_empty());
    assert_eq!(found(49, &[]), ["A304!"]);
    assert_eq!(found(49, &["A304:a/app-passes"]), ["A304?"]);
}

#[test]
fn nothing_goes_below_what_is_used_and_unknown_use_refuses() {
    let using = |used: Reading<Units>| tenant(&OWNED, &[('a', &[("app-passes", 50)])]).uses('a', "app-passes", used);
    assert!(change_in("", &using(known(Units::new(40))), 40, &[]).is_empty());
    assert_eq!(change_in("", &using(known(Units::new(41))), 40, &[]), ["A305!"]);
    assert_eq!(change_in("", &using(known(Units::new(41))), 40, &["A305:a/app-passes"]), ["A305?"]);
    assert_eq!(change_in("", &using(known(Units::new(90))), 60, &[]), ["A411?"], "an increase helps");
    assert!(change_in("", &using(Reading::Absent), 40, &[]).is_empty(), "nothing is reported for it");
    assert_eq!(change_in("", &using(unknown()), 40, &[]), ["A305!"], "unknown is not zero");
    assert_eq!(change_in("", &using(unknown()), 40, &["A305:a/app-passes"]), ["A305?"]);
    assert!(change_in("rules: { neverBelowConsumption: false }", &using(unknown()), 40, &[]).is_empty());
}

#[test]
fn a_switch_alone_can_be_set_if_nothing_is_owned() {
    let text = "environments: { a: { id(a), allocations: { app-passes: { whenExhausted: { alert: true } } } } }";
    assert!(configuration(text).guarded(&tenant(&[("app-passes", 0)], &[('a', &[])]), &[]).is_empty());
}

#[test]
fn the_default_environment_gets_nothing_unless_it_is_allowed() {
    let found = |rules: &str, class: &str| {
        let text =
            format!("{rules}\nenvironments: {{ a: {{ id(a), class: {class}, allocations: {{ app-passes: 1 }} }} }}");
        let observed = tenant(&OWNED, &[('a', &[])])
            .with('a', |seen| seen.class = known(crate::model::terms::EnvironmentClass::Default));
        let mut found = configuration(&text).guarded(&observed, &[]);
        found.retain(|word| !["A402", "A409"].iter().any(|code| word.starts_with(code)));
        found
    };
    assert_eq!(found("", "default"), ["A306!"]);
    assert_eq!(found("", "production"), ["A306!"], "the tenant knows better");
    assert!(found("rules: { defaultEnvironment: allow }", "default").is_empty());
}

#[test]
fn a_ticket_is_required_if_the_rule_lists_the_add_on() {
    let found = |cell: &str| {
        let text = format!(
            "rules: {{ requireTicket: [app-passes] }}\nenvironments: {{ a: {{ id(a), allocations: {{ {cell} }} }} }}"
        );
        configuration(&text).guarded(&tenant(&OWNED, &[('a', &[("app-passes", 1)])]), &[])
    };
    assert_eq!(found("app-passes: 2"), ["A307!"]);
    assert!(found("app-passes: { units: 2, ticket: CHG1 }").is_empty());
    assert!(found("app-passes: 1").is_empty(), "nothing changes");
}

#[test]
fn undeclared_holdings_are_ignored_reported_or_refused() {
    let observed = tenant(&OWNED, &[('a', &[("portal-logins", 3)]), ('b', &[("app-passes", 3)])]);
    let found = |treatment: &str, allow: &[&str]| {
        let rules = format!("rules: {{ unmanagedEnvironments: {treatment}, unmanagedAddOns: {treatment} }}");
        let mut found =
            configuration(&format!("{rules}\nenvironments: {{ a: {{ id(a) }} }}")).guarded(&observed, allow);
        found.sort();
        found
    };
    assert!(found("ignore", &[]).is_empty());
    assert_eq!(found("report", &[]), ["A309.", "A310."]);
    assert_eq!(found("fail", &[]), ["A309!", "A310!"]);
    let all = [format!("A309:{}", id('b')), "A310:a/portal-logins".to_owned()];
    assert_eq!(found("fail", &[&all[0], &all[1]]), ["A309?", "A310?"]);
}

#[test]
fn a_pool_that_is_nearly_used_up_is_a_warning() {
    let found = |rules: &str, units: u64| {
        let text = format!("{rules}\nenvironments: {{ a: {{ id(a), allocations: {{ app-passes: {units} }} }} }}");
        configuration(&text).guarded(&tenant(&[("app-passes", 100)], &[('a', &[("app-passes", 1)])]), &[])
    };
    assert!(found("", 89).is_empty());
    assert_eq!(found("", 90), ["A209?"]);
    assert_eq!(found("rules: { warnAtPercent: [80, 90] }", 80), ["A209?"]);
}

#[test]
fn a_listing_that_lacks_too_much_is_incomplete() {
    let text: String = ('a'..='h')
        .map(|letter| format!("  {letter}: {{ id({letter}), allocations: {{ app-passes: 0 }} }}\n"))
        .collect();
    let configuration = configuration(&format!("environments:\n{text}"));
    let full = tenant(
        &OWNED,
        &[
            ('a', &[("app-passes", 5)]),
            ('b', &[]),
            ('c', &[]),
            ('d', &[]),
            ('e', &[]),
            ('f', &[]),
            ('g', &[]),
            ('h', &[]),
        ],
    );
    assert!(configuration.guarded(&full, &[]).is_empty());
    let mut one_gone = full.clone();
    one_gone.environments.remove(&id('h'));
    assert_eq!(configuration.guarded(&one_gone, &[]), ["A403?"], "one may have been deleted");
    let mut two_gone = one_gone.clone();
    two_gone.environments.remove(&id('g'));
    assert_eq!(configuration.guarded(&two_gone, &[]), ["A404!", "A403?", "A403?"], "and `a` would give back");
    let cut = ObservedState { listing: Listing::Incomplete("page 2 is missing".into()), ..full.clone() };
    assert_eq!(configuration.guarded(&cut, &[]), ["A404!"]);
    let counts_more = full.clone().total("app-passes", |total| total.allocated = known(Units::new(9)));
    assert_eq!(configuration.guarded(&counts_more, &[]), ["A404!"], "no listed environment holds four of them");
    let counts_less = full.clone().total("app-passes", |total| total.allocated = known(Units::new(4)));
    assert_eq!(configuration.guarded(&counts_less, &[]), ["A404!"], "the listing shows one too many");
    let counts_others = full.total("portal-logins", |total| total.allocated = known(Units::new(9)));
    assert_eq!(configuration.guarded(&counts_others, &[]), ["A404?"], "the plan gives none of these back");
}

#[test]
fn a_denied_caller_and_an_undeclared_right_of_environment_admins_are_reported() {
    let plan = |observed: &ObservedState, root: &str| change_in(root, observed, 2, &[]);
    let observed = tenant(&OWNED, &[('a', &[("app-passes", 1)])]);
    let mut denied = observed.clone();
    denied.caller.may_allocate = known(false);
    assert_eq!(plan(&denied, ""), ["A401!"]);
    assert!(change_in("", &denied, 1, &[]).is_empty(), "a plan without writes needs no right to write");
    let open = ObservedState { who_can_allocate: known(WhoCanAllocate::EnvironmentAdmins), ..observed };
    assert_eq!(plan(&open, ""), ["A406."]);
    assert!(
        plan(&open, "tenant: { name: t, whoCanAllocate: environment-admins }").is_empty(),
        "the configuration asks for it"
    );
}

#[test]
fn an_add_on_without_a_row_is_reported() {
    let mut observed = tenant(&OWNED, &[('a', &[])]);
    let total = observed.totals.values().next().unwrap().clone();
    observed.totals.insert(AddOn::from_api_value("BrandNew"), total);
    assert_eq!(configuration("environments: { a: { id(a) } }").guarded(&observed, &[]), ["A408?"]);
}

#[test]
fn differences_from_the_tenant_are_reported() {
    let observed = tenant(&OWNED, &[('a', &[])]).with('a', |seen| seen.state = known(EnvironmentState::Disabled));
    let found = |environment: &str| {
        configuration(&format!("environments: {{ a: {{ id(a), {environment} }} }}")).guarded(&observed, &[])
    };
    assert_eq!(found("name: B"), ["A405?"]);
    assert_eq!(found("class: sandbox"), ["A409?"]);
    assert!(found("name: a, class: production").is_empty());
    assert_eq!(found("allocations: { app-passes: 1 }"), ["A403!", "A402."], "it is disabled");
}

/// Neither more nor fewer units for an environment that is hidden, not ready, or in an unknown state.
#[test]
fn nothing_is_written_where_the_environment_is_not_known_to_be_ready() {
    let observed = tenant(&OWNED, &[('a', &[("app-passes", 5)])]);
    let in_state = |state| observed.clone().with('a', |seen| seen.state = state);
    let hidden = observed.clone().with('a', |seen| (seen.listed, seen.state) = (false, unknown()));
    let findings = |observed: &ObservedState, to| {
        let text = format!("environments: {{ a: {{ id(a), allocations: {{ app-passes: {to} }} }} }}");
        configuration(&text).guarded(observed, &[])
    };
    for odd in [hidden, in_state(unknown())] {
        assert_eq!(findings(&odd, 6), ["A403!"]);
        assert_eq!(findings(&odd, 4), ["A403!"]);
        assert_eq!(findings(&odd, 5), ["A403?"], "nothing is written");
    }
    for state in [EnvironmentState::Disabled, EnvironmentState::Preparing] {
        let odd = in_state(known(state));
        assert_eq!(findings(&odd, 6), ["A403!"]);
        assert_eq!(findings(&odd, 4), ["A403!"]);
        assert!(findings(&odd, 5).is_empty(), "nothing is written");
    }
    let unreadable = observed.clone().with('a', |seen| {
        (seen.listed, seen.state, seen.document) = (false, unknown(), unknown());
    });
    assert_eq!(findings(&unreadable, 5), ["A403!"], "a wrong id, perhaps");
    assert_eq!(findings(&unreadable, 0), ["A403?"]);
}

#[test]
fn each_listing_is_compared_with_the_other() {
    let observed = tenant(&OWNED, &[('a', &[("app-passes", 5)]), ('b', &[("app-passes", 5)])])
        .with('b', |seen| seen.listed = false);
    let text = "rules: { unmanagedEnvironments: ignore }
environments: { a: { id(a), allocations: { app-passes: 4 } } }";
    assert_eq!(configuration(text).guarded(&observed, &[]), ["A404?"], "a gives back what it was seen to hold");
}

#[test]
fn a_deleted_environment_is_shown_with_what_it_holds() {
    let observed = tenant(&OWNED, &[('a', &[("app-passes", 5)]), ('b', &[("app-passes", 5)])])
        .with('a', |seen| seen.state = known(EnvironmentState::Deleted))
        .with('b', |seen| seen.state = known(EnvironmentState::Deleted));
    let text = "rules: { unmanagedEnvironments: ignore }
environments: { a: { id(a), allocations: { app-passes: 0 } } }";
    let configuration = configuration(text);
    let draft = configuration.draft(&observed);
    assert_eq!(draft.pools[0].allocated_after, Units::new(10), "never counted as free");
    let findings = super::tenant_findings(&configuration.desired, &observed, &draft);
    let [declared, undeclared] = findings.as_slice() else { panic!("{findings:#?}") };
    assert!(declared.notes.iter().any(|note| note.contains("it still holds 5 App passes")), "{declared:#?}");
    assert!(undeclared.message.contains("was deleted, and still holds 5 App passes"), "{undeclared:#?}");
    assert_eq!(configuration.guarded(&observed, &[]), ["A403?", "A403."]);
}

#[test]
fn a_setting_that_cannot_be_read_is_not_taken_for_the_declared_one() {
    let observed = ObservedState { who_can_allocate: unknown(), ..tenant(&OWNED, &[('a', &[])]) };
    let declared = configuration("tenant: { name: t, whoCanAllocate: only-specific-admins }");
    assert_eq!(declared.guarded(&observed, &[]), ["A410?"]);
    let not_checked = declared.draft(&observed).not_checked;
    assert!(not_checked.iter().any(|subject| subject.subject == "who can allocate"), "{not_checked:?}");
    assert!(configuration("environments: {}").guarded(&observed, &[]).is_empty(), "it is not managed");
}

#[test]
fn under_strict_a_warning_refuses_too() {
    let configuration = configuration("environments: { a: { id(a), name: B, allocations: { app-passes: 1 } } }");
    let observed = tenant(&OWNED, &[('a', &[("app-passes", 1)])]);
    let verdict = |strict| {
        let draft = Draft { strict, ..configuration.draft(&observed) };
        approve(&configuration.desired, &observed, draft)
    };
    assert!(matches!(verdict(false), Verdict::Approved { .. }));
    assert!(matches!(verdict(true), Verdict::Refused { .. }));
}

#[test]
fn an_environment_that_uses_more_than_it_holds_is_reported() {
    let observed =
        tenant(&OWNED, &[('a', &[("app-passes", 50)]), ('b', &[])]).uses('a', "app-passes", known(Units::new(60)));
    let found = |observed: &ObservedState, units: u32| {
        let text = format!(
            "rules: {{ unmanagedEnvironments: ignore, neverBelowConsumption: false }}
environments: {{ a: {{ id(a), allocations: {{ app-passes: {units} }} }} }}"
        );
        configuration(&text).guarded(observed, &[])
    };
    assert_eq!(found(&observed, 50), ["A411?"]);
    assert_eq!(found(&observed, 40), ["A411?"]);
    assert!(found(&observed, 60).is_empty(), "the plan allocates what is used");
    assert!(
        found(&observed.clone().uses('a', "app-passes", unknown()), 50).is_empty(),
        "unknown is neither more nor less"
    );
    assert_eq!(
        found(&observed.clone().uses('b', "app-passes", known(Units::new(1))), 60),
        ["A411?"],
        "it holds nothing"
    );
    let unread = observed.clone().with('a', |seen| seen.document = unknown());
    assert!(!found(&unread, 60).contains(&"A411?".to_owned()), "what it holds is unknown");
    for (switch, on, expected) in [
        (Switch::DrawFromTenant, true, 0),
        (Switch::PayAsYouGo, true, 0),
        (Switch::DrawFromTenant, false, 1),
        (Switch::Deny, true, 1),
    ] {
        let switched = observed.clone().switched('a', "app-passes", [(switch, on)].into_iter().collect());
        assert_eq!(found(&switched, 50).len(), expected, "{switch:?} {on}");
    }
}

#[test]
fn a_pool_of_which_more_is_used_than_owned_is_reported_and_not_refused() {
    let using =
        |used| tenant(&OWNED, &[('a', &[("app-passes", 50)])]).total("app-passes", |total| total.consumed = used);
    let owned = Units::new(OWNED[0].1);
    let more = [owned, Units::new(1)].into_iter().sum();
    assert!(change_in("", &using(known(owned)), 60, &[]).is_empty());
    assert_eq!(change_in("", &using(known(more)), 60, &[]), ["A411?"]);
    assert!(change_in("", &using(unknown()), 60, &[]).is_empty());
    let nothing_owned =
        tenant(&[("app-passes", 0)], &[('a', &[])]).total("app-passes", |total| total.consumed = known(owned));
    assert_eq!(configuration("environments: {}").guarded(&nothing_owned, &[]), ["A411?"]);
}

#[test]
fn an_entry_lets_a_refusal_through_until_its_day_and_down_to_its_amount() {
    let allow =
        |entry: &str| format!("floors: {{ a: {{ app-passes: 50 }} }}\nallow: [{{ scope: a/app-passes, {entry} }}]");
    let tomorrow = TODAY.tomorrow().expect("a day");
    let yesterday = TODAY.yesterday().expect("a day");
    for (entry, units, expected) in [
        (format!("code: A303, to: 45, until: {TODAY}"), 45, &["A303?"][..]),
        (format!("code: A303, to: 45, until: {tomorrow}"), 45, &["A303?"]),
        (format!("code: A303, to: 45, until: {yesterday}"), 45, &["A303!", "A312?"]),
        (format!("code: A303, to: 45, until: {TODAY}"), 44, &["A303!"]),
        (format!("code: A303, to: 0, until: {TODAY}"), 44, &["A303?"]),
        (format!("code: A304, to: 45, until: {TODAY}"), 45, &["A303!"]),
        (format!("code: A303, to: 45, until: {TODAY}"), 50, &[]),
    ] {
        assert_eq!(change(&allow(&entry), 60, units, &[]), expected, "{entry}: {units}");
    }
    let other =
        allow(&format!("code: A303, to: 45, until: {TODAY}")).replace("scope: a/app-passes", "scope: a/portal-logins");
    assert_eq!(change(&other, 60, 45, &[]), ["A303!"], "another cell");
    let both = allow(&format!("code: A303, to: 45, until: {TODAY}"));
    assert_eq!(change(&both, 60, 45, &["A303:a/app-passes"]), ["A303?", "A311?"], "the flag is not needed");
}
