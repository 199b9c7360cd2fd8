//! Pages about what a configuration may not choose by itself: where a credential goes, and whether there is a tenant at all.

use crate::report::explain::page::{Example, Page};

pub(super) const A123: Page = Page {
    meaning: "`tenant.id` or `tenant.cloud` says one thing, and a variable says another, or a credential in variables \
        would go to a cloud that only the file names. Whoever edits a file would choose where the credential goes. \
        Variables that begin with POWER_PLATFORM_ count before those of AZURE_.",
    example: Example::Told {
        situation: "The configuration says `cloud: china`, and POWER_PLATFORM_CLOUD is `public`. Or `tenant.id` is \
            one GUID, and POWER_PLATFORM_TENANT_ID or AZURE_TENANT_ID is another GUID, or a domain name, which \
            cannot be compared with a GUID. AZURE_AUTHORITY_HOST is compared with the login host of the cloud.",
        because: "it depends on the variables, not only on what the files say",
    },
    remedy: "Find out which of the two is right, and correct the other. A variable that is there for another tool \
        can be unset for this one, or be preceded by one that begins with POWER_PLATFORM_.",
    allow: None,
};

pub(super) const A124: Page = Page {
    meaning: "`tenant` has no `provider`, so it would be the built-in tenant, a file on this machine. That is fine at \
        a desk. In CI, or where a credential of the service is present, a deleted line would make every check green \
        about a tenant that does not exist, so the word has to be written there.",
    example: Example::Told {
        situation: "A pull request deletes `provider: power-platform`, and its pipeline runs `allot validate`. \
            `CI=true allot validate` shows it at a desk.",
        because: "it depends on where the command runs, not only on what the files say",
    },
    remedy: "Write `provider: power-platform` for a tenant of the service, or `provider: local` for the built-in \
        tenant. With `provider: local` every report names the built-in tenant as such.",
    allow: None,
};

pub(super) const A125: Page = Page {
    meaning: "The configuration says `provider: local`, in CI or beside a credential of the service. Every report is \
        about the built-in tenant then, a file, and says nothing about a tenant of the service. It is a hint for the \
        review that adds the line, and a warning beside a credential.",
    example: Example::Told {
        situation: "The root file of a rehearsal says `tenant: { name: contoso, provider: local }`, and its pipeline \
            runs `allot plan`. `CI=true allot plan` shows it at a desk.",
        because: "it depends on where the command runs, not only on what the files say",
    },
    remedy: "Nothing, where the built-in tenant is meant. Otherwise write `provider: power-platform`, and look at who \
        changed the line.",
    allow: None,
};
