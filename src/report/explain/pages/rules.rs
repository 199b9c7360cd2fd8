//! Pages about the rules that every plan has to keep.

use crate::report::explain::page::{Example, Page};

pub(super) const A301: Page = Page {
    meaning: "One plan would take away more of an add-on than `maxDecrease` allows: a share of what is allocated \
        before the plan (by default 30%, if at least 100 units are allocated), or a number of units. The lower cap \
        counts. The rule catches a wrong file, a wrong branch or a missing digit.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120 }
"#,
        wrong: r#"rules: { maxDecrease: { percent: 30 } }      # of 120: 36 passes
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 60 }            # takes 60 away
"#,
        corrections: &[("      # of 120: 36 passes", ""), ("60 }            # takes 60 away", "90 }")],
        allow: Some("app-passes"),
    },
    remedy: "Check whether the decrease is intended. If so, split it into several plans, use the `--allow` below, or \
        change the rule in agreement with its owner.",
};

pub(super) const A302: Page = Page {
    meaning: "One plan would change more environments than `maxEnvironmentsChanged` allows. Without that rule there \
        is no cap. A small edit of a file seldom means to change half the tenant.",
    example: Example::Plan {
        tenant: "",
        wrong: r#"purchased: { app-passes: 200 }
rules: { maxEnvironmentsChanged: 1 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
  hr-test:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    allocations: { app-passes: 15 }
"#,
        corrections: &[(
            r#"  hr-test:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    allocations: { app-passes: 15 }
"#,
            "",
        )],
        allow: Some("tenant"),
    },
    remedy: "Plan for fewer environments with `--target ENVIRONMENT`, as often as needed. If all changes are \
        intended, allow them as below.",
};

pub(super) const A303: Page = Page {
    meaning: "An amount is below the floor that `floors` sets for it. A floor is kept apart from the entry that \
        it guards, so that one edit does not lower both. The floor holds for every managed amount, even if nothing \
        changes.",
    example: Example::Plan {
        tenant: "",
        wrong: r#"purchased: { app-passes: 200 }
floors:
  hr-prod: { app-passes: 100 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 90 }      # 10 below its floor
"#,
        corrections: &[("90 }      # 10 below its floor", "100 }")],
        allow: Some("hr-prod/app-passes"),
    },
    remedy: "Raise the amount to its floor, or lower the floor in agreement with its owner.",
};

pub(super) const A304: Page = Page {
    meaning: "The environment has `protect: true`, and the plan would lower one of its amounts or release it. \
        Increases and switches are not affected. Each decrease needs its own `--allow`, or an entry of \
        `allow`, so that none happens unnoticed.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120 }
"#,
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    protect: true
    allocations: { app-passes: 110 }
"#,
        corrections: &[("110", "120")],
        allow: Some("hr-prod/app-passes"),
    },
    remedy: "Put the amount back, or ask the owner of the environment and allow this one decrease.",
};

pub(super) const A305: Page = Page {
    meaning: "An amount would go below what the environment uses, as the tenant reports it. The rule \
        `neverBelowConsumption` is on by default. If the use cannot be read, the decrease is refused too. If the \
        service does not meter an add-on, nothing is checked.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120 }
    consumption: { app-passes: 97 }
"#,
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 90 }      # 97 are in use
"#,
        corrections: &[("90 }      # 97 are in use", "97 }")],
        allow: Some("hr-prod/app-passes"),
    },
    remedy: "Keep at least what is used, or wait until less is used. The use that the tenant reports may be some \
        days old. If it cannot be read, look in the admin center, and allow the one decrease with the `--allow` \
        below.",
};

pub(super) const A306: Page = Page {
    meaning: "The default environment would get units, or more of them. Every user of the tenant can reach it, so \
        anyone can use up what it holds. The rule `defaultEnvironment` is `deny` by default. Giving units back is \
        always possible.",
    example: Example::Plan {
        tenant: "",
        wrong: r#"purchased: { app-passes: 200 }
environments:
  everybody:
    id: "Default-8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10"
    allocations: { app-passes: 50 }
"#,
        corrections: &[
            ("everybody", "travel-app"),
            ("Default-8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10", "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"),
        ],
        allow: Some("everybody/app-passes"),
    },
    remedy: "Put the app into an environment of its own and allocate there, or set `defaultEnvironment: allow` \
        under `rules`.",
};

pub(super) const A307: Page = Page {
    meaning: "`requireTicket` lists the add-on, and the change has no ticket, neither at the amount nor at the last \
        of its active grants. The ticket shows who asked for the change.",
    example: Example::Plan {
        tenant: "",
        wrong: r#"purchased: { app-passes: 200 }
rules: { requireTicket: [app-passes] }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        corrections: &[("120", "{ units: 120, ticket: CHG0048211 }")],
        allow: Some("hr-prod/app-passes"),
    },
    remedy: "Write the amount with its ticket, as above. A ticket is any text; whether it exists is not checked.",
};

pub(super) const A308: Page = Page {
    meaning: "Less of an add-on is owned within 60 days, because a purchase ends and no declared purchase replaces \
        it. The allocated units still fit; if they do not, the shortage is reported instead (A202 or A203). This \
        finding is a hint.",
    example: Example::Validate {
        wrong: r#"purchased:
  app-passes:
    - { units: 1200, until: 2026-12-31 }
    - { units: 900, from: 2027-01-01 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 800 }
"#,
        corrections: &[("units: 900", "units: 1200")],
    },
    remedy: "Renew in time, and write the renewal under `purchased` with its `from`. `allot forecast` shows when \
        purchases end. A shortage that begins within `failBeforeExpiryDays` is an error.",
};

pub(super) const A309: Page = Page {
    meaning: "The tenant has an environment that holds units, and no file names it. Its units count in the pools, \
        but the configuration does not manage them. This finding is a hint; with the rule `unmanagedEnvironments`, \
        `fail` makes it an error and `ignore` turns it off.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: Old CRM (2019)
    allocations: { app-passes: 12 }
"#,
        wrong: r#"rules: { unmanagedEnvironments: fail }
environments: {}
"#,
        corrections: &[(
            "environments: {}",
            r#"environments:
  old-crm:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 12 }"#,
        )],
        allow: Some("3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"),
    },
    remedy: "Declare the environment with what it holds, so that the plan changes nothing; then decide. The message \
        contains its id and its amounts.",
};

pub(super) const A310: Page = Page {
    meaning: "A declared environment holds units of an add-on that its entry does not name. The plan skips them. \
        This finding is a hint; with the rule `unmanagedAddOns`, `fail` makes it an error and `ignore` turns it \
        off.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 200, portal-logins: 1000 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120, portal-logins: 500 }
"#,
        wrong: r#"rules: { unmanagedAddOns: fail }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        corrections: &[("app-passes: 120", "app-passes: 120, portal-logins: unmanaged")],
        allow: Some("hr-prod/portal-logins"),
    },
    remedy: "Declare the amount, or write `unmanaged` to skip it and get no finding about it. An amount of 0 would \
        release it. An add-on that this version does not know can only be `unmanaged`, under its API value.",
};

pub(super) const A311: Page = Page {
    meaning: "An `--allow` on the command line names a refusal that this plan does not have: its code or its scope \
        is misspelled, or the change that it permitted was applied already. This finding is a warning, because an \
        allowance that is left behind in a workflow would let the next plan through unseen.",
    example: Example::Situation {
        situation: "`allot plan --allow A304:hr-prdo/app-passes`, where the protected environment is called hr-prod.",
        because: "the allowance is on the command line",
    },
    remedy: "Copy the flag from the refusal's own message, or leave it out.",
};

pub(super) const A312: Page = Page {
    meaning: "The last day of an entry of `allow` is over, so the entry has no effect any more. This finding is a \
        warning.",
    example: Example::Plan {
        tenant: "",
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
allow:
  - { code: A304, scope: hr-prod/app-passes, to: 80, until: 2026-06-30 }
"#,
        corrections: &[("2026-06-30", "2027-06-30")],
        allow: None,
    },
    remedy: "Delete the entry. If the exception is still needed, set a later day; a reviewer sees this as a changed \
        guard.",
};
