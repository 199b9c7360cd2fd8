//! Numbers that a comma within braces splits: `{ app-passes: 1,500 }` has the keys `app-passes` and `500`.

use crate::manifest::shortened::shortened;
use crate::model::code::Code;
use crate::model::finding::Finding;
use crate::model::source::Span;

/// The most characters of a number that people write.
const LONGEST: usize = 25;

/// Finds the keys of a file that are parts of numbers.
#[derive(Default)]
pub(super) struct Commas {
    /// The end of the last such key.
    until: Option<u32>,
}

impl Commas {
    /// Whether a plain key is the rest of a number. The finding is about the whole number, and comes with the part after its first comma.
    pub(super) fn split(&mut self, text: &str, key: &str, span: Span) -> Option<Option<Finding>> {
        let digits = key.strip_suffix('%').unwrap_or(key);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let start = usize::try_from(span.start).ok()?;
        let before = text.get(..start)?.strip_suffix(',')?;
        if !before.ends_with(|letter: char| letter.is_ascii_digit()) {
            return None;
        }
        let is_reported = self.until.replace(span.end).is_some_and(|end| end + 1 == span.start);
        Some(if is_reported { None } else { number(text, before, span) })
    }
}

/// The finding about a number whose text before its first comma ends `before`.
fn number(text: &str, before: &str, span: Span) -> Option<Finding> {
    let begin = before.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    let after = text.get(begin..)?;
    let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != ',').unwrap_or(after.len());
    let digits = after.get(..end)?.trim_end_matches(',');
    let sign = usize::from(after.get(digits.len()..)?.starts_with('%'));
    let written = after.get(..digits.len() + sign)?;
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let span = Span { start: offset(begin), end: offset(begin + written.len()), ..span };
    let separates_thousands = written.len() < LONGEST && written.split(',').skip(1).all(|group| group.len() == 3);
    let help = match separates_thousands {
        true => format!("write {}", written.replace(',', "")),
        false => "write a whole number, without a comma".to_owned(),
    };
    let message = format!("a comma within braces ends a value, so `{}` is not one number", shortened(written));
    Some(Finding::error(Code::A106, message).at(span, "expected digits only").help(help))
}
