//! The purchased, allocated and consumed units of the tenant: the currency report (powerplatform-api.md 1.3).

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde_json::Value;

use super::document::{quoted, units};
use crate::model::catalog::AddOn;
use crate::model::observed::{ObservedTotal, Reading};
use crate::model::terms::Units;

/// The tenant's totals, row by row. A malformed amount is unknown. If two rows of an add-on differ, or a row has no readable name, all
/// its amounts are unknown. If a row's name is not text, the name's JSON (or the whole row) serves as the name.
pub fn totals(rows: &[Value], at: Timestamp) -> BTreeMap<AddOn, ObservedTotal> {
    let mut seen: BTreeMap<AddOn, &Value> = BTreeMap::new();
    let mut totals = BTreeMap::new();
    for row in rows {
        let (add_on, total) = match row.get("currencyType") {
            Some(Value::String(name)) => (AddOn::from_api_value(name), total(row, name, at)),
            name => {
                let name = name.unwrap_or(row);
                let why = format!("the service states {} as the name of an add-on", quoted(name));
                (AddOn::from_api_value(&name.to_string()), unknown(&why))
            }
        };
        let total = match *seen.entry(add_on.clone()).or_insert(row) {
            first if std::ptr::eq(first, row) => total,
            // Either the first row's amounts are known, or another row contradicted them.
            first if first == row => continue,
            _ => unknown(&format!("the service reports {} twice, and differently", add_on.api_value())),
        };
        totals.insert(add_on, total);
    }
    totals
}

fn unknown(why: &str) -> ObservedTotal {
    let why: Arc<str> = why.into();
    let unknown = || Reading::Unknown { why: Arc::clone(&why) };
    ObservedTotal { purchased: unknown(), allocated: unknown(), consumed: unknown() }
}

fn total(row: &Value, name: &str, at: Timestamp) -> ObservedTotal {
    ObservedTotal {
        purchased: amount(row.get("purchased"), name, "purchased", at),
        allocated: amount(row.get("allocated"), name, "allocated", at),
        consumed: consumed(row.get("consumed"), name, at),
    }
}

/// An amount of an add-on.
pub(super) fn amount(stated: Option<&Value>, name: &str, what: &str, as_of: Timestamp) -> Reading<Units> {
    match stated {
        None | Some(Value::Null) => {
            Reading::Unknown { why: format!("the service does not report how much of {name} is {what}").into() }
        }
        Some(stated) => match stated.as_number().and_then(units) {
            Some(value) => Reading::Known { value, as_of },
            None => {
                let why =
                    format!("the service reports {stated} {what} units of {name}, which is not a number of units");
                Reading::Unknown { why: why.into() }
            }
        },
    }
}

/// The consumed units. Their age is that of the daily count, not of the response.
fn consumed(consumed: Option<&Value>, name: &str, at: Timestamp) -> Reading<Units> {
    let Some(consumed) = consumed.filter(|consumed| !consumed.is_null()) else { return Reading::Absent };
    match counted_at(consumed.get("lastUpdatedDay"), name, at) {
        Ok(as_of) => amount(consumed.get("unitsConsumed"), name, "used", as_of),
        Err(why) => Reading::Unknown { why: why.into() },
    }
}

/// When a count was made; the time of the response if the count has no date. A date without a zone is in UTC.
///
/// # Errors
///
/// If the date cannot be read.
pub(super) fn counted_at(stated: Option<&Value>, name: &str, at: Timestamp) -> Result<Timestamp, String> {
    let stated = match stated {
        None | Some(Value::Null) => return Ok(at),
        Some(stated) => stated,
    };
    let in_utc = |date: DateTime| TimeZone::UTC.to_timestamp(date).ok();
    let parse = |text: &str| {
        let with_zone = text.parse::<Timestamp>().ok();
        let without = || text.parse::<DateTime>().ok().and_then(in_utc);
        let day = || text.parse::<civil::Date>().ok().and_then(|day| in_utc(day.at(0, 0, 0, 0)));
        with_zone.or_else(without).or_else(day)
    };
    let date = stated.as_str().and_then(parse);
    let shown = stated.as_str().map_or_else(|| quoted(stated), |text| format!("`{text}`"));
    date.ok_or_else(|| format!("the service reports that {name} was counted on {shown}, which is not a date"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::totals;
    use crate::model::catalog::AddOn;
    use crate::model::observed::Reading;
    use crate::model::terms::Units;

    fn at() -> Timestamp {
        "2026-11-25T08:00:00Z".parse().unwrap()
    }

    fn reports(value: serde_json::Value) -> Vec<serde_json::Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn figures_are_as_old_as_their_count() {
        let read = totals(
            &reports(json!([
                { "currencyType": "AI", "purchased": 1_000_000, "allocated": 5000,
                  "consumed": { "unitsConsumed": 1200, "lastUpdatedDay": "2026-10-31T00:00:00Z" } },
                { "currencyType": "AppPass", "purchased": 60, "allocated": 45 },
            ])),
            at(),
        );
        let ai = &read[&AddOn::from_api_value("AI")];
        assert_eq!(ai.purchased, Reading::Known { value: Units::new(1_000_000), as_of: at() });
        let counted = "2026-10-31T00:00:00Z".parse().unwrap();
        assert_eq!(ai.consumed, Reading::Known { value: Units::new(1200), as_of: counted });
        assert_eq!(read[&AddOn::from_api_value("AppPass")].consumed, Reading::Absent);
    }

    #[test]
    fn a_count_without_a_zone_is_in_utc() {
        for day in ["2026-10-31T00:00:00Z", "2026-10-31T00:00:00", "2026-10-31T00:00:00.0000000", "2026-10-31"] {
            let report = json!([{ "currencyType": "ai", "consumed": { "unitsConsumed": 1, "lastUpdatedDay": day } }]);
            let read = totals(&reports(report), at());
            let counted = "2026-10-31T00:00:00Z".parse().unwrap();
            let expected = Reading::Known { value: Units::new(1), as_of: counted };
            assert_eq!(read[&AddOn::from_api_value("AI")].consumed, expected, "{day}");
        }
    }

    #[test]
    fn an_amount_that_is_not_reported_is_unknown_and_not_zero() {
        let read = totals(
            &reports(json!([{ "currencyType": "AI", "purchased": null, "allocated": -3,
                              "consumed": { "unitsConsumed": 1, "lastUpdatedDay": "yesterday" } }])),
            at(),
        );
        let ai = &read[&AddOn::from_api_value("AI")];
        for (reading, expected) in [
            (&ai.purchased, "the service does not report how much of AI is purchased"),
            (&ai.allocated, "the service reports -3 allocated units of AI, which is not a number of units"),
            (&ai.consumed, "the service reports that AI was counted on `yesterday`, which is not a date"),
        ] {
            assert_eq!(reading.unknown().map(AsRef::as_ref), Some(expected));
        }
    }

    #[test]
    fn an_odd_row_makes_only_its_own_total_unknown() {
        let read = totals(
            &reports(json!([
                { "currencyType": "AI", "purchased": 1, "allocated": 0 },
                { "currencyType": "ai", "purchased": 2, "allocated": 0 },
                { "currencyType": "ai", "purchased": 2, "allocated": 0 },
                { "currencyType": "AppPass", "purchased": "60", "allocated": 45 },
                { "currencyType": "PortalViews", "purchased": 5.0, "allocated": 1 },
                { "currencyType": "PortalViews", "purchased": 5.0, "allocated": 1 },
                { "currencyType": 7, "purchased": 5 },
                5,
            ])),
            at(),
        );
        let why = |name: &str| read[&AddOn::from_api_value(name)].purchased.unknown().map(AsRef::as_ref);
        assert_eq!(why("AI"), Some("the service reports AI twice, and differently"));
        let text = "the service reports \"60\" purchased units of AppPass, which is not a number of units";
        assert_eq!(why("AppPass"), Some(text));
        assert_eq!(read[&AddOn::from_api_value("AppPass")].allocated.known(), Some(&Units::new(45)));
        assert_eq!(read[&AddOn::from_api_value("PortalViews")].purchased.known(), Some(&Units::new(5)));
        assert_eq!(why("7"), Some("the service states `7` as the name of an add-on"));
        assert_eq!(why("5"), Some("the service states `5` as the name of an add-on"));
    }

    #[test]
    fn a_count_without_a_zone_or_a_time_is_in_utc() {
        for (stated, expected) in [
            ("2026-10-31", "2026-10-31T00:00:00Z"),
            ("2026-10-31T06:30:00", "2026-10-31T06:30:00Z"),
            ("2026-10-31T06:30:00+01:00", "2026-10-31T05:30:00Z"),
        ] {
            let row = json!([{ "currencyType": "AI", "purchased": 1, "allocated": 0,
                               "consumed": { "unitsConsumed": 3.0, "lastUpdatedDay": stated } }]);
            let expected = Reading::Known { value: Units::new(3), as_of: expected.parse().unwrap() };
            assert_eq!(totals(&reports(row), at())[&AddOn::from_api_value("AI")].consumed, expected);
        }
    }
}
