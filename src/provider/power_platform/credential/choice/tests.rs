//! The choice of a credential for sets of variables.

use super::Credential;

fn find(set: &[(&str, &str)], tenant: Option<&str>) -> Result<String, String> {
    let variables = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let found = Credential::find(&variables, tenant).map_err(|unfinished| unfinished.to_string())?;
    assert!(!format!("{found:?} {found}").contains("planted"), "{found:?}");
    let directory = match &found {
        Credential::Application { tenant_id, .. } => Some(tenant_id.as_str()),
        Credential::ManagedIdentity { .. } => None,
        Credential::AzureCli { tenant_id } => tenant_id.as_deref(),
    };
    Ok(format!("{found} in {}", directory.unwrap_or("any")))
}

const APPLICATION: [(&str, &str); 2] = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c")];

fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    APPLICATION.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn each_credential_is_found() {
    for (set, expected) in [
        (vec![], "the user who is signed in with `az login` in any"),
        (with(&[("AZURE_CLIENT_SECRET", "planted")]), "application c with a client secret in t"),
        (with(&[("POWER_PLATFORM_CLIENT_CERTIFICATE", "planted")]), "application c with a certificate in t"),
        (
            with(&[("AZURE_CLIENT_CERTIFICATE_PATH", "/c"), ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "planted")]),
            "application c with the certificate in /c in t",
        ),
        (
            with(&[("POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID", "s"), ("SYSTEM_ACCESSTOKEN", "planted")]),
            "application c with the service connection s in t",
        ),
        (with(&[("POWER_PLATFORM_OIDC_TOKEN", "planted")]), "application c with a federated token in t"),
        (with(&[("AZURE_FEDERATED_TOKEN_FILE", "/f")]), "application c with the token in /f in t"),
        (
            with(&[("ACTIONS_ID_TOKEN_REQUEST_URL", "u"), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "planted")]),
            "application c with a token of GitHub Actions in t",
        ),
        (vec![("ACTIONS_ID_TOKEN_REQUEST_URL", "u")], "the user who is signed in with `az login` in any"),
        (vec![("IDENTITY_ENDPOINT", "u")], "the machine's managed identity in any"),
        (with(&[("POWER_PLATFORM_USE_MSI", "true")]), "the managed identity c in any"),
        (
            with(&[("POWER_PLATFORM_USE_CLI", "true"), ("AZURE_CLIENT_SECRET", "planted")]),
            "the user who is signed in with `az login` in t",
        ),
        (
            vec![("AZURE_TENANT_ID", "t"), ("POWER_PLATFORM_USE_CLI", "true")],
            "the user who is signed in with `az login` in t",
        ),
    ] {
        assert_eq!(find(&set, None).as_deref(), Ok(expected), "{set:?}");
    }
}

#[test]
fn what_the_configuration_and_microsofts_provider_name_counts_first() {
    let set = with(&[("POWER_PLATFORM_CLIENT_ID", "p"), ("POWER_PLATFORM_CLIENT_SECRET", "planted")]);
    assert_eq!(find(&set, Some("declared")).unwrap(), "application p with a client secret in declared");
    // Variables of another tool do not count.
    for (own, expected) in [
        (vec![("POWER_PLATFORM_CLIENT_CERTIFICATE_FILE_PATH", "/c")], "application p with the certificate in /c in t"),
        (vec![("POWER_PLATFORM_OIDC_TOKEN_FILE_PATH", "/t")], "application p with the token in /t in t"),
        (
            vec![
                ("POWER_PLATFORM_USE_OIDC", "true"),
                ("ACTIONS_ID_TOKEN_REQUEST_URL", "u"),
                ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "planted"),
            ],
            "application p with a token of GitHub Actions in t",
        ),
    ] {
        let mut set = with(&[("POWER_PLATFORM_CLIENT_ID", "p"), ("AZURE_CLIENT_SECRET", "planted")]);
        set.extend(own);
        assert_eq!(find(&set, None).unwrap(), expected);
    }
}

#[test]
fn an_incomplete_credential_is_an_error_without_fallback() {
    for (set, expected) in [
        (
            vec![("AZURE_CLIENT_SECRET", "planted"), ("AZURE_TENANT_ID", "t")],
            "AZURE_CLIENT_SECRET is set, and POWER_PLATFORM_CLIENT_ID or AZURE_CLIENT_ID is not",
        ),
        (
            vec![("AZURE_CLIENT_SECRET", "planted"), ("AZURE_CLIENT_ID", "c")],
            "AZURE_CLIENT_SECRET is set, and POWER_PLATFORM_TENANT_ID or AZURE_TENANT_ID is not",
        ),
        (
            with(&[("POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID", "s")]),
            "POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID is set, and SYSTEM_ACCESSTOKEN is not",
        ),
        (
            with(&[("AZURE_CLIENT_CERTIFICATE_PASSWORD", "planted")]),
            "AZURE_CLIENT_CERTIFICATE_PASSWORD is set, and POWER_PLATFORM_CLIENT_CERTIFICATE_FILE_PATH or AZURE_CLIENT_CERTIFICATE_PATH is not",
        ),
        (with(&[]), "AZURE_CLIENT_ID is set, but no client secret, certificate or token"),
        (
            vec![("POWER_PLATFORM_CLIENT_ID", "c")],
            "POWER_PLATFORM_CLIENT_ID is set, but no client secret, certificate or token",
        ),
        (with(&[("AZURE_CLIENT_SECRET", " ")]), "AZURE_CLIENT_ID is set, but no client secret, certificate or token"),
        (
            vec![("AZURE_TENANT_ID", "t")],
            "AZURE_TENANT_ID is set, and POWER_PLATFORM_CLIENT_ID or AZURE_CLIENT_ID is not",
        ),
        (
            with(&[("POWER_PLATFORM_USE_OIDC", "true")]),
            "POWER_PLATFORM_USE_OIDC is set, and POWER_PLATFORM_OIDC_REQUEST_URL or ACTIONS_ID_TOKEN_REQUEST_URL is not",
        ),
    ] {
        assert_eq!(find(&set, None).unwrap_err(), expected);
    }
}
