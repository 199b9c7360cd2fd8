//! The purchased, allocated and consumed units of the tenant: the currency report (powerplatform-api.md 1.3).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Number;

use super::document::units;
use crate::model::catalog::AddOn;
use crate::model::observed::{ObservedTotal, Reading};
use crate::model::terms::Units;

/// One add-on that the tenant holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CurrencyReport {
    /// The service's name of the add-on.
    pub currency_type: String,
    /// Purchased units.
    pub purchased: Option<Number>,
    /// Units allocated to environments.
    pub allocated: Option<Number>,
    /// Consumed units, if the request asked for them.
    pub consumed: Option<ConsumedReport>,
}

/// Consumption by the newest daily count.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumedReport {
    /// Consumed units.
    pub units_consumed: Option<Number>,
    /// The day of the count.
    pub last_updated_day: Option<String>,
}

/// The tenant's totals. An add-on that is not reported is not owned: only what a tenant holds is in the report.
///
/// # Errors
///
/// If an add-on has two reports, because neither can be trusted.
pub fn totals(reports: &[CurrencyReport], at: Timestamp) -> Result<BTreeMap<AddOn, ObservedTotal>, String> {
    let mut totals = BTreeMap::new();
    for report in reports {
        let name = &report.currency_type;
        let total = ObservedTotal {
            purchased: amount(report.purchased.as_ref(), name, "purchased", at),
            allocated: amount(report.allocated.as_ref(), name, "allocated", at),
            consumed: consumed(report, at),
        };
        if totals.insert(AddOn::from_api_value(name), total).is_some() {
            return Err(format!("the service reports {name} twice"));
        }
    }
    Ok(totals)
}

fn amount(stated: Option<&Number>, name: &str, what: &str, as_of: Timestamp) -> Reading<Units> {
    let Some(stated) = stated else {
        return Reading::Unknown { why: format!("the service does not report how much of {name} is {what}").into() };
    };
    match units(stated) {
        Some(value) => Reading::Known { value, as_of },
        None => Reading::Unknown {
            why: format!("the service reports {stated} {what} units of {name}, which is not a number of units").into(),
        },
    }
}

/// The consumed units. Their age is that of the daily count, not of the answer.
fn consumed(report: &CurrencyReport, at: Timestamp) -> Reading<Units> {
    let Some(consumed) = &report.consumed else { return Reading::Absent };
    let as_of = match &consumed.last_updated_day {
        None => at,
        Some(day) => match moment(day) {
            Some(as_of) => as_of,
            None => {
                let why = format!(
                    "the service reports that {} was counted on `{day}`, which is not a date",
                    report.currency_type
                );
                return Reading::Unknown { why: why.into() };
            }
        },
    };
    amount(consumed.units_consumed.as_ref(), &report.currency_type, "used", as_of)
}

/// A moment of the service: with a zone, or without one or as a bare day, which are in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let in_utc = |at: DateTime| TimeZone::UTC.to_timestamp(at).ok();
    text.parse().ok().or_else(|| in_utc(text.parse::<DateTime>().ok()?))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::{CurrencyReport, totals};
    use crate::model::catalog::AddOn;
    use crate::model::observed::Reading;
    use crate::model::terms::Units;

    fn at() -> Timestamp {
        "2026-11-25T08:00:00Z".parse().unwrap()
    }

    fn reports(value: serde_json::Value) -> Vec<CurrencyReport> {
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
        )
        .unwrap();
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
            let read = totals(&reports(report), at()).unwrap();
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
        )
        .unwrap();
        let ai = &read[&AddOn::from_api_value("AI")];
        for (reading, expected) in [
            (&ai.purchased, "the service does not report how much of AI is purchased"),
            (&ai.allocated, "the service reports -3 allocated units of AI, which is not a number of units"),
            (&ai.consumed, "the service reports that AI was counted on `yesterday`, which is not a date"),
        ] {
            assert_eq!(reading.unknown().map(AsRef::as_ref), Some(expected));
        }
        let twice = json!([{ "currencyType": "AI", "purchased": 1 }, { "currencyType": "AI", "purchased": 2 }]);
        assert_eq!(totals(&reports(twice), at()).unwrap_err(), "the service reports AI twice");
    }
}
