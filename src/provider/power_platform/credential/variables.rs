//! The variables that name a credential, a tenant or a cloud. The names of Microsoft's own Terraform provider
//! come first, then those of the Azure SDKs. Only computes: the variables are passed in.

use super::names::{
    BUILD_TOKEN, CERTIFICATE, CERTIFICATE_FILE, CERTIFICATE_PASSWORD, CLIENT, CONNECTION, IDENTITY_ENDPOINT,
    REQUEST_TOKEN, REQUEST_URL, SECRET, TENANT, TOKEN, TOKEN_FILE, USE_CLI, USE_MANAGED, USE_OIDC, VariableNames,
    Variables,
};
use crate::model::desired::Cloud;
use crate::model::surroundings::{NamedCloud, Variable};
use crate::provider::power_platform::endpoints::clouds_of_login;

/// The first variable that is set and is part of a credential of the service.
pub fn of_a_credential(variables: Variables<'_>) -> Option<&'static str> {
    const VALUES: [&VariableNames; 13] = [
        &SECRET,
        &CERTIFICATE,
        &CERTIFICATE_FILE,
        &CERTIFICATE_PASSWORD,
        &TOKEN,
        &TOKEN_FILE,
        &CONNECTION,
        &CLIENT,
        &TENANT,
        &BUILD_TOKEN,
        &REQUEST_URL,
        &REQUEST_TOKEN,
        &IDENTITY_ENDPOINT,
    ];
    let values = VALUES.into_iter();
    let switches = [&USE_OIDC, &USE_MANAGED, &USE_CLI].into_iter().filter(|names| names.is_true(variables));
    values.chain(switches).find_map(|names| names.find(variables)).map(|(name, _)| name)
}

/// The cloud, as Microsoft's Terraform provider names it.
const CLOUD: &str = "POWER_PLATFORM_CLOUD";
/// The login host, as the Azure SDKs name it.
const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";

/// The variable for the tenant id. Power Platform's own takes precedence over Azure's, which may be set for another tool.
pub fn tenant_id(variables: Variables<'_>) -> Option<Variable> {
    let (name, value) = TENANT.find(variables)?;
    Some(Variable { name, value: value.trim().to_owned() })
}

/// The variable that names the cloud, and the clouds that its value may mean. `POWER_PLATFORM_CLOUD` has precedence.
pub fn cloud(variables: Variables<'_>) -> Option<NamedCloud> {
    if let Some((name, value)) = VariableNames(&[CLOUD]).find(variables) {
        let value = value.trim().to_owned();
        // Microsoft's provider writes gcchigh where we write gcc-high.
        let word = |text: &str| text.to_ascii_lowercase().replace('-', "");
        let clouds = Cloud::ALL.into_iter().filter(|cloud| word(cloud.as_str()) == word(&value)).collect();
        return Some(NamedCloud { variable: Variable { name, value }, clouds });
    }
    let (name, value) = VariableNames(&[AUTHORITY]).find(variables)?;
    let value = value.trim().to_owned();
    let clouds = clouds_of_login(&value);
    Some(NamedCloud { variable: Variable { name, value }, clouds })
}

#[cfg(test)]
mod tests {
    use super::{cloud, of_a_credential, tenant_id};
    use crate::model::desired::Cloud::{self, China, Dod, Gcc, GccHigh, Public};

    fn clouds(set: &[(&str, &str)]) -> Option<Vec<Cloud>> {
        cloud(&|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
            .map(|it| it.clouds)
    }

    #[test]
    fn a_cloud_is_named_by_its_word_or_by_its_login_host() {
        for (word, expected) in [
            ("public", vec![Public]),
            ("gcc", vec![Gcc]),
            ("gcchigh", vec![GccHigh]),
            ("GCC-High", vec![GccHigh]),
            (" dod\n", vec![Dod]),
            ("china", vec![China]),
            ("ex", vec![]),
            ("rx", vec![]),
            ("publik", vec![]),
        ] {
            assert_eq!(clouds(&[("POWER_PLATFORM_CLOUD", word)]), Some(expected), "{word}");
        }
        for (host, expected) in [
            ("https://login.microsoftonline.com/", vec![Public, Gcc]),
            ("https://LOGIN.microsoftonline.com", vec![Public, Gcc]),
            ("login.windows.net", vec![Public, Gcc]),
            ("https://login.microsoftonline.us", vec![GccHigh, Dod]),
            ("https://login.chinacloudapi.cn/", vec![China]),
            ("https://login.partner.microsoftonline.cn", vec![China]),
            ("https://login.microsoftonline.com.example.com/", vec![]),
            ("https://login.microsoftonline.com@example.com/", vec![]),
            ("https://login.microsoftonline.com:8443/", vec![]),
            ("://", vec![]),
        ] {
            assert_eq!(clouds(&[("AZURE_AUTHORITY_HOST", host)]), Some(expected), "{host}");
        }
        assert_eq!(clouds(&[("POWER_PLATFORM_CLOUD", " "), ("AZURE_AUTHORITY_HOST", "")]), None);
        let both = [("AZURE_AUTHORITY_HOST", "https://login.chinacloudapi.cn"), ("POWER_PLATFORM_CLOUD", "dod")];
        assert_eq!(clouds(&both), Some(vec![Dod]), "Power Platform's own variable has precedence");
    }

    #[test]
    fn every_part_of_a_credential_is_one() {
        for (name, value, is_one) in [
            ("AZURE_TENANT_ID", "t", true),
            ("POWER_PLATFORM_CLIENT_ID", "c", true),
            ("AZURE_CLIENT_SECRET", "s", true),
            ("AZURE_FEDERATED_TOKEN_FILE", "/f", true),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "u", true),
            ("IDENTITY_ENDPOINT", "u", true),
            ("POWER_PLATFORM_USE_CLI", "true", true),
            ("POWER_PLATFORM_USE_CLI", "false", false),
            ("AZURE_CLIENT_SECRET", " ", false),
            ("AZURE_CONFIG_DIR", "/home", false),
        ] {
            let found = of_a_credential(&|asked| (asked == name).then(|| value.to_owned()));
            assert_eq!(found, Some(name).filter(|_| is_one), "{name}={value}");
        }
    }

    #[test]
    fn the_tenant_of_power_platform_counts_before_that_of_another_tool() {
        let both = |name: &str| match name {
            "POWER_PLATFORM_TENANT_ID" => Some(" ours ".to_owned()),
            "AZURE_TENANT_ID" => Some("theirs".to_owned()),
            _ => None,
        };
        let found = tenant_id(&both).unwrap();
        assert_eq!((found.name, found.value.as_str()), ("POWER_PLATFORM_TENANT_ID", "ours"));
        let azure = |name: &str| both(name).filter(|_| name.starts_with("AZURE"));
        assert_eq!(tenant_id(&azure).unwrap().name, "AZURE_TENANT_ID");
    }
}
