//! A world as files: the configuration in YAML, the tenant in JSON, and both as a text that a person can read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::shape::{Environment, Holding, Purchase, World};
use super::tenant::{ADD_ONS, Place, SWITCHES, Tenant};

/// The id of an environment.
pub(super) fn id(at: usize) -> String {
    format!("00000000-0000-4000-8000-{:012x}", 0xa0 + at)
}

/// The key of an environment in the configuration.
pub(super) fn key(at: usize) -> String {
    format!("e{at}")
}

/// The last day of the grants of this year.
const END_OF_YEAR: &str = "2026-12-31";

impl World {
    /// Whether it is the default environment.
    pub(super) fn is_default(&self, at: usize) -> bool {
        at == 0 && self.default_environment.is_some()
    }

    /// The id of an environment, with the prefix of the default one.
    pub(super) fn id(&self, at: usize) -> String {
        format!("{}{}", if self.is_default(at) { "Default-" } else { "" }, id(at))
    }

    /// The tenant at the start.
    pub(super) fn tenant(&self) -> Tenant {
        let place = |(at, environment): (usize, &Environment)| Place {
            id: self.id(at),
            name: key(at),
            class: if self.is_default(at) { "Default" } else { "Production" },
            state: environment.state,
            is_listed: environment.is_listed,
            document: document(self.id(at), environment),
            consumed: consumed(environment),
        };
        Tenant {
            places: self.environments.iter().enumerate().map(place).collect(),
            purchased: std::array::from_fn(|add_on| self.purchases[add_on].live.map(u64::from)),
            only_specific_admins: self.only_specific_admins,
        }
    }

    /// The last day of the grant that ends first, if an amount has this many units granted this year. In November, more
    /// than one unit is split into two grants.
    pub(super) fn first_end(&self, granted: u32) -> &'static str {
        if granted > 1 && self.before_new_year.is_none() { "2026-12-30" } else { END_OF_YEAR }
    }

    /// The root file, with `percent` percent of the desired amounts.
    pub(super) fn yaml(&self, percent: u32) -> String {
        let mut text = "version: 1\ntenant:\n  name: contoso\n  provider: power-platform\n  \
            id: \"03ab3068-c403-406d-8351-bdbb6374c8b0\"\n  timeZone: UTC\n"
            .to_owned();
        if let Some(only) = self.who_can_allocate {
            let _ = writeln!(
                text,
                "  whoCanAllocate: {}",
                if only { "only-specific-admins" } else { "environment-admins" }
            );
        }
        let percent_of_decrease = self.max_decrease_percent.unwrap_or(100);
        let _ = write!(
            text,
            "rules:\n  neverBelowConsumption: {}\n  maxDecrease:\n    percent: {percent_of_decrease}\n",
            !self.below_consumption
        );
        if self.default_environment == Some(true) {
            text = text.replace("rules:\n", "rules:\n  defaultEnvironment: allow\n");
        }
        block(&mut text, "    units", |add_on| self.purchases[add_on].most_decrease.map(|units| units.to_string()));
        self.language_rules(&mut text);
        block(&mut text, "purchased", |add_on| {
            let shown = |units: u32| self.purchased(add_on, units);
            Some(match self.purchases[add_on].declared? {
                (now, None) => format!("[{{ {} }}]", shown(now)),
                (now, Some(next)) => {
                    format!("[{{ {}, until: 2026-12-31 }}, {{ {}, from: 2027-01-01 }}]", shown(now), shown(next))
                }
            })
        });
        let above_zero = |units: u32| (units > 0).then(|| units.to_string());
        // A pool is named once, by its first add-on.
        let of_pool = |add_on: usize, of: fn(&Purchase) -> u32| {
            let pool = ADD_ONS[add_on].2;
            let leads = ADD_ONS.iter().position(|(.., other)| *other == pool) == Some(add_on);
            let members = self.purchases.iter().zip(ADD_ONS).filter(|(_, (.., other))| *other == pool);
            leads.then(|| members.map(|(purchase, _)| of(purchase)).sum())
        };
        block(&mut text, "reserve", |add_on| of_pool(add_on, |purchase| purchase.reserve).and_then(above_zero));
        block(&mut text, "debts", |add_on| of_pool(add_on, |purchase| purchase.debt).and_then(above_zero));
        self.language_blocks(&mut text);
        self.floors(&mut text);
        self.declared_environments(&mut text, percent);
        if self.is_local {
            text = text.replace("provider: power-platform", "provider: local");
        }
        text
    }

    fn floors(&self, text: &mut String) {
        let mut all = String::new();
        for (at, environment) in self.environments.iter().enumerate() {
            let floors = environment.declared.as_ref().map(|declared| declared.floors).unwrap_or_default();
            block(&mut all, &format!("  {}", key(at)), |add_on| floors[add_on].map(|units| units.to_string()));
        }
        if !all.is_empty() {
            let _ = write!(text, "floors:\n{all}");
        }
    }

    fn declared_environments(&self, text: &mut String, percent: u32) {
        text.push_str("environments:\n");
        let mut any = false;
        for (at, environment) in self.environments.iter().enumerate() {
            let Some(declared) = &environment.declared else { continue };
            any = true;
            let _ = writeln!(text, "  {}:\n    id: \"{}\"", key(at), self.id(at));
            if declared.protect {
                text.push_str("    protect: true\n");
            }
            self.marks(at, text);
            block(text, "    allocations", |add_on| {
                let Some(amount) = &declared.amounts[add_on] else {
                    return declared.marks.unmanaged[add_on].then(|| "unmanaged".to_owned());
                };
                let units = amount.units * percent / 100;
                let mut fields: Vec<String> =
                    amount.names_units().then(|| format!("units: {units}")).into_iter().collect();
                if let Some((add, next)) = amount.grant {
                    let grant = |add: u32, when: &str| format!("{{ add: {add}, {when}, reason: a loan }}");
                    let this_year = |day: &str| format!("from: 2026-01-01, until: {day}");
                    let all = match (next, self.first_end(add)) {
                        (true, _) => grant(add, "from: 2027-01-01"),
                        (false, END_OF_YEAR) => grant(add, &this_year(END_OF_YEAR)),
                        (false, first) => grant(1, &this_year(first)) + ", " + &grant(add - 1, &this_year(END_OF_YEAR)),
                    };
                    fields.push(format!("grants: [{all}]"));
                }
                let named =
                    SWITCHES.iter().zip(amount.switches).filter_map(|((_, name), on)| Some(format!("{name}: {}", on?)));
                let named: Vec<String> = named.collect();
                if declared.marks.has_ticket {
                    fields.push("ticket: CHG0048211".to_owned());
                }
                if !named.is_empty() {
                    fields.push(format!("whenExhausted: {{ {} }}", named.join(", ")));
                }
                Some(format!("{{ {} }}", fields.join(", ")))
            });
        }
        if !any {
            text.truncate(text.len() - "environments:\n".len());
            text.push_str("environments: {}\n");
        }
    }

    /// Everything, for a person.
    pub(super) fn shown(&self) -> String {
        let mut text = format!(
            "{}: {:?}, {}, surfaces (middle, newest, new listing) {:?}, page {}, latency 2 x {} ms, {}\n\
             run: parallelism {}, {}, {}, target {:?}{}\n",
            if self.is_local { "built-in tenant" } else { "service" },
            self.semantics,
            if self.refuses_over_allocation { "refuses over-allocation" } else { "accepts over-allocation" },
            self.has,
            self.page,
            self.latency,
            self.before_new_year.map_or("24 November".to_owned(), |seconds| format!("{seconds} s before 2027")),
            self.parallelism,
            if self.is_saved { "saved plan" } else { "plan made now" },
            if self.thinks == 0 { "auto-approve".to_owned() } else { format!("the operator thinks {} s", self.thinks) },
            self.target.map(|at| key(usize::from(at) % self.environments.len())),
            if self.language.is_strict { ", strict" } else { "" },
        );
        let tenant = self.tenant();
        for (add_on, (currency, ..)) in ADD_ONS.iter().enumerate() {
            let _ = write!(text, "{currency} {:?}, ", tenant.purchased[add_on]);
        }
        text.push('\n');
        for place in &tenant.places {
            let listed = if place.is_listed { "" } else { ", not listed" };
            let document = place
                .document
                .as_ref()
                .map_or("no document".to_owned(), |document| document["currencyAllocations"].to_string());
            let _ = writeln!(
                text,
                "{} {} {}{listed}, consumed {:?}: {document}",
                place.name, place.id, place.state, place.consumed
            );
        }
        for fault in &self.faults {
            let _ =
                writeln!(text, "fault: {:?} number {}, {} times: {:?}", fault.on, fault.nth, fault.times, fault.what);
        }
        format!("{text}--- allotment.yaml\n{}", self.yaml(100))
    }
}

fn consumed(environment: &Environment) -> BTreeMap<usize, u64> {
    let all = environment.consumed.iter().enumerate();
    all.filter_map(|(add_on, units)| Some((add_on, u64::from((*units)?)))).collect()
}

pub(super) fn block(text: &mut String, title: &str, value: impl Fn(usize) -> Option<String>) {
    let indent = " ".repeat(title.len() - title.trim_start().len() + 2);
    let lines: Vec<String> = ADD_ONS
        .iter()
        .enumerate()
        .filter_map(|(add_on, (_, slug, _))| Some(format!("{indent}{slug}: {}\n", value(add_on)?)))
        .collect();
    if !lines.is_empty() {
        let _ = write!(text, "{title}:\n{}", lines.concat());
    }
}

fn document(id: String, environment: &Environment) -> Option<Value> {
    let held: Vec<Value> = environment
        .holds
        .iter()
        .enumerate()
        .filter_map(|(add_on, holding)| Some(entry(add_on, holding.as_ref()?)))
        .collect();
    if held.is_empty() {
        return None;
    }
    let mut document = json!({ "environmentId": id, "currencyAllocations": held });
    if environment.holds.iter().flatten().any(|holding| holding.strange) {
        document["costCenter"] = json!("CC-1");
    }
    Some(document)
}

fn entry(add_on: usize, holding: &Holding) -> Value {
    let mut entry = json!({ "currencyType": ADD_ONS[add_on].0, "allocated": holding.units });
    if let Some(auto) = holding.auto {
        entry["autoAllocated"] = if auto % 2 == 0 { json!(auto) } else { json!(f64::from(auto)) };
    }
    let rules = SWITCHES.iter().zip(holding.rules);
    let mut rules: Vec<Value> =
        rules.filter_map(|((rule, _), on)| Some(json!({ "ruleType": rule, "enabled": on? }))).collect();
    if holding.strange {
        rules.push(
            json!({ "ruleType": "Throttle", "enabled": true, "ruleData": { "unitType": "Count", "value": "7" } }),
        );
        entry["tag"] = json!({ "by": "somebody" });
    }
    if !rules.is_empty() {
        entry["enforcementRules"] = Value::Array(rules);
    }
    entry
}
