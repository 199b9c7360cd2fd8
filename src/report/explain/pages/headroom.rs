//! Pages about headroom: what is promised against what is owned.

use crate::report::explain::page::{Example, Page};

pub(super) const A201: Page = Page {
    meaning: "Environments would hold more units of a pool today than the organisation owns. Where the \
        configuration and the tenant both say what was purchased, the lower figure counts. The service would \
        refuse the last write, or take it and leave somebody short.",
    example: Example::Validate {
        wrong: r#"purchased:
  app-passes: 1200
environments:
  sales-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 1080 }
  hr-prod:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    allocations: { app-passes: 150 }      # 1,230 together: short by 30
"#,
        right: r#"purchased:
  app-passes: 1200
environments:
  sales-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 1080 }
  hr-prod:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    allocations: { app-passes: 120 }
"#,
    },
    remedy: "Lower the amount at the place shown, give units back in one of the environments listed, or buy more \
        and change `purchased`. Headroom cannot be allowed away.",
    allow: None,
};

pub(super) const A202: Page = Page {
    meaning: "From a later date on, environments would hold more than is owned then: a purchase ends or is renewed \
        smaller, or a grant begins. It is a warning, and an error where it begins within the days of the rule \
        `failBeforeExpiryDays`.",
    example: Example::Validate {
        wrong: r#"purchased:
  portal-page-views:
    - { units: 500000, until: 2027-06-30 }
    - { units: 300000, from: 2027-07-01 }
environments:
  ops-suppliers:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { portal-page-views: 470000 }      # short by 170,000 then
"#,
        right: r#"purchased:
  portal-page-views:
    - { units: 500000, until: 2027-06-30 }
    - { units: 300000, from: 2027-07-01 }
environments:
  ops-suppliers:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { portal-page-views: 300000 }
"#,
    },
    remedy: "Agree with the environments listed who gives back how much, and lower their amounts before that day; \
        or renew with more. `allot forecast` shows every date, and who holds units without using them. Headroom \
        cannot be allowed away.",
    allow: None,
};

pub(super) const A203: Page = Page {
    meaning: "What is allocated fits what is owned only with the units that `reserve` keeps back. They are for \
        what cannot be planned. A plan that takes nothing more from the pool gets a warning, every other an error; \
        a shortfall that begins later is treated as in A202.",
    example: Example::Validate {
        wrong: r#"purchased: { app-passes: 1200 }
reserve: { app-passes: 3% }                # 36 passes
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 1170 }      # 1,170 and 36: short by 6
"#,
        right: r#"purchased: { app-passes: 1200 }
reserve: { app-passes: 3% }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 1164 }
"#,
    },
    remedy: "Lower an amount, or lower the reserve together with whoever asked for it. Headroom cannot be allowed \
        away.",
    allow: None,
};

pub(super) const A204: Page = Page {
    meaning: "The environments of a budget hold more of an add-on together than its limit says, today or from a \
        later date on. There may be enough in the pool; it is another unit's share.",
    example: Example::Validate {
        wrong: r#"budgets:
  hr: { limits: { app-passes: 400 } }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    budget: hr
    allocations: { app-passes: 300 }
  hr-test:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    budget: hr
    allocations: { app-passes: 120 }      # 420 together: 20 too many
"#,
        right: r#"budgets:
  hr: { limits: { app-passes: 400 } }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    budget: hr
    allocations: { app-passes: 300 }
  hr-test:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    budget: hr
    allocations: { app-passes: 100 }
"#,
    },
    remedy: "Lower an amount of the budget, or raise the limit with whoever owns it. `allot explain \
        ENVIRONMENT/ADD-ON` shows which budget an amount counts against. Headroom cannot be allowed away.",
    allow: None,
};

pub(super) const A205: Page = Page {
    meaning: "The limits of all budgets for a pool come to more than is declared as purchased, less the reserve. \
        Every unit could keep to its own limit, and the pool would still be short.",
    example: Example::Validate {
        wrong: r#"purchased: { app-passes: 600 }
budgets:
  hr: { limits: { app-passes: 400 } }
  sales: { limits: { app-passes: 300 } }      # 700 promised
"#,
        right: r#"purchased: { app-passes: 600 }
budgets:
  hr: { limits: { app-passes: 350 } }
  sales: { limits: { app-passes: 250 } }
"#,
    },
    remedy: "Lower limits until they fit, or lower the reserve. After a smaller renewal the budgets are to be \
        divided anew. Headroom cannot be allowed away.",
    allow: None,
};

pub(super) const A206: Page = Page {
    meaning: "The configuration and the tenant say different figures for what was purchased. The lower one counts, \
        so nothing is promised twice, and this is a warning: one of the two is out of date.",
    example: Example::Plan {
        tenant: Some("purchased: { app-passes: 1000 }\n"),
        wrong: "purchased: { app-passes: 1200 }\n",
        right: Some("purchased: { app-passes: 1000 }\n"),
    },
    remedy: "Look up the order. Correct the line under `purchased`, or find out why the tenant does not show the \
        purchase: it may not have begun, it may have ended, or it is another tenant's. Without a line under \
        `purchased` the tenant's figure counts alone.",
    allow: None,
};

pub(super) const A207: Page = Page {
    meaning: "The pool holds more than is owned already, before this plan: a purchase ended, or somebody allocated \
        past it. That debt is told as a warning, and the plan may lower it or move units within it; a plan that adds \
        to it is refused as A201.",
    example: Example::Plan {
        tenant: Some(
            r#"purchased: { app-passes: 100 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 130 }
"#,
        ),
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }      # still 20 too many
"#,
        right: Some(
            r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 100 }
"#,
        ),
    },
    remedy: "Give units back in the environments listed, or buy more. Until then units of this pool can be \
        moved, where the tenant takes that, and none added.",
    allow: None,
};

pub(super) const A208: Page = Page {
    meaning: "The configuration does not say how much was purchased, and the tenant does not either, or its figure \
        could not be read. Unknown is not zero, and it is not enough either: a plan that takes more from the pool is \
        refused, any other gets a warning.",
    example: Example::Plan {
        tenant: None,
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 20 }
"#,
        right: Some(
            r#"purchased: { app-passes: 25 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 20 }
"#,
        ),
    },
    remedy: "Write what was purchased under `purchased`, or run again where the figure could not be read. Headroom \
        cannot be allowed away.",
    allow: None,
};

pub(super) const A209: Page = Page {
    meaning: "After this plan, a share of what is owned is allocated that is worth a warning: the highest of the \
        shares under `warnAtPercent` that is reached, and 90 where that rule is absent. Nothing is short yet, and \
        there is still time to buy.",
    example: Example::Plan {
        tenant: None,
        wrong: r#"purchased: { app-passes: 100 }
rules: { warnAtPercent: [80, 95] }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 85 }      # 85 of 100
"#,
        right: Some(
            r#"purchased: { app-passes: 100 }
rules: { warnAtPercent: [80, 95] }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 75 }
"#,
        ),
    },
    remedy: "Order more in time, or see with `allot status` and `allot forecast` who could give back. Other shares \
        can be set under `rules`; `warnAtPercent: []` turns the warning off.",
    allow: None,
};

pub(super) const A210: Page = Page {
    meaning: "What some environments hold could not be read, or the listing of environments is not complete, and the \
        tenant gives no count of its own. Nobody knows how full the pool is: a plan that takes more from it is refused, \
        any other gets a warning.",
    example: Example::Told {
        situation: "One of 300 environments refuses to show what it holds, and the tenant's own count of allocated \
            app passes could not be read either. The built-in tenant always has such a count.",
        because: "the built-in tenant always counts",
    },
    remedy: "Run again later, or as somebody who may read every environment. Headroom cannot be allowed away.",
    allow: None,
};

pub(super) const A211: Page = Page {
    meaning: "This plan fits by itself. With another branch that `--with` names, merged first, it would not: both take from \
        one pool, or the two cannot be read together. Nobody sees that in either of the two pull requests alone.",
    example: Example::Told {
        situation: "50 app passes are owned and 40 allocated. This branch gives hr-prod ten more, and so does another for \
            sales-prod. `allot plan --with origin/sales` warns that app passes would be short by ten.",
        because: "it takes a repository with two branches",
    },
    remedy: "Agree on who goes first and who waits, or buy more before both are merged. Whichever is merged second is \
        refused with A201 then, so that nothing is overdrawn either way.",
    allow: None,
};
