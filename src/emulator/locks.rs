//! An environment group can lock the `TenantPool` rule of its environments (powerplatform-api.md 2.4 and 14). The
//! service refuses writes that change a locked rule; which other writes it refuses is not documented, so a fault
//! decides.

use super::errors::Refusal;
use super::faults::Lock;
use crate::model::document::Switch;
use crate::provider::power_platform::wire::document::{RawDocument, RawRule, rule_type};

/// A locked environment, and whether the body of a write carries the rule.
pub(super) struct Locked {
    lock: Lock,
    is_carried: bool,
}

impl Locked {
    pub(super) fn by(lock: Lock, written: &RawDocument) -> Locked {
        let mut names = written.currency_allocations.iter().map(|entry| entry.currency_type.as_str());
        Locked { lock, is_carried: names.any(|currency| rule(written, currency).is_some()) }
    }

    /// Checks a write against the lock. With [`Lock::Carried`], restores a rule that is missing from the body.
    ///
    /// # Errors
    ///
    /// If the lock refuses the write.
    pub(super) fn judge(&self, before: Option<&RawDocument>, after: &mut RawDocument) -> Result<(), Refusal> {
        let is_refused = match self.lock {
            Lock::Changed => is_changed(before, after),
            Lock::Carried | Lock::Unkept => self.is_carried,
            Lock::Everything => true,
        };
        if is_refused {
            return Err(Refusal::tenant_pool_locked());
        }
        if self.lock == Lock::Carried {
            before.into_iter().for_each(|before| keep(before, after));
        }
        Ok(())
    }
}

fn rule<'a>(document: &'a RawDocument, currency: &str) -> Option<&'a RawRule> {
    let rules = document.entry(currency)?.enforcement_rules.as_ref()?;
    rules.iter().find(|rule| rule.rule_type == rule_type(Switch::DrawFromTenant))
}

fn is_changed(before: Option<&RawDocument>, after: &RawDocument) -> bool {
    let is_on = |document: &RawDocument, currency: &str| rule(document, currency).map(|rule| rule.enabled);
    let entries = before.into_iter().chain([after]).flat_map(|document| &document.currency_allocations);
    let mut names = entries.map(|entry| entry.currency_type.as_str());
    names.any(|currency| before.and_then(|before| is_on(before, currency)) != is_on(after, currency))
}

fn keep(before: &RawDocument, after: &mut RawDocument) {
    for entry in &mut after.currency_allocations {
        let rules = entry.enforcement_rules.get_or_insert_default();
        let has_rule = rules.iter().any(|rule| rule.rule_type == rule_type(Switch::DrawFromTenant));
        rules.extend(rule(before, &entry.currency_type).filter(|_| !has_rule).cloned());
    }
}
