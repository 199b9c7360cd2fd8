//! What a finding is called from run to run: a host that knows it shows it once, and closes it when it is gone.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::annotated::Annotated;
use crate::report::view::basics::FindingView;

/// The names of all findings. Those that are about the same are told apart by their order.
pub(super) fn fingerprints(findings: &[&FindingView], annotated: &Annotated<'_>) -> Vec<String> {
    let mut before: BTreeMap<String, usize> = BTreeMap::new();
    let mut one = |finding: &&FindingView| {
        let print = fingerprint(finding, annotated);
        let nth = before.entry(print.clone()).or_default();
        *nth += 1;
        if *nth == 1 { print } else { format!("{print}-{nth}") }
    };
    findings.iter().map(&mut one).collect()
}

/// The digest of what a finding is about: its code, its file, and its words without numbers. A line that moves and an amount that
/// changes leave it as it is.
fn fingerprint(finding: &FindingView, annotated: &Annotated<'_>) -> String {
    let file = finding.primary.as_ref().map_or_else(String::new, |label| annotated.path(&label.place.file));
    let words: String = finding.message.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    digest(&[finding.code.as_str(), &file, &words])
}

/// That a command failed is one thing, whatever the reason is this time.
pub(super) fn of_failure(annotated: &Annotated<'_>) -> String {
    digest(&["failed", annotated.command.as_str(), annotated.root])
}

fn digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
