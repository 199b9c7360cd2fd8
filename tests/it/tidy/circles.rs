//! Imports between files have no cycles, so that the files can be read from the bottom up.

use std::collections::{BTreeMap, BTreeSet};

use super::{SourceFile, assert_none, root, sources};

/// The path of a module below the crate.
type Module = Vec<String>;

/// The module that a file is: `src/a/b.rs` and `src/a/b/mod.rs` are `a::b`.
fn module_of(file: &SourceFile) -> Module {
    let below = file.path.strip_prefix(root().join("src")).expect("below src").with_extension("");
    let mut parts: Module = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.retain(|part| part != "mod");
    parts
}

/// Every path of a tree as `use` writes it: `a::{b, c::d}` is `a::b` and `a::c::d`. Stops where the tree ends.
fn paths(text: &str) -> (Vec<Module>, &str) {
    let mut rest = text.trim_start();
    if let Some(inside) = rest.strip_prefix('{') {
        let mut found = Vec::new();
        rest = inside;
        loop {
            rest = rest.trim_start_matches(|letter: char| letter == ',' || letter.is_whitespace());
            if let Some(after) = rest.strip_prefix('}') {
                return (found, after);
            }
            let (branches, after) = paths(rest);
            if after.len() == rest.len() {
                return (found, after);
            }
            found.extend(branches);
            rest = after;
        }
    }
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    let (name, mut rest) = rest.split_at(end);
    if name.is_empty() {
        return (vec![Module::new()], rest.strip_prefix('*').unwrap_or(rest));
    }
    if let Some(below) = rest.strip_prefix("::") {
        let (branches, after) = paths(below);
        let grown = branches.into_iter().map(|branch| std::iter::once(name.to_owned()).chain(branch).collect());
        return (grown.collect(), after);
    }
    if let Some(renamed) = rest.strip_prefix(" as ") {
        rest = renamed.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
    }
    (vec![vec![name.to_owned()]], rest)
}

/// Every path in a text that begins with `crate`, `super`, `self`, or a module that the text declares.
fn named(text: &str) -> Vec<Module> {
    let declared =
        text.lines().filter_map(|line| line.trim().strip_suffix(';')?.split_once("mod ")).map(|(_, name)| name);
    let starts: BTreeSet<&str> = ["crate", "super", "self"].into_iter().chain(declared).collect();
    let mut found = Vec::new();
    for start in starts {
        for (at, _) in text.match_indices(&format!("{start}::")) {
            let is_middle = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
            if !text[..at].ends_with(is_middle) {
                found.extend(paths(&text[at..]).0);
            }
        }
    }
    found
}

/// The file of a path: the longest part of it that is a module.
fn file_of(mut path: Module, from: &Module, modules: &BTreeMap<Module, SourceFile>) -> Option<Module> {
    let mut base = from.clone();
    match path.first().map(String::as_str) {
        Some("crate") => {
            base.clear();
            path.remove(0);
        }
        Some("self") => {
            path.remove(0);
        }
        _ => {}
    }
    while path.first().is_some_and(|part| part == "super") {
        base.pop();
        path.remove(0);
    }
    base.extend(path);
    while !base.is_empty() && !modules.contains_key(&base) {
        base.pop();
    }
    Some(base).filter(|module| !module.is_empty() && module != from)
}

/// All modules that a module imports, directly or indirectly.
fn reached(from: &Module, imports: &BTreeMap<&Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.clone()];
    while let Some(module) = open.pop() {
        for next in imports.get(&module).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

#[test]
fn imports_between_files_have_no_cycles() {
    let product = |file: &SourceFile| !file.is_test() && !file.folder.is_empty();
    let modules: BTreeMap<Module, SourceFile> =
        sources().into_iter().filter(product).map(|file| (module_of(&file), file)).collect();
    let mut imports: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
    for (module, file) in &modules {
        let code: Vec<&str> = file.product().lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let found = named(&code.join("\n")).into_iter().filter_map(|path| file_of(path, module, &modules));
        imports.insert(module, found.collect());
    }
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() > 1000, "the walk found too few imports");
    let in_circle = |module: &&Module| reached(module, &imports).contains(*module);
    let faults = modules.keys().filter(in_circle).map(|module| module.join("::")).collect();
    assert_none(faults, "files that import each other in a circle; move what they share to a file below all of them");
}
