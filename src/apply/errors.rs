//! Errors of the service, as messages and as outcomes of writes.

use std::sync::Arc;

use crate::model::code::Code;
use crate::model::run::Outcome;
use crate::provider::port::{ProviderError, ProviderErrorKind};

/// The message of an error, with its help.
pub(super) fn describe(error: &ProviderError) -> Arc<str> {
    match &error.help {
        Some(help) => format!("{error}; {help}").into(),
        None => error.to_string().into(),
    }
}

/// Maps the error of a write that is not sent again to its outcome.
pub(super) fn refused(error: &ProviderError) -> Outcome {
    let code = match error.kind {
        ProviderErrorKind::Denied | ProviderErrorKind::SignInRenewed => Code::A401,
        ProviderErrorKind::Locked | ProviderErrorKind::SwitchLocked(_) => Code::A407,
        ProviderErrorKind::NotFound
        | ProviderErrorKind::Conflict
        | ProviderErrorKind::Throttled(_)
        | ProviderErrorKind::Unavailable
        | ProviderErrorKind::ReadAgain
        | ProviderErrorKind::OutcomeUnknown(_)
        | ProviderErrorKind::Malformed => Code::A504,
    };
    Outcome::Refused { code, why: describe(error) }
}

#[cfg(test)]
mod tests {
    use super::{describe, refused};
    use crate::model::code::Code;
    use crate::model::run::Outcome;
    use crate::provider::port::{ProviderError, ProviderErrorKind};

    #[test]
    fn a_refusal_has_the_code_of_its_kind_and_the_help_of_the_service() {
        for (kind, code) in [
            (ProviderErrorKind::Denied, Code::A401),
            (ProviderErrorKind::SignInRenewed, Code::A401),
            (ProviderErrorKind::Locked, Code::A407),
            (ProviderErrorKind::Conflict, Code::A504),
        ] {
            let error = ProviderError::new(kind, "no").help("ask the owner");
            assert_eq!(&*describe(&error), "no; ask the owner");
            assert_eq!(refused(&error), Outcome::Refused { code, why: "no; ask the owner".into() });
        }
    }
}
