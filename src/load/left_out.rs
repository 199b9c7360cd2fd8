//! Warns about files that look like a part of the configuration but are not: with another extension, in a folder with a
//! similar name, beside the root file, in a hidden or a linked folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::files::Files;
use super::patterns::tops;
use crate::files::folder::{FileKind, FolderEntry, LinkTarget};
use crate::files::shown::slashed;
use crate::manifest::includes::{DEFAULT_PATTERN, Pattern};
use crate::model::code::Code;
use crate::model::digits::grouped;
use crate::model::finding::Finding;
use crate::model::near::closest;
use crate::model::source::is_yaml;

/// The most files that are looked into, so that a folder with very many files costs little.
const MOST_FILES: usize = 1_000;
/// The most folders beside the root file that are looked into if nothing declares an environment.
const MOST_FOLDERS: usize = 100;
/// The most names in one message.
const MOST_NAMES: usize = 5;

/// Why a file is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// It lies in a folder that is searched, and no pattern matches its name.
    NoMatch,
    /// It lies in a folder that is searched, and its name ends like that of another format.
    OtherEnding,
    /// It lies in a folder whose name is similar to one that is searched.
    SimilarFolder,
    /// It lies beside the root file.
    BesideRoot,
    /// Its name, or the name of a folder above it, begins with a dot.
    Hidden,
    /// It is a link to a folder.
    Linked,
}

impl Cause {
    fn help(self) -> &'static str {
        match self {
            Cause::NoMatch => "end its name in `.yaml`, or name it under `include:`",
            Cause::OtherEnding => "rename it, so that its name ends in `.yaml` and in nothing else",
            Cause::SimilarFolder => "rename the folder, name it under `include:`, or delete it",
            Cause::BesideRoot => "move it into `environments/`, or name it under `include:`",
            Cause::Hidden => "move or rename it: a name that begins with a dot is not read",
            Cause::Linked => "replace the link with the folder itself, or name the folder under `include:`",
        }
    }
}

/// A search for files that are left out.
pub(super) struct Search<'a> {
    /// The folder of the root file.
    pub(super) files: &'a dyn Files,
    /// The name of the root file.
    pub(super) root: &'a Path,
    /// What the root includes.
    pub(super) patterns: &'a [Pattern],
    /// The files that are part of the configuration, besides the root, in order.
    pub(super) included: &'a [PathBuf],
    /// Whether the root has environments of its own.
    pub(super) has_environments: bool,
}

impl Search<'_> {
    /// A warning for each cause and folder, and a hint if some files were not searched; or one warning if nothing declares an
    /// environment. `shown` is the prefix of each file's name in messages.
    pub(super) fn findings(&self, shown: &Path) -> Vec<Finding> {
        let tops = tops(self.patterns);
        let mut found = Found::default();
        let everywhere = tops.iter().any(|top| top.as_os_str().is_empty());
        self.walk(Path::new(""), &tops, everywhere.then_some(Cause::NoMatch), &mut found);
        let finding = |((cause, folder), names): ((Cause, PathBuf), Vec<String>)| {
            let name = |name: &String| slashed(&shown.join(&folder).join(name));
            let (last, others) = names.split_last()?;
            let message = match (cause, others.len()) {
                (Cause::Linked, 0) => format!("{} is a link to a folder, which is not followed", name(last)),
                (Cause::Linked, _) => format!("{} are links to folders, which are not followed", listed(&names, name)),
                (_, 0) => format!("{} declares environments and is not part of the configuration", name(last)),
                _ => format!("{} declare environments and are not part of the configuration", listed(&names, name)),
            };
            Some(Finding::warning(Code::A126, message).help(cause.help()))
        };
        let mut findings: Vec<Finding> = found.by_place.into_iter().filter_map(finding).collect();
        if found.not_looked_into > 0 {
            let all = grouped(&(found.looked_into + found.not_looked_into).to_string());
            let most = grouped(&MOST_FILES.to_string());
            let message = format!("{most} of {all} other YAML files were searched for environments that are left out");
            findings
                .push(Finding::hint(Code::A126, message).help("keep YAML files of other programs in other folders"));
        }
        let is_default = self.patterns.iter().any(|pattern| pattern.span.is_none());
        if findings.is_empty() && is_default && self.included.is_empty() && !self.has_environments {
            let message = format!("no environment is declared: `{DEFAULT_PATTERN}` matches no file");
            let help = || {
                "declare environments in files under environments/, or under `environments:` in the root file"
                    .to_owned()
            };
            return vec![Finding::warning(Code::A126, message).help(self.elsewhere().unwrap_or_else(help))];
        }
        findings
    }

    /// What to do if a folder beside the root file has a folder of environments, or a root file of its own.
    fn elsewhere(&self) -> Option<String> {
        let entries = |folder: &Path| {
            let mut entries = self.files.entries(folder).unwrap_or_default();
            entries.sort_by(|one, other| one.name.cmp(&other.name));
            entries
        };
        let is_visible =
            |entry: &FolderEntry| entry.kind == FileKind::Folder && !entry.name.to_string_lossy().starts_with('.');
        entries(Path::new("")).into_iter().filter(is_visible).take(MOST_FOLDERS).find_map(|folder| {
            let folder = PathBuf::from(folder.name);
            let inside = entries(&folder);
            let has =
                |kind: FileKind, name: &Path| inside.iter().any(|it| it.kind == kind && it.name == name.as_os_str());
            let environments = folder.join("environments");
            if has(FileKind::File, self.root) {
                let (root, folder) = (slashed(&folder.join(self.root)), slashed(&folder));
                return Some(format!("{root} is another root file, and `allot -C {folder}` reads it"));
            }
            let is_meant = has(FileKind::Folder, Path::new("environments"))
                && entries(&environments).iter().any(|it| is_yaml(Path::new(&it.name)));
            let environments = slashed(&environments);
            is_meant.then(|| format!("move {environments} up, or write `include: [{environments}/**/*.yaml]`"))
        })
    }

    /// Looks through a folder. `within` is the cause for files in this folder; `None` if the folder only leads to a
    /// searched folder.
    fn walk(&self, folder: &Path, tops: &[PathBuf], within: Option<Cause>, found: &mut Found) {
        // An unreadable folder that matters is reported by the search for included files.
        let Ok(mut entries) = self.files.entries(folder) else { return };
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        let is_root = folder.as_os_str().is_empty();
        for entry in entries {
            let path = folder.join(&entry.name);
            let name = entry.name.to_string_lossy().into_owned();
            let cause = within.or(is_root.then_some(Cause::BesideRoot));
            match (entry.kind, cause) {
                (FileKind::File | FileKind::Link, Some(cause)) if is_like_yaml(&path, cause) => {
                    let cause = match cause {
                        _ if name.starts_with('.') => Cause::Hidden,
                        Cause::NoMatch if !ends_like_yaml(&name) => Cause::OtherEnding,
                        cause => cause,
                    };
                    self.look_into(&path, cause, found);
                }
                (FileKind::Link, Some(Cause::NoMatch)) if self.files.target_of(&path) == LinkTarget::Folder => {
                    found.add(Cause::Linked, folder, name);
                }
                (FileKind::Folder, _) if name != ".git" => {
                    if let Some(within) = cause_below(&path, &name, tops, within) {
                        self.walk(&path, tops, within, found);
                    }
                }
                _ => {}
            }
        }
    }

    fn look_into(&self, path: &Path, cause: Cause, found: &mut Found) {
        let is_included = self.included.binary_search_by(|included| included.as_path().cmp(path)).is_ok();
        if path == self.root || is_included {
            return;
        }
        if found.looked_into >= MOST_FILES {
            found.not_looked_into += 1;
            return;
        }
        found.looked_into += 1;
        let Ok(text) = self.files.text(path) else { return };
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
        if declares_environments(&text.text) {
            found.add(cause, folder, name.to_string_lossy().into_owned());
        }
    }
}

/// What a search found.
#[derive(Default)]
struct Found {
    by_place: BTreeMap<(Cause, PathBuf), Vec<String>>,
    looked_into: usize,
    not_looked_into: usize,
}

impl Found {
    fn add(&mut self, cause: Cause, folder: &Path, name: String) {
        self.by_place.entry((cause, folder.to_owned())).or_default().push(name);
    }
}

/// `None`: skip the folder. `Some(None)`: the folder only leads to a searched one. `Some(Some(cause))`: walk it;
/// `cause` applies to its files.
fn cause_below(path: &Path, name: &str, tops: &[PathBuf], within: Option<Cause>) -> Option<Option<Cause>> {
    let is_hidden = name.starts_with('.');
    let parent = path.parent()?;
    if let Some(cause) = within {
        // A hidden folder beside the root file belongs to another program.
        let belongs_elsewhere = is_hidden && parent.as_os_str().is_empty();
        return (!belongs_elsewhere).then_some(Some(if is_hidden { Cause::Hidden } else { cause }));
    }
    if tops.iter().any(|top| path.starts_with(top)) {
        return Some(Some(Cause::NoMatch));
    }
    if tops.iter().any(|top| top.starts_with(path)) {
        return Some(None);
    }
    let next = |top: &'_ PathBuf| Some(top.strip_prefix(parent).ok()?.components().next()?.as_os_str().to_owned());
    let siblings: Vec<String> = tops.iter().filter_map(next).filter_map(|sibling| sibling.into_string().ok()).collect();
    let visible = name.trim_start_matches('.').to_lowercase();
    let is_short = visible.starts_with("env") && siblings.iter().any(|sibling| sibling == "environments");
    if !is_short && closest(&visible, siblings.iter().map(String::as_str)).is_none() {
        return None;
    }
    Some(Some(if is_hidden { Cause::Hidden } else { Cause::SimilarFolder }))
}

/// Whether a name looks like that of a YAML file, also of a copy or of JSON: `hr.yaml.txt`, `hr.yaml.bak`, `hr.yaml~`, `hr.json`. A commit
/// is read for the same names (`git::tree`). JSON beside the root file belongs to other programs.
fn is_like_yaml(path: &Path, cause: Cause) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    is_yaml(path)
        || name.contains(".yaml")
        || name.contains(".yml")
        || cause != Cause::BesideRoot && name.ends_with(".json")
}

/// Whether a name ends in `.yaml` or `.yml`, in any case, so that a pattern can match the file after all.
fn ends_like_yaml(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with(".yaml") || name.ends_with(".yml")
}

/// Whether a text looks like a file of environments, in YAML or in JSON. A root file and a seed name a tenant.
fn declares_environments(text: &str) -> bool {
    if text.trim_start().starts_with('{') {
        let has = |key: &str| text.contains(key);
        return has("\"environments\"") && !has("\"tenant\"") && (has("\"version\"") || has("\"allocations\""));
    }
    let has = |key: &str| text.lines().any(|line| line.starts_with(key));
    has("environments:") && !has("tenant:") && (has("version:") || text.contains("allocations:"))
}

/// Some names, and how many more there are.
fn listed(names: &[String], shown: impl Fn(&String) -> String) -> String {
    let some: Vec<String> = names.iter().take(MOST_NAMES).map(shown).collect();
    match names.len().saturating_sub(MOST_NAMES) {
        0 => {
            let (last, others) =
                some.split_last().map_or(("", [].as_slice()), |(last, others)| (last.as_str(), others));
            format!("{} and {last}", others.join(", "))
        }
        more => format!("{} and {more} more", some.join(", ")),
    }
}
