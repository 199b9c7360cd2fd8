//! What a finding is called from run to run: a host that knows it shows it once, and closes it when it is gone.

use sha2::{Digest, Sha256};

use super::Annotated;
use crate::report::view::basics::FindingView;

/// The digest of what a finding is about: its code, its file, and its words without numbers. A line that moves and an amount that
/// changes leave it as it is.
pub(super) fn fingerprint(finding: &FindingView, annotated: &Annotated<'_>) -> String {
    let file = finding.primary.as_ref().map_or_else(String::new, |label| annotated.path(&label.place.file));
    let words: String = finding.message.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    let mut digest = Sha256::new();
    for part in [&format!("{}", finding.code), &file, &words] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
