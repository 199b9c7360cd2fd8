//! Documents as received from the service, and as sent back.

use serde_json::json;

use super::RawDocument;
use crate::model::catalog::AddOn;
use crate::model::document::{Entry, EnvironmentDocument, Switch, Switches};
use crate::model::terms::Units;

fn raw(value: serde_json::Value) -> RawDocument {
    serde_json::from_value(value).unwrap()
}

/// A name, units and switches.
type Row<'a> = (&'a str, u64, &'a [(Switch, bool)]);

fn document(entries: &[Row<'_>]) -> EnvironmentDocument {
    let entry = |(name, units, switches): &Row<'_>| {
        let when_exhausted: Switches = switches.iter().copied().collect();
        (AddOn::from_api_value(name), Entry { units: Units::new(*units), when_exhausted })
    };
    EnvironmentDocument { entries: entries.iter().map(entry).collect() }
}

/// A document with every kind of field that the model does not know.
fn strange() -> serde_json::Value {
    json!({
        "environmentId": "D54A33BC-880a-e348-b341-3a0581585c02",
        "etag": "7",
        "currencyAllocations": [
            {
                "currencyType": "MCSMessages", "allocated": 10_000, "autoAllocated": 2.5, "note": { "deep": [1, null] },
                "enforcementRules": [
                    { "ruleType": "Alert", "enabled": true, "ruleData": { "unitType": "Percent", "value": "80" } },
                    { "ruleType": "TenantPool", "enabled": true },
                    { "ruleType": "Throttle", "enabled": true }
                ]
            },
            { "currencyType": "W365APAYGO", "allocated": 3 },
            { "currencyType": "AppPass", "allocated": 7.0, "enforcementRules": [] }
        ]
    })
}

#[test]
fn a_document_of_the_service_is_read() {
    let read = raw(strange()).read().unwrap();
    let expected = document(&[
        ("MCSMessages", 10_000, &[(Switch::Alert, true), (Switch::DrawFromTenant, true)]),
        ("W365APAYGO", 3, &[]),
        ("AppPass", 7, &[]),
    ]);
    assert_eq!(read, expected);
}

#[test]
fn a_document_that_changes_nothing_goes_back_as_it_came() {
    let came = raw(strange());
    let back = came.holding(&came.read().unwrap());
    assert_eq!(serde_json::to_value(&back).unwrap(), strange());
}

#[test]
fn only_what_changes_is_replaced() {
    let came = raw(strange());
    let mut wanted = came.read().unwrap();
    let credits = AddOn::from_api_value("MCSMessages");
    wanted.entries.get_mut(&credits).unwrap().units = Units::new(12_000);
    wanted.entries.get_mut(&credits).unwrap().when_exhausted.insert(Switch::DrawFromTenant, false);
    wanted.entries.insert(AddOn::from_api_value("AI"), Entry::of(Units::new(500)));
    let mut expected = strange();
    expected["currencyAllocations"][0]["allocated"] = json!(12_000);
    expected["currencyAllocations"][0]["enforcementRules"][1]["enabled"] = json!(false);
    let new = json!({ "currencyType": "AI", "allocated": 500 });
    expected["currencyAllocations"].as_array_mut().unwrap().push(new);
    assert_eq!(serde_json::to_value(came.holding(&wanted)).unwrap(), expected);
    assert_eq!(came.holding(&wanted).read().unwrap(), wanted);
}

#[test]
fn malformed_amounts_are_errors() {
    let of = |entries| raw(json!({ "environmentId": "x", "currencyAllocations": entries })).read().unwrap_err();
    for (amount, why) in [
        (json!(-1), "the service states -1 as an amount of AppPass, which is not a number of units"),
        (json!(1.5), "the service states 1.5 as an amount of AppPass, which is not a number of units"),
        (json!(1e300), "the service states 1e+300 as an amount of AppPass, which is not a number of units"),
        (json!(null), "the service states no amount of AppPass"),
    ] {
        assert_eq!(of(json!([{ "currencyType": "AppPass", "allocated": amount }])), why);
    }
    assert_eq!(of(json!([{ "currencyType": "AppPass" }])), "the service states no amount of AppPass");
    let twice = json!([{ "currencyType": "AI", "allocated": 1 }, { "currencyType": "AI", "allocated": 1 }]);
    assert_eq!(of(twice), "the service states AI twice");
}
