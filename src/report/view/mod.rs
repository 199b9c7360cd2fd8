//! One serializable view for each kind of answer. Every format renders the same view.
//!
//! The JSON of these types is the contract of `--format json`: fields are added, never renamed. `holdings` is in no JSON.
//! Names and messages are as people wrote them: each format escapes them in its own way.

pub mod basics;
pub mod pool;
pub mod plan;
pub mod holdings;
pub mod run;
pub mod figure;
pub mod status;
pub mod breakdown;
pub mod environment;
pub mod budget;
pub mod forecast;
pub mod validate;
pub mod doctor;
pub mod failure;
