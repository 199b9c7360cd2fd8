//! What is shown, without words for a terminal: one serialisable view for each kind of answer.
//!
//! The JSON of these types is the contract of `--format json`; a field is added, never renamed. `holdings` is in no JSON.
//! Text, Markdown and HTML say what stands here. Names and messages are as people wrote them: each face makes them harmless in its own way.

pub mod basics;
pub mod pool;
pub mod plan;
pub mod holdings;
pub mod run;
pub mod status;
pub mod forecast;
pub mod validate;
pub mod doctor;
pub mod failure;
