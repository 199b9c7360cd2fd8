//! Suggestions for misspelled names, in files and on the command line.

/// The longest text, in bytes, that is compared. A hostile file can hold names of megabytes.
const LONGEST: usize = 256;

/// The candidate most similar to a text, ignoring case, if one is similar enough. Very long texts are similar to nothing.
pub fn closest<'word>(text: &str, candidates: impl IntoIterator<Item = &'word str>) -> Option<&'word str> {
    if text.len() > LONGEST {
        return None;
    }
    let text = text.to_lowercase();
    let scored = candidates
        .into_iter()
        .filter(|word| word.len() <= LONGEST)
        .map(|word| (strsim::jaro_winkler(&text, &word.to_lowercase()), word));
    let best = scored.fold(None, |best: Option<(f64, &str)>, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    });
    best.filter(|(score, _)| *score >= 0.8).map(|(_, word)| word)
}

/// The question `did you mean`, with the candidate that [`closest`] finds.
pub fn did_you_mean<'word>(text: &str, candidates: impl IntoIterator<Item = &'word str>) -> Option<String> {
    closest(text, candidates).map(|meant| format!("did you mean `{meant}`?"))
}
