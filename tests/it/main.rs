//! What the whole tool does, mostly through the real binary.

mod sessions;
mod tidy;
