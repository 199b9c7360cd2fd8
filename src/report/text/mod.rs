//! Views on a terminal, in 80 columns.

mod lines;
pub mod plan;
pub mod run;
pub mod status;
pub mod forecast;
pub mod validate;
pub mod drift;
