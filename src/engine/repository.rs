//! The git repository that a configuration stands in, read beside the working tree: the YAML files of a commit are written into folders
//! that go away, and what merging makes is kept apart from the repository's own objects. Nothing of the repository is touched.
//!
//! Another branch may be a stranger's. So its files are taken as they are, without the filters and attributes that it declares, and only
//! those that are files: no link leads out of the folder.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use super::load::{LoadError, Loaded, load};

/// A configuration of another tree than the working one.
pub struct Unpacked {
    /// What was read; its files are gone with this value.
    pub loaded: Loaded,
    _folder: TempDir,
}

/// Why git does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// Git cannot be run.
    #[error("git cannot be started")]
    NoGit(#[source] io::Error),
    /// The configuration stands in no repository.
    #[error("the configuration is in no git repository: {0}")]
    NoRepository(String),
    /// Git does not know a commit.
    #[error("git does not know `{reference}`: {said}")]
    Unknown {
        /// What was asked for.
        reference: String,
        /// What it says.
        said: String,
    },
    /// Git cannot say where a branch left another.
    #[error("git cannot follow the history to {commit}: {said}")]
    NoHistory {
        /// From the commit that is checked out to this one.
        commit: String,
        /// What it says.
        said: String,
    },
    /// It cannot be unpacked.
    #[error("the configuration at {commit} cannot be unpacked: {why}")]
    Unreadable {
        /// Of which commit or tree.
        commit: String,
        /// Why not.
        why: String,
    },
    /// It cannot be merged, for another reason than that both change the same.
    #[error("`{reference}` cannot be merged: {said}")]
    Unmergeable {
        /// What was to be merged.
        reference: String,
        /// What git says.
        said: String,
    },
}

impl GitError {
    /// What to do next, where the option that asked for git is this one.
    pub fn help(&self, option: &str) -> String {
        match self {
            GitError::NoGit(_) => format!("install git, or leave `{option}` out"),
            GitError::Unknown { .. } => {
                "name a branch or a commit that was fetched: a shallow checkout has only one (`fetch-depth: 0`)"
                    .to_owned()
            }
            GitError::Unmergeable { .. } => {
                format!("git 2.38 or newer can merge without a working tree; or leave `{option}` out")
            }
            GitError::NoHistory { .. } => {
                format!("`git fsck` shows what is missing, and fetching it may bring it back; or leave `{option}` out")
            }
            GitError::NoRepository(_) | GitError::Unreadable { .. } => format!("leave `{option}` out"),
        }
    }
}

/// What two commits make together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// A commit that has both.
    Commit(String),
    /// Both change the same, in these files.
    Conflict(Vec<String>),
}

/// A repository, and where in it the configuration is.
pub struct Repository {
    top: PathBuf,
    /// The folder of the root file, as the repository calls it.
    prefix: String,
    /// The root file.
    name: OsString,
    /// Where new objects go, so that none is left behind.
    objects: TempDir,
    /// Where the others are.
    known_objects: OsString,
}

impl Repository {
    /// The repository of a root file.
    ///
    /// # Errors
    ///
    /// Where git cannot be run, or the file is in no repository.
    pub fn of(root_file: &Path) -> Result<Repository, GitError> {
        let folder = root_file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let ask = |argument: &str| {
            let output = quiet(Command::new("git").arg("-C").arg(folder)).args(["rev-parse", argument]).output();
            said(output.map_err(GitError::NoGit)?).map(|bytes| text(&bytes)).map_err(GitError::NoRepository)
        };
        let top = PathBuf::from(ask("--show-toplevel")?);
        let prefix = ask("--show-prefix")?;
        let known = ask("--git-common-dir")?;
        let known = folder.join(known).join("objects");
        let known = known.canonicalize().unwrap_or(known);
        let objects = tempfile::tempdir().map_err(|error| GitError::NoRepository(error.to_string()))?;
        Ok(Repository {
            top,
            prefix,
            name: root_file.file_name().unwrap_or_default().to_owned(),
            objects,
            known_objects: known.into_os_string(),
        })
    }

    /// The commit that a reference names.
    ///
    /// # Errors
    ///
    /// Where git does not know it.
    pub fn commit(&self, reference: &str) -> Result<String, GitError> {
        let wanted = format!("{reference}^{{commit}}");
        let named = self.git(&["rev-parse", "--verify", "--end-of-options", &wanted])?;
        let unknown = |said| GitError::Unknown { reference: reference.to_owned(), said };
        named.map(|bytes| text(&bytes)).map_err(unknown)
    }

    /// Where the branch that is checked out left a commit; the commit itself where they have no common past.
    ///
    /// # Errors
    ///
    /// Where git cannot be run, or cannot read the history.
    pub fn merge_base(&self, commit: &str) -> Result<String, GitError> {
        let found = self.run(&["merge-base", commit, "HEAD"])?;
        match found.status.code() {
            Some(0) => Ok(text(&found.stdout)),
            // So git says that there is none.
            Some(1) => Ok(commit.to_owned()),
            _ => Err(GitError::NoHistory { commit: commit.to_owned(), said: first_line(&found.stderr) }),
        }
    }

    /// Whether files of the configuration differ from the commit that is checked out.
    ///
    /// # Errors
    ///
    /// Where git cannot be run.
    pub fn has_uncommitted(&self) -> Result<bool, GitError> {
        let within = self.within();
        let said = self.git(&["status", "--porcelain", "--untracked-files=all", "--", within])?;
        // Who cannot say is not believed to have none.
        Ok(said.map_or(true, |changed| !changed.is_empty()))
    }

    /// What two commits make together.
    ///
    /// # Errors
    ///
    /// Where git cannot merge at all.
    pub fn merge(&self, ours: &str, theirs: &str) -> Result<Merged, GitError> {
        let merged = self.run(&["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs])?;
        let told = String::from_utf8_lossy(&merged.stdout).into_owned();
        let mut parts = told.split('\0').filter(|part| !part.is_empty());
        match (merged.status.code(), parts.next()) {
            (Some(0), Some(tree)) => {
                let commit = self.git(&["commit-tree", tree, "-p", ours, "-p", theirs, "-m", "merged"])?;
                commit.map(|bytes| Merged::Commit(text(&bytes))).map_err(|said| unmergeable(theirs, said))
            }
            (Some(1), Some(_)) => Ok(Merged::Conflict(parts.map(str::to_owned).collect())),
            _ => Err(unmergeable(theirs, first_line(&merged.stderr))),
        }
    }

    /// Whether there is a configuration at a commit.
    ///
    /// # Errors
    ///
    /// Where git cannot be run.
    pub fn has_configuration(&self, commit: &str) -> Result<bool, GitError> {
        let root = Path::new(&self.prefix).join(&self.name);
        let listed = self.git(&["ls-tree", "--name-only", commit, "--", &root.to_string_lossy()])?;
        listed.map(|listed| !listed.is_empty()).map_err(|why| unreadable(commit, why))
    }

    /// The configuration as it stands at a commit.
    ///
    /// # Errors
    ///
    /// Where git cannot unpack it; and within, where it cannot be read.
    pub fn unpack(&self, commit: &str) -> Result<Result<Unpacked, LoadError>, GitError> {
        let listed = self.git(&["ls-tree", "-r", "-z", "--full-tree", commit, "--", self.within()])?;
        let listed = listed.map_err(|why| unreadable(commit, why))?;
        let listed = String::from_utf8_lossy(&listed);
        let root = Path::new(&self.prefix).join(&self.name);
        let files: Vec<(&str, &Path)> = listed.split('\0').filter_map(file).collect();
        let files: Vec<(&str, &Path)> = files.into_iter().filter(|(_, path)| *path == root || is_yaml(path)).collect();
        let folder = tempfile::tempdir().map_err(|error| unreadable(commit, error.to_string()))?;
        self.write(&files, folder.path(), commit)?;
        let loaded = load(&folder.path().join(root), folder.path());
        Ok(loaded.map(|loaded| Unpacked { loaded, _folder: folder }))
    }

    /// Writes files as they are kept.
    fn write(&self, files: &[(&str, &Path)], folder: &Path, commit: &str) -> Result<(), GitError> {
        let failed = |error: io::Error| unreadable(commit, error.to_string());
        let mut asked = tempfile::tempfile().map_err(failed)?;
        for (object, _) in files {
            writeln!(asked, "{object}").map_err(failed)?;
        }
        io::Seek::rewind(&mut asked).map_err(failed)?;
        let mut command = self.command(&["cat-file", "--batch"]);
        let output = command.stdin(Stdio::from(asked)).output().map_err(GitError::NoGit)?;
        let kept = said(output).map_err(|why| unreadable(commit, why))?;
        let mut rest = kept.as_slice();
        for (object, path) in files {
            // `OBJECT blob LENGTH`, the bytes, and the end of a line.
            let broken = || unreadable(commit, format!("git does not show {}", path.display()));
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(broken)?;
            let head = String::from_utf8_lossy(rest.get(..end).unwrap_or_default()).into_owned();
            let length = head.strip_prefix(object).and_then(|rest| rest.strip_prefix(" blob ")?.parse().ok());
            let length: usize = length.ok_or_else(broken)?;
            let bytes = rest.get(end + 1..end + 1 + length).ok_or_else(broken)?;
            rest = rest.get(end + 2 + length..).unwrap_or_default();
            let at = folder.join(path);
            at.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&at, bytes)).map_err(failed)?;
        }
        Ok(())
    }

    fn within(&self) -> &str {
        if self.prefix.is_empty() { "." } else { &self.prefix }
    }

    /// Runs git; what it printed, or what it says against it.
    fn git(&self, arguments: &[&str]) -> Result<Result<Vec<u8>, String>, GitError> {
        Ok(said(self.run(arguments)?))
    }

    fn run(&self, arguments: &[&str]) -> Result<Output, GitError> {
        self.command(arguments).output().map_err(GitError::NoGit)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        // A commit that nobody keeps is nobody's, and of no day.
        const NOBODY: [(&str, &str); 6] = [
            ("GIT_AUTHOR_NAME", "allot"),
            ("GIT_AUTHOR_EMAIL", "allot"),
            ("GIT_AUTHOR_DATE", "2000-01-01T00:00:00Z"),
            ("GIT_COMMITTER_NAME", "allot"),
            ("GIT_COMMITTER_EMAIL", "allot"),
            ("GIT_COMMITTER_DATE", "2000-01-01T00:00:00Z"),
        ];
        let mut command = Command::new("git");
        quiet(&mut command).arg("-C").arg(&self.top).args(arguments).envs(NOBODY);
        command.env("GIT_OBJECT_DIRECTORY", self.objects.path());
        command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", quoted(&self.known_objects));
        command
    }
}

/// Git without what a hook or a CI host may have told another git, and without questions. The variables are those of
/// `git rev-parse --local-env-vars`.
fn quiet(command: &mut Command) -> &mut Command {
    const OF_ANOTHER: [&str; 15] = [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_CONFIG",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT",
        "GIT_OBJECT_DIRECTORY",
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_GRAFT_FILE",
        "GIT_INDEX_FILE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_REPLACE_REF_BASE",
        "GIT_PREFIX",
        "GIT_SHALLOW_FILE",
        "GIT_COMMON_DIR",
    ];
    for name in OF_ANOTHER {
        command.env_remove(name);
    }
    // What it says is read here, too, in English.
    command.envs([
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("LC_ALL", "C"),
    ])
}

/// A path in a list of paths: git takes one in quotes where the sign between paths is in it.
fn quoted(path: &OsStr) -> OsString {
    match path.to_str().filter(|text| text.contains([':', '"', '\\'])) {
        Some(text) => format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into(),
        None => path.to_owned(),
    }
}

/// An entry of a listing that is an ordinary file: its object and its path.
fn file(entry: &str) -> Option<(&str, &Path)> {
    let (about, path) = entry.split_once('\t')?;
    let mut words = about.split(' ');
    let (mode, _, object) = (words.next()?, words.next()?, words.next()?);
    let path = Path::new(path);
    let is_within = path.components().all(|part| matches!(part, Component::Normal(_)));
    (["100644", "100755"].contains(&mode) && is_within).then_some((object, path))
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml")
}

fn unmergeable(reference: &str, said: String) -> GitError {
    GitError::Unmergeable { reference: reference.to_owned(), said }
}

fn unreadable(commit: &str, why: String) -> GitError {
    GitError::Unreadable { commit: commit.to_owned(), why }
}

fn said(output: Output) -> Result<Vec<u8>, String> {
    if output.status.success() { Ok(output.stdout) } else { Err(first_line(&output.stderr)) }
}

fn first_line(stderr: &[u8]) -> String {
    let said = String::from_utf8_lossy(stderr);
    let line = said.lines().next().unwrap_or("it does not say why");
    line.trim_start_matches("fatal: ").trim_start_matches("error: ").to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}
