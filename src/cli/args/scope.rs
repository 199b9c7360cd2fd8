//! The environments of a plan, and what the plan may do.

use clap::Args;

use crate::model::finding::Allowance;
use crate::workflow::planned::Scope;

/// The environments of a plan, and what the plan may do.
#[derive(Clone, Debug, Args)]
pub struct ScopeArgs {
    /// Only this environment, by its key; repeatable
    #[arg(long = "target", value_name = "ENVIRONMENT")]
    pub targets: Vec<String>,
    /// Permit what one refusal forbids, by the code and scope in its message, such as A303:hr-prod/app-passes;
    /// repeatable
    #[arg(long = "allow", value_name = "CODE:SCOPE")]
    pub allowances: Vec<Allowance>,
    /// Refuse on warnings too
    #[arg(long)]
    pub strict: bool,
}

impl ScopeArgs {
    /// The scope of a workflow.
    pub fn scope(&self) -> Scope {
        Scope { targets: self.targets.clone(), allowances: self.allowances.clone(), strict: self.strict }
    }
}
