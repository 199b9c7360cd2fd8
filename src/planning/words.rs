//! Numbers and names as messages write them.

use crate::model::digits::grouped;
use crate::model::terms::Units;

pub(super) fn thousands(number: i128) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(&number.unsigned_abs().to_string()))
}

pub(super) fn amount(units: Units) -> String {
    grouped(&units.to_string())
}

/// `is` or `are`, to agree with the name of an add-on.
pub(super) fn be(name: &str) -> &'static str {
    let plural = name.ends_with('s') && !name.ends_with("ss");
    if plural { "are" } else { "is" }
}
