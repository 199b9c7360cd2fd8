//! Splits our sentences at backticks. Text between two backticks is quoted: a command, or what a person typed.

/// A part of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoted<'a> {
    /// Text outside backticks.
    Text(&'a str),
    /// Text between backticks; may be empty.
    Code(&'a str),
}

/// The parts of a sentence. If a backtick is not closed, the whole sentence is text.
pub(super) fn quotes(sentence: &str) -> Vec<Quoted<'_>> {
    let parts: Vec<&str> = sentence.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Quoted::Text(sentence)];
    }
    let part = |(at, part)| if at % 2 == 1 { Quoted::Code(part) } else { Quoted::Text(part) };
    parts.into_iter().enumerate().map(part).collect()
}
