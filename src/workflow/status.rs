//! A gauge for each pool, and what needs attention.

use super::configuration::Configuration;
use super::failure::Stopped;
use super::forecast::MOST_READ;
use super::planned::near_from;
use super::ports::{Ports, TenantOptions};
use super::tenant;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::model::observed::ObservedState;
use crate::planning::status;
use crate::provider::observe;
use crate::report::answer::{Answer, Content};
use crate::report::view::basics::FindingView;
use crate::report::view::breakdown::{BreakdownBy, BreakdownView};
use crate::report::view::status::{GaugeView, StatusVerdict, StatusView};

/// Reads the tenant and computes its gauges. `by` adds a table.
///
/// # Errors
///
/// If the configuration is invalid, or the tenant cannot be read.
pub async fn status(ports: &Ports, options: &TenantOptions, by: Option<BreakdownBy>) -> Result<Answer, Stopped> {
    let (configuration, mut tenant) = tenant::open(ports, options)?;
    let (desired, date) = (&configuration.desired, ports.date(&configuration.desired, None));
    let mut observed = tenant.observe(ports).await?;
    let status = status::status(desired, &observed, date);
    if by.is_some() {
        let unread = status::unread(desired, &observed, date).into_iter().take(MOST_READ);
        observe::read_consumption_of(tenant.reader(), &mut observed, unread).await;
    }
    let breakdown = by.map(|by| BreakdownView::new(by, desired, &observed, date));
    let view = StatusView { breakdown, ..view(ports, &configuration, &observed, &status) };
    Ok(Answer {
        command: CommandName::Status,
        content: Content::Status(Box::new(view)),
        findings: Vec::new(),
        sources: configuration.into_sources(),
        ending: Ending::Fine,
    })
}

/// The gauges without the findings, for the end of an apply.
pub(super) fn gauges(ports: &Ports, configuration: &Configuration, observed: &ObservedState) -> StatusView {
    let gauges = status::gauges(&configuration.desired, observed, ports.date(&configuration.desired, None));
    view(ports, configuration, observed, &status::TenantStatus { gauges, attention: Vec::new() })
}

fn view(
    ports: &Ports,
    configuration: &Configuration,
    observed: &ObservedState,
    status: &status::TenantStatus,
) -> StatusView {
    let desired = &configuration.desired;
    let gauge = |gauge| GaugeView::new(gauge, near_from(desired));
    StatusView {
        verdict: StatusVerdict::of(&status.attention),
        tenant: desired.tenant.name.value.clone(),
        provider: desired.tenant.provider(),
        date: ports.date(desired, None),
        read_at: observed.captured_at,
        environments: u64::try_from(observed.environments.len()).unwrap_or(u64::MAX),
        who_can_allocate: observed.who_can_allocate.known().copied(),
        gauges: status.gauges.iter().map(gauge).collect(),
        breakdown: None,
        findings: FindingView::all(&status.attention, configuration.sources()),
    }
}
