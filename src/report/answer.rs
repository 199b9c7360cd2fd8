//! The answer of a command: one value that every format renders.

use jiff::Timestamp;
use serde::Serialize;

use super::view::doctor::DoctorView;
use super::view::failure::{ErrorView, RefusalView};
use super::view::forecast::ForecastView;
use super::view::plan::PlanView;
use super::view::run::RunView;
use super::view::status::StatusView;
use super::view::validate::{DriftView, ValidateView};
use crate::model::command::CommandName;
use crate::model::desired::DesiredState;
use crate::model::ending::Ending;
use crate::model::finding::Finding;
use crate::model::observed::ObservedState;
use crate::model::plan::draft::Draft;
use crate::model::source::Sources;

/// The answer of a command.
#[derive(Debug)]
pub struct Answer {
    /// The command that was asked.
    pub command: CommandName,
    /// What the command found or did.
    pub content: Content,
    /// All findings. A terminal shows them beside the content, with an excerpt of the file for each, up to the limits of [`super::cap`].
    pub findings: Vec<Finding>,
    /// The files that the findings point into.
    pub sources: Sources,
    /// How the command ended.
    pub ending: Ending,
}

impl Answer {
    /// The findings without those that the base of a branch has as well, which the content lists in short.
    pub fn own_findings(&self) -> impl Iterator<Item = &Finding> {
        let on_base: &[bool] = if let Content::Plan(plan) = &self.content { &plan.view.on_base } else { &[] };
        let is_own = move |(at, _): &(usize, &Finding)| on_base.get(*at) != Some(&true);
        self.findings.iter().enumerate().filter(is_own).map(|(_, finding)| finding)
    }
}

/// What a command found or did. Serializes as its view.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Content {
    /// A plan, approved or refused.
    Plan(Box<PlanContent>),
    /// A plan that was applied, in whole or in part.
    Run(Box<RunContent>),
    /// A configuration that was checked.
    Validated(Box<ValidateView>),
    /// An invalid configuration, where the command needed a valid one.
    Invalid(Box<ValidateView>),
    /// A refusal before there was a plan to show.
    Refused(Box<RefusalView>),
    /// A failure.
    Failed(Box<ErrorView>),
    /// The difference between the tenant and the configuration.
    Drift(Box<DriftView>),
    /// The gauges.
    Status(Box<StatusView>),
    /// The pools on future dates.
    Forecast(Box<ForecastView>),
    /// How the tenant is reached, and what may be read there.
    Doctor(Box<DoctorView>),
}

/// A plan, and the states that it was made from: some formats show more than the changes.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct PlanContent {
    /// The plan.
    pub view: PlanView,
    /// The changes.
    #[serde(skip)]
    pub draft: Draft,
    /// The configuration.
    #[serde(skip)]
    pub desired: Box<DesiredState>,
    /// The tenant, as it was read.
    #[serde(skip)]
    pub observed: ObservedState,
}

/// The result of an apply.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct RunContent {
    /// The run.
    pub view: RunView,
    /// When the tenant was read last; `None` if it was not read after the run.
    #[serde(skip)]
    pub read_at: Option<Timestamp>,
    /// The pools after the run; `None` if they are not known.
    #[serde(skip)]
    pub gauges: Option<StatusView>,
}
