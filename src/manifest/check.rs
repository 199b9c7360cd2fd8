//! Checks a configuration: turns its files into a desired state, or into findings.

use rayon::prelude::*;

use super::decode::{self, Decoded, EnvironmentsFile, RootFile};
use super::digest::{Sum, digests, of_rules, of_text};
use super::parse::parse;
use super::resolve::{FileWithDefaults, Resolved, resolve, with_defaults};
use super::schema::Validators;
use super::surroundings::conflicts;
use super::tree::Node;
use crate::model::desired::{ConfigurationDigests, DesiredState};
use crate::model::finding::{Finding, Label, Severity};
use crate::model::source::{SourceId, Sources, Span};
use crate::model::surroundings::Surroundings;

pub use super::inputs::Inputs;

/// The result of checking a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The configuration has no error.
    Valid {
        /// The desired state.
        desired: Box<DesiredState>,
        /// Hints and warnings.
        findings: Vec<Finding>,
    },
    /// The configuration has at least one error.
    Invalid {
        /// All findings, sorted by place.
        findings: Vec<Finding>,
    },
}

/// One file after the checks that need no other file. Its parsed tree is already dropped.
struct ReadFile<T, R> {
    file: T,
    findings: Vec<Finding>,
    /// The digest of the file's text.
    text: Sum,
    /// What was computed from the parsed tree: the digest of the root's rules, or `()` for other files; `None` if the file could not be
    /// parsed.
    parsed: Option<R>,
}

impl<T, R> ReadFile<T, R> {
    /// Removes quotes of multi-line values: a message quotes at most one line of a file.
    fn without_multiline_quotes(self, long: &[Span]) -> Self {
        ReadFile { findings: self.findings.into_iter().map(|finding| finding.without_quote_of(long)).collect(), ..self }
    }
}

/// Compiled once per process, which may check many times.
static VALIDATORS: Validators = Validators::new();

/// Checks a configuration against the language and for conflicts between its files; `planning` checks headroom.
/// The result does not depend on where the process runs. Call [`check_within`] for a configuration that is about to be used.
pub fn check(inputs: &Inputs) -> Checked {
    check_within(inputs, &Surroundings::default())
}

/// Like [`check`], and also compares the tenant with the CI host and the environment variables.
pub fn check_within(inputs: &Inputs, surroundings: &Surroundings) -> Checked {
    let root = read::<RootFile, _>(&inputs.sources, inputs.root, decode::root, |node| VALIDATORS.root(node), of_rules);
    let file = |id: &SourceId| {
        let schema = |node: &Node<'_>| VALIDATORS.environments(node);
        let read = read::<EnvironmentsFile, _>(&inputs.sources, *id, decode::environments, schema, |_| ());
        let ReadFile { file, findings, text, parsed } = read;
        ReadFile { file: with_defaults(file, &root.file.defaults), findings, text, parsed }
    };
    let files: Vec<ReadFile<FileWithDefaults, ()>> = inputs.files.par_iter().map(file).collect();
    let mut findings = inputs.findings.clone();
    // An unreadable file may declare any name, so missing names are not reported.
    let complete = !findings.iter().any(Finding::is_error) && files.iter().all(|file| file.parsed.is_some());
    let texts = files.iter().map(|file| file.text).collect();
    let digests = root.parsed.map_or_else(ConfigurationDigests::default, |rules| digests(root.text, rules, texts));
    findings.extend(root.findings);
    findings.extend(root.file.tenant.iter().flat_map(|tenant| conflicts(tenant, surroundings)));
    let mut documents = Vec::with_capacity(files.len());
    for file in files {
        findings.extend(file.findings);
        documents.push(file.file);
    }
    let Resolved { desired, findings: between } =
        resolve(root.file, documents, complete && root.parsed.is_some(), digests);
    // Without the defaults of an unreadable root, findings about merged cells could be wrong.
    if root.parsed.is_some() {
        findings.extend(between);
    }
    let mut findings: Vec<Finding> =
        findings.into_iter().map(|finding| without_linked(finding, &inputs.sources)).collect();
    findings.sort_by_key(|finding| {
        (finding.primary.is_none(), finding.primary.as_ref().map(|label| label.span), finding.code)
    });
    findings.dedup();
    match desired {
        Some(desired) if !findings.iter().any(|finding| finding.severity == Severity::Error) => {
            Checked::Valid { desired: Box::new(desired), findings }
        }
        _ => Checked::Invalid { findings },
    }
}

/// Removes the content of the file from a finding, if the file is read through a link.
fn without_linked(finding: Finding, sources: &Sources) -> Finding {
    let is_linked = |label: &Label| sources.get(label.span.source).is_some_and(|source| source.is_linked);
    if !finding.primary.as_ref().is_some_and(is_linked) {
        return finding;
    }
    let reason = "the file is read through a link, so its content is not shown";
    finding.without_content(reason, "replace the link with the file itself")
}

fn read<T: Default, R>(
    sources: &Sources,
    id: SourceId,
    decode: fn(&Node<'_>, &str) -> Decoded<T>,
    schema: impl Fn(&Node<'_>) -> Vec<Finding>,
    of_tree: impl Fn(&Node<'_>) -> R,
) -> ReadFile<T, R> {
    let text = sources.get(id).map_or("", |source| source.text.as_ref());
    let parsed = parse(id, text);
    let mut read = ReadFile { file: T::default(), findings: parsed.findings, text: of_text(text), parsed: None };
    let Some(node) = parsed.root else { return read.without_multiline_quotes(&parsed.long) };
    let decoded = decode(&node, text);
    read.file = decoded.file;
    read.findings.extend(decoded.findings);
    // The decoder explains errors better than the schema, so the schema is used only if the decoder finds none.
    if !read.findings.iter().any(Finding::is_error) {
        read.findings.extend(schema(&node));
    }
    read.parsed = Some(of_tree(&node));
    read.without_multiline_quotes(&parsed.long)
}

#[cfg(test)]
mod tests;
