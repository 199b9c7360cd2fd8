//! How a run ends: the frozen exit codes, and failures told once with what to do next.

use std::process::ExitCode;

use crate::report::style::Style;
use crate::report::text;
use crate::report::view::failure::ErrorView;

/// How a run ended. The numbers are frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Fine.
    Fine,
    /// Failed, or wrong usage.
    Failed,
    /// Changes or drift found, where that was asked for.
    Changes,
    /// Refused: invalid configuration, headroom, rule, stale plan, held lease.
    Refused,
    /// Applied in part.
    Partial,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Changes => 2,
            Exit::Refused => 3,
            Exit::Partial => 4,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

/// Leaves a large value to the operating system: the process ends anyway, and taking it apart first would only take time.
pub fn leave_behind<T>(value: T) {
    std::mem::forget(value);
}

/// Advice that travels with an error: what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Advised {
    /// What happened.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl Advised {
    /// An error that says what to do next.
    pub fn error(message: impl Into<String>, help: impl Into<String>) -> anyhow::Error {
        Advised { message: message.into(), help: help.into() }.into()
    }
}

/// The causes of an error from the outside in, each once, and what to do next.
pub struct Told {
    /// What happened, the outermost first; a cause that its parent already quotes is left out.
    pub causes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
}

/// Takes an error apart for printing.
pub fn tell(error: &anyhow::Error) -> Told {
    let mut told = Told { causes: Vec::new(), help: Vec::new() };
    for cause in error.chain() {
        let text = cause.to_string();
        if !told.causes.iter().any(|outer| outer.contains(&text)) {
            told.causes.push(text);
        }
        if let Some(advised) = cause.downcast_ref::<Advised>() {
            told.help.push(advised.help.clone());
        }
        if let Some(provider) = cause.downcast_ref::<crate::provider::port::ProviderError>() {
            told.help.extend(provider.help.clone());
        }
    }
    told
}

impl Told {
    /// As programs read it.
    pub fn view(&self, command: &str) -> ErrorView {
        let (message, causes) = self.causes.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        let help = (!self.help.is_empty()).then(|| self.help.join("; "));
        ErrorView::new(command, message, causes, help.as_deref())
    }

    /// As it stands on a terminal.
    pub fn text(&self, style: &Style) -> String {
        text::failure::failure(&self.causes, &self.help, style)
    }
}
