//! Budgets: how many units the environments of a business unit may hold together, on each date.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::catalog::AddOn;
use super::source::Span;
use super::terms::{Interval, Units};

/// The limits of a business unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The key.
    pub span: Span,
    /// The cost center that pays.
    pub cost_center: Option<String>,
    /// The most units that all environments of the budget may hold together.
    pub limits: BTreeMap<AddOn, Limit>,
}

/// The limit of a budget for one add-on. It may be dated, as a purchase may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The key.
    pub span: Span,
    /// The parts. Those in force on a day are added up.
    pub parts: Vec<LimitPart>,
}

/// Units of a limit for an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitPart {
    /// The units, packs already multiplied.
    pub units: Units,
    /// The days on which they count.
    pub interval: Interval,
    /// The place in the source.
    pub span: Span,
}

impl Limit {
    /// The most units on a date. On a day that no part covers, no unit may be held.
    pub fn on(&self, date: Date) -> Units {
        self.parts.iter().filter(|part| part.interval.contains(date)).map(|part| part.units).sum()
    }

    /// The place to show for a date: the first part in force; else the part that ended last before it; else the key.
    pub fn place(&self, date: Date) -> Span {
        let in_force = self.parts.iter().find(|part| part.interval.contains(date));
        let ended = || {
            let ended = self.parts.iter().filter(|part| part.interval.until.is_some_and(|until| until < date));
            ended.max_by_key(|part| part.interval.until)
        };
        in_force.or_else(ended).map_or(self.span, |part| part.span)
    }
}
