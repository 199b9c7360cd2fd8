//! Allocation documents: the amounts and switches of the tenant, and the fields of earlier writes that the model lacks.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::Number;

use super::errors::Refusal;
use super::faults::{Faults, Semantics, Surface};
use super::locks::Locked;
use super::memory::Past;
use super::state::Emulator;
use crate::model::catalog::AddOn;
use crate::model::document::EnvironmentDocument;
use crate::model::observed::{EnvironmentState, Reading};
use crate::model::terms::{EnvironmentId, Units};
use crate::provider::port::{KnownDocument, ProviderErrorKind};
use crate::provider::power_platform::wire::document::{RawDocument, RawEntry};

impl Emulator {
    /// Parses the id of an environment.
    ///
    /// # Errors
    ///
    /// 403 without a body if licensing does not know the environment, as for a new one.
    pub async fn find(&self, text: &str) -> Result<EnvironmentId, Refusal> {
        let id: EnvironmentId = text.parse().map_err(|_| Refusal::unknown_environment())?;
        let faults = self.faults();
        if is_unknown(&faults, &id) {
            return Err(Refusal::unknown_environment());
        }
        let listed = self.reader.environments().await?.environments;
        match listed.get(&id).map(|environment| &environment.state) {
            None | Some(Reading::Known { value: EnvironmentState::Deleted, .. }) => Err(Refusal::unknown_environment()),
            Some(_) => Ok(id),
        }
    }

    /// All documents, as a read returns them now.
    ///
    /// # Errors
    ///
    /// If the tenant cannot be read.
    pub async fn documents(&self) -> Result<BTreeMap<EnvironmentId, RawDocument>, Refusal> {
        let faults = self.faults();
        let held = self.reader.documents().await?;
        let mut documents: BTreeMap<EnvironmentId, RawDocument> = held
            .rows
            .into_iter()
            .filter_map(|(id, reading)| {
                let document = self.complete(&id, reading.ok()?.contents());
                Some((id, document))
            })
            .collect();
        self.make_stale(&faults, &mut documents);
        documents.retain(|id, _| !is_unknown(&faults, id));
        Ok(documents)
    }

    /// One document, as a read returns it now.
    ///
    /// # Errors
    ///
    /// 404 if there is no document, 403 if the caller may not see it.
    pub async fn document(&self, id: &EnvironmentId) -> Result<RawDocument, Refusal> {
        let faults = self.faults();
        let current = self.current(id).await?;
        let mut documents: BTreeMap<_, _> = current.map(|document| (id.clone(), document)).into_iter().collect();
        self.make_stale(&faults, &mut documents);
        documents.remove(id).ok_or_else(|| Refusal::no_document(id, faults.no_document))
    }

    /// The current document, even if reads are stale.
    async fn current(&self, id: &EnvironmentId) -> Result<Option<RawDocument>, Refusal> {
        Ok(self.complete_if_there(id, &self.held(id).await?))
    }

    /// What the tenant holds for an environment.
    async fn held(&self, id: &EnvironmentId) -> Result<KnownDocument, Refusal> {
        self.reader.document(id).await?.map_err(|_| Refusal::unknown_environment())
    }

    fn complete_if_there(&self, id: &EnvironmentId, held: &KnownDocument) -> Option<RawDocument> {
        held.exists().then(|| self.complete(id, held.contents()))
    }

    /// The whole document: amounts and switches from the tenant, other fields from the last write.
    fn complete(&self, id: &EnvironmentId, document: &EnvironmentDocument) -> RawDocument {
        let mut raw = self.memory().raw.get(id).cloned().unwrap_or_default();
        id.as_str().clone_into(&mut raw.environment_id);
        raw.currency_allocations
            .retain(|entry| document.entries.contains_key(&AddOn::from_api_value(&entry.currency_type)));
        let mut complete = raw.holding(document);
        for entry in &mut complete.currency_allocations {
            entry.auto_allocated = Number::from_f64(0.0);
            entry.enforcement_rules.get_or_insert_default();
        }
        complete
    }

    /// Undoes the writes that a stale read does not see yet.
    fn make_stale(&self, faults: &Faults, documents: &mut BTreeMap<EnvironmentId, RawDocument>) {
        if faults.stale_reads_seconds == 0 {
            return;
        }
        let since = self.now().saturating_sub(SignedDuration::from_secs(i64::from(faults.stale_reads_seconds)));
        let Ok(since) = since else { return };
        for past in self.memory().past.iter().rev().take_while(|past| past.at > since) {
            match &past.before {
                Some(before) => documents.insert(past.environment.clone(), before.clone()),
                None => documents.remove(&past.environment),
            };
        }
    }

    /// Writes a document, and returns the document after the write.
    ///
    /// # Errors
    ///
    /// If the surface or the tenant refuses the write, which then has no effect, or if the connection breaks.
    pub async fn write(
        &self,
        surface: Surface,
        id: EnvironmentId,
        written: RawDocument,
    ) -> Result<RawDocument, Refusal> {
        let faults = self.faults();
        let _turn = self.writing.lock().await;
        self.refuse_currencies(&faults, surface, &written).await?;
        let read = self.held(&id).await?;
        let before = self.complete_if_there(&id, &read);
        let held = before.clone().unwrap_or_default();
        let locked = faults.locked_environments.contains(&id).then(|| Locked::by(faults.lock, &written));
        let mut after = match faults.semantics {
            Semantics::Merge => merged(held, written),
            Semantics::Replace => replaced(&held, written, surface),
        };
        if let Some(locked) = locked {
            locked.judge(before.as_ref(), &mut after)?;
        }
        let document = after.read().map_err(|why| Refusal::bad_request(&why))?;
        let outcome = self.writer.write_document(&id, &read, &document).await;
        // After a broken connection, only the tenant shows whether the write took effect.
        let took_effect = match &outcome {
            Ok(_) => true,
            Err(error) => {
                matches!(error.kind, ProviderErrorKind::OutcomeUnknown(_))
                    && *self.held(&id).await?.contents() == document
            }
        };
        if took_effect {
            self.memory().wrote(Past { at: self.now(), environment: id.clone(), before }, after);
        }
        let held = outcome?;
        Ok(self.complete(&id, &held))
    }

    /// Refuses currencies that neither the catalog nor the tenant has, and those that a fault refuses.
    async fn refuse_currencies(&self, faults: &Faults, surface: Surface, written: &RawDocument) -> Result<(), Refusal> {
        let totals = self.reader.totals().await?;
        for (at, entry) in written.currency_allocations.iter().enumerate() {
            let name = entry.currency_type.as_str();
            let add_on = AddOn::from_api_value(name);
            let known = add_on.entry().is_some() || totals.contains_key(&add_on);
            if known && !faults.refuses(surface, name) {
                continue;
            }
            return Err(match surface {
                Surface::V2 => Refusal::bad_request("Invalid scope or Allocations"),
                Surface::Old | Surface::New => Refusal::unknown_currency(name, at),
            });
        }
        Ok(())
    }
}

/// Whether a fault hides an environment from licensing.
fn is_unknown(faults: &Faults, id: &EnvironmentId) -> bool {
    faults.hidden_environments.contains(id) || faults.new_environments.contains(id)
}

/// Parses an amount of the older surfaces, a non-negative 32-bit integer.
///
/// # Errors
///
/// If the number is negative, has a fraction, or is too large.
pub fn amount(number: &Number, at: usize) -> Result<Units, Refusal> {
    number.as_u64().map(Units::new).filter(|units| *units <= Units::MAX_ALLOCATION).ok_or_else(|| {
        Refusal::bad_request(&format!(
            "Error converting value {number} to type 'System.Int32'. Path 'currencyAllocations[{at}].allocated'."
        ))
    })
}

fn merged(mut after: RawDocument, written: RawDocument) -> RawDocument {
    after.other.extend(written.other);
    for entry in written.currency_allocations {
        let same = |held: &&mut RawEntry| held.currency_type == entry.currency_type;
        let Some(held) = after.currency_allocations.iter_mut().find(same) else {
            after.currency_allocations.push(with_amount(entry));
            continue;
        };
        held.allocated = entry.allocated.or(held.allocated.take());
        held.other.extend(entry.other);
        for rule in entry.enforcement_rules.into_iter().flatten() {
            let rules = held.enforcement_rules.get_or_insert_default();
            match rules.iter_mut().find(|known| known.rule_type == rule.rule_type) {
                Some(known) => *known = rule,
                None => rules.push(rule),
            }
        }
    }
    after
}

fn replaced(before: &RawDocument, written: RawDocument, surface: Surface) -> RawDocument {
    let mut after = written;
    for entry in &mut after.currency_allocations {
        if surface == Surface::Old {
            let held = before.entry(&entry.currency_type);
            entry.enforcement_rules = held.and_then(|held| held.enforcement_rules.clone());
        }
    }
    after.currency_allocations = after.currency_allocations.into_iter().map(with_amount).collect();
    after
}

/// Sets the amount of an entry to zero if the entry states none. An entry can have only rules.
fn with_amount(mut entry: RawEntry) -> RawEntry {
    entry.allocated.get_or_insert_with(|| 0.into());
    entry
}
