//! Holds every answer of every test against the description of the service in `tests/fixtures/licensing-openapi.yaml`.

use std::sync::OnceLock;

use serde_json::{Value, json};

use super::fixture::Answered;

fn description() -> &'static Value {
    static READ: OnceLock<Value> = OnceLock::new();
    let text = include_str!("../../../tests/fixtures/licensing-openapi.yaml");
    READ.get_or_init(|| serde_yaml::from_str(text).expect("the description is YAML"))
}

/// Panics where an answer is not as it is described. What broke off or was cut is not looked at, nor what the emulator has for
/// itself.
pub(super) fn check(method: &str, path: &str, answered: &Answered) {
    let Some(text) = answered.text.as_deref().filter(|_| !path.starts_with("/emulator")) else { return };
    let Some(operation) = operation(method, path) else {
        assert!([401, 403, 404, 429].contains(&answered.code()), "{method} {path} is not described: {answered:?}");
        return;
    };
    if answered.status.is_server_error() || answered.code() == 429 || text.is_empty() {
        return;
    }
    let Ok(body) = serde_json::from_str::<Value>(text) else { return };
    let components = description()["components"].clone();
    let described = &operation["responses"][answered.status.as_str()];
    let any = &components["responses"]["BadRequest"];
    let described = match described["$ref"].as_str().and_then(|link| link.strip_prefix("#/components/responses/")) {
        Some(name) => &components["responses"][name],
        // Which statuses are documented says little about which there are.
        None if described.is_null() && answered.status.is_client_error() => any,
        None => described,
    };
    let mut schema = described["content"]["application/json"]["schema"].clone();
    assert!(schema.is_object(), "{method} {path} has no answer {}", answered.code());
    schema["components"] = components;
    let validator = jsonschema::validator_for(&schema).expect("the description is a schema");
    let errors: Vec<String> =
        validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{method} {path} {}: {}\n{body}", answered.code(), errors.join("\n"));
}

/// What is described for a path. A path without parameters goes before one with.
fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let paths = description()["paths"].as_object()?;
    let fits = |pattern: &str| {
        let (wanted, given): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
        let same = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted.eq_ignore_ascii_case(given);
        wanted.len() == given.len() && wanted.iter().zip(&given).all(same)
    };
    let mut fitting: Vec<&String> = paths.keys().filter(|pattern| fits(pattern)).collect();
    fitting.sort_by_key(|pattern| pattern.contains('{'));
    fitting.first().map(|pattern| &paths[*pattern][method]).filter(|operation| operation.is_object())
}

#[test]
fn it_is_noticed_where_an_answer_is_not_as_described() {
    let answered = |text: &Value| Answered {
        status: axum::http::StatusCode::OK,
        headers: axum::http::HeaderMap::new(),
        broken: None,
        text: Some(text.to_string()),
    };
    let path = "/licensing/allocationsByEnvironment";
    check("get", path, &answered(&json!([])));
    for wrong in
        [json!({ "value": [] }), json!([{ "environmentId": "x", "currencyAllocations": [{ "allocated": 1 }] }])]
    {
        assert!(std::panic::catch_unwind(|| check("get", path, &answered(&wrong))).is_err(), "{wrong}");
    }
}
