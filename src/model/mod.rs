//! The nouns: amounts, add-ons, findings, the desired and the observed state, the plan and its run. No verbs, no I/O, and no imports
//! from other wings.

pub mod catalog;
pub mod code;
pub mod command;
pub mod desired;
pub mod document;
pub mod ending;
pub mod finding;
pub mod marker;
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
pub mod digits;
