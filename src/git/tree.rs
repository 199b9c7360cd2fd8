//! The YAML files of one commit, and files with similar names, as git stores them: no filter, attribute or end-of-line rule changes a byte.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::command::{printed, run};
use super::error::GitError;

/// The largest file that is read, in bytes, as for files on disk.
const LARGEST: u64 = 16 * 1024 * 1024;
/// The most bytes of all YAML files of a commit together. A small repository can exceed this, because git stores one copy of a file,
/// however many names it has.
const MOST: u64 = 64 * 1024 * 1024;
/// The most bytes of all files together that are read only because their names are like those of YAML files. The others are skipped.
const MOST_SIMILAR: u64 = 4 * 1024 * 1024;
/// The longest listing of a commit that is read, in bytes: about 500,000 files.
const LONGEST_LISTING: u64 = 64 * 1024 * 1024;

/// What a commit has at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TreeEntry {
    /// A file with these bytes.
    File(Vec<u8>),
    /// A file that is too large to be read, with its size in bytes.
    TooLarge(u64),
    /// A link with this target.
    Link(PathBuf),
}

/// The YAML files of one commit; paths are relative to the top of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitTree(BTreeMap<PathBuf, TreeEntry>);

/// A file of a listing, before it is read.
struct ListedFile {
    object: String,
    path: PathBuf,
    is_link: bool,
}

impl CommitTree {
    /// Reads the YAML files below `prefix`, small files with similar names, and `root` even without a YAML ending. `git` makes a command on the repository's objects.
    pub(super) fn read(
        git: &dyn Fn() -> Command,
        commit: &str,
        (prefix, root): (&Path, &Path),
    ) -> Result<CommitTree, GitError> {
        let unreadable = |reason: String| GitError::Unreadable { commit: commit.to_owned(), reason };
        let mut listing = git();
        listing.args(["ls-tree", "-r", "-l", "-z", "--full-tree", commit]);
        if !prefix.as_os_str().is_empty() {
            listing.arg("--").arg(prefix);
        }
        let listed = up_to(listing, LONGEST_LISTING)?.map_err(unreadable)?;
        let listed = String::from_utf8_lossy(&listed);
        let mut files = BTreeMap::new();
        let mut wanted = Vec::new();
        let mut together = 0_u64;
        let entries = listed.split('\0').filter_map(entry);
        let mut similar = 0;
        for (mode, object, size, path) in entries {
            if *path != *root && !is_yaml(path) {
                let is_wanted = is_similar(path) && mode.starts_with("100") && size <= MOST_SIMILAR - similar;
                if is_wanted {
                    similar += size;
                    wanted.push(ListedFile { object: object.to_owned(), path: path.to_owned(), is_link: false });
                }
                continue;
            }
            match mode {
                "100644" | "100755" | "120000" if size > LARGEST => {
                    files.insert(path.to_owned(), TreeEntry::TooLarge(size));
                }
                "100644" | "100755" | "120000" => {
                    together = together.saturating_add(size);
                    if together > MOST {
                        let most = MOST / (1024 * 1024);
                        return Err(unreadable(format!("its YAML files have more than {most} MiB together")));
                    }
                    wanted.push(ListedFile {
                        object: object.to_owned(),
                        path: path.to_owned(),
                        is_link: mode == "120000",
                    });
                }
                _ => {}
            }
        }
        let bytes = contents(git(), &wanted)?.map_err(unreadable)?;
        let entry = |is_link, bytes: Vec<u8>| match is_link {
            true => TreeEntry::Link(PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())),
            false => TreeEntry::File(bytes),
        };
        let read = wanted.into_iter().zip(bytes);
        files.extend(read.map(|(listed, bytes)| (listed.path, entry(listed.is_link, bytes))));
        Ok(CommitTree(files))
    }

    /// The entry at a path.
    pub fn get(&self, path: &Path) -> Option<&TreeEntry> {
        self.0.get(path)
    }

    /// Every path, in order.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// The names of the folders directly below a folder.
    pub fn folders(&self, folder: &Path) -> BTreeSet<PathBuf> {
        let below = self.paths().filter_map(|path| path.strip_prefix(folder).ok());
        let first = below.filter_map(|path| {
            let mut parts = path.components();
            let first = parts.next()?;
            parts.next().map(|_| PathBuf::from(first.as_os_str()))
        });
        first.collect()
    }
}

/// Refuses a commit whose listing has more than [`LONGEST_LISTING`] bytes.
pub(super) fn refuse_large(mut command: Command, commit: &str) -> Result<Result<(), String>, GitError> {
    command.args(["ls-tree", "-r", "-z", "--full-tree", "--object-only", commit]);
    Ok(up_to(command, LONGEST_LISTING)?.map(drop))
}

/// Mode, object, size and path of an entry. The size is 0 if git prints none, as for a submodule.
fn entry(entry: &str) -> Option<(&str, &str, u64, &Path)> {
    let (about, path) = entry.split_once('\t')?;
    let mut words = about.split_ascii_whitespace();
    let (mode, _, object, size) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let path = Path::new(path);
    let is_within = path.components().all(|part| matches!(part, Component::Normal(_)));
    is_within.then_some((mode, object, size.parse().unwrap_or(0), path))
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ["yaml", "yml"].iter().any(|yaml| ending.eq_ignore_ascii_case(yaml)))
}

/// Whether a name is like that of a YAML file: `hr.yaml.txt`, `hr.json`. A warning names such a file of environments.
fn is_similar(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    name.contains(".yaml") || name.contains(".yml") || name.ends_with(".json")
}

/// The output of a command, or a reason: the command failed, or it printed more than `most` bytes.
fn up_to(mut command: Command, most: u64) -> Result<Result<Vec<u8>, String>, GitError> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(GitError::NoGit)?;
    let mut bytes = Vec::new();
    let read = child.stdout.take().map(|stdout| stdout.take(most + 1).read_to_end(&mut bytes)).transpose();
    let is_more = u64::try_from(bytes.len()).is_ok_and(|length| length > most);
    if is_more || read.is_err() {
        // Ending a child fails if it has already ended.
        let _ = child.kill();
    }
    let output = child.wait_with_output().map_err(GitError::NoGit)?;
    Ok(match read {
        Err(error) => Err(error.to_string()),
        Ok(_) if is_more => Err("it has too many files".to_owned()),
        Ok(_) => printed(Output { stdout: bytes, ..output }),
    })
}

/// The bytes of objects, in the order of `wanted`, or why git cannot show one.
fn contents(mut command: Command, wanted: &[ListedFile]) -> Result<Result<Vec<Vec<u8>>, String>, GitError> {
    let asked = || -> io::Result<std::fs::File> {
        let mut asked = tempfile::tempfile()?;
        let lines: String = wanted.iter().map(|listed| format!("{}\n", listed.object)).collect();
        asked.write_all(lines.as_bytes())?;
        asked.rewind()?;
        Ok(asked)
    };
    let asked = match asked() {
        Ok(asked) => asked,
        Err(error) => return Ok(Err(error.to_string())),
    };
    command.args(["cat-file", "--batch"]).stdin(Stdio::from(asked));
    let printed = match printed(run(command)?) {
        Ok(printed) => printed,
        Err(reason) => return Ok(Err(reason)),
    };
    let mut rest = printed.as_slice();
    let mut all = Vec::with_capacity(wanted.len());
    for ListedFile { object, path, .. } in wanted {
        let Some((bytes, after)) = one(rest, object) else {
            return Ok(Err(format!("git does not show {}", path.display())));
        };
        all.push(bytes.to_vec());
        rest = after;
    }
    Ok(Ok(all))
}

/// Splits the first object, `OBJECT blob LENGTH`, its bytes and a line feed, from the output of `git cat-file --batch`.
fn one<'a>(printed: &'a [u8], object: &str) -> Option<(&'a [u8], &'a [u8])> {
    let end = printed.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(printed.get(..end)?).ok()?;
    let length: usize = head.strip_prefix(object)?.strip_prefix(" blob ")?.parse().ok()?;
    let from = end + 1;
    let to = from.checked_add(length)?;
    Some((printed.get(from..to)?, printed.get(to + 1..)?))
}
