//! The rules that every plan is checked against.

use std::collections::BTreeMap;

use super::keys;
use super::reader::Reader;
use crate::manifest::tree::Node;
use crate::model::catalog::AddOn;
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::rules::{DefaultEnvironment, Rule, Rules, Unmanaged};
use crate::model::source::{Located, Span};
use crate::model::terms::{Percent, Units};

/// The largest count of days or environments: a number that every reader of the file can represent.
pub(in crate::manifest) const MAX_COUNT: u64 = 1_000_000;

fn set<T>(rule: &mut Rule<T>, value: Option<Located<T>>) {
    if let Some(value) = value {
        *rule = Rule { value: value.value, span: Some(value.span) };
    }
}

impl Reader<'_> {
    pub(super) fn rules(&mut self, node: &Node<'_>) -> Rules {
        let mut rules = Rules::default();
        let Some(fields) = self.fields(node, &keys::RULES) else { return rules };
        let choice = fields.get("unmanagedEnvironments");
        let choice = choice.and_then(|node| self.choice(node, "`unmanagedEnvironments`", &Unmanaged::WORDS));
        set(&mut rules.unmanaged_environments, choice);
        let choice =
            fields.get("unmanagedAddOns").and_then(|node| self.choice(node, "`unmanagedAddOns`", &Unmanaged::WORDS));
        set(&mut rules.unmanaged_add_ons, choice);
        let choice = fields.get("defaultEnvironment");
        let choice = choice.and_then(|node| self.choice(node, "`defaultEnvironment`", &DefaultEnvironment::WORDS));
        set(&mut rules.default_environment, choice);
        if let Some(node) = fields.get("maxDecrease") {
            self.max_decrease(node, &mut rules);
        }
        let most = fields.get("maxEnvironmentsChanged");
        rules.max_environments_changed = most.and_then(|node| self.number(node, "`maxEnvironmentsChanged`", MAX_COUNT));
        let never = fields.get("neverBelowConsumption");
        set(&mut rules.never_below_consumption, never.and_then(|node| self.boolean(node, "`neverBelowConsumption`")));
        if let Some(node) = fields.get("warnAtPercent") {
            rules.warn_at_percent = Rule { value: self.warn_at(node), span: Some(node.span) };
        }
        let days = fields.get("failBeforeExpiryDays");
        let days = days.and_then(|node| self.number(node, "`failBeforeExpiryDays`", MAX_COUNT));
        rules.fail_before_expiry_days = days.map(|days| days.map(|days| u32::try_from(days).unwrap_or(u32::MAX)));
        rules.require_ticket = fields.get("requireTicket").map(|node| self.require_ticket(node)).unwrap_or_default();
        rules
    }

    fn max_decrease(&mut self, node: &Node<'_>, rules: &mut Rules) {
        let Some(fields) = self.fields(node, &keys::MAX_DECREASE) else { return };
        let percent = fields.get("percent").and_then(|node| self.percent(node, "`percent`"));
        set(&mut rules.max_decrease_percent, percent);
        if let Some(node) = fields.get("units") {
            rules.max_decrease_units = self.amounts(node, "`units`", Units::MAX_PURCHASE, false);
        }
    }

    fn warn_at(&mut self, node: &Node<'_>) -> Vec<Percent> {
        let items = self.items(node, "`warnAtPercent`").unwrap_or_default();
        let read: Vec<Located<Percent>> =
            items.iter().filter_map(|item| self.percent(item, "a share of `warnAtPercent`")).collect();
        if read.len() == items.len() {
            self.out_of_order(&read);
        }
        let mut percents: Vec<Percent> = read.into_iter().map(|percent| percent.value).collect();
        percents.sort_unstable();
        percents.dedup();
        percents
    }

    /// Warns about the first share that is not above the one before it: `[80,5]` is probably meant as 80.5 percent.
    fn out_of_order(&mut self, shares: &[Located<Percent>]) {
        let pairs = shares.iter().zip(shares.iter().skip(1));
        let Some((first, second)) = pairs.into_iter().find(|(first, second)| first.value >= second.value) else {
            return;
        };
        let (one, other) = (first.value, second.value);
        // Without a space after the comma, a decimal number is likely.
        let finding = if first.span.end + 1 == second.span.start {
            let message = format!("this is read as two shares, {one} and {other}");
            Finding::warning(Code::A106, message)
                .at(first.span.to(second.span), "two shares")
                .help("a share is a whole number; to write two, put a space after the comma, and the lower one first")
        } else {
            let message = format!("the shares of `warnAtPercent` are not in order: {other} follows {one}");
            Finding::hint(Code::A120, message)
                .at(second.span, "not above the one before")
                .help("write each share a single time, the lowest first")
        };
        self.report(finding);
    }

    fn require_ticket(&mut self, node: &Node<'_>) -> BTreeMap<AddOn, Span> {
        let mut found: BTreeMap<AddOn, Span> = BTreeMap::new();
        for item in self.items(node, "`requireTicket`").unwrap_or_default() {
            let Some(text) = self.text(item, "an add-on of `requireTicket`") else { continue };
            let Some(add_on) = self.add_on(text) else { continue };
            if let Some(first) = found.get(&add_on) {
                let message = format!("{} is named twice in `requireTicket`", add_on.display_name());
                let finding = Finding::error(Code::A122, message).at(text.span, "named again");
                self.report(finding.see(*first, "named here before").help("keep one"));
                continue;
            }
            found.insert(add_on, text.span);
        }
        found
    }
}
