//! Finds the configuration and reads its files. What is wrong with single files is reported with everything else; only
//! where there is no configuration at all does it end here.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use globset::{ErrorKind, GlobBuilder, GlobSet, GlobSetBuilder};
use rayon::prelude::*;

use crate::manifest::early::provider;
use crate::manifest::includes::{Pattern, includes};
use crate::manifest::inputs::Inputs;
use crate::manifest::parse::{self, shortened};
use crate::model::code::Code;
use crate::model::desired::Provider;
use crate::model::finding::Finding;
use crate::model::source::Sources;

/// The root file's name.
pub const ROOT_NAME: &str = "allotment.yaml";

/// Past this a file was not written by people, and checking it would take longer than anybody waits.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A configuration as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// What the checks are given.
    pub inputs: Inputs,
    /// The root file.
    pub root_file: PathBuf,
    /// The folder that it stands in.
    pub folder: PathBuf,
    /// Where the tenant lives, as far as an unchecked root can be understood.
    pub provider: Option<Provider>,
}

/// Why there is nothing to check.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No root file, here or above.
    #[error("there is no {ROOT_NAME} in {} or any folder above it{}", .start.display(), if *.other_ending { "; there is an allotment.yml, which has to be called allotment.yaml" } else { "" })]
    NoRoot {
        /// Where the search began.
        start: PathBuf,
        /// Whether a file of the other common ending stands there.
        other_ending: bool,
    },
    /// A path that was named is not there.
    #[error("{} does not exist", .0.display())]
    NotFound(PathBuf),
    /// The root file cannot be read.
    #[error("{name} cannot be read: {why}")]
    Unreadable {
        /// The file as shown.
        name: String,
        /// Why.
        why: String,
    },
}

impl LoadError {
    /// What to do next.
    pub fn help(&self) -> &'static str {
        match self {
            LoadError::NoRoot { other_ending: true, .. } => "rename it, or name it with -C",
            LoadError::NoRoot { .. } => "`allot init` writes a first one; `-C FOLDER` names another folder",
            LoadError::NotFound(_) => "`-C` names a folder or an allotment.yaml that exists",
            LoadError::Unreadable { .. } => "mend the file, or name another with -C",
        }
    }
}

/// Finds the root file from a folder or a file on, and reads it and what it includes. Names are shown relative to
/// `display_from` where they lie below it.
///
/// # Errors
///
/// Where there is no root file, or it cannot be read.
pub fn load(start: &Path, display_from: &Path) -> Result<Loaded, LoadError> {
    let root_file = find_root(start)?;
    let folder = root_file.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let mut reader = Reader { sources: Sources::new(), findings: Vec::new(), display_from };
    let text = match read_text(&root_file) {
        Ok(text) => text,
        Err(why) => return Err(LoadError::Unreadable { name: reader.name(&root_file), why }),
    };
    let root = reader.sources.add(reader.name(&root_file), text.as_str());
    let mut files = Vec::new();
    // A root that cannot be parsed still has the files of the default pattern, so that all problems come in one go.
    let mut tenant_lives = None;
    let patterns = match parse::parse(root, &text).root {
        Some(tree) => {
            tenant_lives = provider(&tree);
            let (patterns, findings) = includes(&tree);
            reader.findings.extend(findings);
            patterns
        }
        None => vec![Pattern { text: crate::manifest::includes::DEFAULT_PATTERN.to_owned(), span: None }],
    };
    let paths = reader.matching(&folder, &root_file, &patterns);
    let texts: Vec<Result<Arc<str>, String>> = paths.par_iter().map(|path| read_text(path).map(Arc::from)).collect();
    for (path, text) in paths.into_iter().zip(texts) {
        match text {
            Ok(text) => files.push(reader.sources.add(reader.name(&path), text)),
            Err(why) => {
                let finding = Finding::error(Code::A110, format!("{} cannot be read: {why}", reader.name(&path)));
                reader.findings.push(finding.help("mend the file, or take it out of the includes"));
            }
        }
    }
    let Reader { sources, findings, .. } = reader;
    Ok(Loaded { inputs: Inputs { sources, root, files, findings }, root_file, folder, provider: tenant_lives })
}

fn find_root(start: &Path) -> Result<PathBuf, LoadError> {
    let metadata = fs::metadata(start).map_err(|_| LoadError::NotFound(start.to_owned()))?;
    if metadata.is_file() {
        return Ok(start.to_owned());
    }
    let candidate = start.ancestors().map(|folder| folder.join(ROOT_NAME)).find(|file| file.exists());
    candidate.ok_or_else(|| LoadError::NoRoot {
        start: start.to_owned(),
        other_ending: start.ancestors().any(|folder| folder.join("allotment.yml").exists()),
    })
}

/// Reads one file as text, without a byte order mark; otherwise says why not.
fn read_text(path: &Path) -> Result<String, String> {
    let metadata = fs::metadata(path).map_err(|error| describe(&error))?;
    if metadata.is_dir() {
        return Err("it is a folder, and a file belongs there".to_owned());
    }
    if !metadata.is_file() {
        return Err("it is no ordinary file".to_owned());
    }
    if metadata.len() > LARGEST {
        let mebibytes = metadata.len() / (1024 * 1024);
        return Err(format!(
            "it is {mebibytes} MiB large, and 16 MiB is the most; split it into several files under environments/"
        ));
    }
    text_of(fs::read(path).map_err(|error| describe(&error))?)
}

/// The text that a file's bytes stand for, without a byte order mark.
///
/// # Errors
///
/// Why they are no text, as it completes "cannot be read: …".
pub fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("it is UTF-16; save it as UTF-8".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        format!("line {line} is not UTF-8; save it as UTF-8")
    })?;
    Ok(match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist, or the link to it leads nowhere".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        _ => error.to_string(),
    }
}

/// The folders to search: for each pattern what stands before its first wildcard, none inside another.
fn tops(patterns: &[Pattern]) -> Vec<PathBuf> {
    let literal = |part: &&str| !part.contains(['*', '?', '[', '{']);
    let mut tops: Vec<PathBuf> = patterns
        .iter()
        .map(|pattern| {
            let folders = pattern.text.rsplit_once('/').map_or("", |(folders, _)| folders);
            folders.split('/').take_while(literal).collect()
        })
        .collect();
    tops.sort();
    tops.dedup_by(|inner, outer| inner.starts_with(outer));
    tops
}

/// A pattern of the includes, ready to be held against paths.
pub struct Include<'a> {
    pattern: &'a Pattern,
    /// A set of this one: unlike a matcher, a set says it where a pattern is too much for the machine.
    glob: GlobSet,
}

/// The patterns that are patterns, and what is wrong with the others.
pub fn compiled(patterns: &[Pattern]) -> (Vec<Include<'_>>, Vec<Finding>) {
    let mut compiled = Vec::new();
    let mut findings = Vec::new();
    for pattern in patterns {
        let glob = GlobBuilder::new(&pattern.text).literal_separator(true).build();
        match glob.and_then(|glob| GlobSetBuilder::new().add(glob).build()) {
            Ok(glob) => compiled.push(Include { pattern, glob }),
            Err(error) => {
                let why = match error.kind() {
                    ErrorKind::Regex(_) => "its braces nest too deeply".to_owned(),
                    kind => kind.to_string(),
                };
                let message = format!("the include `{}` is no pattern: {why}", shortened(&pattern.text));
                findings.push(Finding::error(Code::A112, message).at_if(pattern.span, "not followed"));
            }
        }
    }
    (compiled, findings)
}

struct Reader<'a> {
    sources: Sources,
    findings: Vec<Finding>,
    display_from: &'a Path,
}

impl Reader<'_> {
    fn name(&self, path: &Path) -> String {
        path.strip_prefix(self.display_from).unwrap_or(path).display().to_string()
    }

    /// The files below the folder that a pattern matches, in order of their names; the root itself is never one.
    fn matching(&mut self, folder: &Path, root_file: &Path, patterns: &[Pattern]) -> Vec<PathBuf> {
        let (includes, findings) = compiled(patterns);
        self.findings.extend(findings);
        let mut used = vec![false; includes.len()];
        let mut found = Vec::new();
        for top in tops(patterns) {
            let top = folder.join(top);
            if !self.is_inside(folder, &top) {
                continue;
            }
            self.walk(folder, &top, &mut |path, relative| {
                let mut matched = false;
                for (include, used) in includes.iter().zip(&mut used) {
                    if include.glob.is_match(relative) {
                        *used = true;
                        matched = true;
                    }
                }
                if matched && path != root_file {
                    found.push(path.to_owned());
                }
            });
        }
        let unused = includes.iter().zip(used).filter(|(_, used)| !used).map(|(include, _)| include.pattern);
        for pattern in unused.filter(|pattern| pattern.span.is_some()) {
            let finding =
                Finding::error(Code::A112, format!("the include `{}` matches no file", shortened(&pattern.text)));
            let help = format!(
                "patterns are relative to {}; `**` stands for any folders, `*` for any part of a name",
                self.name(folder)
            );
            self.findings.push(finding.at_if(pattern.span, "nothing matches").help(help));
        }
        found.sort();
        found.dedup();
        found
    }

    /// Whether a folder to be searched is there and lies in the root's folder; a link that leads out is told.
    fn is_inside(&mut self, root: &Path, top: &Path) -> bool {
        let (Ok(target), Ok(real_root)) = (fs::canonicalize(top), fs::canonicalize(root)) else { return false };
        let inside = target.starts_with(real_root);
        if !inside {
            self.leads_out(top);
        }
        inside && target.is_dir()
    }

    fn leads_out(&mut self, link: &Path) {
        let finding =
            Finding::error(Code::A112, format!("the link {} leads out of the folder of {ROOT_NAME}", self.name(link)));
        self.findings.push(finding.help("put the file itself there; what is reviewed has to stand in the folder"));
    }

    /// Visits every file below a folder. Folders whose name begins with a dot are left out, and links that leave the root
    /// are told, not followed.
    fn walk(&mut self, root: &Path, folder: &Path, visit: &mut dyn FnMut(&Path, &Path)) {
        let entries = match fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
            Ok(entries) => entries,
            Err(error) => {
                let finding =
                    Finding::error(Code::A110, format!("{} cannot be read: {}", self.name(folder), describe(&error)));
                self.findings.push(finding.help("nothing below it was looked at"));
                return;
            }
        };
        for entry in entries {
            let path = entry.path();
            let Ok(relative) = path.strip_prefix(root).map(Path::to_path_buf) else { continue };
            let hidden = matches!(relative.components().next_back(), Some(Component::Normal(name)) if name.to_string_lossy().starts_with('.'));
            if hidden {
                continue;
            }
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_symlink() {
                self.link(root, &path, &relative, visit);
            } else if kind.is_dir() {
                self.walk(root, &path, visit);
            } else {
                visit(&path, &relative);
            }
        }
    }

    fn link(&mut self, root: &Path, path: &Path, relative: &Path, visit: &mut dyn FnMut(&Path, &Path)) {
        let inside = match (fs::canonicalize(path), fs::canonicalize(root)) {
            (Ok(target), Ok(root)) => target.starts_with(root),
            // A link to nowhere is told when it is read, if anything includes it.
            _ => return visit(path, relative),
        };
        if !inside {
            let finding = Finding::error(
                Code::A112,
                format!("the link {} leads out of the folder of {ROOT_NAME}", self.name(path)),
            );
            self.findings.push(finding.help("put the file itself there; what is reviewed has to stand in the folder"));
        } else if path.is_file() {
            visit(path, relative);
        }
        // A link to a folder inside the root is not followed: what it holds is found where it stands, and once.
    }
}
