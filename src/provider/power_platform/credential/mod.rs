//! The identity of the caller: the credential in the environment, and how it becomes a token. No secret is ever in a file of
//! ours, and none is shown.

pub mod names;
pub mod choice;
pub mod sign_in;
pub mod variables;
mod assertion;
mod bridge;
mod entra;
mod cached;
mod certificate;

#[cfg(test)]
mod tests;
