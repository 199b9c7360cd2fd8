//! Our sentences quote what people typed between backticks.

/// A part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoted<'a> {
    /// Words.
    Text(&'a str),
    /// What stood between backticks; may be empty.
    Code(&'a str),
}

/// The sentence in its parts. Where a backtick is not closed, all of it is words.
pub(super) fn quotes(sentence: &str) -> Vec<Quoted<'_>> {
    let parts: Vec<&str> = sentence.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Quoted::Text(sentence)];
    }
    let part = |(at, part)| if at % 2 == 1 { Quoted::Code(part) } else { Quoted::Text(part) };
    parts.into_iter().enumerate().map(part).collect()
}
