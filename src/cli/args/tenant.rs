//! How to reach the tenant.

use std::path::PathBuf;

use clap::Args;

use super::formats::{PoolsFormat, TextOrJson};
use crate::model::roles::Role;
use crate::workflow::ports::TenantOptions;

/// How to reach the tenant.
#[derive(Clone, Debug, Args)]
pub struct TenantArgs {
    /// The role to act in, on the built-in tenant [default: power-platform-admin]
    #[arg(long = "as", value_name = "ROLE", value_parser = parse_role, help_heading = "Tenant")]
    pub role: Option<Role>,
    /// The seed of the built-in tenant, as `allot emulate --help` shows [default: tenant.seed.yaml beside allotment.yaml]
    #[arg(long, value_name = "FILE", help_heading = "Tenant")]
    pub seed: Option<PathBuf>,
    /// The address of the service, such as that of `allot emulate` or a proxy, instead of the one of its cloud; not for the
    /// built-in tenant
    #[arg(long, value_name = "URL", env = "ALLOT_ENDPOINT", help_heading = "Tenant")]
    pub endpoint: Option<String>,
}

impl TenantArgs {
    /// The options of a workflow.
    pub fn options(&self) -> TenantOptions {
        TenantOptions { role: self.role, seed: self.seed.clone(), endpoint: self.endpoint.clone() }
    }
}

/// The arguments of a command that only reads the tenant, and answers people and programs.
#[derive(Debug, Args)]
pub struct ReadArgs {
    /// The format of the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: TextOrJson,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// The arguments of a command that shows the pools of a tenant.
#[derive(Debug, Args)]
pub struct PoolsArgs {
    /// The format of the result
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: PoolsFormat,
    /// The tenant
    #[command(flatten)]
    pub tenant: TenantArgs,
}

/// Reads the name of a role.
///
/// # Errors
///
/// If there is no such role.
pub fn parse_role(text: &str) -> Result<Role, String> {
    Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| {
        let roles: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("write one of {}", roles.join(", "))
    })
}
