//! A day on the command line.

use jiff::civil::Date;

use crate::model::day::day;

/// Reads the value of `--at`.
///
/// # Errors
///
/// If the text is not a day in the form `2027-03-31`.
pub fn parse_day(text: &str) -> Result<Date, String> {
    day(text).map_err(|error| format!("{}; {}", error, error.help()))
}
