//! What a page about a code consists of, and how it is shown.
//!
//! Examples are files that run: `tests/it/explain.rs` gives each of them to the command and sees whether the code comes out.

use crate::model::code::Code;
use crate::report::style::Style;
use crate::report::wrap::wrap;

/// A page about a code.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Under which condition it is raised, and why that matters.
    pub meaning: &'static str,
    /// Something that raises it.
    pub example: Example,
    /// What to do about it.
    pub remedy: &'static str,
    /// The scope that `--allow` takes in the example, where the code can be allowed.
    pub allow: Option<&'static str>,
}

/// Something that raises a code. Files are written as [`files`] reads them.
#[derive(Clone, Copy, Debug)]
pub enum Example {
    /// Files about which `validate` complains, and the same corrected.
    Validate {
        /// What raises the code.
        wrong: &'static str,
        /// What does not.
        right: &'static str,
    },
    /// Files about which `plan` complains, and the same corrected.
    Plan {
        /// What the tenant has, as `tenant.seed.yaml` says it; the built-in tenant starts empty without it.
        tenant: Option<&'static str>,
        /// What raises the code.
        wrong: &'static str,
        /// What does not; `None` where it lies with the tenant, and no file could be other.
        right: Option<&'static str>,
    },
    /// A situation that files alone do not make.
    Told {
        /// The situation.
        situation: &'static str,
        /// Why no files can be shown that raise it.
        because: &'static str,
    },
}

/// The file that an example is about where it names none.
const ROOT: &str = "allotment.yaml";

/// The files of an example: path below the folder, and text. A line such as `# environments/hr.yaml` begins a file. Where
/// they are left out, `version` is added to every file, and `tenant` to the root file.
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
        if path == ROOT && !says(text, "tenant") {
            text.insert_str(0, TENANT);
        }
        if !says(text, "version") {
            text.insert_str(0, VERSION);
        }
    }
    files
}

const VERSION: &str = "version: 1\n";
const TENANT: &str = "tenant: { name: contoso }\n";

/// The seed of an example; the name of the tenant is added where it is left out.
pub fn seed(tenant: &str) -> String {
    let name = if says(tenant, "tenant") { "" } else { "tenant: contoso\n" };
    format!("{name}{tenant}")
}

fn says(text: &str, key: &str) -> bool {
    text.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
}

impl Example {
    /// What [`files`] adds, for those who copy an example.
    fn left_out(&self) -> &'static str {
        match self {
            Example::Validate { wrong, .. } | Example::Plan { wrong, .. } if says(wrong, "tenant") => {
                " (`version: 1` is left out)"
            }
            Example::Validate { .. } | Example::Plan { .. } => " (`version` and `tenant` are left out)",
            Example::Told { .. } => "",
        }
    }
}

impl Page {
    /// The page as it is read, in 80 columns.
    pub(super) fn text(&self, code: Code) -> String {
        let mut text = format!("{code}: {}\n\n{}\n\nExample", code.title(), prose(self.meaning));
        text.push_str(self.example.left_out());
        text.push_str("\n\n");
        match self.example {
            Example::Validate { wrong, right } => {
                text.push_str(&format!("`allot validate` reports {code} for\n\n{}", block(wrong)));
                text.push_str(&format!("\nand not for\n\n{}", block(right)));
            }
            Example::Plan { tenant, wrong, right } => {
                if let Some(tenant) = tenant {
                    text.push_str(&format!("The tenant has, written as in tenant.seed.yaml,\n\n{}\n", block(tenant)));
                }
                text.push_str(&format!("`allot plan` reports {code} for\n\n{}", block(wrong)));
                if let Some(right) = right {
                    text.push_str(&format!("\nand not for\n\n{}", block(right)));
                }
            }
            Example::Told { situation, because: _ } => text.push_str(&format!("{}\n", prose(situation))),
        }
        text.push_str(&format!("\nWhat to do\n\n{}\n", prose(self.remedy)));
        if let Some(scope) = self.allow {
            let flag = format!("`--allow {code}:{scope}`");
            let words = format!("Where it is meant, {flag} lets just this through, for `plan` and for `apply`.");
            text.push_str(&format!("\n{}\n", prose(&words)));
        }
        text
    }
}

fn prose(text: &str) -> String {
    wrap(text, Style::PLAIN.columns())
}

/// Something to copy, set apart.
fn block(text: &str) -> String {
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}
