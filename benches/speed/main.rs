//! How fast the whole command is, as ratios within one run: against a bare YAML event parse of the same bytes, and against
//! what people would use instead.
//!
//! `cargo bench --bench speed` prints CPU, wall and peak memory of whole processes for 1,000, 10,000 and 100,000 environments,
//! with the bounds that they have to reach, and what hostile files use. `ALLOT_BENCH_HOSTILE=1` measures only those. `ALLOT_BENCH_RUNS`
//! sets how many runs a median is taken of (7), and `ALLOT_BENCH_PEERS=1` installs the peers under `target/` and measures them as well: octoDNS, check-jsonschema and a
//! script from Python's index, ajv from Node's.

mod hostile;
mod input;
mod measure;
mod peers;
mod scheduling;

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use self::measure::{Cost, measure, measure_in_turns};

/// What can go wrong here ends the run.
pub(crate) type Fallible<T> = Result<T, Box<dyn Error>>;

/// The day on which every run happens, so that no run differs from another.
const TODAY: &str = "2026-11-24T09:30:00Z";

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["events", folder] => return parse_events(Path::new(folder)),
        ["measure", command, rest @ ..] => return measure::one(command, rest),
        ["use", command, rest @ ..] => return measure::one_of_any_end(command, rest),
        _ => {}
    }
    let runs = std::env::var("ALLOT_BENCH_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    let base = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("speed");
    if std::env::var_os("ALLOT_BENCH_HOSTILE").is_some() {
        return hostile::report(&base, &allot);
    }
    say("environments  what           CPU ms (spread)       wall ms  peak MiB  CPU/events  wall/events");
    let mut sizes = Vec::new();
    for environments in [1_000, 10_000, 100_000] {
        sizes.push(measure_size(&base, environments, if environments > 10_000 { runs.min(3) } else { runs })?);
    }
    say("bounds at 10,000: validate 2.0 x CPU; plan 2.5 x CPU and 1.5 x wall; 64 MiB. At 100,000: 512 MiB.");
    growth(&sizes);
    start_up(&base, runs)?;
    scheduling::report();
    hostile::report(&base, &allot)?;
    if std::env::var_os("ALLOT_BENCH_PEERS").is_some() {
        let folder = base.join("10000");
        peers::report(&base.join("peers"), &|| allot(&folder, &["plan"]), &|| allot(&folder, &["validate"]))?;
    }
    Ok(())
}

struct Size {
    plan: Cost,
    validate: Cost,
    apply: Cost,
}

fn allot(folder: &Path, rest: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_allot"));
    command.arg("-C").arg(folder).args(rest).env("ALLOT_CLOCK", TODAY);
    command
}

fn measure_size(base: &Path, environments: usize, runs: usize) -> Fallible<Size> {
    let folder = base.join(environments.to_string());
    input::generate(&folder, environments)?;
    // The tenant comes into being with the first write; measured runs find it there, as every run but the first does.
    measure(1, || allot(&folder, &["apply", "--auto-approve", "--target", "e0"]))?;
    let this = std::env::current_exe()?;
    let parse = || {
        let mut command = Command::new(&this);
        command.arg("events").arg(&folder);
        command
    };
    let [events, validate, plan, apply] = measure_in_turns(
        runs,
        [&parse, &|| allot(&folder, &["validate"]), &|| allot(&folder, &["plan"]), &|| {
            allot(&folder, &["apply", "--auto-approve", "--target", "e0"])
        }],
    )?;
    let show = |what: &str, cost: Cost| {
        say(&format!(
            "{environments:>12}  {what:<13} {:>7.1} ({:>6.1}-{:>6.1}) {:>8.1} {:>9.1} {:>11.2} {:>12.2}",
            cost.cpu.median,
            cost.cpu.least,
            cost.cpu.most,
            cost.wall.median,
            cost.peak_mib,
            cost.cpu.median / events.cpu.median,
            cost.wall.median / events.wall.median,
        ));
        cost
    };
    show("events", events);
    Ok(Size { validate: show("validate", validate), plan: show("plan", plan), apply: show("apply (no-op)", apply) })
}

/// The floor: the events of the same bytes, and nothing made of them.
fn parse_events(folder: &Path) -> Fallible<()> {
    let mut paths = vec![folder.join("allotment.yaml")];
    for entry in fs::read_dir(folder.join("environments"))? {
        paths.push(entry?.path());
    }
    let mut events = 0_u64;
    for path in paths {
        let text = fs::read_to_string(path)?;
        for event in granit_parser::Parser::new_from_str(&text) {
            event?;
            events += 1;
        }
    }
    assert!(events > 1_000, "the parse saw {events} events");
    Ok(())
}

/// Prints a line.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn growth(sizes: &[Size]) {
    let [.., middle, large] = sizes else { return };
    for (name, small, big) in [
        ("validate", middle.validate, large.validate),
        ("plan", middle.plan, large.plan),
        ("apply (no-op)", middle.apply, large.apply),
    ] {
        say(&format!(
            "growth 10,000 to 100,000, {name}: {:.1} x CPU, {:.1} x memory (bound 11)",
            big.cpu.median / small.cpu.median,
            big.peak_mib / small.peak_mib
        ));
    }
}

fn start_up(base: &Path, runs: usize) -> Fallible<()> {
    let folder = base.join("start");
    input::generate(&folder, 100)?;
    let version = measure(runs, || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_allot"));
        command.arg("--version");
        command
    })?;
    let plan = measure(runs, || allot(&folder, &["plan"]))?;
    say(&format!("allot --version: {:.1} ms wall (bound 8)", version.wall.median));
    say(&format!("plan of 100 environments: {:.1} ms CPU (bound 15)", plan.cpu.median));
    Ok(())
}
