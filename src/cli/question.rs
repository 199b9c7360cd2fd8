//! The question before a change: only `yes` approves, and Ctrl-C declines.

use std::io::{self, BufRead as _};

use super::output::Output;
use crate::model::ending::Ending;
use crate::workflow::apply::{Stop, Urgency};
use crate::workflow::failure::Stopped;

/// Asks on the terminal and waits for a line.
///
/// # Errors
///
/// If the reply is not `yes`, Ctrl-C interrupts the question, or the terminal cannot be read.
pub async fn ask(output: &Output, stop: &Stop, question: &str) -> Result<(), Stopped> {
    output.aside(question);
    let (sender, answer) = tokio::sync::oneshot::channel();
    // A blocked read of a terminal cannot be cancelled, so it happens in a thread that ends with the process.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read: io::Result<String> = io::stdin().lock().read_line(&mut line).map(|_| line);
        let _ = sender.send(read);
    });
    let declined = tokio::select! {
        biased;
        () = stop.reached(Urgency::Finish) => Ending::Interrupted,
        Ok(read) = answer => if read?.trim() == "yes" { return Ok(()) } else { Ending::Refused },
        else => Ending::Refused,
    };
    // Otherwise the next line of output follows the question on the same line.
    output.aside("\n");
    Err(Stopped::Declined(declined))
}
