//! Pages about what a configuration may not choose alone: where a credential goes, and whether a tenant of the service is meant.

use crate::report::explain::page::{Example, Page};

pub(super) const A123: Page = Page {
    meaning: "`tenant.id` or `tenant.cloud` differs from a variable, or a credential in variables would go to a \
        cloud that only the file names: an edit of the file could then redirect the credential. Variables that \
        begin with POWER_PLATFORM_ take precedence over those of AZURE_.",
    example: Example::Situation {
        situation: "The configuration contains `cloud: china`, and POWER_PLATFORM_CLOUD is `public`. Or `tenant.id` \
            is one GUID, and POWER_PLATFORM_TENANT_ID or AZURE_TENANT_ID is another GUID, or a domain name, which \
            cannot be compared with a GUID. AZURE_AUTHORITY_HOST is compared with the login host of the cloud.",
        because: "it depends on the variables, not only on the files",
    },
    remedy: "Find out which of the two is right, and correct the other. If the variable is there for another tool, \
        unset it for this one, or set the variable that begins with POWER_PLATFORM_, which takes precedence.",
};

pub(super) const A124: Page = Page {
    meaning: "`tenant` has no `provider`, which means the built-in tenant, a file on this machine. In CI, or if a \
        credential of the service is present, `provider` is required: a deleted line must not make every check pass \
        for a tenant that does not exist.",
    example: Example::Situation {
        situation: "A pull request deletes `provider: power-platform`, and its pipeline runs `allot validate`. \
            `CI=true allot validate` reproduces it on your machine.",
        because: "it depends on where the command runs, not only on the files",
    },
    remedy: "Write `provider: power-platform` for a tenant of the service, or `provider: local` for the built-in \
        tenant. With `provider: local`, every report names the built-in tenant.",
};

pub(super) const A125: Page = Page {
    meaning: "The configuration contains `provider: local`, in CI or beside a credential of the service. Every \
        report is then about the built-in tenant, a file, and not about a tenant of the service. This finding is a \
        hint in CI, and a warning beside a credential.",
    example: Example::Situation {
        situation: "The root file of a rehearsal contains `tenant: { name: contoso, provider: local }`, and its \
            pipeline runs `allot plan`. `CI=true allot plan` reproduces it on your machine.",
        because: "it depends on where the command runs, not only on the files",
    },
    remedy: "If the built-in tenant is meant, do nothing. Otherwise write `provider: power-platform`, and find out \
        who changed the line.",
};
