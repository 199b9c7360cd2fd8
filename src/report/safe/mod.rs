//! Makes text that strangers wrote safe for the format in which it is shown. Names of environments, reasons, tickets, files of a pull
//! request and messages of a service are such text. Views keep it as it was written. Each format passes it through one file of this
//! folder, and no other file of the crate escapes text for a reader.
//!
//! A text of strangers passes two doors. When it becomes a part of ours, the function for its place is called: it knows that the text is a
//! name, a sentence or a cell. When the whole is written, [`rendered::Rendered`] is made, the one type that the streams and the files of
//! reports take. It assumes nothing: no control or invisible character, no command of a CI host and no formula is in it, whatever wrote it.
//! Markup of strangers cannot be distinguished from ours by then, so a comment and a page are typed before: only functions of this folder
//! make `comment::Markdown` and the types that a page includes as they are. Views keep `String`, because every other reader is safe by the
//! last door alone.
//! `tests/it/hostile.rs` tries comments and pages with what reads them, and `tests.rs` the other readers.
//!
//! | file | attack | called by |
//! | --- | --- | --- |
//! | `terminal` | escape sequences that control a terminal; invisible and reordering characters that hide or forge words | every format |
//! | `ci_log` | a line that a CI host runs as a command (`::error`, `##vso[…]`) | `annotations`, `cli::log`, and `rendered` for all that is printed |
//! | `markdown`, `comment` | markup, HTML, links, mentions, references and emoji in a comment | `markdown` |
//! | `csv` | a cell that a spreadsheet runs as a formula | `table` |
//! | `html` | markup and scripts on a page | `html` |
//! | `rendered` | all of these, in what a format left out | `render`, `cli::output` |
//! | `address` | a path that ends a link early; an address that runs something when it is clicked | `links`, `annotations::sarif`, `html` |
//!
//! Libraries quote JSON, XML and CSV, and escape text in templates. The marker of a comment escapes itself
//! (`model::marker`), because it is read back.

pub(crate) mod terminal;
pub mod ci_log;
pub(crate) mod comment;
pub(crate) mod markdown;
pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod address;
pub mod rendered;
#[cfg(test)]
mod tests;
