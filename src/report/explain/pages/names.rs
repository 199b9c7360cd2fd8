//! Pages about names: add-ons, environments, budgets, ids, and words out of a fixed choice.

use crate::report::explain::page::{Example, Page};

pub(super) const A113: Page = Page {
    meaning: "No add-on has this name. Add-ons are named by the words that `allot explain` lists. The values of \
        the service's interface and names of earlier years are understood as well, where they mean one add-on only.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-pases: 120 }
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
    },
    remedy: "Write the name that the message offers, or pick one from `allot explain`.",
    allow: None,
};

pub(super) const A114: Page = Page {
    meaning: "Something is named that is declared nowhere: a budget that is not under `budgets`, an environment \
        under `floors` that no file has, or a time zone that does not exist. A limit or a floor for a name that \
        nobody has would guard nothing.",
    example: Example::Validate {
        wrong: r#"budgets:
  hr: { limits: { app-passes: 400 } }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    budget: hr-dept
    allocations: { app-passes: 120 }
"#,
        right: r#"budgets:
  hr: { limits: { app-passes: 400 } }
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    budget: hr
    allocations: { app-passes: 120 }
"#,
    },
    remedy: "Correct the name, or declare it. When an environment is renamed or goes, its line under `floors` \
        changes with it. Time zones are those of the IANA database, such as Europe/Berlin.",
    allow: None,
};

pub(super) const A115: Page = Page {
    meaning: "Two environments, under different keys, have the same id. Both would write to one environment, each \
        undoing what the other did. Ids are compared without regard to upper and lower case.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
  hr-test:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 15 }
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
  hr-test:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    allocations: { app-passes: 15 }
"#,
    },
    remedy: "Copy the right id from the admin center, or delete one of the two entries.",
    allow: None,
};

pub(super) const A116: Page = Page {
    meaning: "Two files call an environment by the same key. Keys name environments in plans, in floors and in \
        flags, so each may stand for one only. Within one file this is A102.",
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
        right: r#"# environments/hr.yaml
environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"

# environments/sales.yaml
environments:
  sales-prod:
    id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
"#,
    },
    remedy: "Give one of them another key, or delete the entry that is there twice. A key is yours to choose; the \
        tenant knows the id only.",
    allow: None,
};

pub(super) const A117: Page = Page {
    meaning: "This add-on is counted for the tenant as a whole, or nobody has documented how it is allocated, so \
        no amount of it is ever written to an environment. `allot explain` with the add-on's name says why.",
    example: Example::Validate {
        wrong: r#"purchased: { invoice: 5000 }
environments:
  fin-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { invoice: 500, app-passes: 90 }
"#,
        right: r#"purchased: { invoice: 5000 }
environments:
  fin-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 90 }
"#,
    },
    remedy: "Take it out of `allocations`, `defaults` and `floors`. Under `purchased` and `reserve` it may stay.",
    allow: None,
};

pub(super) const A118: Page = Page {
    meaning: "An add-on is named by its value in the service's interface, or by its name in the admin center, now \
        or before. It is understood, and this is a hint only. With one name for one add-on, a search finds every \
        place.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { AppPass: 120 }
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
    },
    remedy: "Write the word that the message shows.",
    allow: None,
};

pub(super) const A119: Page = Page {
    meaning: "An id or a key has not the form that it needs. An environment's id is a GUID, or begins with \
        Default-, Legacy- or Primary-; names change and repeat, so they never stand for an id. A key has letters, \
        digits, `-`, `_` and `.` only, so that it can stand in a command without quotes.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: HR (Prod)
    allocations: { app-passes: 120 }
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120 }
"#,
    },
    remedy: "Copy the id from the admin center, under Environments, in the details of the environment. The name \
        that people see goes under `name`.",
    allow: None,
};

pub(super) const A120: Page = Page {
    meaning: "The value is of the right type, and is not among those that are possible here: another word than \
        those of the choice, an empty text, another version than 1, `units` and `packs` at once, or `packs` of an \
        add-on whose pack size is not known.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    class: prod
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    class: production
"#,
    },
    remedy: "Pick one of the values that the message lists. Words are written in lower case, as shown.",
    allow: None,
};

pub(super) const A122: Page = Page {
    meaning: "One add-on stands twice in a mapping or a list, once by its own word and once by another name; or \
        the reserve of one pool is set for two of its members. Only one of the two could count, and nobody could \
        tell which.",
    example: Example::Validate {
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations:
      app-passes: 120
      AppPass: 150
"#,
        right: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations:
      app-passes: 150
"#,
    },
    remedy: "Keep one of them, under the word that the message shows. Process and Unattended RPA share one pool: \
        its reserve goes under `process`.",
    allow: None,
};
