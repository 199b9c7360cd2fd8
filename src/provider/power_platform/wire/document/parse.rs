//! Parses documents as the service sends them. An odd field makes its document unreadable, with a reason that quotes the field.

use serde_json::Value;

use super::{RawDocument, quoted, switch};
use crate::model::terms::EnvironmentId;

/// The id of the environment of a row.
///
/// # Errors
///
/// Why the id cannot be read. The reason quotes the id.
pub fn environment_of(row: &Value) -> Result<EnvironmentId, String> {
    match row.get("environmentId") {
        Some(Value::String(id)) => id.parse().map_err(|malformed| format!("id {malformed}")),
        Some(other) => Err(format!("id {} is not text", quoted(other))),
        None => Err(format!("id is missing in {}", quoted(row))),
    }
}

impl RawDocument {
    /// Parses the document of an environment.
    ///
    /// # Errors
    ///
    /// The first odd field.
    pub fn parse(id: &EnvironmentId, document: Value) -> Result<RawDocument, String> {
        if !document.is_object() {
            return Err(format!("the service returned {} instead of the environment's allocations", quoted(&document)));
        }
        if let Some(stated) = document.get("environmentId").filter(|stated| !states(stated, id)) {
            return Err(format!("the service returned the document of another environment, {}", quoted(stated)));
        }
        match document.get("currencyAllocations") {
            Some(Value::Array(entries)) => entries.iter().try_for_each(check_entry)?,
            Some(other) => return Err(format!("the service states {} as its allocations", quoted(other))),
            None => return Err("the service does not state its allocations".to_owned()),
        }
        let mut document = document;
        if let Some(fields) = document.as_object_mut() {
            fields.entry("environmentId").or_insert_with(|| id.as_str().into());
        }
        let document: RawDocument =
            serde_json::from_value(document).map_err(|error| format!("its allocations cannot be read: {error}"))?;
        // What the model cannot represent is odd as well.
        document.read().map(|_| document)
    }

    /// Whether two documents of one environment are the same, however their id is spelled.
    pub fn is_same(&self, other: &RawDocument) -> bool {
        (&self.currency_allocations, &self.other) == (&other.currency_allocations, &other.other)
    }
}

fn states(stated: &Value, id: &EnvironmentId) -> bool {
    stated.as_str().and_then(|stated| stated.parse::<EnvironmentId>().ok()).is_some_and(|stated| stated == *id)
}

fn check_entry(entry: &Value) -> Result<(), String> {
    let name = match entry.get("currencyType") {
        Some(Value::String(name)) => name,
        Some(other) => return Err(format!("the service states {} as the name of an add-on", quoted(other))),
        None => return Err(format!("the service does not name the add-on of {}", quoted(entry))),
    };
    for (field, what) in [("allocated", "an amount"), ("autoAllocated", "an automatic amount")] {
        match entry.get(field) {
            None | Some(Value::Null | Value::Number(_)) => {}
            Some(other) => {
                let other = quoted(other);
                return Err(format!("the service states {other} as {what} of {name}, which is not a number of units"));
            }
        }
    }
    let rules = match entry.get("enforcementRules") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(rules)) => rules,
        Some(other) => return Err(format!("the service states {} as the rules of {name}", quoted(other))),
    };
    let mut seen = Vec::new();
    for rule in rules {
        let (rule, on) = check_rule(rule, name)?;
        let Some(known) = switch(rule) else { continue };
        if seen.iter().any(|(other, before)| *other == known && *before != on) {
            return Err(format!("the service states the rule {rule} of {name} twice, and differently"));
        }
        seen.push((known, on));
    }
    Ok(())
}

fn check_rule<'a>(rule: &'a Value, name: &str) -> Result<(&'a str, bool), String> {
    let kind = match rule.get("ruleType") {
        Some(Value::String(kind)) => kind,
        other => return Err(format!("the service states {} as a rule of {name}", quoted(other.unwrap_or(rule)))),
    };
    match rule.get("enabled") {
        Some(Value::Bool(on)) => Ok((kind, *on)),
        Some(other) => Err(format!("the service states {} for the rule {kind} of {name}", quoted(other))),
        None => Err(format!("the service does not state whether the rule {kind} of {name} is on")),
    }
}
