//! Pages about the tenant, its environments and the caller.

use crate::report::explain::page::{Example, Page};

pub(super) const A401: Page = Page {
    meaning: "The tenant allows only specific admins to allocate, and this caller is not one of them, so the \
        plan is not applied; planning needs only the right to read. A write that the tenant refuses because the \
        caller may not make it has this code as well.",
    example: Example::Situation {
        situation: "The tenant is set to `only-specific-admins`, and an environment admin runs `allot apply`. On \
            the built-in tenant, `--as environment-admin` reproduces it.",
        because: "it depends on the caller, not on the files",
    },
    remedy: "Ask a global, Dynamics 365 or Power Platform administrator to apply, or apply from a pipeline that has \
        such a role.",
};

pub(super) const A402: Page = Page {
    meaning: "An environment gets its first units of an add-on. Units alone give users no access: they may have to \
        join its security group, or need a security role or a Dataverse database. The tool changes none of that. \
        This finding is a hint that lists what is needed.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    securityGroup: Users of HR
"#,
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        corrections: &[],
        allow: None,
    },
    remedy: "Pass the message on to the admin who gives access to the environment. It appears with the first \
        assignment only.",
};

pub(super) const A403: Page = Page {
    meaning: "The tenant does not list a declared environment, or lists it as deleted, not ready or in an unknown \
        state. This finding is an error if the plan would write there, or if a missing environment is to hold \
        units, else a warning. Not listed does not mean deleted: it may be hidden from this caller.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
"#,
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c5f"      # the last digit is wrong
    allocations: { app-passes: 120 }
"#,
        corrections: &[(r#"5f"      # the last digit is wrong"#, r#"55""#)],
        allow: None,
    },
    remedy: "Compare the id with the admin center, and check whether this caller sees the environment there. If it \
        is gone, delete its entry. Meanwhile, `--target` plans for the others.",
};

pub(super) const A404: Page = Page {
    meaning: "The listing is cut off, or lacks an environment that holds units, or lacks more than 10% of the \
        declared environments (and at least two); or the allocations of a pool do not add up to the tenant's total. A \
        plan that gives units back is refused, unless only environments that hold units are missing.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 200 }
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
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 100 }
"#,
        corrections: &[],
        allow: Some("app-passes"),
    },
    remedy: "Run again later. If it persists, check in the admin center that the environments exist, and that \
        this caller can see all of them. If the caller cannot, `--allow` accepts the difference of one pool.",
};

pub(super) const A405: Page = Page {
    meaning: "The `name` in the file differs from the name that the tenant shows. Environments are found by id, so \
        the plan is for the id in the file; but a wrong name can be the sign of a wrong id. This finding is a \
        warning.",
    example: Example::Plan {
        tenant: r#"environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Test)
"#,
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
"#,
        corrections: &[("hr-prod", "hr-test"), ("HR (Prod)", "HR (Test)")],
        allow: None,
    },
    remedy: "Check whether the id is the right one. If it is, the environment was renamed: correct the name, or \
        leave `name` out.",
};

pub(super) const A406: Page = Page {
    meaning: "The tenant allows every environment admin to allocate, also for environments of others, and the \
        configuration does not state whether that is intended. `allot drift` shows such changes afterwards, but \
        nothing prevents them. This finding is a hint.",
    example: Example::Plan {
        tenant: "settings: { whoCanAllocate: environment-admins }\n",
        wrong: r#"tenant:
  name: contoso
environments: {}
"#,
        corrections: &[("name: contoso\n", "name: contoso\n  whoCanAllocate: only-specific-admins\n")],
        allow: None,
    },
    remedy: "Write `whoCanAllocate: only-specific-admins` under `tenant`, and the next apply changes the \
        setting; or write `environment-admins` to keep it without this hint.",
};

pub(super) const A407: Page = Page {
    meaning: "The tenant refused a write because a policy locks something for everyone, such as a rule of the \
        environment's group that sets a switch. The run lists the change as `refused`. If the plan does not change \
        the switch, the write is sent again without it, and is confirmed only if a read shows the switch \
        unchanged.",
    example: Example::Situation {
        situation: "The group of hr-prod turns drawing from the tenant off, and the file contains `drawFromTenant: \
            true`. The write for hr-prod is refused; those for other environments go on.",
        because: "it takes an apply; a plan writes nothing",
    },
    remedy: "Change the rule of the group in the admin center, take the environment out of the group, or remove the \
        switch from the file, which makes it unmanaged.",
};

pub(super) const A408: Page = Page {
    meaning: "The tenant reports an add-on that the catalog of this version does not have. It is shown under its raw \
        name and counted, but never written. This finding is a warning.",
    example: Example::Plan {
        tenant: r#"purchased: { VoiceMinutes: 10 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { VoiceMinutes: 4 }
"#,
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 0 }
"#,
        corrections: &[("app-passes: 0", "app-passes: 0, VoiceMinutes: unmanaged")],
        allow: None,
    },
    remedy: "Check whether a newer version knows it. Until then, allocate it in the admin center, and write \
        `unmanaged` so that plans skip it without a finding.",
};

pub(super) const A409: Page = Page {
    meaning: "The `class` in the file differs from the class in the tenant. The defaults of the class in the file \
        apply, so a wrong class gives the environment amounts that are meant for others. This finding is a \
        warning.",
    example: Example::Plan {
        tenant: r#"environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Test)
    class: sandbox
"#,
        wrong: r#"environments:
  hr-test:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    class: production
"#,
        corrections: &[("class: production", "class: sandbox")],
        allow: None,
    },
    remedy: "Correct the class, and check with `allot plan` what the defaults of the right one change. If the file \
        is right, have the environment converted.",
};

pub(super) const A410: Page = Page {
    meaning: "The tenant did not show what is declared: what an environment holds, its `whenExhausted` switches \
        (only a hint, because an interface that does not show them does not accept them), or `whoCanAllocate`. \
        Unknown is not zero: plans skip the value and warn, and `allot drift` exits with 1, as it cannot rule out \
        drift.",
    example: Example::Plan {
        tenant: r#"environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
behaviour:
  unreadable: ["3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"]
"#,
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }
"#,
        corrections: &[],
        allow: None,
    },
    remedy: "Run again later. If it persists, check in the admin center whether this caller can see the \
        environment.",
};

pub(super) const A411: Page = Page {
    meaning: "More of an add-on is used than is owned, or than an environment holds. An environment whose \
        `whenExhausted` switches draw from the tenant or pay as it goes may use more. This finding is a warning. \
        On the service, allot reads the use only of environments that give units back.",
    example: Example::Plan {
        tenant: r#"purchased: { app-passes: 200 }
environments:
  - id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    name: HR (Prod)
    allocations: { app-passes: 120 }
    consumption: { app-passes: 140 }
"#,
        wrong: r#"environments:
  hr-prod:
    id: "3f5c1f8e-aa10-4f0e-9e57-8d2b0f0f1c55"
    allocations: { app-passes: 120 }      # 140 are in use
"#,
        corrections: &[("120 }      # 140 are in use", "140 }")],
        allow: None,
    },
    remedy: "Allocate what is used, buy more, or find out in the admin center who uses it: the service may stop the \
        use, or bill what goes beyond. The use that the tenant reports may be some days old.",
};
