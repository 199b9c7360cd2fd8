//! The names of the commands, in reports and on the command line.

use std::fmt;

use serde::{Serialize, Serializer};

/// The name of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommandName {
    /// `allot init`
    Init,
    /// `allot validate`
    Validate,
    /// `allot plan`
    Plan,
    /// `allot apply`
    Apply,
    /// `allot drift`
    Drift,
    /// `allot status`
    Status,
    /// `allot forecast`
    Forecast,
    /// `allot doctor`
    Doctor,
    /// `allot comment`
    Comment,
    /// `allot watch`
    Watch,
    /// `allot emulate`
    Emulate,
    /// `allot explain`
    Explain,
    /// `allot schema`
    Schema,
    /// `allot completions`
    Completions,
    /// `allot man`
    Man,
}

impl CommandName {
    /// The commands whose reports can be posted on a pull request.
    const POSTED: [CommandName; 3] = [CommandName::Validate, CommandName::Plan, CommandName::Apply];

    /// The name as it is typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            CommandName::Init => "init",
            CommandName::Validate => "validate",
            CommandName::Plan => "plan",
            CommandName::Apply => "apply",
            CommandName::Drift => "drift",
            CommandName::Status => "status",
            CommandName::Forecast => "forecast",
            CommandName::Doctor => "doctor",
            CommandName::Comment => "comment",
            CommandName::Watch => "watch",
            CommandName::Emulate => "emulate",
            CommandName::Explain => "explain",
            CommandName::Schema => "schema",
            CommandName::Completions => "completions",
            CommandName::Man => "man",
        }
    }

    /// The command with this name in the marker of a posted report.
    pub fn of_marker(name: &str) -> Option<CommandName> {
        CommandName::POSTED.into_iter().find(|command| command.as_str() == name)
    }
}

impl fmt::Display for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CommandName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
