//! Finds the configuration and reads its files. Only a root file that is missing or unreadable is an error; every other
//! problem is a finding.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{CommitFiles, Files};
use super::left_out;
use super::patterns::{compiled, tops};
use crate::files::folder::{FileKind, Folder, LinkTarget};
use crate::files::shown::slashed;
use crate::files::text::{NotRead, Text};
use crate::git::tree::CommitTree;
use crate::manifest::early;
use crate::manifest::includes::{Pattern, includes};
use crate::manifest::inputs::Inputs;
use crate::manifest::parse;
use crate::manifest::shortened::shortened;
use crate::model::code::Code;
use crate::model::desired::Provider;
use crate::model::finding::Finding;
use crate::model::source::{SourceId, Sources, is_yaml};

/// The name of the root file.
pub const ROOT_NAME: &str = "allotment.yaml";

/// A configuration that was found and read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The input of the checks.
    pub inputs: Inputs,
    /// The root file.
    pub root_file: PathBuf,
    /// The folder of the root file.
    pub folder: PathBuf,
    /// The folders below it that were searched for included files, relative to it, beginning with its own empty path.
    pub searched: Vec<PathBuf>,
    /// The tenant's provider; `None` if the unchecked root is malformed or has debts.
    pub provider: Option<Provider>,
}

/// Why there is no configuration to check.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is no root file, in the folder or above it.
    #[error("there is no {ROOT_NAME} in {}{}{}", .start.display(), if *.was_named { "" } else { " or any folder above it" }, .near.as_ref().map(ToString::to_string).unwrap_or_default())]
    NoRoot {
        /// Where the search began.
        start: PathBuf,
        /// Whether the user named the folder. Then the folders above it were not searched.
        was_named: bool,
        /// A file nearby that may be meant.
        near: Option<NearRoot>,
    },
    /// The path that the user named does not exist.
    #[error("{} does not exist", .0.display())]
    NotFound(PathBuf),
    /// The root file is a link that leads out of its folder, or into git's own folder.
    #[error("{name} cannot be read: {why}")]
    LeadsOut {
        /// The name of the file in messages.
        name: String,
        /// The cause.
        why: NotRead,
    },
    /// The root file cannot be read.
    #[error("{name} cannot be read: {why}")]
    Unreadable {
        /// The name of the file in messages.
        name: String,
        /// The cause.
        why: String,
    },
}

/// A file that may be meant as the root file but has another name or place.
#[derive(Debug, thiserror::Error)]
pub enum NearRoot {
    /// A file with another extension, with capitals in its name, or with a copy's name.
    #[error("; there is {}, which must be called {ROOT_NAME}", if .0 == "allotment.yml" { "an allotment.yml" } else { .0 })]
    Misnamed(String),
    /// A root file one folder down.
    #[error("; there is one in {0}/")]
    Below(String),
}

impl LoadError {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            LoadError::NoRoot { near: Some(NearRoot::Misnamed(_)), .. } => "rename it, or name it with -C",
            LoadError::NoRoot { near: Some(NearRoot::Below(_)), .. } => "go there, or name the folder with -C",
            LoadError::NoRoot { was_named: true, .. } => {
                "`-C` names the folder of an allotment.yaml, or the file itself"
            }
            LoadError::NoRoot { .. } => "`allot init` writes a first one; `-C FOLDER` names another folder",
            LoadError::NotFound(_) => "`-C` names a folder or an allotment.yaml that exists",
            LoadError::LeadsOut { .. } => "replace the link with the file itself",
            LoadError::Unreadable { .. } => "correct the file, or name another with -C",
        }
    }
}

/// Where to search for the root file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// Only in the folder, which the user named.
    Here,
    /// In the folder and those above it, up to the top of the repository.
    Upwards,
}

impl Search {
    /// [`Search::Here`] for a folder that the user named, else [`Search::Upwards`].
    pub fn of(was_named: bool) -> Search {
        if was_named { Search::Here } else { Search::Upwards }
    }

    /// The folders to search, beginning with `start`.
    pub fn folders(self, start: &Path) -> impl Iterator<Item = &Path> {
        let top = start.ancestors().position(|folder| folder.join(".git").symlink_metadata().is_ok());
        start.ancestors().take(match self {
            Search::Here => 1,
            Search::Upwards => top.map_or(usize::MAX, |top| top + 1),
        })
    }
}

/// Finds the root file, and reads it with its includes. `start` is the root file or a folder. Messages show
/// the names of files below `display_from` as paths relative to `display_from`.
///
/// # Errors
///
/// If there is no root file, or it cannot be read.
pub fn load(start: &Path, search: Search, display_from: &Path) -> Result<Loaded, LoadError> {
    let root_file = find_root(start, search)?;
    let folder = root_file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let shown = folder.strip_prefix(display_from).unwrap_or(&folder).to_path_buf();
    let files = Folder::open(&folder)
        .map_err(|error| LoadError::Unreadable { name: slashed(&shown), why: NotRead::from(error).to_string() })?;
    let root = Path::new(root_file.file_name().unwrap_or_default());
    let mut read = read(&files, root, &shown)?;
    let searched = std::mem::take(&mut read.searched);
    let (inputs, provider) = read.checked(&files, root, &shown);
    Ok(Loaded { inputs, root_file, folder, searched, provider })
}

/// Like [`load`], for the root file `root_name` in the folder `prefix` of a commit. `shown` is the prefix of each file's name in messages.
pub fn load_commit(tree: &CommitTree, prefix: &Path, root_name: &OsStr, shown: &Path) -> Result<Inputs, LoadError> {
    let (files, root) = (CommitFiles { tree, prefix }, Path::new(root_name));
    Ok(read(&files, root, shown)?.checked(&files, root, shown).0)
}

/// A configuration, and how its files were found.
struct Read {
    inputs: Inputs,
    provider: Option<Provider>,
    patterns: Vec<Pattern>,
    /// The files that the patterns match.
    included: Vec<PathBuf>,
    /// The folders that were searched for them.
    searched: Vec<PathBuf>,
    /// Whether the root has environments of its own, or may have some because it cannot be parsed.
    has_environments: bool,
}

impl Read {
    /// The inputs with warnings about the files that are left out, and the provider.
    fn checked(self, files: &dyn Files, root: &Path, shown: &Path) -> (Inputs, Option<Provider>) {
        let Read { mut inputs, provider, patterns, included, has_environments, .. } = self;
        let left_out = left_out::Search { files, root, patterns: &patterns, included: &included, has_environments };
        inputs.findings.extend(left_out.findings(shown));
        (inputs, provider)
    }
}

/// Reads a configuration; `shown` is the prefix of each file's name in messages.
fn read(files: &dyn Files, root_name: &Path, shown: &Path) -> Result<Read, LoadError> {
    let mut reader = FileReader { files, sources: Sources::new(), findings: Vec::new(), searched: Vec::new(), shown };
    let text = match files.text(root_name) {
        Ok(text) => text,
        Err(why @ (NotRead::LeadsOut | NotRead::OfGit)) => {
            return Err(LoadError::LeadsOut { name: reader.name(root_name), why });
        }
        Err(why) => return Err(LoadError::Unreadable { name: reader.name(root_name), why: why.to_string() }),
    };
    let root = reader.add(root_name, text);
    let text = reader.sources.get(root).map(|source| Arc::clone(&source.text)).unwrap_or_default();
    // A root that cannot be parsed gets the default pattern, so that one check reports the problems of all files.
    let mut provider = None;
    let parsed = parse::parse(root, &text);
    let has_environments = parsed.root.as_ref().is_none_or(early::has_environments);
    let patterns = match parsed.root {
        Some(tree) => {
            provider = early::provider(&tree);
            let (patterns, findings) = includes(&tree);
            reader.findings.extend(findings);
            patterns
        }
        None => vec![Pattern { text: crate::manifest::includes::DEFAULT_PATTERN.to_owned(), span: None }],
    };
    let paths = reader.matching(root_name, &patterns);
    let texts = files.texts(&paths);
    let mut read = Vec::new();
    for (path, text) in paths.iter().zip(texts) {
        match text {
            Ok(text) => read.push(reader.add(path, text)),
            Err(NotRead::LeadsOut | NotRead::OfGit) => reader.leads_out(path),
            Err(why) => {
                let finding = Finding::error(Code::A110, format!("{} cannot be read: {why}", reader.name(path)));
                reader.findings.push(finding.help("fix the file, or remove it from the includes"));
            }
        }
    }
    let FileReader { sources, findings, searched, .. } = reader;
    let findings = findings.into_iter().map(|finding| finding.without_quote_of(&parsed.long)).collect();
    Ok(Read {
        inputs: Inputs { sources, root, files: read, findings },
        provider,
        patterns,
        included: paths,
        searched,
        has_environments,
    })
}

/// The root file that the user named, or the first in the folder or above it, up to the top of the repository. A broken link counts
/// as a root file: a search beyond it would find another configuration.
fn find_root(start: &Path, search: Search) -> Result<PathBuf, LoadError> {
    let metadata = fs::metadata(start).map_err(|_| LoadError::NotFound(start.to_owned()))?;
    if metadata.is_file() {
        return Ok(start.to_owned());
    }
    let is_there = |file: &PathBuf| file.symlink_metadata().is_ok();
    let candidate = search.folders(start).map(|folder| folder.join(ROOT_NAME)).find(is_there);
    candidate.ok_or_else(|| LoadError::NoRoot {
        start: start.to_owned(),
        was_named: search == Search::Here,
        near: near_root(start, search),
    })
}

/// A file that may be meant as the root file: with a similar name, or one folder down.
fn near_root(start: &Path, search: Search) -> Option<NearRoot> {
    let names = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    };
    let misnamed = search.folders(start).find_map(|folder| {
        let names = names(folder);
        let files = names.into_iter().filter(|name| folder.join(name).is_file());
        files.filter_map(|name| Some((misnaming(&name)?, name))).min().map(|(_, name)| name)
    });
    let is_root_below = |name: &String| !name.starts_with('.') && start.join(name).join(ROOT_NAME).is_file();
    let below = || names(start).into_iter().find(is_root_below);
    misnamed.map(NearRoot::Misnamed).or_else(|| below().map(NearRoot::Below))
}

/// How far a name is from that of the root file, or `None` if it is another file's: 0 for capitals and `.yml`, 1 for a further or another
/// extension, such as `allotment.yaml.txt` and `allotment.json`, and 2 for a copy, such as `allotment (1).yaml`.
fn misnaming(name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    let is_text = [".yaml", ".yml", ".json", ".txt"].iter().any(|extension| name.ends_with(extension));
    let is_like_text = is_text || name.contains(".yaml") || name.contains(".yml");
    match name.as_str() {
        ROOT_NAME | "allotment.yml" => Some(0),
        _ if !is_like_text || name.contains("schema") => None,
        _ if name.starts_with("allotment.") => Some(1),
        _ if name.contains("allotment") => Some(2),
        _ => None,
    }
}

struct FileReader<'a> {
    files: &'a dyn Files,
    sources: Sources,
    findings: Vec<Finding>,
    searched: Vec<PathBuf>,
    /// The root's folder in messages.
    shown: &'a Path,
}

impl FileReader<'_> {
    /// The name of a file in messages.
    fn name(&self, path: &Path) -> String {
        let shown = slashed(&self.shown.join(path));
        if shown.is_empty() { ".".to_owned() } else { shown }
    }

    fn add(&mut self, path: &Path, text: Text) -> SourceId {
        let name = self.name(path);
        if text.came_through_link {
            self.sources.add_linked(name, text.text)
        } else {
            self.sources.add(name, text.text)
        }
    }

    /// The files that the patterns match, sorted by name, without the root file.
    fn matching(&mut self, root_name: &Path, patterns: &[Pattern]) -> Vec<PathBuf> {
        let (includes, findings) = compiled(patterns);
        self.findings.extend(findings);
        let mut used = vec![false; includes.len()];
        let mut found = Vec::new();
        let mut others: Vec<(usize, PathBuf)> = Vec::new();
        let tops = tops(patterns);
        self.walk(Path::new(""), &tops, &mut |path| {
            let mut matched = false;
            for (at, (include, used)) in includes.iter().zip(&mut used).enumerate() {
                if include.glob.is_match(path) {
                    *used = true;
                    matched |= is_yaml(path);
                    if !is_yaml(path) && others.iter().all(|(other, _)| *other != at) {
                        others.push((at, path.to_owned()));
                    }
                }
            }
            if matched && path != root_name {
                found.push(path.to_owned());
            }
        });
        for (at, path) in others {
            let Some(pattern) = includes.get(at).map(|include| include.pattern) else { continue };
            let message = format!(
                "the include `{}` matches {}, and only .yaml and .yml files are part of a configuration",
                shortened(&pattern.text),
                self.name(&path)
            );
            let finding = Finding::error(Code::A112, message).at_if(pattern.span, "matches other files as well");
            self.findings
                .push(finding.help("end the pattern in `.yaml`, so that it matches only files of the configuration"));
        }
        let unused = includes.iter().zip(used).filter(|(_, used)| !used).map(|(include, _)| include.pattern);
        for pattern in unused.filter(|pattern| pattern.span.is_some()) {
            let finding =
                Finding::error(Code::A112, format!("the include `{}` matches no file", shortened(&pattern.text)));
            let help = format!(
                "a pattern begins in the folder of {}; `**` matches any folders, `*` any part of a name; hidden folders \
                 and links to folders are not searched",
                self.name(Path::new(ROOT_NAME))
            );
            self.findings.push(finding.at_if(pattern.span, "nothing matches").help(help));
        }
        found.sort();
        found.dedup();
        found
    }

    fn leads_out(&mut self, link: &Path) {
        let finding =
            Finding::error(Code::A112, format!("the link {} leads out of the folder of {ROOT_NAME}", self.name(link)));
        self.findings.push(finding.help("replace the link with the file itself, so that a review shows its content"));
    }

    /// Visits the files below `tops`, beginning at `folder`. Names that begin with a dot, such as `.git`, are skipped. Links that leave
    /// the root are reported, not followed.
    fn walk(&mut self, folder: &Path, tops: &[PathBuf], visit: &mut dyn FnMut(&Path)) {
        self.searched.push(folder.to_owned());
        let is_searched = |path: &Path| tops.iter().any(|top| path.starts_with(top) || top.starts_with(path));
        let entries = match self.files.entries(folder) {
            Ok(entries) => entries,
            Err(error) => {
                let finding = Finding::error(Code::A110, format!("{} cannot be read: {error}", self.name(folder)));
                self.findings.push(finding.help("make it readable for this user; nothing in it was checked"));
                return;
            }
        };
        let has_files = tops.iter().any(|top| folder.starts_with(top));
        for entry in entries {
            let path = folder.join(&entry.name);
            if entry.name.to_string_lossy().starts_with('.') {
                continue;
            }
            match entry.kind {
                FileKind::Folder if is_searched(&path) => self.walk(&path, tops, visit),
                FileKind::Link if is_searched(&path) || has_files => match self.files.target_of(&path) {
                    LinkTarget::Outside => self.leads_out(&path),
                    // Links to folders are not followed. If the target is in a searched folder, the walk visits it
                    // there.
                    LinkTarget::Folder => {}
                    // If a pattern includes a broken link, reading it fails, which is reported.
                    LinkTarget::File | LinkTarget::Nowhere if has_files => visit(&path),
                    LinkTarget::File | LinkTarget::Nowhere => {}
                },
                FileKind::File | FileKind::Other if has_files => visit(&path),
                FileKind::Folder | FileKind::Link | FileKind::File | FileKind::Other => {}
            }
        }
    }
}
