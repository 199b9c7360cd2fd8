//! Makes text that strangers wrote safe for the format in which it is shown. Names of environments, reasons, tickets, files of a pull
//! request and messages of a service are such text. Views keep it as it was written. Each format passes it through one file of this
//! folder, and no other file of the crate escapes text for a reader.
//!
//! A text of strangers is made safe in two steps. First, when it becomes a part of our text, a format calls the
//! function for that part, which knows whether the text is a name, a sentence or a cell. Second, when the whole text is
//! written, it becomes a [`rendered::Rendered`], the only type that the streams and the files of reports take. The
//! second step assumes nothing about the first: afterwards the text has no control or invisible character, no command
//! of a CI host and no formula other than ours. But this step cannot distinguish markup of strangers from ours.
//! Therefore a comment and a page consist of types that only functions of this folder make: `comment::Markdown`, and
//! the types that a page includes unchanged. Views keep `String`, because for every other reader the second step is
//! enough. `tests/it/hostile.rs` renders hostile comments and pages in GitHub's renderer and in a browser; `tests.rs`
//! tries the other readers.
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
