//! The marker of a comment on a pull request: an HTML comment in the first line, invisible to readers. Later runs find the comment by
//! its marker.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::command::CommandName;
use super::words::words;

/// The characters to escape, including the dash, because two dashes would end the HTML comment.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'/');

const OPENING: &str = "<!-- allot:comment v=1 ";
const CLOSING: &str = " -->";

words! {
    /// The verdict of a comment, for the status of the pull request.
    pub enum CommentVerdict {
        /// Nothing prevents the merge, or every change was applied.
        Passed = "passed",
        /// A problem must be fixed first.
        Blocked = "blocked",
        /// The command failed, or some changes were not applied.
        Failed = "failed",
    }
}

/// The run of a CI job, with the numbers that the host gave it: `github/77/2` is the second attempt of run 77.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRun {
    host: String,
    numbers: Vec<u64>,
}

impl JobRun {
    /// The name that the host shows for the run: `run 77`.
    pub fn name(&self) -> Option<String> {
        let kind = match self.host.as_str() {
            "gitlab" => "pipeline",
            "azure" => "build",
            _ => "run",
        };
        self.numbers.first().map(|number| format!("{kind} {number}"))
    }

    /// Whether this run began before the other one. Runs of two hosts have no order.
    fn is_before(&self, other: &JobRun) -> bool {
        self.host == other.host && self.numbers.cmp(&other.numbers) == Ordering::Less
    }
}

impl fmt::Display for JobRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        self.numbers.iter().try_for_each(|number| write!(f, "/{number}"))
    }
}

/// The text is not the run of a CI job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the run of a CI job, such as `github/77/2`")]
pub struct NoRun;

impl FromStr for JobRun {
    type Err = NoRun;

    fn from_str(text: &str) -> Result<JobRun, NoRun> {
        let (host, numbers) = text.split_once('/').ok_or(NoRun)?;
        let numbers = numbers.split('/').map(|number| number.parse().map_err(|_| NoRun)).collect::<Result<_, _>>()?;
        Ok(JobRun { host: host.to_owned(), numbers })
    }
}

/// The marker of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The command that made the comment.
    pub command: CommandName,
    /// The folder of the configuration in its repository.
    pub root: String,
    /// The tenant's name in the configuration; `None` if it could not be read.
    pub tenant: Option<String>,
    /// The commit that the command used.
    pub commit: Option<String>,
    /// The last commit of the pull request's branch when the command ran; `None` outside a job of a pull request.
    pub head: Option<String>,
    /// The run of the CI job.
    pub run: Option<JobRun>,
    /// The plan's digest.
    pub digest: Option<String>,
    /// The number of applied changes; `None` if there are none.
    pub applied: Option<u64>,
    /// The verdict.
    pub verdict: CommentVerdict,
    /// The time of the comment, by the clock of its machine. It orders nothing, because a clock can be wrong.
    pub made_at: Timestamp,
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made_at = self.made_at.to_string();
        let applied = self.applied.map(|applied| applied.to_string());
        let run = self.run.as_ref().map(JobRun::to_string);
        let words = [
            ("cmd", Some(self.command.as_str())),
            ("root", Some(&self.root)),
            ("tenant", self.tenant.as_deref()),
            ("commit", self.commit.as_deref()),
            ("head", self.head.as_deref()),
            ("run", run.as_deref()),
            ("digest", self.digest.as_deref()),
            ("applied", applied.as_deref()),
            ("standing", Some(self.verdict.as_str())),
            ("at", Some(&made_at)),
        ];
        let words = words.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let words: Vec<String> =
            words.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, PLAIN))).collect();
        write!(f, "{OPENING}{}{CLOSING}", words.join(" "))
    }
}

impl Marker {
    /// Parses the marker of a comment; `None` if the text does not begin with one.
    pub fn of(comment: &str) -> Option<Marker> {
        let line = comment.lines().next()?.trim_end();
        let words = line.strip_prefix(OPENING)?.strip_suffix(CLOSING)?;
        let word = |name: &str| {
            let value = words.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='))?;
            percent_decode_str(value).decode_utf8().ok().map(|value| value.into_owned())
        };
        let verdict = word("standing")?;
        Some(Marker {
            command: CommandName::of_marker(&word("cmd")?)?,
            root: word("root")?,
            tenant: word("tenant"),
            commit: word("commit"),
            head: word("head"),
            run: word("run").and_then(|run| run.parse().ok()),
            digest: word("digest"),
            applied: word("applied").and_then(|applied| applied.parse().ok()),
            verdict: CommentVerdict::ALL.into_iter().find(|known| known.as_str() == verdict)?,
            made_at: word("at")?.parse().ok()?,
        })
    }

    /// Whether a comment with this marker replaces a comment with the other marker. Both must have the same root folder and tenant; a marker
    /// without a tenant matches every tenant. Both must come from the same command, or the new one from `apply` and the other from `plan`.
    /// A comment that lists applied changes is replaced only by a comment about the same plan that lists applied changes too.
    pub fn replaces(&self, other: &Marker) -> bool {
        let is_same_tenant = match (&self.tenant, &other.tenant) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        is_same_tenant && self.root == other.root && self.follows(other.command) && !self.would_lose(other)
    }

    /// Whether the other comment, which this one [replaces](Marker::replaces), is newer and has to stay: a later run of
    /// the same command wrote it. No comment is newer if the order of the runs is unknown. Except for `apply`, a
    /// comment about another commit than `head`, the last commit of the branch, is not newer either.
    pub fn is_outdated_by(&self, other: &Marker, head: &str) -> bool {
        let is_about_another_commit = other.head.as_deref().is_some_and(|about| about != head);
        let is_earlier_run =
            self.run.as_ref().zip(other.run.as_ref()).is_some_and(|(ours, theirs)| ours.is_before(theirs));
        match self.command == other.command {
            // A comment of `apply` is about a commit of the main branch, so `head` does not matter.
            true if self.command == CommandName::Apply => is_earlier_run,
            true => is_earlier_run && !is_about_another_commit,
            false => false,
        }
    }

    /// Whether the other comment lists applied changes, and this one lists none or is about another plan.
    fn would_lose(&self, other: &Marker) -> bool {
        other.applied.is_some() && (self.digest != other.digest || self.applied.is_none())
    }

    /// Whether a comment of this marker's command can replace one of the other command: `apply` replaces `plan`, but not the reverse.
    fn follows(&self, other: CommandName) -> bool {
        other == self.command || (self.command == CommandName::Apply && other == CommandName::Plan)
    }
}

#[cfg(test)]
mod tests {
    use super::super::command::CommandName;
    use super::{CommentVerdict, Marker};

    fn marker() -> Marker {
        Marker {
            command: CommandName::Plan,
            root: "prod/capacity".into(),
            tenant: Some("contoso --> <b>".into()),
            commit: Some("4f2c9d1".into()),
            head: Some("9b1e0aa".into()),
            run: Some("github/77/2".parse().unwrap()),
            digest: None,
            applied: None,
            verdict: CommentVerdict::Blocked,
            made_at: "2026-11-24T09:30:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_marker_is_read_as_it_was_written() {
        let written = marker().to_string();
        assert_eq!(written.matches("--").count(), 2, "{written}");
        assert_eq!(Marker::of(&format!("{written}\r\n### Blocked\n")), Some(marker()));
        for other in
            ["", "### Blocked", "<!-- allot:comment v=1 -->", &format!("x\n{written}"), &written.replace("v=1", "v=2")]
        {
            assert_eq!(Marker::of(other), None, "{other}");
        }
        // A marker without these words is of an earlier version, and one with a malformed run has no order.
        let earlier = written.replace(" head=9b1e0aa run=github/77/2", "");
        assert_eq!(Marker::of(&earlier), Some(Marker { head: None, run: None, ..marker() }));
        let malformed = written.replace("github/77/2", "github/soon");
        assert_eq!(Marker::of(&malformed), Some(Marker { run: None, ..marker() }));
    }

    #[test]
    fn commit_and_run_say_which_comment_is_newer_and_the_clock_does_not() {
        let plan = |head: &str, run: &str, clock: &str| Marker {
            head: Some(head.into()).filter(|head: &String| !head.is_empty()),
            run: run.parse().ok(),
            made_at: clock.parse().unwrap(),
            ..marker()
        };
        let (early, late) = ("2026-11-24T09:30:00Z", "2036-11-24T09:30:00Z");
        for (ours, theirs, is_outdated) in [
            (plan("new", "github/78/1", early), plan("old", "github/77/1", late), false),
            (plan("new", "github/77/1", early), plan("old", "github/78/1", late), false),
            (plan("new", "github/77/1", late), plan("new", "github/78/1", early), true),
            (plan("new", "github/78/1", early), plan("new", "github/77/9", late), false),
            (plan("new", "github/78/1", early), plan("new", "github/78/2", early), true),
            (plan("new", "github/78/2", early), plan("new", "github/78/2", late), false),
            (plan("new", "github/9/1", late), plan("new", "github/10/1", early), true),
            (plan("new", "azure/1/1", early), plan("new", "github/78/1", late), false),
            (plan("", "github/77/1", late), plan("", "github/78/1", early), true),
            (plan("new", "", early), plan("new", "github/78/1", late), false),
        ] {
            assert_eq!(ours.is_outdated_by(&theirs, "new"), is_outdated, "{ours} beside {theirs}");
            let receipt = Marker { command: CommandName::Apply, ..ours };
            assert!(!receipt.is_outdated_by(&theirs, "new"), "a receipt is newer than a plan");
        }
    }

    #[test]
    fn a_comment_replaces_what_it_follows() {
        let of = |command: CommandName| Marker { command, ..marker() };
        for (new, old, expected) in [
            (CommandName::Plan, CommandName::Plan, true),
            (CommandName::Apply, CommandName::Plan, true),
            (CommandName::Apply, CommandName::Apply, true),
            (CommandName::Validate, CommandName::Plan, false),
            (CommandName::Plan, CommandName::Apply, false),
            (CommandName::Plan, CommandName::Drift, false),
        ] {
            assert_eq!(of(new).replaces(&of(old)), expected, "{new} over {old}");
        }
        let receipt = |digest: &str, applied| Marker {
            command: CommandName::Apply,
            digest: Some(digest.into()),
            applied,
            ..marker()
        };
        let (done, same, refused) = (receipt("a", Some(3)), receipt("a", Some(5)), receipt("a", None));
        assert!(same.replaces(&done) && done.replaces(&refused) && !refused.replaces(&done));
        assert!(!receipt("b", Some(1)).replaces(&done), "another plan has a receipt of its own");
        let other_root = Marker { root: "dev".into(), ..marker() };
        let other_tenant = Marker { tenant: Some("fabrikam".into()), ..marker() };
        let no_tenant = Marker { tenant: None, ..marker() };
        assert!(!marker().replaces(&other_root) && !marker().replaces(&other_tenant) && marker().replaces(&no_tenant));
    }
}
