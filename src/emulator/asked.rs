//! The parts of a request: its query, its version and its body.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::errors::Refusal;
use super::filter::Filter;

/// The version of the newer paths.
pub const CURRENT: &[&str] = &["2024-10-01"];
/// The versions of the older allocation and report paths (powerplatform-api.md 1.1).
pub const BOTH: &[&str] = &["2024-10-01", "2022-03-01-preview"];
/// The versions with which clients of the older admin interface were seen.
pub const ADMIN: &[&str] =
    &["2016-11-01", "2018-10-01", "2019-10-01", "2020-06-01", "2020-08-01", "2020-10-01", "2021-04-01", "2023-06-01"];

/// The query of a request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Asked(BTreeMap<String, String>);

impl Asked {
    /// A parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether the path knows the version that was asked for. A missing and an empty one are no version; that this gets 400 is
    /// inferred.
    ///
    /// # Errors
    ///
    /// If the path does not know the version.
    pub fn version(&self, known: &[&str]) -> Result<(), Refusal> {
        match self.get("api-version") {
            Some(version) if known.contains(&version) => Ok(()),
            None | Some("") => Err(Refusal::bad_request("The api-version query parameter is required.")),
            Some(version) => Err(Refusal::bad_request(&format!("The api-version '{version}' is not supported."))),
        }
    }

    /// A switch; `otherwise` if the query does not state it.
    ///
    /// # Errors
    ///
    /// If it is neither true nor false.
    pub fn switch(&self, name: &str, otherwise: bool) -> Result<bool, Refusal> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("") => Ok(otherwise),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(Refusal::bad_request(&format!("{name} is either true or false."))),
        }
    }

    /// A count.
    ///
    /// # Errors
    ///
    /// If the value is no count.
    pub fn count(&self, name: &str) -> Result<Option<usize>, Refusal> {
        let counted = |text: &str| text.parse().map_err(|_| Refusal::bad_request(&format!("{name} is not a count.")));
        self.get(name).map(counted).transpose()
    }

    /// The filter.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn filter(&self) -> Result<Filter, Refusal> {
        Filter::parse(self.get("$filter")).map_err(|why| Refusal::bad_request(&why))
    }
}

/// A body.
///
/// # Errors
///
/// If it is no JSON, such as the one of the official tutorial, or not what belongs here.
pub fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| Refusal::bad_request(&format!("The body cannot be read: {error}.")))
}
