//! The client against a scripted service, which answers in shapes recorded from the real one.

mod reading;
mod service;
mod writing;
