//! Why a use case ended without the answer that was asked for, and the error type that carries advice.

use crate::apply::stop::{Stop, Urgency};
use crate::model::command::CommandName;
use crate::model::ending::Ending;
use crate::model::finding::Finding;
use crate::model::source::Sources;
use crate::provider::port::ProviderError;
use crate::report::answer::{Answer, Content};
use crate::report::view::failure::{ErrorView, FailureView, RefusalView};
use crate::report::view::validate::ValidateView;

/// Why a use case ended early.
#[derive(Debug)]
pub enum Stopped {
    /// The configuration is invalid.
    Invalid {
        /// The files.
        sources: Box<Sources>,
        /// Every finding about them.
        findings: Vec<Finding>,
    },
    /// The configuration is valid, and the request is refused.
    Refused {
        /// The files.
        sources: Box<Sources>,
        /// Every reason.
        findings: Vec<Finding>,
    },
    /// Something failed.
    Failed(anyhow::Error),
    /// The user declined an approved plan, or asked to stop before anything was written.
    Declined(Ending),
}

impl<E: Into<anyhow::Error>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Failed(error.into())
    }
}

impl Stopped {
    /// The answer of a command that ended early; `None` for [`Stopped::Declined`], which leaves nothing to report.
    pub fn answer(self, command: CommandName) -> Option<Answer> {
        let (content, findings, sources, ending) = match self {
            Stopped::Invalid { sources, findings } => {
                let view = ValidateView::new(&findings, &sources, None, &[]);
                (Content::Invalid(Box::new(view)), findings, *sources, Ending::Refused)
            }
            Stopped::Refused { sources, findings } => {
                let view = RefusalView::new(&findings, &sources);
                (Content::Refused(Box::new(view)), findings, *sources, Ending::Refused)
            }
            Stopped::Failed(error) => {
                let view = Causes::of(&error).view();
                (Content::Failed(Box::new(view)), Vec::new(), Sources::default(), Ending::Failed)
            }
            Stopped::Declined(_) => return None,
        };
        Some(Answer { command, content, findings, sources, ending })
    }
}

/// Does work that writes nothing, unless the user asks to stop before it ends.
///
/// # Errors
///
/// If the work fails, or the user asks to stop.
pub(super) async fn until_stopped<T, E>(stop: &Stop, work: impl Future<Output = Result<T, E>>) -> Result<T, Stopped>
where
    Stopped: From<E>,
{
    tokio::select! {
        biased;
        () = stop.reached(Urgency::Finish) => Err(Stopped::Declined(Ending::Interrupted)),
        done = work => Ok(done?),
    }
}

/// An error that says what to do next.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Advised {
    /// What happened.
    pub message: String,
    /// What to do next.
    pub help: String,
}

impl Advised {
    /// Makes such an error.
    pub fn error(message: impl Into<String>, help: impl Into<String>) -> anyhow::Error {
        Advised { message: message.into(), help: help.into() }.into()
    }

    /// Makes such an error if there is advice, and a plain one otherwise.
    pub fn error_if_any(message: String, help: Option<String>) -> anyhow::Error {
        match help {
            Some(help) => Advised::error(message, help),
            None => anyhow::anyhow!(message),
        }
    }
}

/// The chain of an error's causes, and every piece of advice in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Causes {
    /// The messages, the outermost first. A cause that its parent already quotes is left out.
    pub messages: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
}

impl Causes {
    /// Takes an error apart.
    pub fn of(error: &anyhow::Error) -> Causes {
        let mut causes = Causes { messages: Vec::new(), help: Vec::new() };
        for cause in error.chain() {
            let text = cause.to_string();
            if !causes.messages.iter().any(|outer| outer.contains(&text)) {
                causes.messages.push(text);
            }
            if let Some(advised) = cause.downcast_ref::<Advised>() {
                causes.help.push(advised.help.clone());
            }
            if let Some(provider) = cause.downcast_ref::<ProviderError>() {
                causes.help.extend(provider.help.clone());
            }
        }
        causes
    }

    /// The view that programs read.
    pub fn view(&self) -> ErrorView {
        let mut messages = self.messages.iter().cloned();
        let message = messages.next().unwrap_or_default();
        let help = (!self.help.is_empty()).then(|| self.help.join("; "));
        ErrorView::new(FailureView { message, causes: messages.collect(), help })
    }
}
