//! The client against a service that answers as it is told, in the shapes that were recorded of the real one.

mod reading;
mod service;
mod writing;
