//! Pages about the tenant, its environments, and who is asking.

use crate::report::explain::page::{Example, Page};

pub(super) const A401: Page = Page {
    meaning: "The tenant lets only specific admins allocate, and this caller is none of them, so the plan is not \
        applied; planning itself needs no more than reading. A write that the tenant refuses because the caller may \
        not do it has this code as well.",
    example: Example::Told {
        situation: "The tenant says `only-specific-admins`, and an environment admin runs `allot apply`. On the \
            built-in tenant, `--as environment-admin` shows it.",
        because: "it depends on who asks, not on what the files say",
    },
    remedy: "Ask a global, Dynamics 365 or Power Platform administrator to apply, or let a pipeline apply that has \
        such a role.",
    allow: None,
};

pub(super) const A402: Page = Page {
    meaning: "An environment gets its first units of an add-on. Units alone let nobody in: its users may have to \
        join its security group, need a security role, or need a Dataverse database. The tool changes none of \
        that, so it says what it knows to be needed. It is a hint.",
    example: Example::Plan {
        tenant: Some(
            r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    securityGroup: Users of HR
"#,
        ),
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        right: None,
    },
    remedy: "Pass the message on to whoever gives access to the environment. It comes with the first assignment \
        only.",
    allow: None,
};

pub(super) const A403: Page = Page {
    meaning: "A declared environment is not among those that the tenant lists, or is listed as deleted. Nothing is \
        planned for it. It is an error where it is to hold units, and a warning otherwise. Not listed does not \
        mean deleted: it may be hidden from this caller.",
    example: Example::Plan {
        tenant: Some(
            r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
"#,
        ),
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c5f"      # the last digit is wrong
    allocations: { app-passes: 120 }
"#,
        right: Some(
            r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        ),
    },
    remedy: "Compare the id with the admin center, and check whether this caller sees the environment there. If it \
        is gone, delete its entry. `--target` plans for the others meanwhile.",
    allow: None,
};

pub(super) const A404: Page = Page {
    meaning: "The listing breaks off, or lacks two or more of the declared environments and over 10% of them; or what \
        its environments hold of a pool is not what the tenant itself counts. An error where the plan gives \
        something back (of that pool), and a warning otherwise.",
    example: Example::Plan {
        tenant: Some(
            r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 110 }
  - id: "0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"
    name: Sales (Prod)
    allocations: { app-passes: 50 }
behaviour:
  hidden: ["0b0f6f8e-3c55-4b19-8a1c-6a1b7f6f9d21"]      # not listed
"#,
        ),
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 100 }
"#,
        right: None,
    },
    remedy: "Run again later. If it stays so, look in the admin center whether the environments are there, and \
        whether this caller may see all of them. Where it cannot, the sum of a pool can be let through by name.",
    allow: Some("app-passes"),
};

pub(super) const A405: Page = Page {
    meaning: "The `name` in the file and the name that the tenant shows differ. Environments are found by their \
        ids, so nothing goes astray; but a wrong name can be the sign of a wrong id. It is a warning.",
    example: Example::Plan {
        tenant: Some(
            r#"environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Test)
"#,
        ),
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
"#,
        right: Some(
            r#"environments:
  hr-test:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Test)
"#,
        ),
    },
    remedy: "Check whether the id is the one that is meant. If it is, somebody renamed the environment: correct \
        the name, or leave `name` out.",
    allow: None,
};

pub(super) const A406: Page = Page {
    meaning: "The tenant lets environment admins allocate, each of them for every environment, and the \
        configuration does not say whether that is meant. What they change shows as drift afterwards; nothing \
        stops it before. It is a hint.",
    example: Example::Plan {
        tenant: Some("settings: { whoCanAllocate: environment-admins }\n"),
        wrong: r#"tenant:
  name: contoso
environments: {}
"#,
        right: Some(
            r#"tenant:
  name: contoso
  whoCanAllocate: only-specific-admins
environments: {}
"#,
        ),
    },
    remedy: "Write `whoCanAllocate: only-specific-admins` under `tenant`, and the next apply closes this side \
        door; or `environment-admins`, which says that it is meant.",
    allow: None,
};

pub(super) const A407: Page = Page {
    meaning: "The tenant refused a write because something in it is locked for everybody: by a policy, or by a rule of \
        the group that the environment belongs to, such as one that sets a switch for all its members. The run lists \
        the change as `refused`, with the tenant's reason.",
    example: Example::Told {
        situation: "The group of hr-prod turns drawing from the tenant off, and the file says \
            `drawFromTenant: true`. The write for hr-prod is refused; those for other environments go on.",
        because: "it takes an apply; a plan writes nothing",
    },
    remedy: "Change the rule of the group in the admin center, take the environment out of the group, or leave the \
        switch out of the file, which leaves it alone.",
    allow: None,
};

pub(super) const A408: Page = Page {
    meaning: "The tenant reports an add-on that the catalog of this version does not have. It is shown under its \
        raw name and counted, and it is never written. It is a warning.",
    example: Example::Plan {
        tenant: Some("purchased: { FutureAddOn: 10 }\n"),
        wrong: "environments: {}\n",
        right: None,
    },
    remedy: "Look whether a newer version knows it. Until then, allocate it in the admin center.",
    allow: None,
};

pub(super) const A409: Page = Page {
    meaning: "The `class` in the file and the tenant's own sorting differ. The defaults of a class follow the \
        class in the file, so a wrong one gives the environment amounts that are meant for others. It is a warning.",
    example: Example::Plan {
        tenant: Some(
            r#"environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Test)
    class: sandbox
"#,
        ),
        wrong: r#"environments:
  hr-test:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    class: production
"#,
        right: Some(
            r#"environments:
  hr-test:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    class: sandbox
"#,
        ),
    },
    remedy: "Correct the class, and look with `allot plan` what the defaults of the right one change. Where the file \
        is right, have the environment converted.",
    allow: None,
};

pub(super) const A410: Page = Page {
    meaning: "The tenant did not show what a declared environment holds. That is not zero: the environment is left \
        alone, and this is a warning. Or it did not show what the environment uses, and the plan would lower its \
        amount: that is an error, for it could go below.",
    example: Example::Plan {
        tenant: Some(
            r#"environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
behaviour:
  unreadable: ["3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"]
"#,
        ),
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        right: None,
    },
    remedy: "Run again later. If it stays so, check in the admin center whether this caller may see the \
        environment. `neverBelowConsumption: false` under `rules` takes units away without looking at what is used.",
    allow: None,
};
