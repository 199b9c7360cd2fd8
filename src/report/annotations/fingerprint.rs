//! Fingerprints identify a finding across runs: a host shows it once, and closes it when it is gone.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::annotated::Annotated;
use crate::model::digits::hexadecimal;
use crate::report::view::basics::FindingView;

/// The fingerprints of all findings. Equal fingerprints get a number, in order.
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

/// The digest of code, file, and message without digits, so that the fingerprint survives a moved line and a changed amount.
fn fingerprint(finding: &FindingView, annotated: &Annotated<'_>) -> String {
    let file = finding.primary.as_ref().map_or_else(String::new, |label| annotated.path(&label.place.file));
    let words: String = finding.message.chars().filter(|letter| !letter.is_ascii_digit()).collect();
    digest(&[finding.code.as_str(), &file, &words])
}

/// The fingerprint of a failure; all failures of a command share it, whatever the reason.
pub(super) fn of_failure(annotated: &Annotated<'_>) -> String {
    digest(&["failed", annotated.frame.command.as_str(), &annotated.frame.origin.root_file])
}

fn digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    hexadecimal(digest.finalize().iter().take(16))
}
