//! Text on a page: what people wrote with everything in it made visible, what our sentences quote as code, and places as links.
//!
//! Escaping is the template's. What is made here holds no markup.

use std::borrow::Cow;

use askama::Template;
use askama::filters::HtmlSafe;

use crate::model::source::Place;
use crate::report::clean::{clean, clean_lines};
use crate::report::frame::Frame;
use crate::report::quotes::{Quoted, quotes};
use crate::report::verdict::Part;

/// A piece of a sentence.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    Text(String),
    Strong(&'static str),
    Code(String),
}

/// A sentence. Its template escapes each piece, so that all of it may stand in a page as it is.
#[derive(Clone, Debug, Template)]
#[template(path = "said.html", config = "src/report/html/askama.toml")]
pub(super) struct Said {
    pieces: Vec<Piece>,
}

impl HtmlSafe for Said {}

impl Said {
    /// A message, or any other sentence that may quote something; line ends stay.
    pub(super) fn new(text: &str) -> Said {
        Said { pieces: pieces(text) }
    }

    /// The sentence of a verdict.
    pub(super) fn of(parts: &[Part]) -> Said {
        let pieces = parts.iter().flat_map(|part| match part {
            Part::Plain(text) => vec![Piece::Text(text.clone())],
            Part::Strong(text) => vec![Piece::Strong(text)],
            Part::Said(text) => pieces(text),
        });
        Said { pieces: pieces.collect() }
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

/// A name of the tenant, or anything else that people wrote in one line.
pub(super) fn name(text: &str) -> Cow<'_, str> {
    clean(text)
}

/// A place in a file, and where it can be read.
#[derive(Clone, Debug, Template)]
#[template(path = "place.html", config = "src/report/html/askama.toml")]
pub(super) struct PlaceText {
    text: String,
    address: Option<String>,
}

impl HtmlSafe for PlaceText {}

impl PlaceText {
    pub(super) fn new(place: &Place, frame: &Frame<'_>) -> PlaceText {
        PlaceText {
            text: clean(&format!("{}:{}", place.file, place.line)).into_owned(),
            address: frame.links.and_then(|links| links.to(place)).filter(|address| is_web(address)),
        }
    }
}

/// Whether a browser goes there without running anything.
pub(super) fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}
