//! Compares the tenant with the configuration, for scheduled runs.

use super::failure::Stopped;
use super::planned::{Planned, Scope};
use super::ports::{Ports, TenantOptions};
use super::tenant;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::report::answer::{Answer, Content};
use crate::report::view::validate::{DriftVerdict, DriftView};

/// Compares. A difference ends with [`Ending::Changes`], even if a plan that closes the difference would be refused. If nothing differs, but
/// not everything that is declared could be compared, the check failed: unknown is neither drift nor its absence.
///
/// # Errors
///
/// If the configuration is invalid, or the tenant cannot be read.
pub async fn drift(ports: &Ports, options: &TenantOptions) -> Result<Answer, Stopped> {
    let (configuration, mut tenant) = tenant::open(ports, options)?;
    let date = ports.date(&configuration.desired, None);
    let planned = Planned::make(&configuration, None, tenant.observe(ports).await?, &Scope::default(), date).await?;
    let findings = planned.findings(&configuration);
    let view = DriftView::new(planned.draft(), &findings, configuration.sources());
    let ending = match view.verdict {
        DriftVerdict::InSync => Ending::Fine,
        DriftVerdict::PartlyRead => Ending::Failed,
        DriftVerdict::Drifted => Ending::Changes,
    };
    Ok(Answer {
        command: CommandName::Drift,
        content: Content::Drift(Box::new(view)),
        findings,
        sources: configuration.into_sources(),
        ending,
    })
}
