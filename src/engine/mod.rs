//! Effects in order: read the files, observe the tenant, run an approved plan, watch a folder.

pub mod load;
pub mod observe;
pub mod stop;
pub mod watch;

#[cfg(test)]
#[expect(dead_code, reason = "the tests of `apply` use the rest; it joins the tree with the schedule that it asks")]
mod fake;
