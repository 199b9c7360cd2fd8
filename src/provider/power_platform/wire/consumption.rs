//! The consumed units of one environment: its entitlements (powerplatform-api.md 2.3).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::document::quoted;
use super::reports::{amount, counted_at};
use crate::model::catalog::AddOn;
use crate::model::observed::Reading;
use crate::model::terms::Units;

/// The consumption of every add-on of the catalog, and of those in the response. A missing count is unknown if the
/// service meters the add-on, else absent.
pub fn consumption(rows: &[Value], at: Timestamp) -> BTreeMap<AddOn, Reading<Units>> {
    let mut seen: BTreeMap<AddOn, &Value> = BTreeMap::new();
    let mut read: BTreeMap<AddOn, Reading<Units>> = BTreeMap::new();
    for row in rows {
        // A row without a name is skipped. The add-on that it was meant for stays unknown.
        let Some(name) = row.get("entitlementId").and_then(Value::as_str) else { continue };
        let add_on = AddOn::from_api_value(name);
        let reading = match *seen.entry(add_on.clone()).or_insert(row) {
            first if std::ptr::eq(first, row) => match row.pointer("/entitlement/capacity/consumed") {
                None | Some(Value::Null) => continue,
                Some(consumed) => consumed_of(consumed, name, at),
            },
            // Either the first row's count is known, or another row contradicted it.
            first if first == row => continue,
            _ => {
                let why = format!("the service reports the use of {name} twice, and differently");
                Reading::Unknown { why: why.into() }
            }
        };
        read.insert(add_on, reading);
    }
    for add_on in AddOn::all() {
        let is_metered = add_on.entry().is_none_or(|entry| entry.metered);
        let name = add_on.api_value();
        let why = || format!("the service does not report how much of {name} this environment uses").into();
        let missing = || if is_metered { Reading::Unknown { why: why() } } else { Reading::Absent };
        read.entry(add_on.clone()).or_insert_with(missing);
    }
    read
}

fn consumed_of(consumed: &Value, name: &str, at: Timestamp) -> Reading<Units> {
    if !consumed.is_object() {
        let why = format!("the service reports {} as the use of {name}", quoted(consumed));
        return Reading::Unknown { why: why.into() };
    }
    match counted_at(consumed.get("lastUpdatedOn"), name, at) {
        // If a part of a unit is in use, the whole unit is in use.
        Ok(as_of) => match consumed.get("value").and_then(Value::as_f64).filter(|value| value.fract() > 0.0) {
            Some(value) => amount(Some(&Value::from(value.ceil())), name, "used", as_of),
            None => amount(consumed.get("value"), name, "used", as_of),
        },
        Err(why) => Reading::Unknown { why: why.into() },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::consumption;
    use crate::model::catalog::AddOn;
    use crate::model::observed::Reading;
    use crate::model::terms::Units;

    fn read(rows: Value, name: &str) -> Reading<Units> {
        let rows: Vec<Value> = serde_json::from_value(rows).unwrap();
        consumption(&rows, "2026-11-25T08:00:00Z".parse().unwrap())[&AddOn::from_api_value(name)].clone()
    }

    #[test]
    fn what_an_environment_uses_is_read_with_its_date() {
        let row = |consumed: Value| {
            json!([{ "entitlementId": "AppPass", "entitlement": { "unit": "Count", "capacity": {
                "allocated": { "value": 10.0 }, "consumed": consumed } } }])
        };
        let known = |units, as_of: &str| Reading::Known { value: Units::new(units), as_of: as_of.parse().unwrap() };
        let counted = json!({ "value": 9.0, "consumptionType": "Snapshot", "lastUpdatedOn": "2026-11-22" });
        assert_eq!(read(row(counted), "AppPass"), known(9, "2026-11-22T00:00:00Z"));
        assert_eq!(read(row(json!({ "value": 8.2 })), "AppPass"), known(9, "2026-11-25T08:00:00Z"), "rounded up");
        for odd in [json!("9"), json!({ "value": "9" }), json!({ "value": -1 }), json!({}), json!(null)] {
            assert!(read(row(odd.clone()), "AppPass").unknown().is_some(), "{odd}");
        }
    }

    #[test]
    fn what_the_answer_lacks_is_unknown_unless_nothing_counts_it() {
        assert!(read(json!([]), "AppPass").unknown().is_some());
        assert!(read(json!([5, { "entitlementId": 7 }]), "AppPass").unknown().is_some());
        assert_eq!(read(json!([]), "AppPassForTeams"), Reading::Absent);
        let of = |value: u64| json!({ "entitlementId": "AI", "entitlement": { "capacity": { "consumed": { "value": value } } } });
        for contradiction in [json!([of(1), of(2)]), json!([of(1), of(2), of(2)]), json!([of(1), of(2), of(1)])] {
            assert!(read(contradiction.clone(), "AI").unknown().is_some(), "{contradiction}");
        }
        assert!(read(json!([of(1), of(1)]), "AI").known().is_some());
    }
}
