//! Findings about add-ons that the catalog does not have, in the tenant and in the files.

use std::collections::BTreeSet;

use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::desired::DesiredState;
use crate::model::finding::Finding;
use crate::model::near::did_you_mean;
use crate::model::observed::ObservedState;
use crate::model::source::Span;
use crate::planning::planner::counted;

/// Advice on how to declare or skip an add-on that an environment holds.
pub(super) fn how_to_name(add_on: &AddOn) -> String {
    let name = add_on.slug();
    if add_on.is_allocatable() {
        format!("declare `{name}`, or write `{name}: unmanaged` to skip it")
    } else if AddOn::uncatalogued(name).is_some() {
        format!("write `{name}: unmanaged` to skip it; this version does not know the add-on and never changes it")
    } else {
        "no file can name this add-on; `unmanagedAddOns: ignore` under `rules` turns this off".to_owned()
    }
}

/// Warnings about add-ons that files name and neither the catalog nor the tenant has.
pub(super) fn unreported(desired: &DesiredState, observed: &ObservedState) -> Vec<Finding> {
    let named = desired.uncatalogued();
    if named.is_empty() {
        return Vec::new();
    }
    let held = observed.environments.values().filter_map(|seen| seen.document.known());
    let reported: BTreeSet<&AddOn> =
        observed.totals.keys().chain(held.flat_map(|document| document.entries.keys())).collect();
    let candidates = || reported.iter().filter(|add_on| add_on.entry().is_none()).map(|add_on| add_on.api_value());
    let finding = |(add_on, span): (&&AddOn, &Span)| {
        let name = add_on.api_value();
        let message = format!("neither this version nor the tenant knows an add-on called `{name}`");
        let finding = Finding::warning(Code::A113, message).at(*span, "unknown");
        finding
            .help(did_you_mean(name, candidates()).unwrap_or_else(|| "correct the name, or delete the line".to_owned()))
    };
    named.iter().filter(|(add_on, _)| !reported.contains(*add_on)).map(finding).collect()
}

/// A warning about add-ons that the tenant reports, the catalog does not have, and no file names.
pub(super) fn unknown(desired: &DesiredState, observed: &ObservedState) -> Option<Finding> {
    let named = desired.uncatalogued();
    let is_unknown = |add_on: &&AddOn| add_on.entry().is_none() && !named.contains_key(*add_on);
    let unknown: Vec<&str> = observed.totals.keys().filter(is_unknown).map(AddOn::api_value).collect();
    (!unknown.is_empty()).then(|| {
        let names = counted(unknown.len(), "add-on", "add-ons");
        Finding::warning(
            Code::A408,
            format!("the tenant reports {names} that this version does not know: {}", unknown.join(", ")),
        )
        .help("they are shown and counted, and never written; a newer version may know them")
    })
}

#[cfg(test)]
mod tests;
