//! The question before something is changed: only `yes` is yes, and Ctrl-C is an answer too.

use std::io::{self, BufRead as _};

use super::interrupt::Interrupts;
use super::output::Output;
use super::tenant::block_on;

/// What somebody answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `yes`, and nothing else.
    Yes,
    /// Anything else, also the end of what can be read.
    No,
    /// Ctrl-C.
    Interrupted,
}

/// Asks on the terminal and waits for a line.
///
/// # Errors
///
/// Where the terminal cannot be read.
pub fn ask(output: &Output, interrupts: &mut Interrupts, question: &str) -> anyhow::Result<Answer> {
    output.aside(question);
    let (sender, answer) = tokio::sync::oneshot::channel();
    // Reading a terminal cannot be cut short, so a thread does it that ends with the process.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read: io::Result<String> = io::stdin().lock().read_line(&mut line).map(|_| line);
        let _ = sender.send(read);
    });
    let answer = block_on(async {
        tokio::select! {
            biased;
            () = interrupts.next() => Ok(Answer::Interrupted),
            Ok(read) = answer => read.map(|line| if line.trim() == "yes" { Answer::Yes } else { Answer::No }),
            else => Ok(Answer::No),
        }
    })??;
    if answer != Answer::Yes {
        // The cursor may still stand behind the question.
        output.aside("\n");
    }
    Ok(answer)
}
