//! For a page in a browser: invisible characters become visible, quotes in our sentences become code, and places become links.
//!
//! Stops markup and scripts. The templates escape. Only the types of this file are `HtmlSafe`, that is, included in a page without
//! further escaping, because their own templates escape each piece. The page's content security policy forbids scripts as well.

use std::borrow::Cow;

use askama::Template;
use askama::filters::HtmlSafe;

use super::address::is_web;
use super::terminal::{clean, clean_lines};
use crate::model::source::Place;
use crate::report::origin::Frame;
use crate::report::quotes::{Quoted, quotes};
use crate::report::verdict::SentencePart;

/// A piece of a sentence.
#[derive(Clone, Debug)]
pub(in crate::report) enum Piece {
    Text(String),
    Strong(&'static str),
    Code(String),
}

/// A sentence. Its template escapes each piece, so a page includes it unchanged.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "sentence.html", config = "src/report/html/askama.toml")]
pub(in crate::report) struct SafeSentence {
    pieces: Vec<Piece>,
}

impl HtmlSafe for SafeSentence {}

impl SafeSentence {
    /// A message, or another sentence that may quote text between backticks. Line ends are kept.
    pub(in crate::report) fn new(text: &str) -> SafeSentence {
        SafeSentence { pieces: pieces(text) }
    }

    /// The sentence of a verdict.
    pub(in crate::report) fn of(parts: &[SentencePart]) -> SafeSentence {
        let pieces = parts.iter().flat_map(|part| match part {
            SentencePart::Plain(text) => vec![Piece::Text(text.clone())],
            SentencePart::Strong(text) => vec![Piece::Strong(text)],
            SentencePart::Message(text) => pieces(text),
        });
        SafeSentence { pieces: pieces.collect() }
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let piece = |quoted| match quoted {
        Quoted::Code("") => Piece::Text("``".to_owned()),
        Quoted::Code(text) => Piece::Code(clean(text).into_owned()),
        Quoted::Text(text) => Piece::Text(text.to_owned()),
    };
    quotes(&clean_lines(text)).into_iter().map(piece).collect()
}

/// A name, or another single line of text that people wrote.
pub(in crate::report) fn name(text: &str) -> Cow<'_, str> {
    clean(text)
}

/// A place in a file, with its address if it has one.
#[derive(Clone, Debug, Template)]
#[template(path = "place.html", config = "src/report/html/askama.toml")]
pub(in crate::report) struct PlaceText {
    text: String,
    address: Option<String>,
}

impl HtmlSafe for PlaceText {}

impl PlaceText {
    pub(in crate::report) fn new(place: &Place, frame: &Frame<'_>) -> PlaceText {
        PlaceText::at(place, frame.address(place))
    }

    /// A place, with the address at which a person edits it.
    pub(in crate::report) fn to_edit(place: &Place, frame: &Frame<'_>) -> PlaceText {
        PlaceText::at(place, frame.editor(place))
    }

    fn at(place: &Place, address: Option<String>) -> PlaceText {
        PlaceText {
            text: clean(&format!("{}:{}", place.file, place.line)).into_owned(),
            address: address.filter(|address| is_web(address)),
        }
    }
}
