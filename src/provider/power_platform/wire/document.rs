//! The allocation document of one environment (powerplatform-api.md 2.1; the oldest surface, of 1.1, has a subset of it).

pub mod parse;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::model::catalog::AddOn;
use crate::model::document::{Entry, EnvironmentDocument, Switch, Switches};
use crate::model::terms::Units;

/// An allocation document as it goes over the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RawDocument {
    /// The id of the environment, as the service spells it.
    pub environment_id: String,
    /// One entry for each add-on.
    #[serde(default)]
    pub currency_allocations: Vec<RawEntry>,
    /// Fields that the model does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One add-on of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RawEntry {
    /// The service's name of the add-on.
    pub currency_type: String,
    /// The allocated units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocated: Option<Number>,
    /// Units that the service assigned by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_allocated: Option<Number>,
    /// The rules for when the units are used up. The oldest surface has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement_rules: Option<Vec<RawRule>>,
    /// Fields that the model does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// One rule of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RawRule {
    /// The service's name of the rule.
    pub rule_type: String,
    /// Whether the rule is on.
    pub enabled: bool,
    /// Fields that the model does not know, such as the threshold of an alert.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The service's name of a switch.
pub const fn rule_type(switch: Switch) -> &'static str {
    match switch {
        Switch::DrawFromTenant => "TenantPool",
        Switch::PayAsYouGo => "PayGo",
        Switch::Alert => "Alert",
        Switch::Deny => "Deny",
    }
}

/// The switch behind a rule; `None` for rules that the model does not know, such as `Throttle`.
pub fn switch(rule_type_name: &str) -> Option<Switch> {
    Switch::ALL.into_iter().find(|switch| rule_type(*switch).eq_ignore_ascii_case(rule_type_name))
}

/// The longest quotation of the service's JSON.
const LONGEST_QUOTE: usize = 60;

/// JSON of the service as it is quoted in a reason, cut if it is long.
pub fn quoted(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// A whole amount from a number of the service. `None` if the number is negative, a fraction, or too large to be exact.
pub fn units(number: &Number) -> Option<Units> {
    if let Some(whole) = number.as_u64() {
        return Some(Units::new(whole)).filter(|units| *units <= Units::MAX_PURCHASE);
    }
    // The newer surface counts in doubles: 5000.0.
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.')?;
    let is_whole = !fraction.is_empty() && fraction.bytes().all(|digit| digit == b'0');
    let parsed: u64 = whole.parse().ok().filter(|_| is_whole)?;
    Some(Units::new(parsed)).filter(|units| *units <= Units::MAX_PURCHASE)
}

impl RawDocument {
    /// A document without entries.
    pub fn new(environment_id: impl Into<String>) -> RawDocument {
        RawDocument { environment_id: environment_id.into(), ..RawDocument::default() }
    }

    /// Translates to the model.
    ///
    /// # Errors
    ///
    /// If an amount is missing or malformed, or there is a duplicate add-on. A guess would look like a real amount.
    pub fn read(&self) -> Result<EnvironmentDocument, String> {
        let mut entries = LiteMap::new();
        for raw in &self.currency_allocations {
            let name = &raw.currency_type;
            if entries.insert(AddOn::from_api_value(name), raw.read()?).is_some() {
                return Err(format!("the service states {name} twice"));
            }
        }
        Ok(EnvironmentDocument { entries })
    }

    /// Translates a document of the oldest surface, which returns amounts only: entries without rules have switches that could not be read.
    ///
    /// # Errors
    ///
    /// See [`RawDocument::read`].
    pub fn read_amounts(&self) -> Result<EnvironmentDocument, String> {
        let mut contents = self.read()?;
        for raw in self.currency_allocations.iter().filter(|raw| raw.enforcement_rules.is_none()) {
            if let Some(entry) = contents.entries.get_mut(&AddOn::from_api_value(&raw.currency_type)) {
                entry.when_exhausted = Switches::UNKNOWN;
            }
        }
        Ok(contents)
    }

    /// This document with the wanted amounts and switches. Entries that already match stay as received; so does everything
    /// that the model does not know, also in the entries that change. Nothing is left out, so that the result means the same
    /// to a service that merges and to one that replaces.
    #[must_use]
    pub fn holding(&self, wanted: &EnvironmentDocument) -> RawDocument {
        let mut written = self.clone();
        for (add_on, entry) in &wanted.entries {
            let name = add_on.api_value();
            match written.currency_allocations.iter_mut().find(|raw| raw.names(name)) {
                Some(raw) => raw.hold(entry),
                None => written.currency_allocations.push(RawEntry::of(name, entry)),
            }
        }
        written
    }

    /// This document without the rule of a switch.
    #[must_use]
    pub fn without(&self, left_out: Switch) -> RawDocument {
        let mut rest = self.clone();
        for rules in rest.currency_allocations.iter_mut().filter_map(|entry| entry.enforcement_rules.as_mut()) {
            rules.retain(|rule| switch(&rule.rule_type) != Some(left_out));
        }
        rest
    }

    /// This document for the oldest surface: amounts only.
    #[must_use]
    pub fn amounts_only(&self) -> RawDocument {
        let amount = |entry: &RawEntry| RawEntry {
            currency_type: entry.currency_type.clone(),
            allocated: entry.allocated.clone(),
            auto_allocated: None,
            enforcement_rules: None,
            other: Map::new(),
        };
        let currency_allocations = self.currency_allocations.iter().map(amount).collect();
        RawDocument { environment_id: self.environment_id.clone(), currency_allocations, other: Map::new() }
    }

    /// Whether [`RawDocument::amounts_only`] has all that the entries hold.
    pub fn holds_amounts_only(&self) -> bool {
        let is_zero = |number: &Number| number.as_f64() == Some(0.0);
        self.currency_allocations.iter().all(|entry| {
            let has_rules = entry.enforcement_rules.as_ref().is_some_and(|rules| !rules.is_empty());
            !has_rules && entry.auto_allocated.as_ref().is_none_or(is_zero) && entry.other.is_empty()
        })
    }

    /// The entry of an add-on.
    pub fn entry(&self, currency_type: &str) -> Option<&RawEntry> {
        self.currency_allocations.iter().find(|entry| entry.names(currency_type))
    }
}

impl RawEntry {
    /// A new entry. Without switches, the entry carries no rules, and the service's defaults apply.
    pub fn of(currency_type: &str, entry: &Entry) -> RawEntry {
        let rules: Vec<RawRule> = entry.when_exhausted.iter().map(|(switch, on)| RawRule::of(switch, on)).collect();
        RawEntry {
            currency_type: currency_type.to_owned(),
            allocated: Some(entry.units.get().into()),
            auto_allocated: None,
            enforcement_rules: (!rules.is_empty()).then_some(rules),
            other: Map::new(),
        }
    }

    /// Whether this is the entry of an add-on. The case of letters does not matter.
    pub fn names(&self, currency_type: &str) -> bool {
        self.currency_type.eq_ignore_ascii_case(currency_type)
    }

    /// Translates to the model.
    ///
    /// # Errors
    ///
    /// If the amount is missing or malformed.
    pub fn read(&self) -> Result<Entry, String> {
        let name = &self.currency_type;
        let stated = self.allocated.as_ref().ok_or_else(|| format!("the service states no amount of {name}"))?;
        let units = units(stated).ok_or_else(|| {
            format!("the service states {stated} as an amount of {name}, which is not a number of units")
        })?;
        Ok(Entry { units, when_exhausted: self.switches() })
    }

    /// The rules that the model knows as switches.
    pub fn switches(&self) -> Switches {
        let rules = self.enforcement_rules.iter().flatten();
        rules.filter_map(|rule| Some((switch(&rule.rule_type)?, rule.enabled))).collect()
    }

    fn hold(&mut self, entry: &Entry) {
        if self.allocated.as_ref().and_then(units) != Some(entry.units) {
            self.allocated = Some(entry.units.get().into());
        }
        for (switch, on) in entry.when_exhausted.iter() {
            let rules = self.enforcement_rules.get_or_insert_default();
            match rules.iter_mut().find(|rule| rule.rule_type.eq_ignore_ascii_case(rule_type(switch))) {
                Some(rule) => rule.enabled = on,
                None => rules.push(RawRule::of(switch, on)),
            }
        }
    }
}

impl RawRule {
    fn of(switch: Switch, enabled: bool) -> RawRule {
        RawRule { rule_type: rule_type(switch).to_owned(), enabled, other: Map::new() }
    }
}

#[cfg(test)]
mod tests;
