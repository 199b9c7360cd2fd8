//! How a face may look: whether it may use colour, and how wide it may be.

use anstyle::{AnsiColor, Style as Ansi};

/// What the reader's screen can do. Measured by the caller; faces only obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colours may be written.
    pub color: bool,
    /// How many columns there are.
    pub width: usize,
}

impl Style {
    /// No colours, 80 columns: what a file, a pipe or a log gets.
    pub const PLAIN: Style = Style { color: false, width: 80 };
    /// Narrower than this nothing is laid out any more; a terminal that says less breaks lines by itself.
    pub const NARROWEST: usize = 40;

    /// The columns to lay out for.
    pub fn columns(&self) -> usize {
        self.width.max(Style::NARROWEST)
    }

    /// A text in a tone, or as it is where there is no colour. The text must say the state in words too.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let ansi = tone.ansi();
        if self.color && !text.is_empty() && ansi != Ansi::new() {
            format!("{ansi}{text}{ansi:#}")
        } else {
            text.to_owned()
        }
    }
}

impl Default for Style {
    fn default() -> Style {
        Style::PLAIN
    }
}

/// What a colour stands for. Never the only sign: each goes with a word or a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As the text around it.
    Plain,
    /// What stands above others: titles, totals.
    Strong,
    /// What can be skipped.
    Faint,
    /// In order.
    Good,
    /// Worth a look.
    Near,
    /// Out of order.
    Bad,
    /// Units are added.
    Added,
    /// Units are taken away.
    Removed,
    /// Something else changes.
    Switched,
}

impl Tone {
    fn ansi(self) -> Ansi {
        match self {
            Tone::Plain => Ansi::new(),
            Tone::Strong => Ansi::new().bold(),
            Tone::Faint => Ansi::new().dimmed(),
            Tone::Good => AnsiColor::Blue.on_default(),
            Tone::Near => AnsiColor::Yellow.on_default(),
            Tone::Bad => AnsiColor::Red.on_default().bold(),
            Tone::Added => AnsiColor::Green.on_default(),
            Tone::Removed => AnsiColor::Red.on_default(),
            Tone::Switched => AnsiColor::Yellow.on_default(),
        }
    }
}
