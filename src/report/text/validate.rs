//! Whether the configuration is in order.

use super::lines;
use crate::report::number::count;
use crate::report::style::{Style, Tone};
use crate::report::view::validate::{ValidateVerdict, ValidateView};

/// The verdict, and what was not checked.
pub fn validate(view: &ValidateView, style: &Style) -> String {
    let files = count(view.files, "file", "files");
    let environments =
        view.environments.map_or_else(String::new, |some| format!(", {}", count(some, "environment", "environments")));
    let word = match view.verdict {
        ValidateVerdict::Valid => style.paint(Tone::Good, "Valid"),
        ValidateVerdict::ValidWithWarnings => style.paint(Tone::Near, "Valid, with warnings"),
        ValidateVerdict::Invalid => style.paint(Tone::Bad, "Not valid"),
    };
    let left_out = lines::not_checked(&view.not_checked, style);
    format!("{word}: {files}{environments}.\n{left_out}")
}
