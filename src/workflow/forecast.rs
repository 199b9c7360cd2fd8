//! The pools on every date on which something changes, and the environments that could give units back.

use jiff::civil::Date;

use super::failure::Stopped;
use super::planned::near_from;
use super::ports::{Ports, TenantOptions};
use super::tenant;
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::planning::forecast::outlook;
use crate::provider::observe;
use crate::report::answer::{Answer, Content};
use crate::report::view::forecast::ForecastView;

/// The maximum number of amounts whose consumption is read, the largest amounts first. Each takes one request at most.
/// The consumption of all others stays unknown.
pub(super) const MOST_READ: usize = 200;

/// Forecasts from a day on; `None` is today in the tenant's time zone.
///
/// # Errors
///
/// If the configuration is invalid, or the tenant cannot be read.
pub async fn forecast(ports: &Ports, options: &TenantOptions, at: Option<Date>) -> Result<Answer, Stopped> {
    let (configuration, mut tenant) = tenant::open(ports, options)?;
    let desired = &configuration.desired;
    let from = ports.date(desired, at);
    let mut observed = tenant.observe(ports).await?;
    let unread = outlook::unread(desired, &observed, from).into_iter().take(MOST_READ);
    observe::read_consumption_of(tenant.reader(), &mut observed, unread).await;
    let pools = outlook::outlook(desired, &observed, from);
    let (name, provider) = (&desired.tenant.name.value, desired.tenant.provider());
    let view = ForecastView::new(
        name,
        provider,
        (from, observed.captured_at),
        &pools,
        configuration.sources(),
        near_from(desired),
    );
    Ok(Answer {
        command: CommandName::Forecast,
        content: Content::Forecast(Box::new(view)),
        findings: Vec::new(),
        sources: configuration.into_sources(),
        ending: Ending::Fine,
    })
}
