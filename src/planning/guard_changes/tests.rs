use super::{guard_changes, include_change};
use crate::planning::fixture::{TODAY, configuration};

/// A configuration with every guard. Each case replaces one part of it.
const BASE: &str = "
tenant: { name: t, provider: local, whoCanAllocate: only-specific-admins }
purchased: { app-passes: [{ units: 500, until: 2026-12-31 }, { units: 300, from: 2027-01-01 }], portal-logins: 100 }
reserve: { app-passes: 10%, portal-logins: 5 }
budgets: { hr: { limits: { app-passes: 100 } } }
debts: { portal-logins: 2 }
defaults: { sandbox: { portal-logins: 1 } }
rules:
  unmanagedEnvironments: fail
  defaultEnvironment: deny
  maxDecrease: { percent: 20, units: { app-passes: 50 } }
  maxEnvironmentsChanged: 5
  neverBelowConsumption: true
  warnAtPercent: [80, 90]
  failBeforeExpiryDays: 30
  requireTicket: [app-passes]
floors: { a: { app-passes: 5 } }
allow: [{ code: A303, scope: a/app-passes, to: 4, until: 2026-12-15 }]
environments:
  a: { id(a), class: production, protect: true, owner: one@x, budget: hr, allocations: { app-passes: 20 } }
  b: { id(b), allocations: { app-passes: 5, portal-logins: 1 } }
";

/// The changes of guards between the base and the same text with one part replaced.
fn changes(before: &str, after: &str) -> Vec<String> {
    assert!(BASE.contains(before), "{before}");
    let (base, head) = (configuration(BASE), configuration(&BASE.replacen(before, after, 1)));
    let shown = |change: &crate::model::plan::guards::GuardChange| {
        format!("{}: {} → {}", change.guard, change.before, change.after)
    };
    guard_changes(&base.desired, &head.desired, TODAY).iter().map(shown).collect()
}

#[test]
fn every_guard_that_becomes_weaker_is_listed() {
    for (before, after, expected) in [
        ("whoCanAllocate: only", "cloud: public, whoCanAllocate: only", "tenant.cloud: none → public"),
        (", whoCanAllocate: only-specific-admins", "", "whoCanAllocate: only-specific-admins → none"),
        ("{ units: 500,", "{ units: 501,", "purchased App passes: 500 → 501"),
        ("{ units: 300, from", "{ units: 301, from", "purchased App passes from 2027-01-01: 300 → 301"),
        ("until: 2026-12-31", "until: 2027-12-31", "purchased App passes from 2027-01-01: 300 → 800"),
        (", portal-logins: 100 }", " }", "purchased Portal logins: 100 → as the tenant reports"),
        ("app-passes: 10%", "app-passes: 9%", "reserve of App passes: 10% → 9%"),
        ("app-passes: 10%", "app-passes: 49", "reserve of App passes: 10% → 49"),
        (", portal-logins: 5 }", " }", "reserve of Portal logins: 5 → none"),
        ("debts: { portal-logins: 2 }", "debts: { portal-logins: 3 }", "debt of Portal logins: 2 → 3"),
        ("limits: { app-passes: 100 }", "limits: { app-passes: 1000 }", "budget hr, App passes: 100 → 1,000"),
        ("limits: { app-passes: 100 }", "limits: { portal-logins: 1 }", "budget hr, App passes: 100 → none"),
        (
            "limits: { app-passes: 100 }",
            "limits: { app-passes: [{ units: 90, until: 2026-12-31 }, { units: 101, from: 2027-01-01 }] }",
            "budget hr, App passes from 2027-01-01: 100 → 101",
        ),
        ("sandbox: { portal-logins: 1 }", "sandbox: { portal-logins: 2 }", "default of sandbox, Portal logins: 1 → 2"),
        ("unmanagedEnvironments: fail", "unmanagedEnvironments: report", "rules.unmanagedEnvironments: fail → report"),
        ("  unmanagedEnvironments: fail\n", "", "rules.unmanagedEnvironments: fail → report"),
        ("defaultEnvironment: deny", "defaultEnvironment: allow", "rules.defaultEnvironment: deny → allow"),
        ("percent: 20", "percent: 21", "rules.maxDecrease.percent: 20% → 21%"),
        ("units: { app-passes: 50 }", "units: { app-passes: 51 }", "rules.maxDecrease.units, App passes: 50 → 51"),
        ("  maxEnvironmentsChanged: 5\n", "", "rules.maxEnvironmentsChanged: 5 → none"),
        ("neverBelowConsumption: true", "neverBelowConsumption: false", "rules.neverBelowConsumption: true → false"),
        ("[80, 90]", "[90]", "rules.warnAtPercent: 80%, 90% → 90%"),
        ("failBeforeExpiryDays: 30", "failBeforeExpiryDays: 29", "rules.failBeforeExpiryDays: 30 → 29"),
        ("  requireTicket: [app-passes]\n", "", "rules.requireTicket, App passes: required → not required"),
        ("a: { app-passes: 5 } }", "a: { app-passes: 4 } }", "floor of a, App passes: 5 → 4"),
        ("floors: { a: { app-passes: 5 } }\n", "", "floor of a, App passes: 5 → none"),
        ("protect: true, ", "", "protect of a: on → off"),
        ("owner: one@x", "owner: two@x", "owner of a: one@x → two@x"),
        (", budget: hr, alloc", ", alloc", "budget of a: hr → none"),
        ("class: production", "class: sandbox", "class of a: production → sandbox"),
        ("provider: local,", "provider: local, timeZone: Europe/Berlin,", "tenant.timeZone: UTC → Europe/Berlin"),
        (", portal-logins: 1 } }\n", " } }\n", "Portal logins of b: managed → not named"),
        ("  b: { id(b), allocations: { app-passes: 5, portal-logins: 1 } }\n", "", "declaration of b: managed → none"),
        (
            "  b: { id(b), allocations",
            "  c: { id(c), allocations: { app-passes: unmanaged } }\n  b: { id(b), allocations",
            "App passes of c: reported → unmanaged",
        ),
        (", portal-logins: 1 } }\n", ", portal-logins: unmanaged } }\n", "Portal logins of b: managed → unmanaged"),
        (
            "b: { id(b), allocations: { app-passes: 5, ",
            "b: { id(b), allocations: { app-passes: 5, ai-builder-credits: unmanaged, ",
            "AI Builder credits of b: reported → unmanaged",
        ),
    ] {
        let found = changes(before, after);
        assert!(found.iter().any(|change| change == expected), "{before} → {after}: {found:?}");
        let allowed = if after.contains("class: sandbox") { 2 } else { 1 };
        assert!(found.len() <= allowed, "{before} → {after}: {found:?}");
    }
}

#[test]
fn an_environment_that_disappears_or_changes_its_id_keeps_its_guards_in_sight() {
    // An exception names a key, and must name another when the key changes.
    let exception = BASE.lines().find(|line| line.starts_with("allow: ")).unwrap();
    let base = configuration(&BASE.replace(exception, ""));
    let shown = |text: &str| -> Vec<String> {
        let changes = guard_changes(&base.desired, &configuration(&text.replace(exception, "")).desired, TODAY);
        changes.iter().map(|change| format!("{}: {} → {}", change.guard, change.before, change.after)).collect()
    };
    let a = BASE.lines().find(|line| line.starts_with("  a: ")).unwrap();
    let without = BASE.replace(a, "").replace("floors: { a: { app-passes: 5 } }\n", "");
    assert_eq!(shown(&without), ["declaration of a: protected → none", "floor of a, App passes: 5 → none"]);
    let renamed = BASE.replace("  a: {", "  x: {").replace("floors: { a:", "floors: { x:");
    assert_eq!(shown(&renamed), Vec::<String>::new(), "the same environment under another key");
    let swapped = shown(&BASE.replace("a: { id(a)", "a: { id(c)"));
    assert!(swapped.iter().any(|change| change.starts_with("id of a: ")), "{swapped:?}");
    assert!(swapped.iter().any(|change| change == "declaration of a: protected → none"), "{swapped:?}");
}

#[test]
fn what_stays_or_becomes_stronger_is_not_listed() {
    for (before, after) in [
        ("app-passes: 20 } }", "app-passes: 30 } }"),
        ("{ units: 500,", "{ units: 499,"),
        ("app-passes: 10%", "app-passes: 11%"),
        ("debts: { portal-logins: 2 }", "debts: { portal-logins: 1 }"),
        ("debts: { portal-logins: 2 }\n", ""),
        ("limits: { app-passes: 100 }", "limits: { app-passes: 99, portal-logins: 5 }"),
        ("percent: 20", "percent: 19"),
        ("maxEnvironmentsChanged: 5", "maxEnvironmentsChanged: 4"),
        ("[80, 90]", "[70, 80, 90]"),
        ("[80, 90]", "[70]"),
        ("app-passes: 10%", "app-passes: 50"),
        ("failBeforeExpiryDays: 30", "failBeforeExpiryDays: 31"),
        ("[app-passes]", "[app-passes, portal-logins]"),
        ("a: { app-passes: 5 } }", "a: { app-passes: 6, portal-logins: 0 } }"),
        ("b: { id(b),", "b: { id(b), protect: true, owner: new@x, budget: hr,"),
    ] {
        assert_eq!(changes(before, after), Vec::<String>::new(), "{before} → {after}");
    }
}

#[test]
fn includes_are_compared_as_written() {
    let patterns = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(include_change(&patterns(&["a/*.yaml"]), &patterns(&["a/*.yaml"])), None);
    let change = include_change(&patterns(&["a/*.yaml", "b/*.yaml"]), &patterns(&["a/*.yaml"])).unwrap();
    assert_eq!((change.before.as_str(), change.after.as_str()), ("a/*.yaml, b/*.yaml", "a/*.yaml"));
}

#[test]
fn purchases_are_compared_by_pool() {
    let text = |purchased: &str| configuration(&format!("purchased: {{ {purchased} }}\nenvironments: {{}}\n")).desired;
    let changes = |before: &str, after: &str| guard_changes(&text(before), &text(after), TODAY);
    let added = changes("process: 40", "process: 40, unattended-rpa: 500");
    assert_eq!(added.len(), 1);
    assert_eq!((added[0].before.as_str(), added[0].after.as_str()), ("40", "540"));
    assert!(changes("process: 40, unattended-rpa: 10", "process: 30, unattended-rpa: 20").is_empty());
}

#[test]
fn one_change_of_many_environments_is_one_row() {
    let text = |owner: &str| {
        let environment = |at: char| format!("  {at}: {{ id({at}), owner: {owner} }}\n");
        configuration(&format!(
            "environments:\n{}",
            "abcdefabcdef".chars().take(6).map(environment).collect::<String>()
        ))
    };
    let changes = guard_changes(&text("one@x").desired, &text("two@x").desired, TODAY);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].guard, "owner of a, b, c, d, e, f");
}

#[test]
fn an_exception_that_is_new_or_wider_is_listed_and_a_narrower_one_is_not() {
    for (before, after, expected) in [
        ("to: 4,", "to: 3,", "allow A303:a/app-passes: down to 4, until 2026-12-15 → down to 3, until 2026-12-15"),
        ("12-15 }", "12-16 }", "allow A303:a/app-passes: down to 4, until 2026-12-15 → down to 4, until 2026-12-16"),
        (
            "[{ code: A303,",
            "[{ code: A303, scope: a/app-passes, to: 3, until: 2026-12-14 }, { code: A303,",
            "allow A303:a/app-passes: down to 4, until 2026-12-15 → down to 3, until 2026-12-14",
        ),
        ("A303, scope", "A304, scope", "allow A304:a/app-passes: none → down to 4, until 2026-12-15"),
    ] {
        assert_eq!(changes(before, after), [expected], "{before} → {after}");
    }
    for (before, after) in [("to: 4,", "to: 5,"), ("12-15 }", "12-14 }"), ("allow: [{", "allow: []\n#")] {
        assert_eq!(changes(before, after), Vec::<String>::new(), "{before} → {after}");
    }
}
