//! Pages about headroom: allocated units against owned units.

use crate::report::explain::page::{Example, Page};

pub(super) const A201: Page = Page {
    meaning: "Environments would hold more units of a pool today than the organisation owns. If the configuration \
        and the tenant report different purchases, the lower figure counts. The message says the most that fits at \
        the place shown, given the pool, the reserve, the budget and every date.",
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
        corrections: &[("150 }      # 1,230 together: short by 30", "120 }")],
    },
    remedy: "Write the number of the message at the place shown, give units back in one of the environments \
        listed, or buy more and change `purchased`. If more was allocated than owned when this configuration began to manage \
        the tenant, declare the excess under `debts`. `--allow` cannot lift this refusal.",
};

pub(super) const A202: Page = Page {
    meaning: "From a later date on, environments would hold more than is owned then: a purchase ends or is renewed \
        smaller, or a grant begins. This finding is a warning, or an error if the shortage begins within the days \
        of the rule `failBeforeExpiryDays`.",
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
        corrections: &[("470000 }      # short by 170,000 then", "300000 }")],
    },
    remedy: "Agree with the owners of the environments listed who gives back how much, and lower the amounts before \
        that day; or renew with more. `allot forecast` shows every date, and which environments hold units that \
        they do not use. `--allow` cannot lift this refusal.",
};

pub(super) const A203: Page = Page {
    meaning: "The allocated units fit only if they use units of the `reserve`, which is kept for needs that cannot \
        be planned. This finding is an error if the plan takes more from the pool, and a warning otherwise. A \
        shortage of the reserve that begins later is treated as in A202.",
    example: Example::Plan {
        tenant: "",
        wrong: r#"purchased: { app-passes: 1200 }
reserve: { app-passes: 3% }                # 36 passes
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 1170 }      # 1,170 and 36: short by 6
"#,
        corrections: &[
            ("3% }                # 36 passes", "3% }"),
            ("1170 }      # 1,170 and 36: short by 6", "1164 }"),
        ],
        allow: Some("app-passes"),
    },
    remedy: "Lower an amount, or lower the reserve in agreement with its owner. If a run was stopped after its \
        decreases and before its increases, the `--allow` below lets the next plan finish it, even into the \
        reserve. No plan can take more than is owned.",
};

pub(super) const A204: Page = Page {
    meaning: "The environments of a budget hold more of an add-on together than its limit. If this begins on a later \
        date, the finding is a warning, or an error within the days of `failBeforeExpiryDays`. A plan that does not \
        raise what the budget holds gets a warning too.",
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
        corrections: &[("120 }      # 420 together: 20 too many", "100 }")],
    },
    remedy: "Lower an amount of the budget, or agree on a higher limit with the owner of the budget. `allot explain \
        ENVIRONMENT/ADD-ON` shows which budget an amount counts against. `--allow` cannot lift this refusal.",
};

pub(super) const A205: Page = Page {
    meaning: "The limits of all budgets for a pool add up to more than is purchased, less the reserve: the pool can \
        be short although every budget keeps to its limit. If this begins on a later date, the finding is a warning, \
        or an error within the days of `failBeforeExpiryDays`.",
    example: Example::Validate {
        wrong: r#"purchased: { app-passes: 600 }
budgets:
  hr: { limits: { app-passes: 400 } }
  sales: { limits: { app-passes: 300 } }      # 700 promised
"#,
        corrections: &[
            ("app-passes: 400", "app-passes: 350"),
            ("app-passes: 300 } }      # 700 promised", "app-passes: 250 } }"),
        ],
    },
    remedy: "Lower limits until they fit, lower the reserve, or buy more and change `purchased`. For a smaller \
        renewal, date the limits: `[{ units: 400, until: 2026-12-31 }, { units: 350, from: 2027-01-01 }]`. `--allow` \
        cannot lift this refusal.",
};

pub(super) const A206: Page = Page {
    meaning: "The configuration and the tenant report different figures for a purchase. The lower one counts, so no \
        unit is allocated that may not exist. This finding is a warning: one of the two figures is out of date.",
    example: Example::Plan {
        tenant: "purchased: { app-passes: 1000 }\n",
        wrong: "purchased: { app-passes: 1200 }\n",
        corrections: &[("1200", "1000")],
        allow: None,
    },
    remedy: "Look up the order. Correct the amount under `purchased`, or find out why the tenant does not show the \
        purchase: it may not have begun, it may have ended, or it may belong to another tenant. Without a line \
        under `purchased`, the tenant's figure counts alone.",
};

pub(super) const A207: Page = Page {
    meaning: "The pool holds more than is owned. A plan that does not raise the pool gets this code as a warning. A \
        plan that raises it is refused: with this code if the shortage stays within the debt under `debts`, with \
        A201 if not. `validate` warns with this code up to the debt.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 100 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 90 }
"#,
        wrong: r#"debts: { app-passes: 5 }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 105 }      # 5 above owned
"#,
        corrections: &[("debts: { app-passes: 5 }\n", ""), ("105 }      # 5 above owned", "100 }")],
        allow: Some("app-passes"),
    },
    remedy: "Give units back in the environments listed, or buy more, and lower the number under `debts` each time. \
        A debt higher than needed is reported with the number to write. If a run was stopped after its decreases, \
        the pool is lower than before. The `--allow` below lets a plan finish or undo that run, but not go beyond \
        the units owned and the debt.",
};

pub(super) const A208: Page = Page {
    meaning: "No purchase is declared and the tenant reports none, or the tenant's figure of a declared add-on \
        is missing or could not be read. Unknown is not zero, but it is not enough either: a plan that \
        takes more from the pool is refused, any other gets a warning.",
    example: Example::Plan {
        tenant: "",
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 20 }
"#,
        corrections: &[("environments:\n", "purchased: { app-passes: 25 }\nenvironments:\n")],
        allow: None,
    },
    remedy: "Write the purchase under `purchased`, or run again later if the tenant's figure could not be read. \
        `--allow` cannot lift this refusal.",
};

pub(super) const A209: Page = Page {
    meaning: "After this plan, the allocated share of a pool reaches a threshold. The message names the highest \
        threshold of `warnAtPercent` that is reached; without that rule it is 90. The pool is not short yet, and \
        there is still time to buy.",
    example: Example::Plan {
        tenant: "",
        wrong: r#"purchased: { app-passes: 100 }
rules: { warnAtPercent: [80, 95] }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 85 }      # 85 of 100
"#,
        corrections: &[("85 }      # 85 of 100", "75 }")],
        allow: None,
    },
    remedy: "Order more in time, or look in `allot status` and `allot forecast` for environments that can give \
        units back. `warnAtPercent` under `rules` sets other thresholds; `warnAtPercent: []` turns the warning off.",
};

pub(super) const A210: Page = Page {
    meaning: "The tenant's own total of a pool is unknown, and so is a part of its allocations: some \
        environments could not be read, or their listing is incomplete. The pool may be full. A plan that takes more \
        from it is refused; any other plan gets a warning.",
    example: Example::Situation {
        situation: "The allocations of one of 300 environments could not be read, and neither could the tenant's \
            own total of allocated app passes. The built-in tenant always has such a total.",
        because: "the built-in tenant always has its own total",
    },
    remedy: "Run again later, or as a user who can read every environment. `--allow` cannot lift this refusal.",
};

pub(super) const A211: Page = Page {
    meaning: "This plan fits by itself, but not if another branch that `--with` names is merged first: both take \
        from the same pool, or the two together are not a valid configuration. Neither of the two pull requests \
        shows that alone.",
    example: Example::Situation {
        situation: "50 app passes are owned and 40 allocated. This branch gives ten more to hr-prod, and another \
            branch gives ten more to sales-prod. `allot plan --with origin/sales` warns that app passes would be \
            short by ten.",
        because: "it takes a repository with two branches",
    },
    remedy: "Agree on which branch is merged first, or buy more before both are merged. The branch that is merged \
        second is then refused, so nothing is overdrawn either way.",
};
