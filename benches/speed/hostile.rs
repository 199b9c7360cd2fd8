//! Files that a stranger made to exhaust the machine: how long they take, how much memory, and how much is printed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::measure::{Used, used};
use crate::{Fallible, say};

/// Seconds of wall time.
const MOST_SECONDS: f64 = 5.0;
const MOST_MIB: f64 = 512.0;
/// Bytes of stdout and stderr together, in MB.
const MOST_MB: f64 = 10.0;

/// Every format of `validate`, `ci` excepted, which is one of the others.
const FORMATS: [&str; 11] =
    ["text", "json", "markdown", "summary", "html", "github", "azure", "gitlab", "sarif", "junit", "csv"];

/// A configuration with one file that is too much in some way.
struct Input {
    name: &'static str,
    root: String,
    /// The one file, at `environments/a.yaml`.
    file: String,
    /// Whether the configuration is valid, so that it can be planned.
    is_valid: bool,
}

/// Runs every input in every format of `validate`, and the valid ones in `plan`, and marks what exceeds a bound.
pub(crate) fn report(base: &Path, allot: &dyn Fn(&Path, &[&str]) -> Command) -> Fallible<()> {
    say(&format!("hostile input, bounds {MOST_SECONDS} s, {MOST_MIB} MiB, {MOST_MB} MB of output"));
    say("input                  command   format        wall s  peak MiB  output MB");
    for input in inputs() {
        let folder = base.join("hostile").join(input.name);
        fs::create_dir_all(folder.join("environments"))?;
        fs::write(folder.join("allotment.yaml"), &input.root)?;
        fs::write(folder.join("environments/a.yaml"), format!("version: 1\n{}", input.file))?;
        fs::write(folder.join("tenant.seed.yaml"), "tenant: bench\npurchased: { app-passes: 1000 }\n")?;
        for format in FORMATS {
            show(input.name, "validate", format, used(&allot(&folder, &["validate", "--format", format]))?);
        }
        if input.is_valid {
            for format in ["text", "markdown", "sarif"] {
                show(input.name, "plan", format, used(&allot(&folder, &["plan", "--format", format]))?);
            }
        }
    }
    Ok(())
}

fn show(name: &str, command: &str, format: &str, used: Used) {
    let is_over = used.seconds > MOST_SECONDS || used.peak_mib > MOST_MIB || used.output_mb > MOST_MB;
    let mark = if is_over { "  OVER THE BOUND" } else { "" };
    say(&format!(
        "{name:<22} {command:<9} {format:<10} {:>9.2} {:>9.1} {:>10.2}{mark}",
        used.seconds, used.peak_mib, used.output_mb
    ));
}

fn root(purchased: u64, more: &str) -> String {
    format!("version: 1\ntenant: {{ name: bench }}\npurchased: {{ app-passes: {purchased} }}\n{more}")
}

fn inputs() -> Vec<Input> {
    let of_file = |name, text: String| Input { name, root: root(1_000, ""), file: text, is_valid: false };
    let bomb: String = (b'b'..b'k').map(|name| format!("{0}: &{0} [{1}]\n", char::from(name), nine(name))).collect();
    let includes = repeated(20_000, |at| format!("\"environments/**/x{at}*/**/*.yaml\","));
    let one_line = |many| format!("environments: {{{}}}\n", repeated(many, |at| format!("Ä{at}: [{at}], ")));
    let kinds = repeated(100_000, |at| format!("  e{at}: {{ id: x, k: 1 }}\n"));
    let mut inputs = vec![
        of_file("300,000 keys", repeated(300_000, |at| format!("k{at}: 1\n"))),
        of_file("900,000 keys", repeated(900_000, |at| format!("{at:x}:\n"))),
        of_file(
            "900,000 mappings",
            format!("environments: {{{}}}\n", repeated(900_000, |at| format!("{at:x}: {{}},"))),
        ),
        of_file("300,000 of 3 kinds", format!("environments:\n{kinds}")),
        of_file("one line", one_line(64_000)),
        of_file("one line of 16 MB", one_line(800_000)),
        of_file("a long key", format!("{}: 1\n", "k".repeat(5_000_000))),
        of_file("a key 200,000 times", repeated(200_000, |_| "kk: 1\n".to_owned())),
        of_file("100,000 levels", format!("environments: {}", "[".repeat(100_000))),
        of_file("aliases of aliases", format!("a: &a [x,x,x,x,x,x,x,x,x]\n{bomb}")),
        Input { root: root(1_000, &format!("include: [{includes}]\n")), ..of_file("20,000 includes", String::new()) },
    ];
    inputs.extend(valid_inputs());
    inputs
}

fn valid_inputs() -> [Input; 3] {
    let of_file = |name, purchased, text| Input { name, root: root(purchased, ""), file: text, is_valid: true };
    let environments = format!("environments:\n{}", repeated(180_000, environment));
    let hints = environments.replace("app-passes", "AppPass");
    let grants = format!(
        "environments:\n  a:\n    id: \"{}\"\n    allocations:\n      app-passes:\n        units: 0\n        grants:\n{}",
        crate::input::id(1),
        repeated(200_000, grant)
    );
    [
        of_file("180,000 environments", 1_000, environments),
        of_file("180,000 hints", 1_000_000, hints),
        of_file("200,000 grants", 1_000, grants),
    ]
}

fn repeated(times: usize, text: impl Fn(usize) -> String) -> String {
    (0..times).fold(String::new(), |mut all, at| {
        let _ = write!(all, "{}", text(at));
        all
    })
}

/// Nine aliases of the name before.
fn nine(name: u8) -> String {
    vec![format!("*{}", char::from(name - 1)); 9].join(",")
}

fn grant(at: usize) -> String {
    let (year, month, day) = (27 + at % 70, 1 + at / 70 % 12, 1 + at / 840 % 28);
    format!("          - {{ add: 1, from: 20{year:02}-{month:02}-{day:02}, until: 2099-01-01 }}\n")
}

fn environment(at: usize) -> String {
    format!("  e{at}: {{ id: \"{}\", allocations: {{ app-passes: 1 }} }}\n", crate::input::id(at))
}
