//! From a configuration to a plan for its tenant: what `plan`, `apply`, `drift` and `watch` have in common.

use std::future::Future;

use anyhow::Context as _;
use jiff::civil::Date;

use super::args::{ScopeArgs, TenantArgs};
use super::configuration::Configuration;
use super::context::{Context, Opened};
use super::exit::Advised;
use crate::load::configuration::Loaded;
use crate::manifest::check;
use crate::manifest::near::did_you_mean;
use crate::model::desired::DesiredState;
use crate::model::finding::{Allowance, Finding};
use crate::model::observed::ObservedState;
use crate::model::plan::draft::Draft;
use crate::model::plan::order::{PlanId, Step};
use crate::model::terms::{EnvironmentKey, Percent};
use crate::planning::guard::{self, Verdict};
use crate::planning::identity;
use crate::planning::planner::{self, Selection};
use crate::provider::observe::observe;
use crate::provider::port::{Observe, Perform};
use crate::report::view::plan::{PlanFacts, PlanView};

/// Runs what waits for a tenant to its end.
///
/// # Errors
///
/// Where the machine gives no event loop.
pub fn block_on<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the event loop cannot be started")?;
    Ok(runtime.block_on(future))
}

/// From which share on a pool counts as nearly full.
pub fn near_from(desired: &DesiredState) -> Percent {
    let least = desired.rules.warn_at_percent.value.iter().copied().min();
    least.or(Percent::new(100)).unwrap_or(const { Percent::new(0).expect("0 is a percentage") })
}

/// What a plan is made for.
pub struct Scope<'a> {
    /// The day.
    pub date: Date,
    /// Only these environments; empty for all.
    pub targets: &'a [EnvironmentKey],
    /// The cells that may change.
    pub selection: Selection<'a>,
    /// What to let through.
    pub allowances: &'a [Allowance],
    /// Whether warnings refuse too.
    pub strict: bool,
}

impl<'a> Scope<'a> {
    /// What was typed.
    pub fn new(date: Date, args: &'a ScopeArgs) -> Scope<'a> {
        Scope {
            date,
            targets: &args.targets,
            selection: Selection::All,
            allowances: &args.allowances,
            strict: args.strict,
        }
    }

    /// Everything, on a day.
    pub fn everything(date: Date) -> Scope<'static> {
        Scope { date, targets: &[], selection: Selection::All, allowances: &[], strict: false }
    }
}

/// A plan, approved or refused, and what it was made from.
pub struct Planned {
    /// What the tenant says.
    pub observed: ObservedState,
    /// Whether it may be applied.
    pub verdict: Verdict,
}

impl Planned {
    /// Reads the tenant and plans. Only a reader is given, so nothing can be written.
    ///
    /// # Errors
    ///
    /// Where a target is declared nowhere, or the tenant cannot be read.
    pub fn make(
        context: &Context,
        configuration: &Configuration,
        tenant: &mut Tenant,
        scope: &Scope<'_>,
    ) -> anyhow::Result<Planned> {
        let observed = tenant.observe(context)?;
        Planned::from(configuration, observed, scope)
    }

    /// Plans from what was read already.
    ///
    /// # Errors
    ///
    /// Where a target is declared nowhere.
    pub fn from(configuration: &Configuration, observed: ObservedState, scope: &Scope<'_>) -> anyhow::Result<Planned> {
        let desired = &configuration.desired;
        refuse_unknown_targets(desired, scope.targets)?;
        let request = planner::Request { date: scope.date, targets: scope.targets, selection: scope.selection };
        let draft = planner::draft(desired, &observed, configuration.sources(), &request);
        let verdict = guard::approve(desired, &observed, draft, scope.allowances, scope.strict);
        Ok(Planned { observed, verdict })
    }

    /// What would change.
    pub fn draft(&self) -> &Draft {
        match &self.verdict {
            Verdict::Approved { plan, .. } => plan.plan().draft(),
            Verdict::Refused { draft, .. } => draft,
        }
    }

    /// The writes in order; none where it is refused.
    pub fn steps(&self) -> &[Step] {
        match &self.verdict {
            Verdict::Approved { plan, .. } => plan.plan().steps(),
            Verdict::Refused { .. } => &[],
        }
    }

    /// The plan's name.
    pub fn id(&self) -> PlanId {
        identity::plan_id(self.draft())
    }

    /// Whether it may not be applied.
    pub fn is_refused(&self) -> bool {
        matches!(self.verdict, Verdict::Refused { .. })
    }

    /// What was found about the configuration and about the plan.
    pub fn findings(&self, configuration: &Configuration) -> Vec<Finding> {
        let (Verdict::Approved { findings, .. } | Verdict::Refused { findings, .. }) = &self.verdict;
        configuration.findings.iter().chain(findings).cloned().collect()
    }

    /// As it is shown.
    pub fn view(&self, command: &'static str, configuration: &Configuration, findings: &[Finding]) -> PlanView {
        let id = self.id();
        PlanView::new(&PlanFacts {
            command,
            draft: self.draft(),
            steps: self.steps(),
            id: (!self.is_refused()).then_some(&id),
            findings,
            sources: configuration.sources(),
            near_from: near_from(&configuration.desired),
        })
    }
}

fn refuse_unknown_targets(desired: &DesiredState, targets: &[EnvironmentKey]) -> anyhow::Result<()> {
    let Some(unknown) = targets.iter().find(|target| !desired.environments.contains_key(target)) else {
        return Ok(());
    };
    let keys = desired.environments.keys().map(EnvironmentKey::as_str);
    let help =
        did_you_mean(unknown.as_str(), keys).unwrap_or_else(|| "a target is a key under `environments:`".to_owned());
    Err(Advised::error(format!("no environment is called `{unknown}`"), help))
}

/// A tenant, and what was read of it.
pub struct Tenant {
    opened: Opened,
    /// The half that reads.
    pub reader: Box<dyn Observe>,
    /// What was read already.
    early: Option<anyhow::Result<ObservedState>>,
}

impl Tenant {
    /// A tenant that was not read yet.
    pub fn new(opened: Opened) -> Tenant {
        Tenant { reader: opened.reader(), opened, early: None }
    }

    /// The half that writes: for what was approved only.
    pub fn writer(&self) -> Box<dyn Perform> {
        self.opened.writer()
    }

    /// What the tenant says.
    ///
    /// # Errors
    ///
    /// Where it cannot be read.
    pub fn observe(&mut self, context: &Context) -> anyhow::Result<ObservedState> {
        match self.early.take() {
            Some(observed) => observed,
            None => Ok(block_on(observe(self.reader.as_ref(), &context.clock))??),
        }
    }
}

/// The configuration and its tenant. Where nothing of the configuration is needed for it, the tenant is read while the
/// configuration is checked.
///
/// # Errors
///
/// Where the configuration is not valid, or the tenant cannot be opened.
pub fn open(context: &Context, args: &TenantArgs) -> Result<(Configuration, Tenant), super::stopped::Stopped> {
    let loaded = context.load()?;
    let check = || check::check_within(&loaded.inputs, &context.surroundings);
    let (checked, early) = rayon::join(check, || read_early(context, args, &loaded));
    let configuration = Configuration::of(loaded, checked)?;
    let tenant = match early {
        Some((tenant, notices)) => {
            context.tell(&notices);
            tenant
        }
        None => Tenant::new(context.open(args, &configuration.loaded, &configuration.desired)?),
    };
    Ok((configuration, tenant))
}

fn read_early(context: &Context, args: &TenantArgs, loaded: &Loaded) -> Option<(Tenant, Vec<String>)> {
    let (opened, notices) = context.open_early(args, loaded)?;
    let mut tenant = Tenant::new(opened);
    let observed = block_on(observe(tenant.reader.as_ref(), &context.clock));
    tenant.early = Some(observed.and_then(|observed| observed.map_err(anyhow::Error::from)));
    Some((tenant, notices))
}
