//! Suggestions for misspelled names, in files and on the command line. A suggestion that is wrong does more harm than none, so a word
//! that is only similar is not suggested.

use std::cmp::Ordering;

/// The longest text, in bytes, that is compared. A hostile file can hold names of megabytes.
pub const LONGEST: usize = 256;

/// The shortest beginning of a word that is taken for the word: `env` for `environments`.
const SHORTEST_BEGINNING: usize = 3;

/// The candidate that a text misspells or begins, ignoring case. `None` if there is none, or if two are equally near.
pub fn closest<'word>(text: &str, candidates: impl IntoIterator<Item = &'word str>) -> Option<&'word str> {
    if text.len() > LONGEST {
        return None;
    }
    let text = text.to_lowercase();
    let mut misspelled = Nearest::default();
    let mut begun = Nearest::default();
    for word in candidates.into_iter().filter(|word| word.len() <= LONGEST) {
        let lower = word.to_lowercase();
        if let Some(errors) = typing_errors(&text, &lower) {
            misspelled.add(errors, word);
        } else if text.len() >= SHORTEST_BEGINNING && lower.starts_with(&text) {
            begun.add(0, word);
        }
    }
    if misspelled.best.is_some() { misspelled.only() } else { begun.only() }
}

/// The question `did you mean`, with the candidate that [`closest`] finds.
pub fn did_you_mean<'word>(text: &str, candidates: impl IntoIterator<Item = &'word str>) -> Option<String> {
    closest(text, candidates).map(|meant| format!("did you mean `{meant}`?"))
}

/// The number of typing errors that turn one text into the other; `None` if these are more than people make in a word of this length.
/// Two letters in the wrong order are one error.
pub fn typing_errors(text: &str, word: &str) -> Option<usize> {
    let (one, other) = (text.chars().count(), word.chars().count());
    let most = match one.max(other) {
        0..=2 => 0,
        3..=7 => 1,
        8..=11 => 2,
        _ => 3,
    };
    if one.abs_diff(other) > most {
        return None;
    }
    Some(strsim::osa_distance(text, word)).filter(|errors| *errors <= most)
}

/// The nearest of several words.
#[derive(Default)]
struct Nearest<'word> {
    best: Option<(usize, &'word str)>,
    /// Whether another word is as near as the best one.
    is_shared: bool,
}

impl<'word> Nearest<'word> {
    fn add(&mut self, distance: usize, word: &'word str) {
        match self.best.map_or(Ordering::Less, |(best, _)| distance.cmp(&best)) {
            Ordering::Less => *self = Nearest { best: Some((distance, word)), is_shared: false },
            Ordering::Equal => self.is_shared |= self.best.is_some_and(|(_, best)| best != word),
            Ordering::Greater => {}
        }
    }

    fn only(&self) -> Option<&'word str> {
        self.best.filter(|_| !self.is_shared).map(|(_, word)| word)
    }
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn only_a_misspelled_or_begun_word_is_suggested() {
        let keys = ["id", "name", "class", "protect", "budget", "owner", "allocations", "units", "until", "packs"];
        for (text, meant) in [
            ("ID", Some("id")),
            ("clas", Some("class")),
            ("alocation", Some("allocations")),
            ("nmae", Some("name")),
            ("alloc", Some("allocations")),
            ("allow", None),
            ("unit", Some("units")),
            ("un", None),
            ("uni", Some("units")),
            ("untill", Some("until")),
            ("unitl", None),
            ("pack", Some("packs")),
            ("floors", None),
            ("purchased", None),
            ("", None),
        ] {
            assert_eq!(closest(text, keys), meant, "{text}");
        }
        assert_eq!(closest("hr-prdo", ["hr-prod", "hr-test"]), Some("hr-prod"));
        assert_eq!(closest("hr-prodx", ["hr-prod1", "hr-prod2"]), None, "both are as near");
        assert_eq!(closest("prod", ["production", "sandbox"]), Some("production"));
        assert_eq!(closest(&"k".repeat(1_000_000), keys), None);
    }
}
