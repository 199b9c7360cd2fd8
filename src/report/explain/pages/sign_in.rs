//! Pages about what a configuration may not choose by itself: where a credential goes.

use crate::report::explain::page::{Example, Page};

pub(super) const A123: Page = Page {
    meaning: "`tenant.id` or `tenant.cloud` says one thing, and a variable says another. Whoever edits a file would \
        choose where the credential goes, so nothing signs in. Among the variables those that begin with \
        POWER_PLATFORM_ count before those that begin with AZURE_.",
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
