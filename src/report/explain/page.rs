//! A page about a code, and how it is rendered. `tests/it/explain.rs` runs the examples and checks that they raise the code.

use crate::model::code::Code;
use crate::report::style::Style;
use crate::report::wrap::wrap;

/// A page about a code.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// When the code is raised, and why that matters.
    pub meaning: &'static str,
    /// Something that raises the code.
    pub example: Example,
    /// What to do.
    pub remedy: &'static str,
}

/// A text of the files that raise a code, and the text that replaces it. The first text occurs exactly once in the
/// files.
pub type Correction = (&'static str, &'static str);

/// Something that raises a code. [`files`] splits the texts into files.
#[derive(Clone, Copy, Debug)]
pub enum Example {
    /// Files for which `validate` reports the code.
    Validate {
        /// The files that raise the code.
        wrong: &'static str,
        /// What corrects the files.
        corrections: &'static [Correction],
    },
    /// Files for which `plan` reports the code.
    Plan {
        /// The text of `tenant.seed.yaml`; if it is empty, the built-in tenant starts empty.
        tenant: &'static str,
        /// The files that raise the code.
        wrong: &'static str,
        /// What corrects the files; empty if the cause is in the tenant.
        corrections: &'static [Correction],
        /// The scope that `--allow` takes for these files, if the code can be allowed.
        allow: Option<&'static str>,
    },
    /// A situation that files alone cannot produce.
    Situation {
        /// The situation.
        situation: &'static str,
        /// Why no files can raise the code.
        because: &'static str,
    },
}

/// The corrected files of an example.
pub fn corrected(wrong: &str, corrections: &[Correction]) -> String {
    corrections.iter().fold(wrong.to_owned(), |text, (fault, correction)| text.replacen(fault, correction, 1))
}

/// The name of the first file, if an example does not name it.
const ROOT: &str = "allotment.yaml";

/// The files of an example: path and text. A line such as `# environments/hr.yaml` begins a file. Adds a missing `version` to every file,
/// and a missing `tenant` to the root file.
pub fn files(example: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in example.lines() {
        let path = line.strip_prefix("# ").filter(|path| path.ends_with(".yaml") && !path.contains(' '));
        match (path, files.last_mut()) {
            (Some(path), _) => files.push((path.to_owned(), String::new())),
            (None, Some((_, text))) => text.push_str(&format!("{line}\n")),
            (None, None) => files.push((ROOT.to_owned(), format!("{line}\n"))),
        }
    }
    for (path, text) in &mut files {
        if path == ROOT && !has_key(text, "tenant") {
            text.insert_str(0, TENANT);
        }
        if !has_key(text, "version") {
            text.insert_str(0, VERSION);
        }
    }
    files
}

const VERSION: &str = "version: 1\n";
const TENANT: &str = "tenant: { name: contoso }\n";

/// The seed of an example, with the name of the tenant added if it is missing.
pub fn seed(tenant: &str) -> String {
    let name = if has_key(tenant, "tenant") { "" } else { "tenant: contoso\n" };
    format!("{name}{tenant}")
}

fn has_key(text: &str, key: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
}

impl Example {
    /// A note about the keys that [`files`] adds, for readers who copy an example.
    fn left_out(&self) -> &'static str {
        match self {
            Example::Validate { wrong, .. } | Example::Plan { wrong, .. } if has_key(wrong, "tenant") => {
                " (`version: 1` is left out)"
            }
            Example::Validate { .. } | Example::Plan { .. } => " (`version` and `tenant` are left out)",
            Example::Situation { .. } => "",
        }
    }
}

impl Page {
    /// Renders the page, in 80 columns.
    pub(super) fn text(&self, code: Code) -> String {
        let mut text = format!("{code}: {}\n\n{}\n\nExample", code.title(), prose(self.meaning));
        text.push_str(self.example.left_out());
        text.push_str("\n\n");
        match self.example {
            Example::Validate { wrong, corrections } => {
                text.push_str(&comparison("validate", code, wrong, corrections));
            }
            Example::Plan { tenant, wrong, corrections, .. } => {
                if !tenant.is_empty() {
                    let seed = block(tenant);
                    text.push_str(&format!("The tenant contains, in the format of tenant.seed.yaml,\n\n{seed}\n"));
                }
                text.push_str(&comparison("plan", code, wrong, corrections));
            }
            Example::Situation { situation, because: _ } => text.push_str(&format!("{}\n", prose(situation))),
        }
        text.push_str(&format!("\nWhat to do\n\n{}\n", prose(self.remedy)));
        if let Example::Plan { allow: Some(scope), .. } = self.example {
            let flag = format!("`--allow {code}:{scope}`");
            let words = format!(
                "If this is intended, {flag} allows only this, for `plan` and for `apply`. So does an entry of `allow` in \
                 allotment.yaml, until its day."
            );
            text.push_str(&format!("\n{}\n", prose(&words)));
        }
        text
    }
}

/// The files for which a command reports the code, and the corrected files.
fn comparison(command: &str, code: Code, wrong: &str, corrections: &[Correction]) -> String {
    let reported = format!("`allot {command}` reports {code} for\n\n{}", block(wrong));
    if corrections.is_empty() {
        return reported;
    }
    format!("{reported}\nand not for\n\n{}", block(&corrected(wrong, corrections)))
}

fn prose(text: &str) -> String {
    wrap(text, Style::PLAIN.columns())
}

/// Indents a text to copy.
fn block(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}
