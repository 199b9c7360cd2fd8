//! Pages about names: add-ons, environments, budgets, ids, and words from a fixed set.

use crate::report::explain::page::{Example, Page};

pub(super) const A113: Page = Page {
    meaning: "No add-on has this name. `allot explain` lists the names. The values of the service's API and \
        former names are accepted as well, if only one add-on has them. An API value that this version does not \
        know can only be `unmanaged`; a plan warns if the tenant does not have it.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-pases: 120 }
"#,
        corrections: &[("app-pases", "app-passes")],
    },
    remedy: "Write the name that the message suggests, or pick one from `allot explain`.",
};

pub(super) const A114: Page = Page {
    meaning: "A name is declared nowhere: a budget that is not under `budgets`, an environment under `floors` that \
        no file has, or a time zone that does not exist. A limit or a floor for such a name would guard nothing.",
    example: Example::Validate {
        wrong: r#"budgets:
  hr: { limits: { app-passes: 400 } }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    budget: hr-dept
    allocations: { app-passes: 120 }
"#,
        corrections: &[("budget: hr-dept", "budget: hr")],
    },
    remedy: "Correct the name, or declare it. If an environment is renamed or deleted, change its line under \
        `floors` as well. Time zones are those of the IANA database, such as Europe/Berlin.",
};

pub(super) const A115: Page = Page {
    meaning: "Two environments, under different keys, have the same id. Both would write to one environment, and \
        each would undo the changes of the other. Ids are compared without regard to upper and lower case.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
  hr-test:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 15 }
"#,
        corrections: &[(
            r#"hr-test:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55""#,
            r#"hr-test:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21""#,
        )],
    },
    remedy: "Copy the right id from the admin center, or delete one of the two entries.",
};

pub(super) const A116: Page = Page {
    meaning: "Two files give the same key to an environment. Keys name environments in plans, in floors and in \
        flags, so each key must be unique. A duplicate within one file is A102.",
    example: Example::Validate {
        wrong: r#"# environments/hr.yaml
environments:
  prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"

# environments/sales.yaml
environments:
  prod:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
"#,
        corrections: &[
            ("hr.yaml\nenvironments:\n  prod:", "hr.yaml\nenvironments:\n  hr-prod:"),
            ("sales.yaml\nenvironments:\n  prod:", "sales.yaml\nenvironments:\n  sales-prod:"),
        ],
    },
    remedy: "Give one of them another key, or delete the duplicate. A key is yours to choose; the tenant knows only \
        the id.",
};

pub(super) const A117: Page = Page {
    meaning: "Units of this add-on are never written to an environment: the add-on is counted for the tenant as a \
        whole, or its allocation is not documented. `allot explain` with the add-on's name shows the reason.",
    example: Example::Validate {
        wrong: r#"purchased: { invoice: 5000 }
environments:
  fin-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { invoice: 500, app-passes: 90 }
"#,
        corrections: &[("invoice: 500, app-passes", "app-passes")],
    },
    remedy: "Remove it from `allocations`, `defaults` and `floors`. Under `purchased` and `reserve` it may stay.",
};

pub(super) const A118: Page = Page {
    meaning: "An add-on is named by its value in the service's API, or by a present or former name in the admin \
        center. The name is accepted, and this is only a hint. If each add-on has one name in all files, a search \
        finds every place.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { AppPass: 120 }
"#,
        corrections: &[("AppPass", "app-passes")],
    },
    remedy: "Write the name that the message shows.",
};

pub(super) const A119: Page = Page {
    meaning: "An id or a key is malformed. An environment's id is a GUID, or begins with Default-, Legacy- or \
        Primary-; names change and repeat, so a name is never an id. A key has letters, digits, `-`, `_` and `.` \
        only, so that commands need no quotes.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: HR (Prod)
    allocations: { app-passes: 120 }
"#,
        corrections: &[(
            "id: HR (Prod)",
            r#"id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)"#,
        )],
    },
    remedy: "Copy the id from the admin center, under Environments, in the details of the environment. The name \
        that people see goes under `name`.",
};

pub(super) const A120: Page = Page {
    meaning: "The value has the right type but is not possible here: a word that is not among the choices, an empty \
        text, a version other than 1, `units` and `packs` at once, or `packs` of an add-on whose pack size is not \
        known.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    class: prod
"#,
        corrections: &[("class: prod", "class: production")],
    },
    remedy: "Pick one of the values that the message lists. Words are written in lower case, as shown.",
};

pub(super) const A122: Page = Page {
    meaning: "A mapping or a list names one add-on twice, once by its own name and once by another; or the reserve \
        of one pool is set for two of its members. Only one of the two could count, and it is not clear which.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations:
      app-passes: 120
      AppPass: 150
"#,
        corrections: &[("      app-passes: 120\n      AppPass: 150\n", "      app-passes: 150\n")],
    },
    remedy: "Keep one of them, under the name that the message shows. Process and Unattended RPA share one pool: \
        its reserve goes under `process`.",
};
