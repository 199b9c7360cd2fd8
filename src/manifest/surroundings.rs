//! What the configuration says of its tenant, held against what the variables name: whoever edits a file may not choose where a
//! credential goes.

use crate::model::code::Code;
use crate::model::desired::{DesiredTenant, Provider};
use crate::model::finding::Finding;
use crate::model::source::Located;
use crate::model::surroundings::{CloudDispute, Surroundings, Variable, shown};

/// What is wrong with a tenant here; nothing at a desk where nothing is set.
pub(super) fn disputes(tenant: &DesiredTenant, surroundings: &Surroundings) -> Vec<Finding> {
    // The built-in tenant takes no credential and lives in no cloud.
    if tenant.provider() == Provider::Local {
        return Vec::new();
    }
    let id = tenant.id.as_ref().zip(surroundings.tenant_id.as_ref());
    let id = id.and_then(|(declared, variable)| another_tenant(declared, variable));
    id.into_iter().chain(another_cloud(tenant, surroundings)).collect()
}

fn another_tenant(declared: &Located<String>, variable: &Variable) -> Option<Finding> {
    if declared.value.eq_ignore_ascii_case(&variable.value) {
        return None;
    }
    let (name, value) = (variable.name, shown(&variable.value));
    let finding = Finding::error(Code::A123, format!("`id` is `{}`, and {name} is {value}", declared.value));
    let finding = finding.at(declared.span, format!("not what {name} names"));
    Some(if is_guid(&variable.value) {
        finding.help(format!(
            "write the id of the tenant that the credential is for in both places, or unset {name} if it is for another tool"
        ))
    } else {
        finding.note("a GUID cannot be compared with a domain name without asking the directory").help(format!(
            "set {name} to the tenant's GUID (Microsoft Entra admin center, Overview), as it stands in the file"
        ))
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
            finding.at(cloud.span, format!("not what {name} names")).help(format!(
                "name the cloud that the credential is for in both places, or unset {name} if it is for another tool"
            ))
        }
        (
            CloudDispute::Unknown(Variable { name, .. })
            | CloudDispute::Differs { variable: Variable { name, .. }, .. },
            _,
        ) => finding
            .at(tenant.span, "no `cloud` here")
            .help(format!("name the cloud here and in {name}, or unset {name}: public, gcc, gcc-high, dod or china")),
        (CloudDispute::Ambiguous { clouds, .. }, _) => {
            let lines: Vec<String> = clouds.iter().map(|cloud| format!("`cloud: {}`", cloud.as_str())).collect();
            finding.at(tenant.span, "no `cloud` here").help(format!("write {}", lines.join(" or ")))
        }
    })
}
