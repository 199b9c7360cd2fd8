//! What to apply, and the type of a step that the guards can refuse.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::net::bounds;
use crate::report::answer::Answer;
use crate::workflow::planned::Scope;
use crate::workflow::ports::TenantOptions;

/// The result of a step, if the guards approve the plan; otherwise the answer that says why not.
pub enum Guarded<T> {
    /// The guards approve the plan.
    Approved(Box<T>),
    /// The guards refuse the plan.
    Refused(Box<Answer>),
}

/// What to apply.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// A saved plan; `None` to plan now.
    pub plan: Option<PathBuf>,
    /// The environments, and what the plan may do. A saved plan has its own scope.
    pub scope: Scope,
    /// Whether the plan is approved without a question. A saved plan is.
    pub auto_approve: bool,
    /// The maximum number of writes in flight.
    pub parallelism: NonZeroUsize,
    /// The longest time to wait for a read that confirms a write.
    pub confirm_timeout: Duration,
    /// Whether the answer lists the pools and the findings after the run. The lists cost another
    /// plan of all environments, and a terminal, which shows only gauges, does not need them.
    pub checks_afterwards: bool,
    /// How to reach the tenant.
    pub tenant: TenantOptions,
}

impl ApplyOptions {
    /// The default of [`ApplyOptions::parallelism`].
    pub const PARALLELISM: NonZeroUsize = bounds::PARALLELISM;
    /// The default of [`ApplyOptions::confirm_timeout`].
    pub const CONFIRM_TIMEOUT: Duration = bounds::CONFIRM_TIMEOUT;
    /// The maximum of [`ApplyOptions::confirm_timeout`].
    pub const LONGEST_CONFIRM_TIMEOUT: Duration = bounds::LONGEST_CONFIRM_TIMEOUT;

    /// An apply of everything without a question, at the default pace.
    pub fn unattended(scope: Scope, tenant: TenantOptions) -> ApplyOptions {
        ApplyOptions {
            plan: None,
            scope,
            auto_approve: true,
            parallelism: ApplyOptions::PARALLELISM,
            confirm_timeout: ApplyOptions::CONFIRM_TIMEOUT,
            checks_afterwards: false,
            tenant,
        }
    }
}
