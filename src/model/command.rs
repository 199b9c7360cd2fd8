//! The names of the commands, in reports and on the command line.

use super::words::words;

words! {
    /// The name of a command.
    pub enum CommandName {
        /// `allot init`
        Init = "init",
        /// `allot validate`
        Validate = "validate",
        /// `allot plan`
        Plan = "plan",
        /// `allot apply`
        Apply = "apply",
        /// `allot drift`
        Drift = "drift",
        /// `allot status`
        Status = "status",
        /// `allot forecast`
        Forecast = "forecast",
        /// `allot doctor`
        Doctor = "doctor",
        /// `allot comment`
        Comment = "comment",
        /// `allot watch`
        Watch = "watch",
        /// `allot emulate`
        Emulate = "emulate",
        /// `allot explain`
        Explain = "explain",
        /// `allot schema`
        Schema = "schema",
        /// `allot completions`
        Completions = "completions",
        /// `allot man`
        Man = "man",
    }
}

impl CommandName {
    /// The commands whose reports can be posted on a pull request.
    const POSTED: [CommandName; 3] = [CommandName::Validate, CommandName::Plan, CommandName::Apply];

    /// The command with this name in the marker of a posted report.
    pub fn of_marker(name: &str) -> Option<CommandName> {
        CommandName::POSTED.into_iter().find(|command| command.as_str() == name)
    }
}
