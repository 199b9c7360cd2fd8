//! Makes text that strangers wrote safe for the format in which it is shown. Names of environments, reasons, tickets, files of a pull
//! request and messages of a service are such text. Views keep it as it was written. Each format passes it through one file of this
//! folder, and no other file of the crate escapes text for a reader.
//!
//! | file | attack | called by |
//! | --- | --- | --- |
//! | `terminal` | escape sequences that control a terminal; invisible and reordering characters that hide or forge words | every format |
//! | `ci_log` | a line that a CI host runs as a command (`::error`, `##vso[…]`) | `cli::output` for all that is printed; `json`, `html` and `annotations` |
//! | `markdown` | markup, HTML, links, mentions, references and emoji in a comment | `markdown` |
//! | `csv` | a cell that a spreadsheet runs as a formula | `table` |
//! | `html` | markup and scripts on a page | `html` |
//! | `address` | a path that ends a link early; an address that runs something when it is clicked | `links`, `annotations::sarif`, `html` |
//!
//! Libraries quote JSON, XML and CSV, and escape text in templates. The marker of a comment escapes itself
//! (`model::marker`), because it is read back.

pub(crate) mod terminal;
pub mod ci_log;
pub(crate) mod markdown;
pub(crate) mod csv;
pub(crate) mod html;
pub(crate) mod address;
