//! Opens files of a folder that may be a stranger's checkout.
//!
//! A commit can hold links to anything on the machine: to a token, to `/proc/self/environ`, to git's own folder. So a file is
//! opened from the handle of its folder, never by a path that the checkout controls. Its type is read from the open file.

pub mod shown;
pub mod text;
pub mod folder;
pub mod typed;
