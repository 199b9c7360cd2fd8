//! The question before a change: only `yes` approves, and Ctrl-C is an answer too.

use std::io::{self, BufRead as _};

use super::output::Output;
use crate::workflow::apply::{Approval, Stop, Urgency};

/// Asks on the terminal and waits for a line.
///
/// # Errors
///
/// If the terminal cannot be read.
pub async fn ask(output: &Output, stop: &Stop, question: &str) -> anyhow::Result<Approval> {
    output.aside(question);
    let (sender, answer) = tokio::sync::oneshot::channel();
    // A blocked read of a terminal cannot be cancelled, so it happens in a thread that ends with the process.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read: io::Result<String> = io::stdin().lock().read_line(&mut line).map(|_| line);
        let _ = sender.send(read);
    });
    let approval = tokio::select! {
        biased;
        () = stop.reached(Urgency::Finish) => Approval::Interrupted,
        Ok(read) = answer => if read?.trim() == "yes" { Approval::Approved } else { Approval::Declined },
        else => Approval::Declined,
    };
    if approval != Approval::Approved {
        // Otherwise the next line of output follows the question on the same line.
        output.aside("\n");
    }
    Ok(approval)
}
