//! Compiles the patterns of `include:`, and finds the folders to search for files that match.

use std::path::PathBuf;

use globset::{ErrorKind, GlobBuilder, GlobSet, GlobSetBuilder};

use crate::manifest::includes::Pattern;
use crate::manifest::shortened::shortened;
use crate::model::code::Code;
use crate::model::finding::Finding;

/// The folders to search: of each pattern, the folders before its first wildcard. Leaves out folders that lie inside another one.
pub(super) fn tops(patterns: &[Pattern]) -> Vec<PathBuf> {
    let literal = |part: &&str| !part.contains(['*', '?', '[', '{']);
    let mut tops: Vec<PathBuf> = patterns
        .iter()
        .map(|pattern| {
            let folders = pattern.text.rsplit_once('/').map_or("", |(folders, _)| folders);
            folders.split('/').take_while(literal).filter(|part| *part != ".").collect()
        })
        .collect();
    tops.sort();
    tops.dedup_by(|inner, outer| inner.starts_with(outer));
    tops
}

/// A compiled include pattern.
pub struct Include<'a> {
    pub(super) pattern: &'a Pattern,
    /// A set of one pattern. Unlike a matcher, a set returns an error if a pattern is too large to compile.
    pub(super) glob: GlobSet,
}

/// Compiles patterns, and returns findings about those that are malformed.
pub fn compiled(patterns: &[Pattern]) -> (Vec<Include<'_>>, Vec<Finding>) {
    let mut compiled = Vec::new();
    let mut findings = Vec::new();
    for pattern in patterns {
        // The files to match are named without `.`.
        let parts: Vec<&str> = pattern.text.split('/').filter(|part| *part != ".").collect();
        let glob = GlobBuilder::new(&parts.join("/")).literal_separator(true).build();
        match glob.and_then(|glob| GlobSetBuilder::new().add(glob).build()) {
            Ok(glob) => compiled.push(Include { pattern, glob }),
            Err(error) => {
                let why = match error.kind() {
                    ErrorKind::Regex(_) => "its braces nest too deeply".to_owned(),
                    kind => kind.to_string(),
                };
                let message = format!("the include `{}` is not a valid pattern: {why}", shortened(&pattern.text));
                findings.push(Finding::error(Code::A112, message).at_if(pattern.span, "not followed"));
            }
        }
    }
    (compiled, findings)
}

#[cfg(test)]
mod tests {
    use super::compiled;
    use crate::manifest::includes::Pattern;

    #[test]
    fn a_dot_in_a_pattern_is_the_folder_that_it_is_in() {
        for text in ["./environments/*.yaml", "environments/./*.yaml", "./././environments/hr.yaml"] {
            let patterns = [Pattern { text: text.to_owned(), span: None }];
            let (includes, findings) = compiled(&patterns);
            assert!(
                findings.is_empty() && includes.iter().all(|it| it.glob.is_match("environments/hr.yaml")),
                "{text}"
            );
            assert!(!includes.is_empty(), "{text}");
        }
    }
}
