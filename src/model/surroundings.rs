//! The environment variables that affect the configuration. The command line reads them; other code gets them as values.

use super::desired::Cloud;

/// An environment variable that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value, trimmed.
    pub value: String,
}

/// A variable that names a cloud, or a host of a cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCloud {
    /// The variable.
    pub variable: Variable,
    /// The clouds that the value can mean: some clouds share one login host. Empty if the value is not of a known cloud.
    pub clouds: Vec<Cloud>,
}

/// The environment variables that affect a command. By default, none is set, as on a desktop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The variable by which a CI host was recognized.
    pub ci: Option<&'static str>,
    /// A variable that holds a credential for the service, or a part of one.
    pub credential: Option<&'static str>,
    /// The variable that names the tenant id.
    pub tenant_id: Option<Variable>,
    /// The variable that names the cloud.
    pub cloud: Option<NamedCloud>,
}

/// Why the cloud is not determined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloudDispute {
    /// The configuration names one cloud and a variable another.
    #[error("`cloud` is {}, and {} is {}", .declared.as_str(), .variable.name, shown(&.variable.value))]
    Differs {
        /// The cloud in the configuration.
        declared: Cloud,
        /// The variable.
        variable: Variable,
    },
    /// The configuration names a cloud other than the public one, variables hold the credential, and none of them names that cloud.
    #[error("`cloud` is {}, and no variable names a cloud, but {credential} provides a credential", .declared.as_str())]
    Unconfirmed {
        /// The cloud in the configuration.
        declared: Cloud,
        /// The variable that holds the credential, or a part of it.
        credential: &'static str,
    },
    /// No file names the cloud, and the variable names an unknown one.
    #[error("{} is {}, which is not a cloud that this version knows", .0.name, shown(&.0.value))]
    Unknown(Variable),
    /// No file names the cloud, and the variable fits several clouds.
    #[error("no file names the cloud, and {} is {}, which may be {}", .variable.name, shown(&.variable.value), words(.clouds))]
    Ambiguous {
        /// The variable.
        variable: Variable,
        /// The clouds that it fits.
        clouds: Vec<Cloud>,
    },
}

impl Surroundings {
    /// The declared cloud, or the one that a variable names, or the public one. If a variable holds the credential, a
    /// declared cloud other than the public one counts only if a variable names it too. So an edit of a file cannot
    /// redirect the credential.
    ///
    /// # Errors
    ///
    /// If the configuration and the variables disagree, or if a variable alone does not determine the cloud.
    pub fn cloud(&self, declared: Option<Cloud>) -> Result<Cloud, CloudDispute> {
        let Some(NamedCloud { variable, clouds }) = &self.cloud else {
            let declared = declared.unwrap_or(Cloud::Public);
            return match self.credential {
                Some(credential) if declared != Cloud::Public => {
                    Err(CloudDispute::Unconfirmed { declared, credential })
                }
                Some(_) | None => Ok(declared),
            };
        };
        let variable = || variable.clone();
        match (declared, clouds.as_slice()) {
            (Some(declared), named) if named.contains(&declared) => Ok(declared),
            (Some(declared), _) => Err(CloudDispute::Differs { declared, variable: variable() }),
            (None, []) => Err(CloudDispute::Unknown(variable())),
            (None, [only]) => Ok(*only),
            // The public cloud and GCC share a login host. Without a declared cloud, that host means the public cloud.
            (None, several) if several.contains(&Cloud::Public) => Ok(Cloud::Public),
            (None, several) => Err(CloudDispute::Ambiguous { variable: variable(), clouds: several.to_vec() }),
        }
    }
}

/// The value of a variable for messages. The value may be a secret in the wrong variable, so only ids, names and addresses are shown.
pub fn shown(value: &str) -> String {
    const LONGEST: usize = 80;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:/".contains(&byte);
    let looks_like_a_name = value.len() <= LONGEST && value.bytes().all(is_plain);
    if looks_like_a_name { format!("`{value}`") } else { "a value that may be a secret".to_owned() }
}

fn words(clouds: &[Cloud]) -> String {
    clouds.iter().map(|cloud| cloud.as_str()).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::{NamedCloud, Surroundings, Variable, shown};
    use crate::model::desired::Cloud;

    fn named(clouds: &[Cloud]) -> Surroundings {
        let variable = Variable { name: "POWER_PLATFORM_CLOUD", value: "x".to_owned() };
        Surroundings { cloud: Some(NamedCloud { variable, clouds: clouds.to_vec() }), ..Surroundings::default() }
    }

    #[test]
    fn file_and_variable_agree_on_the_cloud_or_one_names_it() {
        use Cloud::{China, Dod, Gcc, GccHigh, Public};
        for (declared, variable, counts) in [
            (None, None, Some(Public)),
            (Some(Dod), None, Some(Dod)),
            (None, Some(&[China][..]), Some(China)),
            (None, Some(&[Public, Gcc]), Some(Public)),
            (Some(Gcc), Some(&[Public, Gcc]), Some(Gcc)),
            (Some(Public), Some(&[Gcc]), None),
            (Some(Public), Some(&[]), None),
            (None, Some(&[]), None),
            (None, Some(&[GccHigh, Dod]), None),
            (Some(Dod), Some(&[GccHigh, Dod]), Some(Dod)),
        ] {
            let surroundings = variable.map_or_else(Surroundings::default, named);
            assert_eq!(surroundings.cloud(declared).ok(), counts, "{declared:?} {variable:?}");
        }
        let credential = Surroundings { credential: Some("AZURE_CLIENT_SECRET"), ..Surroundings::default() };
        assert_eq!(credential.cloud(None), Ok(Public));
        assert_eq!(credential.cloud(Some(Public)), Ok(Public));
        assert!(credential.cloud(Some(China)).is_err() && credential.cloud(Some(Gcc)).is_err());
    }

    #[test]
    fn a_value_that_may_be_a_secret_is_not_shown() {
        assert_eq!(shown("https://login.microsoftonline.us/"), "`https://login.microsoftonline.us/`");
        for secret in ["abc~Q8", "two words", "a\nb", &"a".repeat(81)] {
            assert_eq!(shown(secret), "a value that may be a secret");
        }
    }
}
