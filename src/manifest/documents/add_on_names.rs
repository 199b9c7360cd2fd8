//! Schemas of the names of add-ons. Each schema consists of patterns. For a refused name, exactly one pattern fails, so
//! that an editor says in one sentence what is wrong with the name.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::model::catalog::names::{UNCATALOGUED_PATTERN, other_names};
use crate::model::catalog::{CATALOG, CatalogEntry};

/// A name of an add-on.
pub struct AddOnName;
/// A name of an add-on that environments can hold.
pub struct HeldAddOnName;
/// A name of an add-on that environments can hold, or the API value of an add-on that the catalog does not have.
pub struct NamedAddOnName;

pub(super) const NO_NAME: &str = "Write the name of an add-on, such as `app-passes`.";
const UNKNOWN: &str = "No add-on has this name; `allot explain` lists all names.";
const NOT_HELD: &str = "This add-on cannot be allocated to environments.";

/// A message suggests the slugs whose first letters equal those of the name. This is the number of these letters.
/// Typing errors are rare in the first letters.
const LETTERS: usize = 3;

impl JsonSchema for AddOnName {
    fn schema_name() -> Cow<'static, str> {
        "AddOnName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        name(patterns(|_| true, None))
    }
}

impl JsonSchema for HeldAddOnName {
    fn schema_name() -> Cow<'static, str> {
        "HeldAddOnName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        name(patterns(is_held, None))
    }
}

impl JsonSchema for NamedAddOnName {
    fn schema_name() -> Cow<'static, str> {
        "NamedAddOnName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        name(patterns(is_held, Some(UNCATALOGUED_PATTERN)))
    }
}

/// Whether environments can hold an add-on.
pub(super) fn is_held(entry: &CatalogEntry) -> bool {
    entry.not_allocatable.is_none()
}

/// Editors suggest the slugs, which are properties, and no other names.
fn name(patterns: Vec<Value>) -> Schema {
    json_schema!({ "type": "string", "errorMessage": NO_NAME, "doNotSuggest": true, "allOf": patterns })
}

/// The patterns of the names of some add-ons: one for each beginning of a slug, one for all other beginnings, and one that refuses the
/// names of all other add-ons. `others` is a pattern of further names.
fn patterns(wanted: fn(&CatalogEntry) -> bool, others: Option<&str>) -> Vec<Value> {
    let all: Vec<&str> = CATALOG.iter().flat_map(names).collect();
    let refused: Vec<&str> = CATALOG.iter().filter(|entry| !wanted(entry)).flat_map(names).collect();
    let mut beginnings: Vec<&str> = Vec::new();
    for entry in CATALOG.iter().filter(|entry| wanted(entry)) {
        if !beginnings.contains(&beginning(entry.slug)) {
            beginnings.push(beginning(entry.slug));
        }
    }
    let begins = |name: &str, with: &str| name.get(..with.len()).is_some_and(|first| first.eq_ignore_ascii_case(with));
    let others = others.map(|pattern| format!("|{pattern}")).unwrap_or_default();
    let pattern = |before: String, names: &[&str], message: &str| {
        let names = if names.is_empty() { String::new() } else { format!("|^(?:{})$", names.join("|")) };
        json!({ "pattern": format!("{before}{names}{others}"), "patternErrorMessage": message })
    };
    let near = |with: &&str| {
        let known: Vec<&str> = all.iter().copied().filter(|name| begins(name, with)).collect();
        let slugs = CATALOG.iter().filter(|entry| wanted(entry) && beginning(entry.slug) == *with);
        let slugs: Vec<String> = slugs.map(|entry| format!("`{}`", entry.slug)).collect();
        let message = format!("No add-on has this name; did you mean {}?", slugs.join(" or "));
        pattern(format!("^(?!{})", any_case(with)), &known, &message)
    };
    let mut patterns: Vec<Value> = beginnings.iter().map(near).collect();
    let elsewhere = |name: &&str| !beginnings.iter().any(|with| begins(name, with));
    let known: Vec<&str> = all.iter().copied().filter(elsewhere).collect();
    let cased: Vec<String> = beginnings.iter().map(|with| any_case(with)).collect();
    patterns.push(pattern(format!("^(?:{})", cased.join("|")), &known, UNKNOWN));
    if !refused.is_empty() {
        let pattern = format!("^(?!(?:{})$)", refused.join("|"));
        patterns.push(json!({ "pattern": pattern, "patternErrorMessage": NOT_HELD }));
    }
    patterns
}

/// Each schema of names as a list, by the name of its definition. A list has the same verdicts as the patterns, and
/// compiles in a fraction of the time. Only editors need the patterns.
pub fn lists_of_names() -> [(Cow<'static, str>, Value); 3] {
    let listed = |wanted: fn(&CatalogEntry) -> bool| -> Vec<&str> {
        CATALOG.iter().filter(|entry| wanted(entry)).flat_map(names).collect()
    };
    let held = json!({ "enum": listed(is_held) });
    let others = json!({ "pattern": UNCATALOGUED_PATTERN, "not": { "enum": listed(|entry| !is_held(entry)) } });
    [
        (AddOnName::schema_name(), json!({ "enum": listed(|_| true) })),
        (HeldAddOnName::schema_name(), held.clone()),
        (NamedAddOnName::schema_name(), json!({ "anyOf": [held, others] })),
    ]
}

/// All names of an add-on. They consist of letters, digits, spaces and hyphens, so a pattern needs no escapes.
fn names(entry: &CatalogEntry) -> impl Iterator<Item = &'static str> {
    std::iter::once(entry.slug).chain(other_names(entry))
}

fn beginning(slug: &str) -> &str {
    slug.get(..LETTERS).unwrap_or(slug).trim_end_matches('-')
}

/// A pattern of a word that ignores case; JavaScript has no flag for it within a pattern.
fn any_case(word: &str) -> String {
    let letter = |letter: char| format!("[{}{}]", letter.to_ascii_uppercase(), letter);
    word.chars().map(letter).collect()
}
