//! The parts of a request: query, version and body.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::errors::Refusal;
use super::filter::Filter;

/// The API version of the newer paths.
pub const CURRENT: &[&str] = &["2024-10-01"];
/// The API versions of the older allocation and report paths (powerplatform-api.md 1.1).
pub const BOTH: &[&str] = &["2024-10-01", "2022-03-01-preview"];
/// The API versions that clients of the admin-center API were seen to use.
pub const ADMIN: &[&str] =
    &["2016-11-01", "2018-10-01", "2019-10-01", "2020-06-01", "2020-08-01", "2020-10-01", "2021-04-01", "2023-06-01"];

/// The query of a request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct RequestQuery(BTreeMap<String, String>);

impl RequestQuery {
    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Checks the API version.
    ///
    /// # Errors
    ///
    /// If the version is unknown, missing or empty. No documentation says that the service refuses a missing or empty
    /// version; this is inferred.
    pub fn version(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.get("api-version") {
            Some(version) if known.contains(&version) => Ok(()),
            None | Some("") => Err(Refusal::bad_request("The api-version query parameter is required.")),
            Some(version) => Err(Refusal::bad_request(&format!("The api-version '{version}' is not supported."))),
        }
    }

    /// A boolean parameter, by default `otherwise`.
    ///
    /// # Errors
    ///
    /// If the value is neither true nor false.
    pub fn switch(&self, name: &str, otherwise: bool) -> Result<bool, Refusal> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => Ok(otherwise),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(Refusal::bad_request(&format!("{name} is either true or false."))),
        }
    }

    /// A number.
    ///
    /// # Errors
    ///
    /// If the value is not a number.
    pub fn count(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let counted = |text: &str| text.parse().map_err(|_| Refusal::bad_request(&format!("{name} is not a count.")));
        self.get(name).map(counted).transpose()
    }

    /// The parameter `$filter`.
    ///
    /// # Errors
    ///
    /// If the filter is malformed.
    pub fn filter(&self) -> Result<Filter, Refusal> {
        Filter::parse(self.get("$filter")).map_err(|why| Refusal::bad_request(&why))
    }
}

/// Parses a body.
///
/// # Errors
///
/// If the body is not JSON, as in Microsoft's tutorial, or not a `T`.
pub fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| Refusal::bad_request(&format!("The body cannot be read: {error}.")))
}
