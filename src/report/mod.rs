//! Faces: views of a plan, a status, a run, and how they are shown. Faces only render; no face computes.
//!
//! `view` holds what is shown, without words for a terminal; `text`, `markdown`, `html` and `json` say it; what they say alike stands
//! in `verdict`, `marks` and `number`. `findings` is the compiler's look for diagnostics, `diff` shows documents side by side,
//! `explain` holds the pages behind the codes.

pub mod style;
pub mod number;
pub mod safe;
mod bar;
pub mod links;
pub mod frame;
pub mod origin;
pub mod format;
mod marks;
mod quotes;
pub mod verdict;
pub mod wrap;
mod excerpt;
pub mod findings;
pub mod view;
pub mod json;
pub mod saved;
pub mod text;
pub mod markdown;
pub mod html;
pub mod annotations;
pub mod table;
pub mod tenant;
pub mod diff;
pub mod explain;
pub mod answer;
pub mod render;
#[cfg(test)]
mod fixture;
