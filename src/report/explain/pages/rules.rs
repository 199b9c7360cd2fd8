//! Pages about the rules that every plan is held against.

use crate::report::explain::page::{Example, Page};

pub(super) const A301: Page = Page {
    meaning: "One plan would take away more of an add-on than `maxDecrease` allows: in percent of what is \
        allocated before the plan, which counts from 100 units on and is 30 where nothing is said, or in units. \
        The lower of the two caps counts. It catches a wrong file, a wrong branch and a digit too few.",
    example: Example::Plan {
        tenant: Some(
            r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120 }
"#,
        ),
        wrong: r#"rules: { maxDecrease: { percent: 30 } }      # of 120: 36 passes
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 60 }            # takes 60 away
"#,
        right: Some(
            r#"rules: { maxDecrease: { percent: 30 } }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 90 }
"#,
        ),
    },
    remedy: "Check whether the decrease is meant. If so, do it in several plans, allow it by name, or change the \
        rule with whoever owns it.",
    allow: Some("app-passes"),
};

pub(super) const A302: Page = Page {
    meaning: "One plan would change more environments than `maxEnvironmentsChanged` says. Without that rule there \
        is no cap. A plan that touches half the tenant is seldom what one change of a file was meant to do.",
    example: Example::Plan {
        tenant: None,
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
        right: Some(
            r#"purchased: { app-passes: 200 }
rules: { maxEnvironmentsChanged: 1 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        ),
    },
    remedy: "Plan for fewer environments with `--target ENVIRONMENT`, as often as needed; or, where so many are \
        meant, allow it.",
    allow: Some("tenant"),
};

pub(super) const A303: Page = Page {
    meaning: "An amount lies below the floor that `floors` sets for it. A floor stands apart from the entry that \
        it guards, so that whoever lowers a number does not lower its guard with it. It holds for every managed \
        amount, also where nothing changes.",
    example: Example::Plan {
        tenant: None,
        wrong: r#"purchased: { app-passes: 200 }
floors:
  hr-prod: { app-passes: 100 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 90 }      # 10 below its floor
"#,
        right: Some(
            r#"purchased: { app-passes: 200 }
floors:
  hr-prod: { app-passes: 100 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 100 }
"#,
        ),
    },
    remedy: "Raise the amount to its floor, or lower the floor together with whoever owns it.",
    allow: Some("hr-prod/app-passes"),
};

pub(super) const A304: Page = Page {
    meaning: "The environment says `protect: true`, and the plan would lower one of its amounts or release it. \
        Increases and switches are not held up. Each decrease has to be allowed by name, so that none happens by \
        the way.",
    example: Example::Plan {
        tenant: Some(
            r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120 }
"#,
        ),
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    protect: true
    allocations: { app-passes: 110 }
"#,
        right: Some(
            r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    protect: true
    allocations: { app-passes: 120 }
"#,
        ),
    },
    remedy: "Put the amount back, or ask the owner of the environment and allow this one decrease.",
    allow: Some("hr-prod/app-passes"),
};

pub(super) const A305: Page = Page {
    meaning: "An amount would be lowered below what the environment uses, as the tenant reports it. Somebody would \
        lose what they work with. The rule `neverBelowConsumption` is on where nothing is said; where the tenant \
        reports no use, there is nothing to hold the amount against.",
    example: Example::Plan {
        tenant: Some(
            r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120 }
    consumption: { app-passes: 97 }
"#,
        ),
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 90 }      # 97 are in use
"#,
        right: Some(
            r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 97 }
"#,
        ),
    },
    remedy: "Keep at least what is used, or wait until less is. What the tenant reports as used may be some days \
        old.",
    allow: Some("hr-prod/app-passes"),
};

pub(super) const A306: Page = Page {
    meaning: "The default environment would get units, or more of them. Every user of the tenant can reach it, so \
        whatever it holds can be used up by anybody. The rule `defaultEnvironment` is `deny` where nothing is \
        said. Giving units back is always possible.",
    example: Example::Plan {
        tenant: None,
        wrong: r#"purchased: { app-passes: 200 }
environments:
  everybody:
    id: "Default-8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10"
    allocations: { app-passes: 50 }
"#,
        right: Some(
            r#"purchased: { app-passes: 200 }
environments:
  travel-app:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 50 }
"#,
        ),
    },
    remedy: "Put the app into an environment of its own and allocate there, or set `defaultEnvironment: allow` \
        under `rules`.",
    allow: Some("everybody/app-passes"),
};

pub(super) const A307: Page = Page {
    meaning: "The add-on stands under `requireTicket`, and the change has no ticket, neither at the amount nor at \
        the last of its active grants. With a ticket, one can look up who asked for the change.",
    example: Example::Plan {
        tenant: None,
        wrong: r#"purchased: { app-passes: 200 }
rules: { requireTicket: [app-passes] }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        right: Some(
            r#"purchased: { app-passes: 200 }
rules: { requireTicket: [app-passes] }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: { units: 120, ticket: CHG0048211 } }
"#,
        ),
    },
    remedy: "Write the amount with its ticket, as above. A ticket is any text; whether it exists is not checked.",
    allow: Some("hr-prod/app-passes"),
};

pub(super) const A308: Page = Page {
    meaning: "Less of an add-on is owned within 60 days, because a purchase ends and nothing declared makes up for it. \
        What is allocated still fits; where it does not, A202 says so instead. It is a hint.",
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
        right: r#"purchased:
  app-passes:
    - { units: 1200, until: 2026-12-31 }
    - { units: 1200, from: 2027-01-01 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 800 }
"#,
    },
    remedy: "Renew in time, and write the renewal under `purchased` with its `from`. `allot forecast` shows when \
        purchases end. `failBeforeExpiryDays` says from how many days before on a shortfall is an error.",
    allow: None,
};

pub(super) const A309: Page = Page {
    meaning: "The tenant has an environment that holds units, and no file names it. Its units count in the pools, \
        and nobody looks after them. It is a hint, unless the rule `unmanagedEnvironments` says `fail` or `ignore`.",
    example: Example::Plan {
        tenant: Some(
            r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: Old CRM (2019)
    allocations: { app-passes: 12 }
"#,
        ),
        wrong: r#"rules: { unmanagedEnvironments: fail }
environments: {}
"#,
        right: Some(
            r#"rules: { unmanagedEnvironments: fail }
environments:
  old-crm:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 12 }
"#,
        ),
    },
    remedy: "Declare the environment with what it holds, so that the plan changes nothing; then decide. The \
        message says its id and its amounts.",
    allow: Some("3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"),
};

pub(super) const A310: Page = Page {
    meaning: "A declared environment holds units of an add-on that its entry does not name. What is not named is \
        left alone. It is a hint, unless the rule `unmanagedAddOns` says `fail` or `ignore`.",
    example: Example::Plan {
        tenant: Some(
            r#"purchased: { app-passes: 200, portal-logins: 1000 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120, portal-logins: 500 }
"#,
        ),
        wrong: r#"rules: { unmanagedAddOns: fail }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        right: Some(
            r#"rules: { unmanagedAddOns: fail }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120, portal-logins: unmanaged }
"#,
        ),
    },
    remedy: "Declare the amount, or write `unmanaged` to leave it alone and hear no more of it. An amount of 0 \
        would release it.",
    allow: Some("hr-prod/portal-logins"),
};
