//! How reports name a tenant. The built-in tenant is always marked as such, because its plans do not apply to a tenant of the service.

use std::borrow::Cow;

use super::safe::terminal::clean;
use crate::model::desired::Provider;

/// The name of the built-in tenant.
pub const BUILT_IN: &str = "built-in tenant";

/// `contoso`, or `contoso (built-in tenant)`.
pub fn named(tenant: &str, provider: Provider) -> Cow<'_, str> {
    match provider {
        Provider::Local => Cow::Owned(format!("{tenant} ({BUILT_IN})")),
        Provider::PowerPlatform => Cow::Borrowed(tenant),
    }
}

/// Like [`named`], with control characters made visible, for a line on a terminal.
pub fn shown(tenant: &str, provider: Provider) -> String {
    clean(&named(tenant, provider)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Provider, named, shown};

    #[test]
    fn the_built_in_tenant_is_named_as_such() {
        assert_eq!(named("contoso", Provider::Local), "contoso (built-in tenant)");
        assert_eq!(named("contoso", Provider::PowerPlatform), "contoso");
        assert!(!shown("con\u{1b}[2J", Provider::Local).contains('\u{1b}'));
    }
}
