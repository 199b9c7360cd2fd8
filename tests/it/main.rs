//! What the whole tool does, mostly through the real binary.

mod tidy;
