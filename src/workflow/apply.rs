//! Applies a plan in three steps: [`propose`] makes the plan, [`Proposal::execute`] writes it, and [`Execution::report`] reads the tenant
//! again and reports. Between the first and the second, the caller shows the plan and decides.

mod execution;
mod options;
mod proposal;
mod report;

pub use self::execution::Execution;
pub use self::options::{ApplyOptions, Guarded};
pub(super) use self::proposal::propose_opened;
pub use self::proposal::{Proposal, propose};
pub use crate::apply::event::ApplyEvent;
pub use crate::apply::stop::{Stop, Urgency};
