//! Reports: views of plans, runs and other answers, and their rendering in every format. Formats only render; they compute nothing.
//!
//! `view` holds the content. `text`, `markdown`, `html`, `json`, `annotations` and `table` render it, with the shared words of
//! `verdict`, `marks` and `number`. `findings` renders diagnostics in the style of a compiler, `diff` compares documents, and
//! `explain` holds the pages about the codes.

pub mod style;
pub mod number;
pub mod safe;
mod bar;
pub mod links;
pub mod origin;
pub mod format;
mod marks;
mod groups;
mod quotes;
mod mood;
mod verdict;
pub mod wrap;
mod excerpt;
pub mod cap;
pub mod counts;
pub mod findings;
pub mod view;
pub mod json;
pub mod saved;
pub mod text;
pub mod markdown;
mod html;
pub mod annotations;
mod table;
pub mod tenant;
mod diff;
pub mod explain;
pub mod answer;
pub mod render;
#[cfg(test)]
mod fixture;
