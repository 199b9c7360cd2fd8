//! The environments, by the newer listing and by the older one of the admin center (powerplatform-api.md 3.1 and 3.2).

use std::sync::Arc;

use jiff::Timestamp;
use litemap::LiteMap;
use serde::Deserialize;
use serde_json::Value;

use super::document::quoted;
use crate::model::observed::{EnvironmentState, ObservedEnvironment, Reading};
use crate::model::terms::{EnvironmentClass, EnvironmentId, MalformedTerm};

/// One page of a listing: the rows and the address of the next page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListingPage {
    /// The rows.
    pub value: Vec<Value>,
    /// The address of the next page. The newer listing writes it `@odata.nextlink`, with a small `l`.
    #[serde(rename = "@odata.nextlink", alias = "@odata.nextLink", alias = "nextLink")]
    pub next: Option<String>,
}

/// A row of either listing, with the fields that we use, as JSON: an odd field makes only its own value unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentRow {
    /// The id of the environment.
    pub id: Value,
    /// The display name of the environment.
    pub display_name: Value,
    /// The kind of the environment, such as `Production`.
    pub kind: Value,
    /// The state of the environment, such as `Ready`.
    pub state: Value,
    /// When the environment was deleted, if it was.
    pub deleted_at: Value,
    /// The Dataverse database, if the environment has one.
    pub dataverse: Value,
    /// The security group whose members may enter.
    pub security_group: Value,
}

impl EnvironmentRow {
    /// A row of the newer listing.
    pub fn newer(row: &Value) -> EnvironmentRow {
        let field = |name: &str| row.get(name).cloned().unwrap_or_default();
        EnvironmentRow {
            id: field("id"),
            display_name: field("displayName"),
            kind: field("type"),
            state: field("state"),
            deleted_at: field("deletedDateTime"),
            dataverse: field("dataverseId"),
            security_group: field("securityGroupId"),
        }
    }

    /// A row of the older listing.
    pub fn older(row: &Value) -> EnvironmentRow {
        let field = |path: &str| row.pointer(path).cloned().unwrap_or_default();
        let dataverse = match field("/properties/databaseType") {
            Value::String(kind) if kind == "None" => Value::Null,
            kind => kind,
        };
        EnvironmentRow {
            id: field("/name"),
            display_name: field("/properties/displayName"),
            kind: field("/properties/environmentSku"),
            state: field("/properties/states/management/id"),
            // No time of deletion is documented for this listing. Its states show which environments were deleted.
            deleted_at: Value::Null,
            dataverse,
            security_group: field("/properties/linkedEnvironmentMetadata/securityGroupId"),
        }
    }
}

/// The id that means "no security group". The service sends this id, or no id, if every user may enter.
const NO_GROUP: &str = "00000000-0000-0000-0000-000000000000";

/// Translates a row to the model.
///
/// # Errors
///
/// If the id cannot be read. The reason quotes the id.
pub fn observed(row: &EnvironmentRow, as_of: Timestamp) -> Result<(EnvironmentId, ObservedEnvironment), String> {
    let id: EnvironmentId = match &row.id {
        Value::String(id) => id.parse().map_err(|malformed: MalformedTerm| malformed.to_string())?,
        other => return Err(format!("{} is not text", quoted(other))),
    };
    let is_group = |group: &str| group != NO_GROUP;
    let environment = ObservedEnvironment {
        id: id.clone(),
        listed: true,
        name: reported(text(&row.display_name, "the environment's name"), "the environment's name", as_of),
        class: word(&row.kind, "the environment's type", class, as_of),
        state: state_of(row, as_of),
        security_group: match text(&row.security_group, "the environment's security group") {
            Ok(group) => group
                .filter(|group| is_group(group))
                .map_or(Reading::Absent, |value| Reading::Known { value: value.into(), as_of }),
            Err(why) => Reading::Unknown { why: why.into() },
        },
        dataverse: match text(&row.dataverse, "the environment's database") {
            Ok(database) => Reading::Known { value: database.is_some(), as_of },
            Err(why) => Reading::Unknown { why: why.into() },
        },
        document: Reading::Unknown { why: "it was not read yet".into() },
        consumed: LiteMap::new(),
    };
    Ok((id, environment))
}

/// The text in a field; `None` if there is none.
fn text<'a>(field: &'a Value, what: &str) -> Result<Option<&'a str>, String> {
    match field {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        other => Err(format!("the service states {what} as {}, which is not text", quoted(other))),
    }
}

fn reported(text: Result<Option<&str>, String>, what: &str, as_of: Timestamp) -> Reading<Arc<str>> {
    match text {
        Ok(Some(value)) => Reading::Known { value: value.into(), as_of },
        Ok(None) => not_reported(what),
        Err(why) => Reading::Unknown { why: why.into() },
    }
}

fn not_reported<T>(what: &str) -> Reading<T> {
    Reading::Unknown { why: format!("the service does not report {what}").into() }
}

fn word<T>(stated: &Value, what: &str, known: fn(&str) -> Option<T>, as_of: Timestamp) -> Reading<T> {
    let stated = match text(stated, what) {
        Ok(Some(stated)) => stated,
        Ok(None) => return not_reported(what),
        Err(why) => return Reading::Unknown { why: why.into() },
    };
    match known(stated) {
        Some(value) => Reading::Known { value, as_of },
        None => {
            let why = format!("the service states {what} as `{stated}`, which this version does not know");
            Reading::Unknown { why: why.into() }
        }
    }
}

/// The state. A time of deletion takes precedence over the state field.
fn state_of(row: &EnvironmentRow, as_of: Timestamp) -> Reading<EnvironmentState> {
    match text(&row.deleted_at, "when the environment was deleted") {
        Ok(None) => word(&row.state, "the environment's state", state, as_of),
        Ok(Some(_)) => Reading::Known { value: EnvironmentState::Deleted, as_of },
        Err(why) => Reading::Unknown { why: why.into() },
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
        "deleting" | "deleted" | "softdeleted" => Some(EnvironmentState::Deleted),
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

    use super::{EnvironmentRow, ListingPage, observed};
    use crate::model::observed::{EnvironmentState, Reading};
    use crate::model::terms::EnvironmentClass;

    const ID: &str = "d54a33bc-880a-e348-b341-3a0581585c02";

    fn at() -> jiff::Timestamp {
        "2026-11-25T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn both_listings_say_the_same_of_an_environment() {
        let newer: ListingPage = serde_json::from_value(json!({
            "value": [{ "id": ID, "tenantId": "t", "displayName": "HR", "type": "Production", "state": "Ready",
                        "dataverseId": "6450637c-f9a8-4988-8cf7-b03723d51ab7", "securityGroupId": "g", "geo": "europe" }],
            "@odata.nextlink": "https://next"
        }))
        .unwrap();
        let older: ListingPage = serde_json::from_value(json!({
            "value": [{ "name": ID, "location": "europe", "properties": {
                "displayName": "HR", "environmentSku": "Production", "databaseType": "CommonDataService", "isDefault": false,
                "states": { "management": { "id": "Ready" }, "runtime": { "id": "Enabled" } },
                "linkedEnvironmentMetadata": { "securityGroupId": "g" } } }],
            "nextLink": "https://next"
        }))
        .unwrap();
        assert_eq!((newer.next.as_deref(), older.next.as_deref()), (Some("https://next"), Some("https://next")));
        let (id, by_newer) = observed(&EnvironmentRow::newer(&newer.value[0]), at()).unwrap();
        let (_, by_older) = observed(&EnvironmentRow::older(&older.value[0]), at()).unwrap();
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
            id: format!("Default-{ID}").into(),
            kind: "Support".into(),
            state: "Melting".into(),
            security_group: "00000000-0000-0000-0000-000000000000".into(),
            ..EnvironmentRow::default()
        };
        let (id, environment) = observed(&row, at()).unwrap();
        assert!(id.is_default());
        let why = environment.state.unknown().map(AsRef::as_ref);
        assert_eq!(
            why,
            Some("the service states the environment's state as `Melting`, which this version does not know")
        );
        assert!(environment.class.unknown().is_some() && environment.name.unknown().is_some());
        assert_eq!(environment.security_group, Reading::Absent);
        assert_eq!(environment.dataverse.known(), Some(&false));
        for (id, quoted) in [(json!("../etc"), "`../etc` is not"), (json!(7), "`7` is not"), (json!(null), "`null`")] {
            let why = observed(&EnvironmentRow { id, ..EnvironmentRow::default() }, at()).unwrap_err();
            assert!(why.contains(quoted), "{why}");
        }
    }

    #[test]
    fn an_odd_field_makes_only_its_own_value_unknown() {
        let row = json!({ "id": ID, "displayName": 5, "type": "production", "state": "READY", "dataverseId": {},
                          "securityGroupId": "g" });
        let (_, environment) = observed(&EnvironmentRow::newer(&row), at()).unwrap();
        let why = environment.name.unknown().map(AsRef::as_ref);
        assert_eq!(why, Some("the service states the environment's name as `5`, which is not text"));
        assert!(environment.dataverse.unknown().is_some());
        assert_eq!(environment.class.known(), Some(&EnvironmentClass::Production));
        assert_eq!(environment.state.known(), Some(&EnvironmentState::Ready));
        assert_eq!(environment.security_group.known().map(AsRef::as_ref), Some("g"));
    }

    #[test]
    fn a_time_of_deletion_is_a_deletion_whatever_the_state_says() {
        let state = |state: &str, deleted: serde_json::Value| {
            let row = json!({ "id": ID, "state": state, "deletedDateTime": deleted });
            observed(&EnvironmentRow::newer(&row), at()).unwrap().1.state
        };
        let deleted = Some(&EnvironmentState::Deleted);
        assert_eq!(state("Ready", json!("2026-11-20T00:00:00Z")).known(), deleted);
        assert_eq!(state("Deleting", json!(null)).known(), deleted);
        assert_eq!(state("Ready", json!(null)).known(), Some(&EnvironmentState::Ready));
        assert!(state("Ready", json!(7)).unknown().is_some());
    }
}
