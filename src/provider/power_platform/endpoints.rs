//! The addresses of the service: the hosts of each cloud (powerplatform-api.md 5), or others for tests.

use url::Url;

use crate::model::desired::Cloud;
use crate::model::surroundings::shown;
use crate::net::transport::is_loopback;

/// The hosts of the service and the scopes of their tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// The Power Platform API.
    pub api: Url,
    /// The older admin-center API (BAP): settings, and environments if the Power Platform API refuses.
    pub administration: Url,
    /// The login host, which issues tokens.
    pub login: Url,
    /// The scope of a token for `api`.
    pub api_scope: String,
    /// The scopes of a token for `administration`, in the order in which they are tried. There are several if
    /// Microsoft's own programs use different ones.
    pub administration_scopes: Vec<String>,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableEndpoint {
    /// The text is not an address.
    #[error("{} is not an address such as https://api.powerplatform.com", shown(.0))]
    Malformed(String),
    /// The address has a part that can be a secret. It is not shown.
    #[error("the address of {0} contains a user, a password or a query; remove it")]
    HasSecrets(String),
    /// A token would go over the network in the clear.
    #[error("{0} is not https, and a token is sent only over https, except on this machine")]
    InTheClear(Url),
}

/// The hosts of a cloud: the Power Platform API, the admin-center API, and the login. GCC tenants are in the public
/// directory, so GCC has the login host of the public cloud, as in Microsoft's Terraform provider. Microsoft's samples
/// name another login host.
const fn hosts(cloud: Cloud) -> [&'static str; 3] {
    match cloud {
        Cloud::Public => ["api.powerplatform.com", "api.bap.microsoft.com", "login.microsoftonline.com"],
        Cloud::Gcc => ["api.gov.powerplatform.microsoft.us", "gov.api.bap.microsoft.us", "login.microsoftonline.com"],
        Cloud::GccHigh => {
            ["api.high.powerplatform.microsoft.us", "high.api.bap.microsoft.us", "login.microsoftonline.us"]
        }
        Cloud::Dod => ["api.appsplatform.us", "api.bap.appsplatform.us", "login.microsoftonline.us"],
        Cloud::China => [
            "api.powerplatform.partner.microsoftonline.cn",
            "api.bap.partner.microsoftonline.cn",
            "login.chinacloudapi.cn",
        ],
    }
}

/// The token audiences of the admin-center API, which still has the product's former name, PowerApps. The first is the
/// one in Microsoft's Terraform provider; a second is the one in Microsoft's licensing samples, if they differ
/// (powerplatform-api.md 14).
const fn administration_audiences(cloud: Cloud) -> &'static [&'static str] {
    match cloud {
        Cloud::Public => &["service.powerapps.com"],
        Cloud::Gcc => &["service.powerapps.us", "gov.service.powerapps.us"],
        Cloud::GccHigh => &["high.service.apps.appsplatform.us", "high.service.powerapps.us"],
        Cloud::Dod => &["service.apps.appsplatform.us"],
        Cloud::China => &["service.powerapps.cn", "api.bap.partner.microsoftonline.cn"],
    }
}

/// The clouds whose tokens a login host issues. `address` is a URL or a bare host name. Several clouds share a login host. The
/// aliases of each host are those in MSAL's list of authorities.
pub fn clouds_of_login(address: &str) -> Vec<Cloud> {
    let address = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
    let Ok(url) = Url::parse(&address) else { return Vec::new() };
    let Some(host) = url.host_str().filter(|_| url.port().is_none()) else { return Vec::new() };
    let host = match host {
        "login.windows.net" | "login.microsoft.com" | "sts.windows.net" => "login.microsoftonline.com",
        "login.usgovcloudapi.net" => "login.microsoftonline.us",
        "login.partner.microsoftonline.cn" => "login.chinacloudapi.cn",
        host => host,
    };
    let takes_tokens = |cloud: &Cloud| matches!(hosts(*cloud), [_, _, login] if login == host);
    Cloud::ALL.into_iter().filter(takes_tokens).collect()
}

impl Endpoints {
    /// The hosts of a cloud.
    ///
    /// # Panics
    ///
    /// Never: a test makes every cloud's addresses.
    pub fn of(cloud: Cloud) -> Endpoints {
        let [api, administration, login] = hosts(cloud);
        let address = |host| Url::parse(&format!("https://{host}/")).expect("the hosts of a cloud make addresses");
        Endpoints {
            api: address(api),
            administration: address(administration),
            login: address(login),
            api_scope: format!("https://{api}/.default"),
            administration_scopes: administration_audiences(cloud)
                .iter()
                .map(|audience| format!("https://{audience}/.default"))
                .collect(),
        }
    }

    /// Sends all requests to one address instead. The scopes of the tokens are still those of the cloud.
    ///
    /// # Errors
    ///
    /// If the text is not an address, if it has a part that can be a secret, or if a token would go over the network in the clear.
    pub fn at(mut self, address: &str) -> Result<Endpoints, UnusableEndpoint> {
        let url = usable(address)?;
        self.api = url.clone();
        self.administration = url.clone();
        self.login = url;
        Ok(self)
    }

    /// Whether all hosts are this machine.
    pub fn is_local(&self) -> bool {
        [&self.api, &self.administration, &self.login].into_iter().all(is_loopback)
    }
}

fn usable(address: &str) -> Result<Url, UnusableEndpoint> {
    let malformed = || UnusableEndpoint::Malformed(address.to_owned());
    let mut url = Url::parse(address).map_err(|_| malformed())?;
    let Some(host) = url.host_str() else { return Err(malformed()) };
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(UnusableEndpoint::HasSecrets(host.to_owned()));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(UnusableEndpoint::InTheClear(url)),
        _ => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Endpoints, UnusableEndpoint};
    use crate::model::desired::Cloud;

    #[test]
    fn every_cloud_has_its_hosts() {
        for cloud in Cloud::ALL {
            let endpoints = Endpoints::of(cloud);
            assert!(endpoints.api_scope.starts_with(endpoints.api.as_str()), "{endpoints:?}");
            assert!(!endpoints.is_local());
        }
    }

    #[test]
    fn the_settings_host_has_its_own_audiences() {
        for (cloud, audiences) in [
            (Cloud::Public, &["https://service.powerapps.com/.default"][..]),
            (Cloud::Gcc, &["https://service.powerapps.us/.default", "https://gov.service.powerapps.us/.default"]),
            (
                Cloud::GccHigh,
                &["https://high.service.apps.appsplatform.us/.default", "https://high.service.powerapps.us/.default"],
            ),
            (Cloud::Dod, &["https://service.apps.appsplatform.us/.default"]),
            (
                Cloud::China,
                &["https://service.powerapps.cn/.default", "https://api.bap.partner.microsoftonline.cn/.default"],
            ),
        ] {
            assert_eq!(Endpoints::of(cloud).administration_scopes, audiences, "{cloud:?}");
        }
    }

    #[test]
    fn a_token_goes_over_https_or_stays_on_this_machine() {
        let at = |address: &str| Endpoints::of(Cloud::Public).at(address);
        for local in ["http://127.0.0.1:8790", "http://localhost:1/", "http://[::1]:8790", "https://127.0.0.2"] {
            assert!(at(local).unwrap().is_local(), "{local}");
        }
        assert!(!at("https://proxy.contoso.com/power").unwrap().is_local());
        assert_eq!(at("https://proxy.contoso.com/power").unwrap().api.path(), "/power/");
        for clear in ["http://api.powerplatform.com", "http://10.0.0.1:80", "http://127.0.0.1.example.com"] {
            assert!(matches!(at(clear), Err(UnusableEndpoint::InTheClear(_))), "{clear}");
        }
        for malformed in ["", "api.powerplatform.com", "ftp://x/", "file:///etc"] {
            assert!(matches!(at(malformed), Err(UnusableEndpoint::Malformed(_))), "{malformed}");
        }
        assert!(!at("user:sesame@proxy.contoso.com").unwrap_err().to_string().contains("sesame"));
        for secret in ["https://user:sesame@x/", "https://:sesame@x/", "https://x/?key=sesame", "https://x/#sesame"] {
            let error = at(secret).unwrap_err();
            assert!(
                matches!(error, UnusableEndpoint::HasSecrets(_)) && !error.to_string().contains("sesame"),
                "{error}"
            );
        }
    }
}
