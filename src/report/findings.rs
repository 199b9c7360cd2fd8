//! Findings in the style of a compiler: code and message, file:line:column, the source line, labels, notes, help.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use anstream::adapter::strip_str;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::counts::Counts;
use super::excerpt::{Spot, Spotter};
use super::number::count;
use super::safe::terminal::{clean, clean_lines};
use super::style::Style;
use super::wrap::wrap;
use crate::model::finding::{Finding, Label, Severity};
use crate::model::source::{SourceId, Sources};

/// Places in one file that are at most this many lines apart share an excerpt.
const NEAR_LINES: usize = 12;
/// The underline of a place is not cut below this many columns, even if its label then does not fit on the line.
const SHORTEST_UNDERLINE: usize = 24;
/// How many related places are shown. The rest is counted.
pub(super) const MOST_RELATED: usize = 8;

/// Renders all findings in the order given, with a blank line after each.
///
/// Escape sequences in text from files and tenants are made visible and never reach the terminal.
pub fn render<'a>(findings: impl IntoIterator<Item = &'a Finding>, sources: &Sources, style: &Style) -> String {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() }.term_width(style.columns());
    let spotter = Spotter::new(sources);
    let mut text = String::new();
    for finding in findings {
        let has_place = finding.primary.is_some() || !finding.related.is_empty();
        // The renderer pads lines with blanks, and begins a gutter even where no line of a file follows.
        let is_bare_gutter = |line: &&str| !has_place && strip_str(line).to_string().trim() == "|";
        for line in renderer.render(&[group(finding, &spotter, style)]).lines().filter(|line| !is_bare_gutter(line)) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

/// `3 errors, 1 warning`. `None` without findings.
pub fn summary<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Option<String> {
    let counts = Counts::of(findings);
    let parts: Vec<String> =
        [(counts.errors, "error", "errors"), (counts.warnings, "warning", "warnings"), (counts.hints, "hint", "hints")]
            .into_iter()
            .filter(|(number, ..)| *number > 0)
            .map(|(number, one, many)| count(number, one, many))
            .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Hint => Level::INFO.with_name("hint"),
    }
}

fn group<'a>(finding: &'a Finding, spotter: &Spotter<'_>, style: &Style) -> Group<'a> {
    // The first line of the message begins with `error[A201]: `, and its further lines with as many blanks.
    let label = finding.severity.as_str().len() + finding.code.as_str().len() + "[]: ".len();
    let message = wrap(&clean(&finding.message), style.columns().saturating_sub(label));
    let title = level(finding.severity).primary_title(message).id(finding.code.as_str());
    let pieces = pieces(finding, spotter);
    let deepest = pieces.iter().flat_map(|piece| &piece.marks).map(|(spot, ..)| spot.line).max().unwrap_or(0);
    let mut group = Group::with_title(title);
    // The gutter is as wide as the largest line number. ` | `, ` = note: ` or ` = help: ` follows.
    let gutter = if deepest == 0 { 0 } else { deepest.to_string().len() };
    for piece in pieces {
        group = group.elements(piece.into_elements(style.columns().saturating_sub(gutter + " | ".len())));
    }
    let columns = style.columns().saturating_sub(gutter + " = note: ".len());
    for note in notes(finding) {
        group = group.element(Level::NOTE.message(wrap(&clean_lines(&note), columns)));
    }
    let allowance = finding.allowance.as_ref().map(ToString::to_string);
    for help in with_allowance(&finding.help, allowance.as_deref()) {
        group = group.element(Level::HELP.message(wrap(&clean_lines(&help), columns)));
    }
    group
}

fn notes(finding: &Finding) -> Vec<String> {
    let mut notes = finding.notes.clone();
    let left_out = finding.related.len().saturating_sub(MOST_RELATED);
    if left_out > 0 {
        let places = count(u64::try_from(left_out).unwrap_or(u64::MAX), "more place", "more places");
        notes.push(format!("and {places} that are not shown here"));
    }
    notes
}

/// The help, with advice about the narrowest `--allow` flag, unless the help already mentions that flag.
pub(super) fn with_allowance(helps: &[String], allowance: Option<&str>) -> Vec<String> {
    let mut helps = helps.to_vec();
    if let Some(allowance) = allowance {
        let flag = format!("--allow {allowance}");
        if !helps.iter().any(|help| help.contains(&flag)) {
            helps.push(format!("if this is intended: `{flag}` allows only this"));
        }
    }
    helps
}

/// Lines of one file that are shown in one excerpt.
struct Picture {
    source: SourceId,
    path: String,
    marks: Vec<(Spot, AnnotationKind, String)>,
}

impl Picture {
    fn is_near(&self, source: SourceId, spot: &Spot) -> bool {
        // Two places in a long line show different parts of it, which cannot share an excerpt.
        let clashes = |other: &Spot| other.line == spot.line && other.text != spot.text;
        self.source == source
            && self.marks.iter().any(|(other, ..)| other.line.abs_diff(spot.line) <= NEAR_LINES)
            && !self.marks.iter().any(|(other, ..)| clashes(other))
    }

    fn into_elements(mut self, columns: usize) -> Vec<Element<'static>> {
        let Some((first, ..)) = self.marks.first() else {
            return Vec::new();
        };
        if first.is_withheld {
            let place = Origin::path(self.path.clone()).line(first.line).char_column(first.column);
            return vec![place.into()];
        }
        // The renderer counts line and column in the excerpt. If the beginning of the line is cut off, we state both.
        let origin =
            first.is_start_cut.then(|| Origin::path(self.path.clone()).line(first.line).char_column(first.column));
        let path = origin.is_none().then(|| std::mem::take(&mut self.path));
        self.marks.sort_by_key(|(spot, ..)| spot.line);
        let line_start = self.marks.first().map_or(1, |(spot, ..)| spot.line);
        let mut text = String::new();
        let mut line = line_start;
        let mut line_offset = 0;
        let mut annotations: Vec<Annotation<'static>> = Vec::new();
        for (at, (spot, kind, label)) in self.marks.into_iter().enumerate() {
            if at == 0 || spot.line > line {
                text.extend(std::iter::repeat_n('\n', spot.line - line));
                line = spot.line;
                line_offset = text.len();
                text.push_str(&spot.text);
            }
            let end = spot.mark.start + underlined(&spot, &label, columns);
            let mark = line_offset + spot.mark.start..line_offset + end;
            let annotation = kind.span(mark);
            annotations.push(if label.is_empty() { annotation } else { annotation.label(label) });
        }
        let snippet = Snippet::source(text).line_start(line_start).path(path).annotations(annotations);
        origin.into_iter().map(Element::from).chain([snippet.into()]).collect()
    }
}

/// The number of underlined bytes. A long place is underlined in part if its label would not fit after it.
fn underlined(spot: &Spot, label: &str, columns: usize) -> usize {
    let whole = spot.mark.len();
    let (Some(before), Some(marked)) = (spot.text.get(..spot.mark.start), spot.text.get(spot.mark.clone())) else {
        // The place is after the last character of the line, where there is no text to measure.
        return whole;
    };
    let room = columns.saturating_sub(before.width() + 1 + label.width()).max(SHORTEST_UNDERLINE);
    let mut used = 0;
    let fits = |(_, character): &(usize, char)| {
        used += character.width().unwrap_or(0);
        used <= room
    };
    let last = marked.char_indices().take_while(fits).last();
    last.map_or(whole, |(at, character)| at + character.len_utf8())
}

/// The places of a finding as excerpts, primary first. Places near each other share one.
fn pieces(finding: &Finding, spotter: &Spotter<'_>) -> Vec<Picture> {
    let primary = finding.primary.iter().map(|label| (label, AnnotationKind::Primary));
    let related = finding.related.iter().take(MOST_RELATED).map(|label| (label, AnnotationKind::Context));
    let mut pieces: Vec<Picture> = Vec::new();
    for (label, kind) in primary.chain(related) {
        let Label { span, text } = label;
        let (Some(source), Some(spot)) = (spotter.source(*span), spotter.spot(*span)) else {
            continue;
        };
        let mark = (spot, kind, clean(text).into_owned());
        match pieces.iter_mut().find(|piece| piece.is_near(span.source, &mark.0)) {
            Some(piece) => piece.marks.push(mark),
            None => {
                let path = clean(&source.name).into_owned();
                pieces.push(Picture { source: span.source, path, marks: vec![mark] });
            }
        }
    }
    pieces
}

#[cfg(test)]
mod tests;
