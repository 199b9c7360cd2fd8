//! A number that the tenant reported.

use jiff::Timestamp;
use serde::Serialize;

use crate::model::observed::Reading;
use crate::model::terms::Units;

/// A number with its time, or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FigureView {
    /// The units; `null` if unknown or absent.
    pub units: Option<Units>,
    /// The time of the number.
    pub as_of: Option<Timestamp>,
    /// The reason, if the number is unknown.
    pub unknown: Option<String>,
}

impl FigureView {
    /// A number that was read from the tenant.
    pub fn new(reading: &Reading<Units>) -> FigureView {
        match reading {
            Reading::Known { value, as_of } => FigureView { units: Some(*value), as_of: Some(*as_of), unknown: None },
            Reading::Absent => FigureView { units: None, as_of: None, unknown: None },
            Reading::Unknown { why } => FigureView { units: None, as_of: None, unknown: Some(why.to_string()) },
        }
    }
}
