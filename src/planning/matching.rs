//! Pairs declared environments with those of the tenant, in one walk over both instead of a search for each.

use crate::model::catalog::AddOn;
use crate::model::desired::{DesiredEnvironment, DesiredState};
use crate::model::document::Entry;
use crate::model::observed::{EnvironmentState, ObservedEnvironment, ObservedState};
use crate::model::terms::EnvironmentId;

pub(super) struct Matching<'a> {
    /// Declared environments in the order of their keys, each with the tenant's environment, if the
    /// tenant shows one: in the listing of environments, or only with its allocations.
    pub(super) declared: Vec<(&'a DesiredEnvironment, Option<&'a ObservedEnvironment>)>,
    /// Environments that only the tenant shows, in the order of their ids.
    pub(super) undeclared: Vec<&'a ObservedEnvironment>,
}

impl<'a> Matching<'a> {
    pub(super) fn of(desired: &'a DesiredState, observed: &'a ObservedState) -> Matching<'a> {
        let mut declared: Vec<_> = desired.environments.values().map(|environment| (&**environment, None)).collect();
        let mut by_id: Vec<(&EnvironmentId, usize)> =
            declared.iter().enumerate().map(|(at, (environment, _))| (&environment.id.value, at)).collect();
        by_id.sort_unstable();
        let mut wanted = by_id.into_iter().peekable();
        let mut undeclared = Vec::new();
        for (id, seen) in observed.environments.iter().map(|(id, seen)| (id, &**seen)) {
            while wanted.next_if(|(wanted, _)| *wanted < id).is_some() {}
            match wanted.next_if(|(wanted, _)| *wanted == id) {
                Some((_, at)) => {
                    if let Some((_, slot)) = declared.get_mut(at) {
                        *slot = Some(seen);
                    }
                }
                None => undeclared.push(seen),
            }
        }
        Matching { declared, undeclared }
    }
}

/// Drops an environment that the tenant reports as deleted.
pub(super) fn usable(seen: Option<&ObservedEnvironment>) -> Option<&ObservedEnvironment> {
    seen.filter(|environment| environment.state.known() != Some(&EnvironmentState::Deleted))
}

/// The units that an environment holds, by add-on.
pub(super) fn held(seen: &ObservedEnvironment) -> impl Iterator<Item = (&AddOn, &Entry)> {
    let entries = seen.document.known().into_iter().flat_map(|document| &document.entries);
    entries.filter(|(_, entry)| !entry.units.is_zero())
}

#[cfg(test)]
mod tests {
    use super::Matching;
    use crate::planning::fixture::{configuration, tenant};

    #[test]
    fn each_environment_is_found_once_on_either_side() {
        let text = "environments: { z: { id(a) }, m: { id(d) }, a: { id(h) }, b: { id(b) } }";
        let configuration = configuration(text);
        let observed = tenant(&[], &[('a', &[]), ('b', &[]), ('c', &[]), ('e', &[]), ('g', &[])]);
        let matching = Matching::of(&configuration.desired, &observed);
        let line = |(environment, seen): &(&crate::model::desired::DesiredEnvironment, Option<_>)| {
            format!(
                "{} {}",
                environment.key.value,
                seen.map_or("-", |seen: &crate::model::observed::ObservedEnvironment| {
                    seen.name.known().map_or("?", |name| name.as_ref())
                })
            )
        };
        assert_eq!(matching.declared.iter().map(line).collect::<Vec<_>>(), ["a -", "b b", "m -", "z a"]);
        let undeclared: Vec<_> = matching.undeclared.iter().filter_map(|seen| seen.name.known()).collect();
        assert_eq!(undeclared.iter().map(|name| name.as_ref()).collect::<Vec<_>>(), ["c", "e", "g"]);
    }
}
