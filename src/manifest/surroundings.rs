//! Compares the configured tenant with the CI host and the environment variables. An edit of a file must not redirect a credential,
//! and must not replace a tenant of the service with the built-in one without a message.

use crate::model::code::Code;
use crate::model::desired::{DesiredTenant, Provider};
use crate::model::finding::Finding;
use crate::model::source::{Located, Span};
use crate::model::surroundings::{CloudDispute, Surroundings, Variable, shown};

/// Conflicts between the tenant and its surroundings. Outside CI, and without environment variables about a tenant, there are none.
pub(super) fn conflicts(tenant: &DesiredTenant, surroundings: &Surroundings) -> Vec<Finding> {
    match tenant.provider {
        None => unnamed(tenant, surroundings).into_iter().collect(),
        // The built-in tenant takes no credential and lives in no cloud.
        Some(Located { value: Provider::Local, span }) => built_in(span, surroundings).into_iter().collect(),
        Some(Located { value: Provider::PowerPlatform, .. }) => {
            let id = tenant.id.as_ref().zip(surroundings.tenant_id.as_ref());
            let id = id.and_then(|(declared, variable)| another_tenant(declared, variable));
            id.into_iter().chain(another_cloud(tenant, surroundings)).collect()
        }
    }
}

/// A missing `provider` means the built-in tenant. It is an error if a tenant of the service may be meant.
fn unnamed(tenant: &DesiredTenant, surroundings: &Surroundings) -> Option<Finding> {
    let finding =
        Finding::error(Code::A124, format!("`tenant` names no provider, and {}", service_may_be_meant(surroundings)?));
    Some(finding.at(tenant.span, "`provider` is required here").help(
        "write `provider: power-platform` for a tenant of the service, or `provider: local` for the built-in tenant",
    ))
}

/// Names the built-in tenant in a finding, because some formats show nothing but findings.
fn built_in(provider: Span, surroundings: &Surroundings) -> Option<Finding> {
    let why = service_may_be_meant(surroundings)?;
    let message = "this command uses the built-in tenant, not a tenant of the service";
    // A credential suggests that a tenant of the service is meant.
    let finding = if surroundings.credential.is_some() {
        Finding::warning(Code::A125, message)
            .help("write `provider: power-platform` for a tenant of the service, or unset the credential in this job")
    } else {
        Finding::hint(Code::A125, message)
    };
    Some(finding.at(provider, "the built-in tenant").note(why))
}

/// Why a tenant of the service may be meant: a credential, or CI.
fn service_may_be_meant(surroundings: &Surroundings) -> Option<String> {
    match (surroundings.credential, surroundings.ci) {
        (Some(variable), _) => Some(format!("{variable} is a credential of the service, or a part of one")),
        (None, Some(variable)) => Some(format!("{variable} shows that this is CI")),
        (None, None) => None,
    }
}

fn another_tenant(declared: &Located<String>, variable: &Variable) -> Option<Finding> {
    if declared.value.eq_ignore_ascii_case(&variable.value) {
        return None;
    }
    let (name, value) = (variable.name, shown(&variable.value));
    let finding = Finding::error(Code::A123, format!("`id` is `{}`, and {name} is {value}", declared.value));
    Some(if is_guid(&variable.value) {
        finding.at(declared.span, format!("{name} names another tenant")).help(format!(
            "write the id of the credential's tenant in both places; or unset {name}, if {name} is for another tool"
        ))
    } else {
        finding
            .at(declared.span, format!("{name} is not a GUID"))
            .note("a GUID cannot be compared with a domain name without asking the directory")
            .help(format!("set {name} to the tenant's GUID (Microsoft Entra admin center, Overview), as in the file"))
    })
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn another_cloud(tenant: &DesiredTenant, surroundings: &Surroundings) -> Option<Finding> {
    let dispute = surroundings.cloud(tenant.cloud.map(|cloud| cloud.value)).err()?;
    let finding = Finding::error(Code::A123, dispute.to_string());
    Some(match (dispute, tenant.cloud) {
        (CloudDispute::Differs { variable: Variable { name, .. }, .. }, Some(cloud)) => {
            finding.at(cloud.span, format!("{name} names another cloud")).help(format!(
                "write the cloud of the credential in both places; or unset {name}, if {name} is for another tool"
            ))
        }
        (CloudDispute::Unconfirmed { declared, .. }, cloud) => {
            let span = cloud.map_or(tenant.span, |cloud| cloud.span);
            finding.at(span, "no variable confirms this cloud").help(format!(
                "set POWER_PLATFORM_CLOUD={} beside the credential: a file may not choose where a credential is sent",
                declared.as_str()
            ))
        }
        (
            CloudDispute::Unknown(Variable { name, .. })
            | CloudDispute::Differs { variable: Variable { name, .. }, .. },
            _,
        ) => finding.at(tenant.span, "no `cloud` here").help(format!(
            "write the same cloud (public, gcc, gcc-high, dod or china) here and in {name}; or unset {name}"
        )),
        (CloudDispute::Ambiguous { clouds, .. }, _) => {
            let lines: Vec<String> = clouds.iter().map(|cloud| format!("`cloud: {}`", cloud.as_str())).collect();
            finding.at(tenant.span, "no `cloud` here").help(format!("write {}", lines.join(" or ")))
        }
    })
}
