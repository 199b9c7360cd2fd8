//! Suggestions for misspelled names, in files and on the command line.

/// The candidate most similar to a text, ignoring case, if one is similar enough.
pub fn closest<'word>(text: &str, candidates: impl IntoIterator<Item = &'word str>) -> Option<&'word str> {
    let text = text.to_lowercase();
    let scored = candidates.into_iter().map(|word| (strsim::jaro_winkler(&text, &word.to_lowercase()), word));
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
