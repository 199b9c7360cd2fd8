//! The writing half of the built-in tenant: one transaction for each write, and a line in the trace.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::reader::{document_of, purchases, state_of};
use super::rules;
use super::shared::{Shared, WriteFault};
use super::store::{self, facts, from_json, json};
use crate::model::document::EnvironmentDocument;
use crate::model::roles::WhoCanAllocate;
use crate::model::seed::{FailureKind, HoldAtWrite, Moment, OverAllocation};
use crate::model::terms::EnvironmentId;
use crate::provider::port::{KnownDocument, Perform, ProviderError, ProviderErrorKind};

/// How often a write that is held up checks whether it may go on.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// The writing half.
pub struct LocalWriter {
    pub(super) shared: Arc<Shared>,
}

impl LocalWriter {
    fn write(
        &self,
        id: &EnvironmentId,
        before: &KnownDocument,
        document: &EnvironmentDocument,
    ) -> Result<EnvironmentDocument, ProviderError> {
        self.shared.write(|connection| {
            let failure = failure(connection, id)?;
            if let Some(kind) = failure.filter(|kind| *kind != FailureKind::UnknownAfter) {
                return Err(failed(kind).into());
            }
            self.take_effect(connection, id, before, document)?;
            match failure {
                Some(kind) => Err(failed(kind).into()),
                None => Ok(document.clone()),
            }
        })
    }

    /// Waits at this write until another process deletes the fact `holdAtWrite`, so that a test can kill or interrupt
    /// the process here.
    async fn hold(&self, moment: Moment) -> Result<(), ProviderError> {
        let mut counted = false;
        while self.is_held(moment, &mut counted)? {
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }

    fn is_held(&self, moment: Moment, counted: &mut bool) -> Result<bool, ProviderError> {
        self.shared.write(|connection| {
            let held = is_held(connection, moment)?;
            if held && !std::mem::replace(counted, true) {
                let held_writes: u64 = store::get(connection, facts::HELD_WRITES)?.unwrap_or(0);
                store::set(connection, facts::HELD_WRITES, &(held_writes + 1))?;
            }
            Ok(held)
        })
    }

    fn take_effect(
        &self,
        connection: &mut Connection,
        id: &EnvironmentId,
        read: &KnownDocument,
        document: &EnvironmentDocument,
    ) -> Result<(), WriteFault> {
        let options = &self.shared.options;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let setting = store::get(&transaction, facts::WHO_CAN_ALLOCATE)?.unwrap_or(WhoCanAllocate::EnvironmentAdmins);
        rules::may_allocate(options.role, setting)?;
        rules::takes_writes(state_of(&transaction, &options.declared, id)?.as_ref())?;
        let before = document_of(&transaction, id)?.unwrap_or_default();
        rules::is_unchanged(read.contents(), &before)?;
        rules::is_allocatable(&before, document)?;
        let mut held = store::held(&transaction)?;
        let totals_before = rules::pool_totals(&held);
        rules::move_held(&mut held, &before, document);
        let totals = rules::pool_totals(&held);
        let mode = store::get(&transaction, facts::OVER_ALLOCATION)?.unwrap_or(OverAllocation::Refuse);
        if !options.plays_service || mode == OverAllocation::Refuse {
            let purchased = purchases(&transaction, &options.declared)?;
            rules::fits(&purchased, &options.declared.debts, &totals_before, &totals)?;
        }
        store::set_held(&transaction, &held)?;
        transaction
            .execute("INSERT OR REPLACE INTO document VALUES (?1, ?2)", params![id.as_str(), json(document)?])?;
        transaction.execute(
            "INSERT INTO write (at, environment, before, after, totals) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![(options.clock)().to_string(), id.as_str(), json(&before)?, json(document)?, json(&totals)?],
        )?;
        Ok(transaction.commit()?)
    }
}

#[async_trait]
impl Perform for LocalWriter {
    async fn write_document(
        &self,
        environment: &EnvironmentId,
        before: &KnownDocument,
        document: &EnvironmentDocument,
    ) -> Result<EnvironmentDocument, ProviderError> {
        self.hold(Moment::Before).await?;
        let answer = self.write(environment, before, document);
        self.hold(Moment::After).await?;
        answer
    }

    async fn write_who_can_allocate(&self, setting: WhoCanAllocate) -> Result<(), ProviderError> {
        rules::may_set(self.shared.options.role)?;
        self.shared.write(|connection| Ok(store::set(connection, facts::WHO_CAN_ALLOCATE, &setting)?))
    }
}

/// Whether a write is held up at this moment, before or after its effect.
fn is_held(connection: &Connection, moment: Moment) -> Result<bool, WriteFault> {
    let Some(hold) = store::get::<HoldAtWrite>(connection, facts::HOLD_AT_WRITE)? else { return Ok(false) };
    // After this many writes have taken effect, the tenant holds all writes up, and no further write begins.
    let written_by_then = match hold.moment {
        Moment::Before => hold.write.saturating_sub(1),
        Moment::After => hold.write,
    };
    let written: i64 = connection.query_row("SELECT count(*) FROM write", [], |row| row.get(0))?;
    Ok(u64::try_from(written).ok() == Some(written_by_then) && (moment == Moment::Before || moment == hold.moment))
}

/// The planned failure of this write, if there is one. Counts down the failures that remain.
fn failure(connection: &Connection, id: &EnvironmentId) -> Result<Option<FailureKind>, WriteFault> {
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
        FailureKind::Throttled => (ProviderErrorKind::Throttled(None), "the tenant received too many requests"),
        FailureKind::Unavailable => (ProviderErrorKind::Unavailable, "the tenant is unavailable"),
        FailureKind::UnknownBefore | FailureKind::UnknownAfter => {
            (ProviderErrorKind::OutcomeUnknown(None), "the connection broke after the request was sent")
        }
    };
    ProviderError::new(kind, message)
}
