//! Opening files of a folder that may be a stranger's checkout.
//!
//! A commit can hold links to anything on the machine: to a token, to `/proc/self/environ`, to git's own folder. So a file is
//! opened from a handle of its folder, never by following a path that the checkout controls, and the open file is asked what it is.

pub mod shown;
pub mod text;
pub mod folder;
pub mod typed;
