//! No text of a hostile alphabet controls what reads it: a terminal, a CI host, a program that reads JSON or XML, a spreadsheet.
//!
//! Each reader is another program than the one that wrote: a terminal's parser, a parser of JSON, and short models of the others.

use proptest::prelude::*;
use vte::{Params, Parser, Perform};

use super::comment::Markdown;
use super::csv::cell;
use super::markdown::{code, escape, sentence};
use super::rendered::Rendered;
use super::terminal::{clean, clean_lines};

/// Texts of pieces that mean something to some reader, and of any other characters.
fn hostile() -> impl Strategy<Value = String> {
    let pieces: Vec<String> = serde_json::from_str(include_str!("../../../tests/hostile.json")).unwrap();
    let piece = prop_oneof![5 => prop::sample::select(pieces), 1 => any::<char>().prop_map(String::from)];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

/// A terminal that can print, end lines and set colors, and fails at everything else.
#[derive(Default)]
struct Screen {
    shown: String,
    complaints: Vec<String>,
}

impl Perform for Screen {
    fn print(&mut self, character: char) {
        self.shown.push(character);
    }

    fn execute(&mut self, byte: u8) {
        if !matches!(byte, b'\n' | b'\t') {
            self.complaints.push(format!("control {byte:#x}"));
        }
    }

    fn csi_dispatch(&mut self, parameters: &Params, _: &[u8], _: bool, action: char) {
        let hides = parameters.iter().flatten().any(|parameter| (5..=8).contains(parameter));
        if action != 'm' || hides {
            self.complaints.push(format!("sequence {parameters:?} {action}"));
        }
    }

    fn esc_dispatch(&mut self, _: &[u8], _: bool, byte: u8) {
        self.complaints.push(format!("escape {byte:#x}"));
    }

    fn osc_dispatch(&mut self, parameters: &[&[u8]], _: bool) {
        self.complaints.push(format!("command {parameters:?}"));
    }

    fn hook(&mut self, _: &Params, _: &[u8], _: bool, action: char) {
        self.complaints.push(format!("device {action}"));
    }
}

impl Screen {
    fn of(text: &str) -> Screen {
        let mut screen = Screen::default();
        Parser::new().advance(&mut screen, text.as_bytes());
        let unseen = |it: &char| {
            it.is_control() || matches!(it, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let unseen: Vec<char> = screen.shown.chars().filter(unseen).collect();
        if !unseen.is_empty() {
            screen.complaints.push(format!("unseen {unseen:?}"));
        }
        screen
    }
}

/// Whether GitHub's runner or the agent of Azure DevOps would run something in a log.
fn has_command(log: &str) -> bool {
    let runs = |line: &str| line.trim_start().starts_with("::") && !line.trim_start().starts_with("::: ");
    log.split(['\n', '\r']).any(runs) || log.to_ascii_lowercase().contains("##vso[") || log.contains("##[")
}

/// The cells of a line, as a spreadsheet reads them: what follows the end of a quoted text belongs to the same cell.
fn cells(line: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut().unwrap();
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' if is_quoted => is_quoted = false,
            '"' if cell.is_empty() => is_quoted = true,
            _ if letter == separator && !is_quoted => cells.push(String::new()),
            _ => cell.push(letter),
        }
    }
    cells
}

/// A line of a table, as it is written; `text` may be safe already, or not.
fn table(text: &str) -> String {
    let mut writer = super::csv::writer();
    writer.write_record(["contoso", text, "-7", text]).unwrap();
    let written = super::csv::written(writer).unwrap();
    Rendered::table(&written).unwrap().for_file().trim_end_matches('\n').to_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_terminal_shows_every_character_and_does_nothing_else(text in hostile()) {
        for (shown, expected) in [(clean(&text).into_owned(), None), (clean_lines(&text), None), (text.clone(), Some(()))] {
            let written = Rendered::text(&shown);
            let screen = Screen::of(written.for_file());
            prop_assert!(screen.complaints.is_empty(), "{:?} in {:?}", screen.complaints, written);
            if expected.is_none() {
                prop_assert_eq!(written.for_file(), &shown, "nothing is left for the last step");
                prop_assert_eq!(screen.shown, shown.replace('\n', ""));
            }
        }
        prop_assert!(!clean(&text).contains(['\n', '\t']), "a text is one line");
    }

    #[test]
    fn a_ci_host_runs_nothing(text in hostile()) {
        let quoted = serde_json::to_string(&text).unwrap();
        for written in [Rendered::text(&text), Rendered::markdown(&Markdown::safe(text.clone())), Rendered::page(&text), Rendered::json(&quoted)] {
            prop_assert!(!has_command(&written.for_stream()), "{:?}", written.for_stream());
        }
        let logged = super::ci_log::logged(&text);
        prop_assert!(!has_command(&logged) && !logged.contains('\n'), "{:?}", logged);
        // An escaped text cannot end its command, or its property.
        let data = [super::ci_log::github_data(&text), super::ci_log::azure_data(&text)];
        prop_assert!(data.iter().all(|data| !data.contains(['\n', '\r'])));
        prop_assert!(!super::ci_log::github_property(&text).contains([':', ',', '\n', '\r']));
        prop_assert!(!super::ci_log::azure_property(&text).contains([';', ']', '\n', '\r']));
    }

    #[test]
    fn a_program_reads_the_same_json_and_a_terminal_shows_all_of_it(text in hostile()) {
        let value = serde_json::json!({ "text": text, text.as_str(): [text.as_str()] });
        let written = Rendered::json(&format!("{value:#}\n"));
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(written.for_file()).unwrap(), value);
        let screen = Screen::of(written.for_file());
        prop_assert!(screen.complaints.is_empty(), "{:?} in {:?}", screen.complaints, written);
    }

    #[test]
    fn a_browser_reads_the_same_page(text in hostile()) {
        let page = clean_lines(&text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let written = Rendered::page(&page);
        prop_assert_eq!(written.for_file().replace("&#35;", "#").replace("&#58;", ":"), page);
    }

    #[test]
    fn no_cell_is_a_formula_whatever_separates_the_cells(text in hostile()) {
        // A number needs no apostrophe.
        prop_assume!(text.parse::<f64>().is_err());
        let (line, forgotten) = (table(&cell(&text)), table(&text));
        for separator in [',', ';', '|', '\t'] {
            for cell in cells(&line, separator).into_iter().chain(cells(&forgotten, separator)) {
                let begins = cell.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"');
                let is_formula = begins.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
                prop_assert!(!is_formula || cell.starts_with("-7"), "{:?} of {:?}", cell, line);
            }
        }
        prop_assert_eq!(&cells(&line, ','), &["contoso".to_owned(), cell(&text), "-7".to_owned(), cell(&text)]);
    }

    #[test]
    fn a_cell_of_a_comment_stays_one_cell_and_one_line(text in hostile()) {
        for written in [escape(&text, 120), sentence(&text, 400), code(&text)] {
            let written = written.text();
            prop_assert!(!written.contains(['\n', '\r']));
            // A table takes a bar for the end of a cell unless an odd number of backslashes is before it.
            for (at, _) in written.match_indices('|') {
                let escapes = written[..at].chars().rev().take_while(|letter| *letter == '\\').count();
                prop_assert!(escapes % 2 == 1, "{}", written);
            }
        }
    }
}
