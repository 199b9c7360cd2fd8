//! The truth: documents as JSON values, environments, purchases, consumption and the setting, and what a write makes of a document.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

/// The add-ons of the worlds: the service's value, the slug, and the pool. Process and unattended RPA share one pool.
pub(super) const ADD_ONS: [(&str, &str, usize); 4] = [
    ("AppPass", "app-passes", 0),
    ("PowerAutomatePerProcess", "process", 1),
    ("PAUnattendedRPA", "unattended-rpa", 1),
    ("MCSMessages", "copilot-credits", 2),
];

/// The names of the pools.
pub(super) const POOLS: [&str; 3] = ["app-passes", "process + unattended-rpa", "copilot-credits"];

/// The switches: the service's rule and the name in YAML.
pub(super) const SWITCHES: [(&str, &str); 4] =
    [("TenantPool", "drawFromTenant"), ("PayGo", "payAsYouGo"), ("Alert", "alert"), ("Deny", "deny")];

/// What a write does to what it does not name. The service does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Semantics {
    /// Fields that a write does not name stay.
    Merge,
    /// Entries that a write names are replaced whole; the others stay.
    ReplaceEntry,
    /// The whole document is replaced.
    ReplaceDocument,
}

/// A surface that takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    Middle,
    Newest,
    Oldest,
}

/// One environment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) class: &'static str,
    /// The word in the listing; `gone` is not listed.
    pub(super) state: &'static str,
    /// Whether the listing of environments has it.
    pub(super) is_listed: bool,
    /// The document; `None` if there is none.
    pub(super) document: Option<Value>,
    /// The consumption by the index of the add-on.
    pub(super) consumed: BTreeMap<usize, u64>,
}

/// The tenant at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tenant {
    pub(super) places: Vec<Place>,
    /// Live purchases by the index of the add-on; `None` if none were purchased.
    pub(super) purchased: [Option<u64>; ADD_ONS.len()],
    pub(super) only_specific_admins: bool,
}

impl Tenant {
    pub(super) fn find(&self, id: &str) -> Option<usize> {
        self.places.iter().position(|place| place.id.eq_ignore_ascii_case(id))
    }

    /// What all environments hold of an add-on.
    pub(super) fn allocated(&self, add_on: usize) -> u64 {
        self.places.iter().map(|place| held(place.document.as_ref(), add_on)).sum()
    }
}

/// The tenant at the times at which it changed, for stale reads.
pub(super) struct History(Vec<(Duration, Tenant)>);

impl History {
    pub(super) fn new(tenant: &Tenant) -> History {
        History(vec![(Duration::ZERO, tenant.clone())])
    }

    pub(super) fn note(&mut self, at: Duration, tenant: &Tenant) {
        self.0.push((at, tenant.clone()));
    }

    /// The tenant so long ago, or at the start.
    pub(super) fn before(&self, now: Duration, ago: Duration) -> &Tenant {
        let at = now.saturating_sub(ago);
        let found = self.0.iter().rev().find(|(since, _)| *since <= at).unwrap_or(&self.0[0]);
        &found.1
    }
}

/// The units of an add-on in a document; zero where there is no entry.
pub(super) fn held(document: Option<&Value>, add_on: usize) -> u64 {
    document
        .and_then(|document| entry(document, ADD_ONS[add_on].0))
        .and_then(|entry| whole(&entry["allocated"]))
        .unwrap_or(0)
}

/// The entry of a currency.
pub(super) fn entry<'a>(document: &'a Value, currency: &str) -> Option<&'a Value> {
    entries(document).iter().find(|entry| entry["currencyType"] == currency)
}

/// The entries of a document.
pub(super) fn entries(document: &Value) -> &[Value] {
    document["currencyAllocations"].as_array().map_or(&[], Vec::as_slice)
}

/// A whole number that is not negative, also as a double.
pub(super) fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let double = value.as_f64().filter(|double| *double >= 0.0 && double.fract() == 0.0 && *double < 9e15)?;
        format!("{double:.0}").parse().ok()
    })
}

/// The value of a switch in an entry.
pub(super) fn switch(entry: &Value, rule: &str) -> Option<bool> {
    let rules = entry["enforcementRules"].as_array()?;
    rules.iter().find(|known| known["ruleType"] == rule)?["enabled"].as_bool()
}

/// Turns the body of a write into a document, with what the surface can say.
pub(super) fn canonical(surface: Surface, id: &str, body: &Value) -> Option<Value> {
    match surface {
        Surface::Middle => body.is_object().then(|| body.clone()),
        Surface::Oldest => {
            let keep =
                |entry: &Value| json!({ "currencyType": entry["currencyType"], "allocated": entry["allocated"] });
            let entries: Vec<Value> = body["currencyAllocations"].as_array()?.iter().map(keep).collect();
            Some(json!({ "environmentId": id, "currencyAllocations": entries }))
        }
        Surface::Newest => {
            let keep = |entitlement: &Value| {
                let mut entry = json!({ "currencyType": entitlement["entitlementId"] });
                let named = [
                    ("allocated", &entitlement["allocation"]["quantity"]),
                    ("autoAllocated", &entitlement["allocation"]["autoAllocated"]),
                    ("enforcementRules", &entitlement["enforcementRules"]),
                ];
                for (name, value) in named {
                    if !value.is_null() {
                        entry[name] = if name == "allocated" { json!(whole(value)) } else { value.clone() };
                    }
                }
                entry
            };
            let entries: Vec<Value> = body["allocatedEntitlements"].as_array()?.iter().map(keep).collect();
            Some(json!({ "environmentId": id, "currencyAllocations": entries }))
        }
    }
}

/// What a write makes of a document. What a surface cannot say about an entry stays.
pub(super) fn written(semantics: Semantics, surface: Surface, before: Option<&Value>, patch: &Value) -> Value {
    let empty = json!({ "environmentId": patch["environmentId"], "currencyAllocations": [] });
    let before = before.unwrap_or(&empty);
    let replaces = semantics == Semantics::ReplaceDocument;
    let mut after = match (replaces, surface) {
        (true, Surface::Middle) => patch.as_object().cloned().unwrap_or_default(),
        _ => before.as_object().cloned().unwrap_or_default(),
    };
    if !replaces && let Some(fields) = patch.as_object() {
        after.extend(fields.clone());
    }
    let named = |list: &Value, currency: &Value| entries(list).iter().any(|entry| entry["currencyType"] == *currency);
    let mut result: Vec<Value> = Vec::new();
    for old in entries(before).iter().filter(|old| !named(patch, &old["currencyType"])) {
        if !replaces {
            result.push(old.clone());
        }
    }
    for new in entries(patch) {
        let old = entry(before, new["currencyType"].as_str().unwrap_or_default());
        let merges = semantics == Semantics::Merge || surface == Surface::Oldest;
        result.push(match (old, merges, surface) {
            (Some(old), true, _) => merged(old, new),
            (Some(old), false, Surface::Newest) => {
                let mut kept = old.as_object().cloned().unwrap_or_default();
                kept.retain(|name, _| !["allocated", "autoAllocated", "enforcementRules"].contains(&name.as_str()));
                kept.extend(new.as_object().cloned().unwrap_or_default());
                Value::Object(kept)
            }
            _ => new.clone(),
        });
    }
    after.insert("currencyAllocations".to_owned(), Value::Array(result));
    Value::Object(after)
}

/// An entry with the fields and the rules of another put over it.
fn merged(old: &Value, new: &Value) -> Value {
    let mut fields: Map<String, Value> = old.as_object().cloned().unwrap_or_default();
    for (name, value) in new.as_object().into_iter().flatten() {
        let rules = (fields.get(name).and_then(Value::as_array), value.as_array());
        if let ("enforcementRules", (Some(before), Some(over))) = (name.as_str(), rules) {
            let kept = before.iter().filter(|rule| !over.iter().any(|newer| newer["ruleType"] == rule["ruleType"]));
            let all: Vec<Value> = kept.chain(over).cloned().collect();
            fields.insert(name.clone(), Value::Array(all));
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    Value::Object(fields)
}
