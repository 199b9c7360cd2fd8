//! The keys of every mapping with a fixed set of keys, and where a key belongs that lies elsewhere.

use crate::model::document::Switch;
use crate::model::terms::EnvironmentClass;

/// The keys that a mapping may have, and where the mapping lies in a file.
#[derive(Debug)]
pub(super) struct Keys {
    /// The name of the mapping in messages.
    pub(super) what: &'static str,
    pub(super) keys: &'static [&'static str],
    /// The keys that lead to the mapping from the top of a file. A name that people choose is an example, and `-` is an item of a list.
    path: &'static [&'static str],
    files: Files,
}

/// The files that can contain a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Files {
    Root,
    Environments,
    Both,
}

pub(super) const ROOT: Keys = Keys {
    what: "the root file",
    keys: &[
        "version",
        "tenant",
        "include",
        "purchased",
        "reserve",
        "budgets",
        "debts",
        "defaults",
        "rules",
        "floors",
        "allow",
        "environments",
    ],
    path: &[],
    files: Files::Root,
};
pub(super) const TENANT: Keys = Keys {
    what: "`tenant`",
    keys: &["name", "provider", "id", "cloud", "timeZone", "whoCanAllocate"],
    path: &["tenant"],
    files: Files::Root,
};
pub(super) const PURCHASE: Keys = Keys {
    what: "a purchase",
    keys: &["units", "packs", "from", "until", "agreement"],
    path: &["purchased", "app-passes"],
    files: Files::Root,
};
pub(super) const BUDGET: Keys =
    Keys { what: "a budget", keys: &["costCenter", "limits"], path: &["budgets", "hr"], files: Files::Root };
pub(super) const LIMIT: Keys = Keys {
    what: "a limit",
    keys: &["units", "packs", "from", "until"],
    path: &["budgets", "hr", "limits", "app-passes"],
    files: Files::Root,
};
pub(super) const DEFAULTS: Keys =
    Keys { what: "`defaults`", keys: &EnvironmentClass::NAMES, path: &["defaults"], files: Files::Root };
pub(super) const RULES: Keys = Keys {
    what: "`rules`",
    keys: &[
        "unmanagedEnvironments",
        "unmanagedAddOns",
        "defaultEnvironment",
        "maxDecrease",
        "maxEnvironmentsChanged",
        "neverBelowConsumption",
        "warnAtPercent",
        "failBeforeExpiryDays",
        "requireTicket",
    ],
    path: &["rules"],
    files: Files::Root,
};
pub(super) const MAX_DECREASE: Keys =
    Keys { what: "`maxDecrease`", keys: &["percent", "units"], path: &["rules", "maxDecrease"], files: Files::Root };
pub(super) const ALLOW: Keys = Keys {
    what: "an entry of `allow`",
    keys: &["code", "scope", "to", "until", "ticket", "reason"],
    path: &["allow", "-"],
    files: Files::Root,
};
pub(super) const FILE: Keys = Keys {
    what: "an environment file",
    keys: &["version", "budget", "owner", "environments"],
    path: &[],
    files: Files::Environments,
};
pub(super) const ENVIRONMENT: Keys = Keys {
    what: "an environment",
    keys: &["id", "name", "class", "protect", "budget", "owner", "allocations"],
    path: &["environments", "hr-prod"],
    files: Files::Both,
};
pub(super) const ALLOCATION: Keys = Keys {
    what: "an allocation",
    keys: &["units", "packs", "whenExhausted", "grants", "ticket", "reason"],
    path: &["environments", "hr-prod", "allocations", "app-passes"],
    files: Files::Both,
};
pub(super) const SWITCHES: Keys = Keys {
    what: "`whenExhausted`",
    keys: &Switch::NAMES,
    path: &["environments", "hr-prod", "allocations", "app-passes", "whenExhausted"],
    files: Files::Both,
};
pub(super) const GRANT: Keys = Keys {
    what: "a grant",
    keys: &["add", "from", "until", "ticket", "reason"],
    path: &["environments", "hr-prod", "allocations", "app-passes", "grants", "-"],
    files: Files::Both,
};

const EVERY: [&Keys; 14] = [
    &ROOT,
    &TENANT,
    &PURCHASE,
    &BUDGET,
    &LIMIT,
    &DEFAULTS,
    &RULES,
    &MAX_DECREASE,
    &ALLOW,
    &FILE,
    &ENVIRONMENT,
    &ALLOCATION,
    &SWITCHES,
    &GRANT,
];

/// The paths of the mappings whose keys are add-ons.
const OF_ADD_ONS: [(&[&str], Files); 8] = [
    (&["purchased"], Files::Root),
    (&["reserve"], Files::Root),
    (&["debts"], Files::Root),
    (&["defaults", "sandbox"], Files::Root),
    (&["rules", "maxDecrease", "units"], Files::Root),
    (&["floors", "hr-prod"], Files::Root),
    (&["budgets", "hr", "limits"], Files::Root),
    (&["environments", "hr-prod", "allocations"], Files::Both),
];

/// Words that people and other tools use for a key.
const OTHER_WORDS: [(&str, &str); 40] = [
    ("units", "add"),
    ("units", "to"),
    ("amount", "units"),
    ("amount", "add"),
    ("amount", "to"),
    ("quantity", "units"),
    ("quantity", "add"),
    ("quantity", "to"),
    ("count", "units"),
    ("count", "add"),
    ("count", "to"),
    ("value", "units"),
    ("value", "add"),
    ("menge", "units"),
    ("menge", "add"),
    ("anzahl", "units"),
    ("anzahl", "add"),
    ("start", "from"),
    ("startdate", "from"),
    ("validfrom", "from"),
    ("von", "from"),
    ("end", "until"),
    ("enddate", "until"),
    ("expires", "until"),
    ("expiry", "until"),
    ("validuntil", "until"),
    ("validto", "until"),
    ("to", "until"),
    ("bis", "until"),
    ("displayname", "name"),
    ("environmentid", "id"),
    ("tenantid", "id"),
    ("type", "class"),
    ("environmenttype", "class"),
    ("comment", "reason"),
    ("note", "reason"),
    ("description", "reason"),
    ("addons", "allocations"),
    ("contract", "agreement"),
    ("region", "cloud"),
];

impl Keys {
    /// The key of this mapping that people call by another word. Ignores case, `_` and `-`.
    pub(super) fn other_word(&self, word: &str, is_free: impl Fn(&str) -> bool) -> Option<&'static str> {
        const LONGEST: usize = 20;
        if word.len() > LONGEST {
            return None;
        }
        let plain: String = word.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let plain = plain.to_lowercase();
        let other = OTHER_WORDS.iter().filter(|(other, _)| *other == plain).map(|(_, key)| *key);
        other.into_iter().find(|key| self.keys.contains(key) && is_free(key))
    }

    /// The only key that begins like a word, such as `drawFromTenant` for `drawFromPool`.
    pub(super) fn begun(&self, word: &str) -> Option<&'static str> {
        /// The fewest letters in common. Keys have several words, so this is more than one of them.
        const FEWEST: usize = 8;
        let common = |key: &str| key.chars().zip(word.chars()).take_while(|(one, other)| one == other).count();
        let most = self.keys.iter().map(|key| common(key)).max().filter(|most| *most >= FEWEST)?;
        let mut found = self.keys.iter().copied().filter(|key| common(key) == most);
        found.next().filter(|_| found.next().is_none())
    }

    /// Where a key belongs that this mapping does not have and another one has.
    pub(super) fn elsewhere(&self, key: &str) -> Option<String> {
        let homes: Vec<&Keys> =
            EVERY.into_iter().filter(|other| other.what != self.what && other.keys.contains(&key)).collect();
        if let Some(help) = self.below(homes.iter().map(|home| (home.path, home.files)), key) {
            return Some(help);
        }
        let above = homes.iter().filter(|home| self.path.starts_with(home.path)).max_by_key(|home| home.path.len());
        match above {
            Some(home) if home.path.is_empty() && home.files == Files::Root => {
                Some(format!("`{key}` is a key of the root file, and begins a line there"))
            }
            Some(home) if home.path.is_empty() => Some(format!("`{key}` is a key of the file, and begins a line")),
            Some(home) => Some(format!("`{key}` is a key of {}: write it beside {}", home.what, self.beside(home))),
            None => match homes.as_slice() {
                [only] => Some(format!("`{key}` is a key of {}: `{}`", only.what, example(only.path, key))),
                _ => None,
            },
        }
    }

    /// Where an add-on belongs that is a key of this mapping.
    pub(super) fn of_add_on(&self, slug: &str) -> Option<String> {
        if let Some(help) = self.below(OF_ADD_ONS.into_iter(), slug) {
            return Some(help);
        }
        let above =
            OF_ADD_ONS.iter().filter(|(path, _)| self.path.starts_with(path)).max_by_key(|(path, _)| path.len());
        let (path, _) = above?;
        let holder = path.last()?;
        Some(format!("an add-on is a key of `{holder}`: indent `{slug}` as the add-on above it"))
    }

    /// How to write a key in the nearest mappings below this one.
    fn below(&self, homes: impl Iterator<Item = (&'static [&'static str], Files)>, key: &str) -> Option<String> {
        let is_below = |path: &[&str]| path.len() > self.path.len() && path.starts_with(self.path);
        let can_be_here = |files: Files| self.files != Files::Environments || files != Files::Root;
        let below: Vec<&[&str]> =
            homes.filter(|(path, files)| is_below(path) && can_be_here(*files)).map(|(path, _)| path).collect();
        let nearest = below.iter().map(|path| path.len()).min()?;
        let examples = below.iter().filter(|path| path.len() == nearest);
        let examples: Vec<String> = examples
            .map(|path| format!("`{}`", example(path.get(self.path.len()..).unwrap_or_default(), key)))
            .collect();
        Some(match examples.split_last()? {
            (only, []) => format!("write {only}"),
            (last, others) => format!("write {} or {last}", others.join(", ")),
        })
    }

    /// The key of a mapping above that leads to this one.
    fn beside(&self, above: &Keys) -> String {
        self.path.get(above.path.len()).map_or_else(String::new, |key| format!("`{key}`"))
    }
}

/// The help for a key that is used as the name of an add-on.
pub(super) fn in_place_of_add_on(key: &str) -> Option<String> {
    if ALLOCATION.keys.contains(&key) {
        return Some(format!("`{key}` follows the name of an add-on: `{}`", example(&["app-passes"], key)));
    }
    let home = [&ENVIRONMENT, &BUDGET, &RULES, &ROOT].into_iter().find(|home| home.keys.contains(&key))?;
    Some(format!("`{key}` is a key of {}: check its indentation", home.what))
}

/// A key as it is written below other keys.
fn example(path: &[&str], key: &str) -> String {
    match path {
        [] => format!("{key}: …"),
        [list, "-", rest @ ..] => format!("{list}: [{{ {} }}]", example(rest, key)),
        [above, rest @ ..] => format!("{above}: {{ {} }}", example(rest, key)),
    }
}

#[cfg(test)]
mod tests {
    use super::{ALLOCATION, ALLOW, ENVIRONMENT, EVERY, FILE, GRANT, ROOT, RULES, SWITCHES};

    #[test]
    fn a_key_of_another_mapping_is_shown_in_its_place() {
        for (here, key, help) in [
            (&ROOT, "allocations", "write `environments: { hr-prod: { allocations: … } }`"),
            (&ROOT, "provider", "write `tenant: { provider: … }`"),
            (&ROOT, "maxDecrease", "write `rules: { maxDecrease: … }`"),
            (&ROOT, "owner", "write `environments: { hr-prod: { owner: … } }`"),
            (&ENVIRONMENT, "units", "write `allocations: { app-passes: { units: … } }`"),
            (&ENVIRONMENT, "add", "write `allocations: { app-passes: { grants: [{ add: … }] } }`"),
            (&ENVIRONMENT, "allow", "`allow` is a key of the root file, and begins a line there"),
            (&ALLOCATION, "alert", "write `whenExhausted: { alert: … }`"),
            (&ALLOCATION, "protect", "`protect` is a key of an environment: write it beside `allocations`"),
            (&GRANT, "whenExhausted", "`whenExhausted` is a key of an allocation: write it beside `grants`"),
            (&FILE, "tenant", "`tenant` is a key of the root file, and begins a line there"),
            (&FILE, "protect", "write `environments: { hr-prod: { protect: … } }`"),
            (&RULES, "percent", "write `maxDecrease: { percent: … }`"),
            (&ALLOW, "protect", "`protect` is a key of an environment: `environments: { hr-prod: { protect: … } }`"),
        ] {
            assert_eq!(here.elsewhere(key).as_deref(), Some(help), "{key} in {}", here.what);
        }
        for (here, help) in [
            (&ENVIRONMENT, Some("write `allocations: { app-passes: … }`")),
            (&ALLOCATION, Some("an add-on is a key of `allocations`: indent `app-passes` as the add-on above it")),
            (&FILE, Some("write `environments: { hr-prod: { allocations: { app-passes: … } } }`")),
            (&ALLOW, None),
        ] {
            assert_eq!(here.of_add_on("app-passes").as_deref(), help, "{}", here.what);
        }
        assert_eq!(ENVIRONMENT.elsewhere("nothing"), None);
    }

    #[test]
    fn a_key_is_known_by_its_beginning_and_by_other_words() {
        assert_eq!(SWITCHES.begun("drawFromPool"), Some("drawFromTenant"));
        assert_eq!(RULES.begun("neverBelowUsage"), Some("neverBelowConsumption"));
        assert_eq!(RULES.begun("unmanaged"), None, "two keys begin like this");
        assert_eq!(ENVIRONMENT.begun("alloc"), None, "too short");
        let is_free = |_: &str| true;
        assert_eq!(ENVIRONMENT.other_word("display_name", is_free), Some("name"));
        assert_eq!(ALLOW.other_word("amount", is_free), Some("to"));
        assert_eq!(GRANT.other_word("units", is_free), Some("add"));
        assert_eq!(GRANT.other_word("units", |_| false), None);
    }

    #[test]
    fn every_mapping_has_keys_and_a_name_of_its_own() {
        for (at, keys) in EVERY.iter().enumerate() {
            assert!(!keys.keys.is_empty(), "{}", keys.what);
            assert!(EVERY.iter().skip(at + 1).all(|other| other.what != keys.what), "{}", keys.what);
        }
    }
}
