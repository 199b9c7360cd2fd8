//! The rules that the built-in tenant enforces, as the service does.

use std::collections::BTreeMap;

use crate::model::catalog::{AddOn, Pool};
use crate::model::document::EnvironmentDocument;
use crate::model::observed::EnvironmentState;
use crate::model::roles::{Role, WhoCanAllocate};
use crate::model::terms::Units;
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// Whether this caller may allocate under this setting.
pub(super) fn may_allocate(role: Role, setting: WhoCanAllocate) -> Result<(), ProviderError> {
    if role.may_allocate(setting) {
        return Ok(());
    }
    let message = format!("the role {role} may not allocate: the tenant allows only specific admins to do so");
    Err(ProviderError::new(ProviderErrorKind::Denied, message).help(
        "ask a global, Dynamics 365 or Power Platform administrator; `--as power-platform-admin` acts as one here",
    ))
}

/// Whether this caller may change tenant settings.
pub(super) fn may_set(role: Role) -> Result<(), ProviderError> {
    if role != Role::EnvironmentAdmin {
        return Ok(());
    }
    Err(ProviderError::new(ProviderErrorKind::Denied, format!("the role {role} may not change tenant settings"))
        .help("ask a global, Dynamics 365 or Power Platform administrator"))
}

/// Whether an environment takes writes.
pub(super) fn takes_writes(state: Option<&EnvironmentState>) -> Result<(), ProviderError> {
    match state {
        Some(EnvironmentState::Ready) => Ok(()),
        None | Some(EnvironmentState::Deleted) => {
            Err(ProviderError::new(ProviderErrorKind::NotFound, "the tenant has no such environment"))
        }
        Some(state) => {
            let message = format!("the environment is {}, and accepts no allocation", state.as_str());
            Err(ProviderError::new(ProviderErrorKind::Conflict, message).help("try again when it is ready"))
        }
    }
}

/// Whether an environment still holds what the writer read. Another process may have written in between.
pub(super) fn is_unchanged(read: &EnvironmentDocument, now: &EnvironmentDocument) -> Result<(), ProviderError> {
    if read == now {
        return Ok(());
    }
    let message = "another run or person changed the environment after it was read";
    Err(ProviderError::new(ProviderErrorKind::Conflict, message).help("plan again"))
}

/// Whether the amounts of a document can be allocated at all.
pub(super) fn is_allocatable(before: &EnvironmentDocument, after: &EnvironmentDocument) -> Result<(), ProviderError> {
    for (add_on, entry) in after.entries.iter().filter(|(add_on, entry)| before.entries.get(*add_on) != Some(*entry)) {
        if !add_on.is_allocatable() {
            let message = format!("{} cannot be allocated to an environment", add_on.display_name());
            return Err(ProviderError::new(ProviderErrorKind::Conflict, message));
        }
        if entry.units > Units::MAX_ALLOCATION {
            let message =
                format!("{} {} exceed what a single environment can hold", entry.units, add_on.unit(entry.units.get()));
            return Err(ProviderError::new(ProviderErrorKind::Conflict, message));
        }
    }
    Ok(())
}

/// The units that every pool holds, from the units held of each add-on.
pub(super) fn pool_totals(held: &BTreeMap<AddOn, Units>) -> BTreeMap<Pool, Units> {
    let mut totals: BTreeMap<Pool, Units> = BTreeMap::new();
    for (add_on, units) in held {
        let total = totals.entry(add_on.pool()).or_default();
        *total = [*total, *units].into_iter().sum();
    }
    totals
}

/// Updates the units held of each add-on when one document of an environment replaces another.
pub(super) fn move_held(held: &mut BTreeMap<AddOn, Units>, before: &EnvironmentDocument, after: &EnvironmentDocument) {
    for (add_on, entry) in &before.entries {
        let total = held.entry(add_on.clone()).or_default();
        *total = total.remaining_after(entry.units);
    }
    for (add_on, entry) in &after.entries {
        let total = held.entry(add_on.clone()).or_default();
        *total = [*total, entry.units].into_iter().sum();
    }
}

/// Whether every pool that grows stays within the purchased units and its debt. A write that lets no pool grow is always accepted,
/// even if the pool is already over-allocated.
pub(super) fn fits(
    purchased: &BTreeMap<AddOn, Units>,
    debts: &BTreeMap<Pool, Units>,
    before: &BTreeMap<Pool, Units>,
    after: &BTreeMap<Pool, Units>,
) -> Result<(), ProviderError> {
    for (pool, held) in after {
        let owned: Units = pool.members().iter().filter_map(|member| purchased.get(member)).sum();
        let debt = debts.get(pool).copied();
        let most: Units = debt.into_iter().chain([owned]).sum();
        let grows = *held > before.get(pool).copied().unwrap_or_default();
        if grows && *held > most {
            let (name, short) = (pool.display_name(), held.remaining_after(owned));
            let covered = debt.map_or_else(String::new, |debt| format!(", a debt of {debt} declared"));
            let message = format!(
                "the allocations of {name} would exceed the purchased units by {short}: {held} allocated, {owned} \
                 purchased{covered}"
            );
            return Err(ProviderError::new(ProviderErrorKind::Conflict, message).help("release units elsewhere first"));
        }
    }
    Ok(())
}
