//! Numbers and names as messages say them.

use crate::model::terms::Units;

/// A whole number with a comma between thousands.
pub(super) fn thousands(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount with a comma between thousands.
pub(super) fn amount(units: Units) -> String {
    thousands(i128::from(units.get()))
}

/// `is` or `are`, as the name of an add-on wants it.
pub(super) fn be(name: &str) -> &'static str {
    let plural = name.ends_with('s') && !name.ends_with("ss");
    if plural { "are" } else { "is" }
}
