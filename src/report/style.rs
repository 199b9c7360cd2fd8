//! The style of text for a terminal: colors and width.

use anstyle::{AnsiColor, Style as Ansi};

/// The colors and the width of a text, as the caller chose them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether to write ANSI colors.
    pub color: bool,
    /// The number of columns.
    pub width: usize,
}

impl Style {
    /// No colors, 80 columns: for files, pipes and logs.
    pub const PLAIN: Style = Style { color: false, width: 80 };
    /// The least number of columns to lay out for. A narrower terminal breaks lines by itself.
    pub const NARROWEST: usize = 40;

    /// The columns to lay out for.
    pub fn columns(&self) -> usize {
        self.width.max(Style::NARROWEST)
    }

    /// Paints text in a tone; returns it unchanged without colors. The text must state in words what the color means.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        let ansi = tone.ansi();
        if self.color && !text.is_empty() && ansi != Ansi::new() {
            format!("{ansi}{text}{ansi:#}")
        } else {
            text.to_owned()
        }
    }
}

/// The meaning of a color. Color is never the only sign: a word or a symbol goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Like the text around it.
    Plain,
    /// Titles and totals.
    Strong,
    /// Details that a reader can skip.
    Faint,
    /// Good.
    Good,
    /// A warning.
    Near,
    /// An error.
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
