//! The environments, by the newer listing and by the older one of the admin center (powerplatform-api.md 3.1 and 3.2).

use std::sync::Arc;

use jiff::Timestamp;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use crate::model::observed::{EnvironmentState, ObservedEnvironment, Reading};
use crate::model::terms::{EnvironmentClass, EnvironmentId, MalformedTerm};

/// One page of a listing: the rows and the address of the next page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListingPage<T> {
    /// The rows.
    pub value: Vec<T>,
    /// The address of the next page. The newer listing writes it `@odata.nextlink`, with a small `l`.
    #[serde(rename = "@odata.nextlink", alias = "@odata.nextLink", alias = "nextLink")]
    pub next: Option<String>,
}

/// A row of the newer listing, with the fields that we use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentRow {
    /// The id of the environment.
    pub id: String,
    /// The display name of the environment.
    pub display_name: Option<String>,
    /// The kind of the environment, such as `Production`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The state of the environment, such as `Ready`.
    pub state: Option<String>,
    /// The Dataverse database, if the environment has one.
    pub dataverse_id: Option<String>,
    /// The security group whose members may enter.
    pub security_group_id: Option<String>,
}

/// A row of the older listing, with the fields that we use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BapEnvironmentRow {
    /// The id of the environment.
    pub name: String,
    /// The other fields.
    #[serde(default)]
    pub properties: BapProperties,
}

/// The properties of an environment in the older listing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BapProperties {
    /// The display name of the environment.
    pub display_name: Option<String>,
    /// The kind of the environment, such as `Production`.
    pub environment_sku: Option<String>,
    /// `CommonDataService` if the environment has Dataverse, otherwise `None`.
    pub database_type: Option<String>,
    /// The states of the environment.
    pub states: Option<BapStates>,
    /// The metadata of the Dataverse database.
    pub linked_environment_metadata: Option<BapLinked>,
}

/// The states of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BapStates {
    /// The management state, which we read.
    pub management: Option<BapState>,
}

/// One state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BapState {
    /// The name of the state, such as `Ready`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// The Dataverse metadata of an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BapLinked {
    /// The security group whose members may enter.
    pub security_group_id: Option<String>,
}

impl From<BapEnvironmentRow> for EnvironmentRow {
    fn from(row: BapEnvironmentRow) -> EnvironmentRow {
        let properties = row.properties;
        let has_dataverse = properties.database_type.as_deref().is_some_and(|kind| kind != "None");
        EnvironmentRow {
            dataverse_id: has_dataverse.then(|| row.name.clone()),
            id: row.name,
            display_name: properties.display_name,
            kind: properties.environment_sku,
            state: properties.states.and_then(|states| states.management).and_then(|state| state.id),
            security_group_id: properties.linked_environment_metadata.and_then(|linked| linked.security_group_id),
        }
    }
}

/// The id that means "no security group". The service sends this id, or no id, if every user may enter.
const NO_GROUP: &str = "00000000-0000-0000-0000-000000000000";

/// Translates a row to the model.
///
/// # Errors
///
/// If the id is malformed.
pub fn observed(row: EnvironmentRow, as_of: Timestamp) -> Result<(EnvironmentId, ObservedEnvironment), MalformedTerm> {
    let id: EnvironmentId = row.id.parse()?;
    let has_dataverse = row.dataverse_id.as_deref().is_some_and(|id| !id.is_empty());
    let group = row.security_group_id.filter(|group| !group.is_empty() && group != NO_GROUP);
    let environment = ObservedEnvironment {
        id: id.clone(),
        name: match row.display_name {
            Some(name) => Reading::Known { value: name.into(), as_of },
            None => not_reported("the environment's name"),
        },
        class: word(row.kind, "the environment's type", class, as_of),
        state: word(row.state, "the environment's state", state, as_of),
        security_group: group
            .map_or(Reading::Absent, |group| Reading::Known { value: Arc::from(group.as_str()), as_of }),
        dataverse: Reading::Known { value: has_dataverse, as_of },
        document: Reading::Unknown { why: "it was not read yet".into() },
        consumed: LiteMap::new(),
    };
    Ok((id, environment))
}

fn not_reported<T>(what: &str) -> Reading<T> {
    Reading::Unknown { why: format!("the service does not report {what}").into() }
}

fn word<T>(stated: Option<String>, what: &str, known: fn(&str) -> Option<T>, as_of: Timestamp) -> Reading<T> {
    let Some(stated) = stated else { return not_reported(what) };
    match known(&stated) {
        Some(value) => Reading::Known { value, as_of },
        None => {
            let why = format!("the service states {what} as `{stated}`, which this version does not know");
            Reading::Unknown { why: why.into() }
        }
    }
}

/// The class behind the service's word. Kinds that no configuration declares (`Support`, `Platform`) are unknown.
fn class(word: &str) -> Option<EnvironmentClass> {
    let word = if word.eq_ignore_ascii_case("SubscriptionBasedTrial") { "Trial" } else { word };
    EnvironmentClass::ALL.into_iter().find(|class| class_word(*class).eq_ignore_ascii_case(word))
}

/// The service's word for a class.
pub const fn class_word(class: EnvironmentClass) -> &'static str {
    match class {
        EnvironmentClass::Production => "Production",
        EnvironmentClass::Sandbox => "Sandbox",
        EnvironmentClass::Developer => "Developer",
        EnvironmentClass::Trial => "Trial",
        EnvironmentClass::Teams => "Teams",
        EnvironmentClass::Default => "Default",
    }
}

fn state(word: &str) -> Option<EnvironmentState> {
    match word.to_ascii_lowercase().as_str() {
        "ready" | "enabled" => Some(EnvironmentState::Ready),
        "disabled" | "notready" => Some(EnvironmentState::Disabled),
        "preparing" | "creating" | "provisioning" => Some(EnvironmentState::Preparing),
        "deleted" | "softdeleted" => Some(EnvironmentState::Deleted),
        _ => None,
    }
}

/// The service's word for a state.
pub const fn state_word(state: &EnvironmentState) -> &'static str {
    match state {
        EnvironmentState::Ready => "Ready",
        EnvironmentState::Disabled => "Disabled",
        EnvironmentState::Preparing => "Preparing",
        EnvironmentState::Deleted => "Deleted",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{BapEnvironmentRow, EnvironmentRow, ListingPage, observed};
    use crate::model::observed::{EnvironmentState, Reading};
    use crate::model::terms::EnvironmentClass;

    const ID: &str = "d54a33bc-880a-e348-b341-3a0581585c02";

    fn at() -> jiff::Timestamp {
        "2026-11-25T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn both_listings_say_the_same_of_an_environment() {
        let newer: ListingPage<EnvironmentRow> = serde_json::from_value(json!({
            "value": [{ "id": ID, "tenantId": "t", "displayName": "HR", "type": "Production", "state": "Ready",
                        "dataverseId": "6450637c-f9a8-4988-8cf7-b03723d51ab7", "securityGroupId": "g", "geo": "europe" }],
            "@odata.nextlink": "https://next"
        }))
        .unwrap();
        let older: ListingPage<BapEnvironmentRow> = serde_json::from_value(json!({
            "value": [{ "name": ID, "location": "europe", "properties": {
                "displayName": "HR", "environmentSku": "Production", "databaseType": "CommonDataService", "isDefault": false,
                "states": { "management": { "id": "Ready" }, "runtime": { "id": "Enabled" } },
                "linkedEnvironmentMetadata": { "securityGroupId": "g" } } }],
            "nextLink": "https://next"
        }))
        .unwrap();
        assert_eq!((newer.next.as_deref(), older.next.as_deref()), (Some("https://next"), Some("https://next")));
        let (id, by_newer) = observed(newer.value[0].clone(), at()).unwrap();
        let (_, by_older) = observed(older.value[0].clone().into(), at()).unwrap();
        assert_eq!(by_newer, by_older);
        assert_eq!(id.as_str(), ID);
        assert_eq!(by_newer.class.known(), Some(&EnvironmentClass::Production));
        assert_eq!(by_newer.state.known(), Some(&EnvironmentState::Ready));
        assert_eq!(by_newer.dataverse.known(), Some(&true));
        assert_eq!(by_newer.security_group.known().map(AsRef::as_ref), Some("g"));
    }

    #[test]
    fn unknown_words_of_the_service_become_unknown_readings() {
        let row = EnvironmentRow {
            id: format!("Default-{ID}"),
            kind: Some("Support".into()),
            state: Some("Melting".into()),
            security_group_id: Some("00000000-0000-0000-0000-000000000000".into()),
            ..EnvironmentRow::default()
        };
        let (id, environment) = observed(row, at()).unwrap();
        assert!(id.is_default());
        let why = environment.state.unknown().map(AsRef::as_ref);
        assert_eq!(
            why,
            Some("the service states the environment's state as `Melting`, which this version does not know")
        );
        assert!(environment.class.unknown().is_some() && environment.name.unknown().is_some());
        assert_eq!(environment.security_group, Reading::Absent);
        assert_eq!(environment.dataverse.known(), Some(&false));
        assert!(observed(EnvironmentRow { id: "../etc".into(), ..EnvironmentRow::default() }, at()).is_err());
    }
}
