//! The names of add-ons in a configuration: the slugs and other names of the catalog, and API values that the catalog does not have.

use super::{AddOn, CatalogEntry, Kind};

/// The form of an API value that the catalog does not have. It has an upper-case letter, and no slug has one.
pub const UNCATALOGUED_PATTERN: &str = "^[A-Za-z0-9]*[A-Z][A-Za-z0-9]*$";

/// The accepted names of an add-on besides its slug: API value, display name, former names. Slugs, and names that another add-on
/// shares, are left out. Each name occurs once, because some validators do not compile an `enum` with a duplicate value.
pub fn other_names(entry: &CatalogEntry) -> impl Iterator<Item = &'static str> {
    let is_its_own = |name: &str| AddOn::from_other_name(name).is_some_and(|add_on| add_on.slug() == entry.slug);
    let mut names = Vec::with_capacity(2 + entry.former_names.len());
    for name in [entry.api_value, entry.display_name].into_iter().chain(entry.former_names.iter().copied()) {
        if AddOn::from_slug(name).is_none() && is_its_own(name) && !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter()
}

impl AddOn {
    /// The add-on that a configuration names by an API value that the catalog does not have. `None` if the text does
    /// not have the form of an API value, or if it is a misspelled name of the catalog.
    pub fn uncatalogued(name: &str) -> Option<AddOn> {
        let has_form = name.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && name.bytes().any(|byte| byte.is_ascii_uppercase())
            && AddOn::misspelled(name).is_none();
        has_form.then(|| AddOn(Kind::Raw(name.into())))
    }
}
