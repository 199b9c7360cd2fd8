//! Arguments that several commands share.

pub mod global;
pub mod tenant;
pub mod scope;
pub mod formats;
pub mod day;
pub mod advice;
pub mod numbers;
