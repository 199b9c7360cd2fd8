//! The half of the embedded tenant that writes: one transaction a write, and a line in the trace.

use std::future::ready;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::reader::{document_of, purchases, state_of};
use super::rules;
use super::seed::{FailureKind, HoldAtWrite, Moment, OverAllocation};
use super::store::{self, facts, from_json, json};
use super::tenant::Shared;
use crate::model::document::EnvironmentDocument;
use crate::model::terms::{EnvironmentId, WhoCanAllocate};
use crate::provider::port::{Perform, PortFuture, ProviderError, ProviderErrorKind};

/// The half that writes.
pub struct LocalWriter {
    shared: Arc<Shared>,
}

/// Why a write did not happen: the rules, or the file.
enum Fault {
    Refused(ProviderError),
    File(rusqlite::Error),
}

impl From<ProviderError> for Fault {
    fn from(error: ProviderError) -> Fault {
        Fault::Refused(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::File(error)
    }
}

impl LocalWriter {
    pub(super) fn new(shared: Arc<Shared>) -> LocalWriter {
        LocalWriter { shared }
    }

    fn told(&self, fault: Fault) -> ProviderError {
        match fault {
            Fault::Refused(error) => error,
            Fault::File(error) => store::told(self.shared.database(), error),
        }
    }

    fn write(&self, id: &EnvironmentId, document: &EnvironmentDocument) -> Result<EnvironmentDocument, ProviderError> {
        let mut used = self.shared.for_writing()?;
        let connection = used.connection();
        let hold = held_at(connection).map_err(|fault| self.told(fault))?;
        if hold == Some(Moment::Before) {
            hold_for_ever();
        }
        let failure = failure(connection, id).map_err(|fault| self.told(fault))?;
        if let Some(kind) = failure.filter(|kind| *kind != FailureKind::UnknownAfter) {
            return Err(failed(kind));
        }
        self.take_effect(connection, id, document).map_err(|fault| self.told(fault))?;
        if hold == Some(Moment::After) {
            hold_for_ever();
        }
        match failure {
            Some(kind) => Err(failed(kind)),
            None => Ok(document.clone()),
        }
    }

    fn take_effect(
        &self,
        connection: &mut Connection,
        id: &EnvironmentId,
        document: &EnvironmentDocument,
    ) -> Result<(), Fault> {
        let options = &self.shared.options;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let setting = store::get(&transaction, facts::WHO_CAN_ALLOCATE)?.unwrap_or(WhoCanAllocate::EnvironmentAdmins);
        rules::may_allocate(options.role, setting)?;
        rules::takes_writes(state_of(&transaction, &options.declared, id)?.as_ref())?;
        let before = document_of(&transaction, id)?.unwrap_or_default();
        rules::is_allocatable(&before, document)?;
        let mut held = store::held(&transaction)?;
        let totals_before = rules::pool_totals(&held);
        rules::move_held(&mut held, &before, document);
        let totals = rules::pool_totals(&held);
        let mode = store::get(&transaction, facts::OVER_ALLOCATION)?.unwrap_or(OverAllocation::Refuse);
        rules::fits(mode, &purchases(&transaction, &options.declared)?, &totals_before, &totals)?;
        store::set_held(&transaction, &held)?;
        transaction
            .execute("INSERT OR REPLACE INTO document VALUES (?1, ?2)", params![id.as_str(), json(document)?])?;
        transaction.execute(
            "INSERT INTO write (at, environment, before, after, totals) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![(options.clock)().to_string(), id.as_str(), json(&before)?, json(document)?, json(&totals)?],
        )?;
        Ok(transaction.commit()?)
    }

    fn set(&self, setting: WhoCanAllocate) -> Result<(), ProviderError> {
        rules::may_set(self.shared.options.role)?;
        let mut used = self.shared.for_writing()?;
        store::set(used.connection(), facts::WHO_CAN_ALLOCATE, &setting).map_err(|error| self.told(Fault::File(error)))
    }
}

impl Perform for LocalWriter {
    fn write_document<'a>(
        &'a self,
        environment: &'a EnvironmentId,
        document: &'a EnvironmentDocument,
    ) -> PortFuture<'a, EnvironmentDocument> {
        Box::pin(ready(self.write(environment, document)))
    }

    fn write_who_can_allocate(&self, setting: WhoCanAllocate) -> PortFuture<'_, ()> {
        Box::pin(ready(self.set(setting)))
    }
}

/// On which side of its effect the write that comes next is to be held, if at all.
fn held_at(connection: &Connection) -> Result<Option<Moment>, Fault> {
    let Some(hold) = store::get::<HoldAtWrite>(connection, facts::HOLD_AT_WRITE)? else { return Ok(None) };
    let written: i64 = connection.query_row("SELECT count(*) FROM write", [], |row| row.get(0))?;
    Ok((u64::try_from(written).ok() == hold.write.checked_sub(1)).then_some(hold.moment))
}

/// For rehearsals of a kill: whoever asked for it ends the process here.
fn hold_for_ever() -> ! {
    loop {
        std::thread::park();
    }
}

/// How this write is to fail, where it is; counts down.
fn failure(connection: &Connection, id: &EnvironmentId) -> Result<Option<FailureKind>, Fault> {
    let row: Option<(String, Option<i64>)> = connection
        .query_row("SELECT kind, remaining FROM failure WHERE environment = ?1", [id.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((kind, remaining)) = row else { return Ok(None) };
    match remaining {
        Some(0) => return Ok(None),
        Some(_) => {
            connection.execute("UPDATE failure SET remaining = remaining - 1 WHERE environment = ?1", [id.as_str()])?;
        }
        None => {}
    }
    Ok(Some(from_json(&kind)?))
}

fn failed(kind: FailureKind) -> ProviderError {
    let (kind, message) = match kind {
        FailureKind::Denied => (ProviderErrorKind::Denied, "the tenant says that this caller may not write here"),
        FailureKind::Locked => (ProviderErrorKind::Locked, "a policy of the tenant forbids it"),
        FailureKind::Throttled => (ProviderErrorKind::Throttled(None), "the tenant had too many requests"),
        FailureKind::Unavailable => (ProviderErrorKind::Unavailable, "the tenant is out of order"),
        FailureKind::UnknownBefore | FailureKind::UnknownAfter => {
            (ProviderErrorKind::OutcomeUnknown, "the connection broke after the request was sent")
        }
    };
    ProviderError::new(kind, message)
}
