//! The types that all modules share: amounts, add-ons, findings, the desired and the observed state, the plan and its run. This module has
//! no I/O and imports no other module.

pub mod allow;
pub mod budget;
pub mod catalog;
pub mod code;
pub mod command;
pub mod day;
pub mod desired;
pub mod document;
pub mod ending;
pub mod finding;
pub mod marker;
pub mod near;
pub mod observed;
pub mod plan;
pub mod gauge;
pub mod forecast;
pub mod roles;
pub mod rules;
pub mod run;
pub mod seed;
pub mod source;
pub mod surroundings;
pub mod terms;
pub(crate) mod words;
pub mod digits;
