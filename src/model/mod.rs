//! The nouns: amounts, add-ons, findings, what is desired, what is observed, the plan and what became of it.
//!
//! No verbs and no I/O. Every other wing stands on this one, and this one stands on nothing of ours.

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
