//! The answer of `validate` on a terminal.

use unicode_width::UnicodeWidthStr;

use super::lines;
use crate::model::desired::Provider;
use crate::report::number::count;
use crate::report::safe::terminal::clean;
use crate::report::style::{Style, Tone};
use crate::report::tenant::named;
use crate::report::view::validate::{ValidateVerdict, ValidateView};
use crate::report::wrap::behind;

/// The verdict, and what was not checked.
pub fn validate(view: &ValidateView, style: &Style) -> String {
    let files = count(view.files, "file", "files");
    let environments =
        view.environments.map_or_else(String::new, |some| format!(", {}", count(some, "environment", "environments")));
    let (tone, word) = match view.verdict {
        ValidateVerdict::Valid => (Tone::Good, "Valid"),
        ValidateVerdict::ValidWithWarnings => (Tone::Near, "Valid, with warnings"),
        ValidateVerdict::Invalid => (Tone::Bad, "Not valid"),
    };
    let painted = style.paint(tone, word);
    let head = match (view.tenant.as_deref(), view.provider) {
        (Some(tenant), Some(provider @ Provider::Local)) => {
            let text = format!("for {}: {files}{environments}.", clean(&named(tenant, provider)));
            behind(&format!("{painted} "), word.width() + 1, &text, 2, style.columns())
        }
        _ => format!("{painted}: {files}{environments}.\n"),
    };
    format!("{head}{}", lines::not_checked(&view.not_checked, style))
}
