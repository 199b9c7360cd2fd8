//! The client against a scripted service, which answers in shapes recorded from the real one.

mod reading;
mod retrying;
mod signing;
mod service;
mod writing;
