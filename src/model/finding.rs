//! Findings: the diagnostics of checks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::code::Code;
use super::source::Span;
use super::words::words;

words! {
    /// The severity of a finding.
    pub enum Severity {
        /// Nothing is wrong.
        Hint = "hint",
        /// A problem is possible or coming; the command continues.
        Warning = "warning",
        /// The command refuses to continue.
        Error = "error",
    }
}

/// A place and its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// The label; may be empty.
    pub text: String,
}

/// A value of `--allow CODE:SCOPE`: turns the error with this code and scope into a warning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Allowance {
    /// The code to allow.
    pub code: Code,
    /// The scope: `ENVIRONMENT/ADD-ON`, `ENVIRONMENT`, `ADD-ON` or `tenant`, as in the finding.
    pub scope: String,
}

impl fmt::Display for Allowance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.code, self.scope)
    }
}

/// Why a text is not an allowance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowanceError {
    /// The text lacks the colon or the scope.
    #[error("`{0}` is not CODE:SCOPE; an example: A303:hr-prod/app-passes")]
    Malformed(String),
    /// The code does not exist.
    #[error("`{0}` is not a code; `allot explain` lists all codes")]
    UnknownCode(String),
    /// The code cannot be allowed.
    #[error("{0} cannot be allowed: {reason}", reason = .0.title())]
    NotAllowable(Code),
}

impl FromStr for Allowance {
    type Err = AllowanceError;

    fn from_str(text: &str) -> Result<Allowance, AllowanceError> {
        let (code, scope) = text.split_once(':').ok_or_else(|| AllowanceError::Malformed(text.to_owned()))?;
        if scope.trim().is_empty() {
            return Err(AllowanceError::Malformed(text.to_owned()));
        }
        let code: Code = code.parse().map_err(|_| AllowanceError::UnknownCode(code.to_owned()))?;
        if !code.can_be_allowed() {
            return Err(AllowanceError::NotAllowable(code));
        }
        Ok(Allowance { code, scope: scope.trim().to_owned() })
    }
}

impl TryFrom<String> for Allowance {
    type Error = AllowanceError;

    fn try_from(text: String) -> Result<Allowance, AllowanceError> {
        text.parse()
    }
}

impl From<Allowance> for String {
    fn from(allowance: Allowance) -> String {
        allowance.to_string()
    }
}

/// The most findings about one file that a report lists. The decoder of a file keeps this many of each severity. No file that people
/// write has so many.
pub const MOST_OF_FILE: usize = 1_000;

/// What let a refusal through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The refusal.
    pub allowance: Allowance,
    /// What allowed it, in words: the flag, or the entry of `allow` with its limits and reason.
    pub by: String,
    /// The place of the entry; a flag has none.
    pub span: Option<Span>,
}

/// One diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The code.
    pub code: Code,
    /// The severity.
    pub severity: Severity,
    /// The number of findings that this one represents. More than 1 if a file has so many that only the first ones are kept.
    pub represents: u64,
    /// The problem, in one sentence without a full stop.
    pub message: String,
    /// The place of the problem, if it has one.
    pub primary: Option<Label>,
    /// Further places that explain the problem.
    pub related: Vec<Label>,
    /// Facts that explain the problem.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
    /// The value of `--allow` that allows only this finding, if it can be allowed.
    pub allowance: Option<Allowance>,
    /// What let it through, if it is a refusal that was allowed.
    pub permission: Option<Permission>,
}

impl Finding {
    /// A finding without a place. The message is cut to one line of at most 400 characters, so that it never quotes more of a file than
    /// one line.
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Finding {
        Finding {
            code,
            severity,
            represents: 1,
            message: one_line(message.into()),
            primary: None,
            related: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            allowance: None,
            permission: None,
        }
    }

    /// An error.
    pub fn error(code: Code, message: impl Into<String>) -> Finding {
        Finding::new(code, Severity::Error, message)
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Finding {
        Finding::new(code, Severity::Warning, message)
    }

    /// A hint.
    pub fn hint(code: Code, message: impl Into<String>) -> Finding {
        Finding::new(code, Severity::Hint, message)
    }

    /// Sets the place and its label.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Finding {
        self.primary = Some(Label { span, text: text.into() });
        self
    }

    /// Sets the place and its label, or no place.
    #[must_use]
    pub fn at_if(mut self, span: Option<Span>, text: impl Into<String>) -> Finding {
        self.primary = span.map(|span| Label { span, text: text.into() });
        self
    }

    /// Adds a place that explains the problem.
    #[must_use]
    pub fn see(mut self, span: Span, text: impl Into<String>) -> Finding {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// Adds a fact that explains the problem.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Finding {
        self.notes.push(text.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Finding {
        self.help.push(text.into());
        self
    }

    /// Sets the scope with which `--allow` allows only this finding.
    #[must_use]
    pub fn allowable(mut self, scope: impl Into<String>) -> Finding {
        self.allowance = Some(Allowance { code: self.code, scope: scope.into() });
        self
    }

    /// Turns a refusal that is allowed into a warning that says what allowed it.
    #[must_use]
    pub fn let_through(self, permission: Permission) -> Finding {
        let allowed = self.note(format!("allowed by {}", permission.by));
        let shown = permission.span.iter().fold(allowed, |finding, span| finding.see(*span, "allowed here"));
        Finding { severity: Severity::Warning, allowance: None, permission: Some(permission), ..shown }
    }

    /// Replaces the message with the code's title, and the notes with one, if the finding is about one of these multi-line values, which
    /// they may quote. The places are in order.
    #[must_use]
    pub fn without_quote_of(self, long: &[Span]) -> Finding {
        if self.primary.as_ref().is_none_or(|label| long.binary_search(&label.span).is_err()) {
            return self;
        }
        let message = self.code.title().to_owned();
        Finding { message, notes: Vec::new(), ..self }.note("the value spans several lines and is not quoted here")
    }

    /// Keeps only the code's title and the places, so that the finding shows no text of the file. Adds the reason and the help.
    #[must_use]
    pub fn without_content(self, reason: &str, help: &str) -> Finding {
        let bare = |label: Label| Label { text: String::new(), ..label };
        Finding {
            primary: self.primary.map(bare),
            related: self.related.into_iter().map(bare).collect(),
            ..Finding::new(self.code, self.severity, self.code.title())
        }
        .note(reason)
        .help(help)
    }

    /// Whether the finding is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The longest message, in characters.
const LONGEST_MESSAGE: usize = 400;

fn one_line(mut message: String) -> String {
    let line = message.find(['\n', '\r']).unwrap_or(message.len());
    let longest = message.char_indices().nth(LONGEST_MESSAGE).map_or(message.len(), |(at, _)| at);
    let end = line.min(longest);
    if end < message.len() {
        message.truncate(end);
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use super::{Finding, LONGEST_MESSAGE};
    use crate::model::code::Code;

    #[test]
    fn a_message_is_one_line_of_bounded_length() {
        let message = |text: &str| Finding::error(Code::A104, text).message;
        assert_eq!(message("no key `a`"), "no key `a`");
        assert_eq!(message("no key `a\nsecret`"), "no key `a…");
        assert_eq!(message("no key `a\rsecret`"), "no key `a…");
        assert_eq!(message(&"ä".repeat(LONGEST_MESSAGE)).chars().count(), LONGEST_MESSAGE);
        assert_eq!(message(&"ä".repeat(LONGEST_MESSAGE + 1)).chars().count(), LONGEST_MESSAGE + 1);
    }
}
