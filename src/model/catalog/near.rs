//! The add-ons that a name in other words may mean: a misspelled name, a name of a price list, a part of a name. The name of another
//! product means none of them.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::names::other_names;
use super::{AddOn, CATALOG};
use crate::model::near::{LONGEST, typing_errors};

/// The most add-ons in one suggestion. A name that fits more means none of them.
const MOST: usize = 3;

/// Words that do not say which add-on is meant.
const EMPTY_WORDS: [&str; 21] = [
    "microsoft",
    "capacity",
    "kapazität",
    "kapazitäten",
    "add",
    "on",
    "addon",
    "plan",
    "pläne",
    "license",
    "licence",
    "lizenz",
    "lizenzen",
    "pack",
    "subscription",
    "tier",
    "month",
    "storage",
    "service",
    "for",
    "für",
];

/// A name of an add-on as words.
struct Named {
    slug: &'static str,
    words: Vec<String>,
    joined: String,
}

/// Every name of every add-on.
fn every_name() -> &'static [Named] {
    static NAMES: OnceLock<Vec<Named>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let names = CATALOG.iter().flat_map(|entry| {
            let names = std::iter::once(entry.slug).chain(other_names(entry)).chain(entry.common_names.iter().copied());
            names.map(|name| (entry.slug, words(name)))
        });
        names.map(|(slug, words)| Named { slug, joined: words.concat(), words }).collect()
    })
}

impl AddOn {
    /// The slugs of the add-ons that were probably meant by a name: one, or up to three between which the name does not decide.
    pub fn near(name: &str) -> Vec<&'static str> {
        if name.len() > LONGEST {
            return Vec::new();
        }
        if let Some(slug) = AddOn::misspelled(name) {
            return vec![slug];
        }
        // `T1` and `2` are steps of a price list; `365` is a part of a name.
        let is_step = |word: &str| {
            let digits = word.strip_prefix('t').unwrap_or(word);
            digits.len() < 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        let is_empty_word = |word: &String| EMPTY_WORDS.contains(&word.as_str()) || is_step(word);
        let words: Vec<String> = words(name).into_iter().filter(|word| !is_empty_word(word)).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let is_same = |named: &&Named| contains(&named.words, &words) && contains(&words, &named.words);
        let same: BTreeSet<&str> = every_name().iter().filter(is_same).map(|named| named.slug).collect();
        let found = if same.is_empty() { partly(&words) } else { same };
        if found.len() > MOST { Vec::new() } else { in_order(&found) }
    }

    /// The question `did you mean`, with the add-ons that were probably meant by a name.
    pub fn did_you_mean(name: &str) -> Option<String> {
        let near: Vec<String> = AddOn::near(name).into_iter().map(|slug| format!("`{slug}`")).collect();
        let (last, others) = near.split_last()?;
        Some(match others {
            [] => format!("did you mean {last}?"),
            _ => format!("did you mean {} or {last}? `allot explain NAME` describes each", others.join(", ")),
        })
    }

    /// The slug of the only add-on with this name in another form, or with typing errors.
    pub(super) fn misspelled(name: &str) -> Option<&'static str> {
        if name.len() > LONGEST {
            return None;
        }
        if let Some(entry) = AddOn::from_other_name(name).and_then(|add_on| add_on.entry()) {
            return Some(entry.slug);
        }
        let words = words(name);
        let joined = words.concat();
        let errors = |named: &Named| {
            if named.joined == joined {
                return Some(0);
            }
            let in_words = || {
                let each = words.iter().zip(&named.words).map(|(word, other)| typing_errors(word, other));
                each.sum::<Option<usize>>().filter(|_| words.len() == named.words.len())
            };
            in_words().or_else(|| typing_errors(&joined, &named.joined)).filter(|errors| *errors <= MOST_ERRORS)
        };
        let found: Vec<(usize, &str)> =
            every_name().iter().filter_map(|named| Some((errors(named)?, named.slug))).collect();
        let least = found.iter().map(|(errors, _)| *errors).min()?;
        let slugs: BTreeSet<&'static str> =
            found.into_iter().filter(|(errors, _)| *errors == least).map(|(_, slug)| slug).collect();
        if slugs.len() == 1 { slugs.into_iter().next() } else { None }
    }
}

/// The most typing errors in one name.
const MOST_ERRORS: usize = 2;

/// The add-ons with a name that has all these words, or that is contained in these words.
fn partly(words: &[String]) -> BTreeSet<&'static str> {
    let longer: BTreeSet<&str> =
        every_name().iter().filter(|named| contains(&named.words, words)).map(|named| named.slug).collect();
    if !longer.is_empty() {
        return longer;
    }
    // A single word, such as "process", is in the names of many products.
    let within: Vec<&Named> =
        every_name().iter().filter(|named| named.words.len() > 1 && contains(words, &named.words)).collect();
    // "App passes for Teams" contains "App passes" as well, which says less.
    let says_less = |named: &Named| {
        within.iter().any(|other| other.words.len() > named.words.len() && contains(&other.words, &named.words))
    };
    within.iter().filter(|named| !says_less(named)).map(|named| named.slug).collect()
}

/// Whether the first words contain each of the others, as often as these have it.
fn contains(words: &[String], others: &[String]) -> bool {
    let count = |words: &[String], wanted: &String| words.iter().filter(|word| *word == wanted).count();
    others.iter().all(|other| count(words, other) >= count(others, other))
}

/// Some slugs in the order of the catalog.
fn in_order(slugs: &BTreeSet<&'static str>) -> Vec<&'static str> {
    CATALOG.iter().map(|entry| entry.slug).filter(|slug| slugs.contains(slug)).collect()
}

/// The words of a name in lower case and in the singular. A capital within a word begins the next word.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(at + 1);
        let begins = letter.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase() || before.is_uppercase() && after.is_some_and(|after| after.is_lowercase())
            });
        if begins || !letter.is_alphanumeric() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphanumeric() {
            word.extend(letter.to_lowercase());
        }
    }
    words.push(word);
    words.iter().filter(|word| !word.is_empty()).map(|word| singular(word).to_owned()).collect()
}

fn singular(word: &str) -> &str {
    const SHORTEST: usize = 4;
    match word {
        _ if word.len() < SHORTEST || word.ends_with("ss") => word,
        _ if word.ends_with("sses") => word.strip_suffix("es").unwrap_or(word),
        _ => word.strip_suffix('s').unwrap_or(word),
    }
}

#[cfg(test)]
mod tests {
    use super::words;
    use crate::model::catalog::AddOn;

    /// Names as price lists, the admin center, contracts and people write them.
    const NAMES: [(&str, &[&str]); 58] = [
        ("Power Pages logins", &["pages-authenticated-users"]),
        ("Per-app plan", &["app-passes"]),
        ("Power Apps per app plan", &["app-passes"]),
        ("Power Apps per app plan (1 app or website)", &["app-passes"]),
        ("Power Apps pro App", &["app-passes"]),
        ("Power Apps Pro-App-Plan", &["app-passes"]),
        ("AppPasses", &["app-passes"]),
        ("app_pass", &["app-passes"]),
        ("app-pases", &["app-passes"]),
        ("apppasses", &["app-passes"]),
        ("App pass for Teams", &["app-passes-teams"]),
        ("Microsoft App passes for Teams", &["app-passes-teams"]),
        ("passes", &["app-passes", "app-passes-teams"]),
        ("Power Automate per flow plan", &["flow-per-business-process"]),
        ("Power Automate pro Flow", &["flow-per-business-process"]),
        ("Per-flow plan", &["flow-per-business-process"]),
        ("Power Automate Process", &["process"]),
        ("Power Automate Process plan", &["process"]),
        ("Power Automate pro Prozess", &["process"]),
        ("Power Automate Hosted Process", &["hosted-process"]),
        ("Power Automate Unattended RPA add-on", &["unattended-rpa"]),
        ("RPA", &["unattended-rpa", "hosted-process"]),
        ("Power Automate Process Mining add-on", &["process-mining-storage"]),
        ("AI Builder Capacity Add-on T1", &["ai-builder-credits"]),
        ("AI Builder", &["ai-builder-credits"]),
        ("AI Builder-Guthaben", &["ai-builder-credits"]),
        ("AI Builder-Gutschriften", &["ai-builder-credits"]),
        ("Copilot Studio", &["copilot-credits", "copilot-sessions"]),
        ("Copilot Studio Credits", &["copilot-credits"]),
        ("Copilot Studio 25,000 messages", &["copilot-credits"]),
        ("Copilot-Guthaben", &["copilot-credits"]),
        ("credits", &["ai-builder-credits", "copilot-credits"]),
        ("Chat session for Virtual Agents", &["pva-sessions"]),
        ("Power Virtual Agent", &["pva-sessions"]),
        ("Power Apps Portals login capacity add-on Tier 2", &["portal-logins"]),
        ("Power Apps Portals page view capacity add-on", &["portal-page-views"]),
        ("page views", &["portal-page-views"]),
        ("Portalseitenansichten", &["portal-page-views"]),
        ("Portalanmeldungen", &["portal-logins"]),
        ("Portal-Anmeldungen", &["portal-logins"]),
        ("logins", &["portal-logins", "pages-authenticated-users"]),
        ("Power Pages", &["pages-authenticated-users", "pages-anonymous-users"]),
        ("Power Pages authenticated users T1 100 users/per site/month capacity pack", &["pages-authenticated-users"]),
        ("Power Pages – authentifizierte Benutzer", &["pages-authenticated-users"]),
        ("Power Pages anonymous users T2", &["pages-anonymous-users"]),
        // Other products.
        ("Power Apps per user", &[]),
        ("Power Apps pro Benutzer", &[]),
        ("Power Apps Premium", &[]),
        ("Power Automate Premium", &[]),
        ("Power Automate per user plan", &[]),
        ("Dataverse Database Capacity", &[]),
        ("Dataverse storage", &[]),
        ("storage", &[]),
        ("Microsoft 365 Copilot", &[]),
        ("Power BI Premium", &[]),
        ("Power Platform Requests", &[]),
        ("capacity", &[]),
        ("10", &[]),
    ];

    #[test]
    fn names_of_real_life_mean_the_right_add_on_or_none() {
        let named = NAMES.iter().map(|(name, meant)| (name, AddOn::near(name), meant));
        let wrong: Vec<_> = named.filter(|(_, near, meant)| near != *meant).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        assert_eq!(AddOn::near(&"page views ".repeat(100_000)), Vec::<&str>::new());
    }

    #[test]
    fn several_add_ons_are_one_question() {
        assert_eq!(AddOn::did_you_mean("Per-app plan").as_deref(), Some("did you mean `app-passes`?"));
        let several = AddOn::did_you_mean("credits");
        let expected = "did you mean `ai-builder-credits` or `copilot-credits`? `allot explain NAME` describes each";
        assert_eq!(several.as_deref(), Some(expected));
        assert_eq!(AddOn::did_you_mean("Dataverse storage"), None);
    }

    #[test]
    fn a_name_is_words() {
        assert_eq!(words("PAUnattendedRPA"), ["pa", "unattended", "rpa"]);
        assert_eq!(words("Power Apps per-app plans"), ["power", "app", "per", "app", "plan"]);
        assert_eq!(words("process, processes, passes"), ["process", "process", "pass"]);
        assert_eq!(words(" -- "), Vec::<String>::new());
    }
}
