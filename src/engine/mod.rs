//! Effects in order: read the files, observe the tenant, run an approved plan, watch a folder.

pub mod load;
pub mod base;
pub mod observe;
pub mod seed;
pub mod examine;
pub mod apply;
pub mod stop;
pub mod watch;
pub mod sticky;

#[cfg(test)]
mod fake;
