//! The marker of a comment on a pull request: an HTML comment in the first line, invisible to readers. Later runs find the comment by
//! its marker.

use std::fmt;

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
    /// The plan's digest.
    pub digest: Option<String>,
    /// The number of applied changes; `None` if there are none.
    pub applied: Option<u64>,
    /// The verdict.
    pub verdict: CommentVerdict,
    /// The time of the comment.
    pub made_at: Timestamp,
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made_at = self.made_at.to_string();
        let applied = self.applied.map(|applied| applied.to_string());
        let words = [
            ("cmd", Some(self.command.as_str())),
            ("root", Some(&self.root)),
            ("tenant", self.tenant.as_deref()),
            ("commit", self.commit.as_deref()),
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
