//! The schemas in the repository are the generated ones, and describe every property.

use std::path::Path;

use serde_json::{Value, json};

use super::{ENVIRONMENTS_FILE, ROOT_FILE, environments_text, root_text, schema_environments, schema_root, with_lists};
use crate::model::catalog::CATALOG;
use crate::model::catalog::names::other_names;

fn assert_generated(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(file);
    if std::env::var_os("ALLOT_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{} is not the generated schema; `cargo run -- schema --write schemas` writes it",
        path.display()
    );
}

#[test]
fn the_files_are_the_generated_ones() {
    assert_generated(ROOT_FILE, &root_text());
    assert_generated(ENVIRONMENTS_FILE, &environments_text());
}

#[test]
fn both_compile_as_draft_07_and_know_no_null() {
    for schema in [schema_root(), schema_environments()] {
        assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
        jsonschema::draft7::new(&schema).unwrap();
        let text = schema.to_string();
        assert!(!text.contains("null") && !text.contains("$defs"), "{text}");
    }
}

/// Collects every property of every object, with its path.
fn properties(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
    let Value::Object(object) = value else {
        for item in value.as_array().into_iter().flatten() {
            properties(item, path, found);
        }
        return;
    };
    for (key, below) in object {
        let path = format!("{path}/{key}");
        if let ("properties", Value::Object(all)) = (key.as_str(), below) {
            found.extend(all.iter().map(|(name, property)| (format!("{path}/{name}"), property.clone())));
            all.iter().for_each(|(name, property)| properties(property, &format!("{path}/{name}"), found));
        } else if key != "examples" {
            properties(below, &path, found);
        }
    }
}

#[test]
fn every_property_has_a_description_and_an_example() {
    for schema in [schema_root(), schema_environments()] {
        let mut found = Vec::new();
        properties(&schema, "", &mut found);
        assert!(found.len() > 40);
        for (path, property) in found {
            assert!(property["description"].as_str().is_some_and(|text| text.len() > 3), "{path} {property}");
            assert!(property["examples"].as_array().is_some_and(|all| !all.is_empty()), "{path} {property}");
        }
    }
}

/// Collects every list of every object, with its key and its path, without those below `examples`, which have no meaning for a schema.
fn lists(value: &Value, path: &str, found: &mut Vec<(String, String, Vec<Value>)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| lists(item, path, found)),
        Value::Object(object) => {
            for (key, below) in object.iter().filter(|(key, _)| *key != "examples") {
                let path = format!("{path}/{key}");
                if let Value::Array(items) = below {
                    found.push((key.clone(), path.clone(), items.clone()));
                }
                lists(below, &path, found);
            }
        }
        _ => {}
    }
}

/// The metaschema forbids duplicates. The validator of `allot validate` ignores them; that of editors refuses the whole schema.
#[test]
fn no_list_of_words_holds_a_word_twice() {
    let (roots, environments) = (schema_root(), schema_environments());
    let (root_lists, environment_lists) = (with_lists(roots.clone()), with_lists(environments.clone()));
    for (schema, least) in [(roots, 4), (environments, 3), (root_lists, 4), (environment_lists, 4)] {
        let mut found = Vec::new();
        lists(&schema, "", &mut found);
        found.retain(|(key, _, _)| ["enum", "required", "type"].contains(&key.as_str()));
        assert!(found.iter().filter(|(key, _, _)| key == "enum").count() >= least, "{found:?}");
        for (_, path, items) in found {
            let twice: Vec<&Value> = items
                .iter()
                .enumerate()
                .filter(|(at, item)| items[..*at].contains(item))
                .map(|(_, item)| item)
                .collect();
            assert!(twice.is_empty(), "{path} holds {twice:?} twice");
        }
    }
}

/// Names as people write and misspell them: in other case, without a letter, with one more, and API values that the catalog does not have.
fn names() -> Vec<String> {
    let known = CATALOG.iter().flat_map(|entry| std::iter::once(entry.slug).chain(other_names(entry)));
    let mut names: Vec<String> =
        ["", "a", "app", "AI", "NewThing", "new-thing", "Invoice ", "x Y", "1", "Ä"].map(str::to_owned).into();
    for name in known {
        names.extend([
            name.to_owned(),
            name.to_uppercase(),
            name.to_lowercase(),
            format!("{name}s"),
            format!(" {name}"),
        ]);
        names.extend((0..name.len()).map(|at| format!("{}{}", &name[..at], &name[at + 1..])));
        names.extend((0..name.len()).map(|at| format!("{}x{}", &name[..at], &name[at..])));
    }
    names
}

#[test]
fn lists_and_patterns_of_names_have_the_same_verdicts() {
    let id = "00000000-0000-4000-8000-00000000000a";
    let published = jsonschema::draft7::new(&schema_root()).unwrap();
    let used = jsonschema::draft7::new(&with_lists(schema_root())).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for name in names() {
        for part in [
            json!({ "purchased": { &name: 1 } }),
            json!({ "floors": { "hr": { &name: 1 } } }),
            json!({ "environments": { "hr": { "id": id, "allocations": { &name: 1 } } } }),
            json!({ "environments": { "hr": { "id": id, "allocations": { &name: "unmanaged" } } } }),
            json!({ "rules": { "requireTicket": [&name] } }),
        ] {
            let mut root = json!({ "version": 1, "tenant": { "name": "contoso" } });
            root.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
            assert_eq!(published.is_valid(&root), used.is_valid(&root), "{root}");
            *(if used.is_valid(&root) { &mut accepted } else { &mut refused }) += 1;
        }
    }
    assert!(accepted > 300 && refused > 5_000, "{accepted} and {refused}");
}
