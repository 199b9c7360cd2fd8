//! The front room: all files of a configuration to what is desired, or to everything that is wrong with them.

use rayon::prelude::*;

use super::decode::{self, Decoded, EnvironmentsFile, RootFile};
use super::digest::digests;
use super::parse::parse;
use super::resolve::{Resolved, resolve};
use super::schema::Validators;
use super::tree::Node;
use crate::model::desired::{ConfigurationDigests, DesiredState};
use crate::model::finding::{Finding, Severity};
use crate::model::source::{SourceId, Sources};

pub use super::inputs::Inputs;

/// What the checks come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// Nothing speaks against it.
    Valid {
        /// What is desired.
        desired: Box<DesiredState>,
        /// Hints and warnings.
        findings: Vec<Finding>,
    },
    /// At least one error.
    Invalid {
        /// Everything that was found, by place.
        findings: Vec<Finding>,
    },
}

impl Checked {
    /// What was found, by place.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Checked::Valid { findings, .. } | Checked::Invalid { findings } => findings,
        }
    }
}

/// One file after the checks that need no other file.
struct Read<T> {
    node: Option<Node>,
    file: T,
    findings: Vec<Finding>,
}

/// Checks a configuration against the language and itself; headroom is another wing's. All problems come together,
/// sorted by place.
pub fn check(inputs: &Inputs) -> Checked {
    let validators = Validators::new();
    let (root, files) = rayon::join(
        || read::<RootFile>(&inputs.sources, inputs.root, decode::root, |node| validators.root(node)),
        || {
            let file = |id: &SourceId| {
                read::<EnvironmentsFile>(&inputs.sources, *id, decode::environments, |node| {
                    validators.environments(node)
                })
            };
            inputs.files.par_iter().map(file).collect::<Vec<_>>()
        },
    );
    let mut findings = inputs.findings.clone();
    // What could not be read may hold any name, so nothing is said about missing ones.
    let complete = !findings.iter().any(Finding::is_error) && files.iter().all(|file| file.node.is_some());
    let text = |id: SourceId| inputs.sources.get(id).map_or("", |source| source.text.as_ref());
    let texts: Vec<&str> = inputs.files.iter().map(|id| text(*id)).collect();
    let digests = match &root.node {
        Some(node) => digests(node, text(inputs.root), &texts),
        None => ConfigurationDigests::default(),
    };
    findings.extend(root.findings);
    let mut documents = Vec::with_capacity(files.len());
    for file in files {
        findings.extend(file.findings);
        documents.push(file.file);
    }
    let Resolved { desired, findings: between } =
        resolve(root.file, documents, complete && root.node.is_some(), digests);
    // Without a root no budget is declared, and that is not the fault of those who name one.
    if root.node.is_some() {
        findings.extend(between);
    }
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

fn read<T: Default>(
    sources: &Sources,
    id: SourceId,
    decode: fn(&Node) -> Decoded<T>,
    schema: impl Fn(&Node) -> Vec<Finding>,
) -> Read<T> {
    let Some(source) = sources.get(id) else {
        return Read { node: None, file: T::default(), findings: Vec::new() };
    };
    let parsed = parse(id, &source.text);
    let mut findings = parsed.findings;
    let Some(node) = parsed.root else { return Read { node: None, file: T::default(), findings } };
    let decoded = decode(&node);
    findings.extend(decoded.findings);
    // The schema says less than the decoder about why; it is asked where the decoder has nothing to say.
    if !findings.iter().any(Finding::is_error) {
        findings.extend(schema(&node));
    }
    Read { node: Some(node), file: decoded.file, findings }
}

#[cfg(test)]
mod tests;
