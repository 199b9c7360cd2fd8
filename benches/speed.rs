//! How fast the whole command is, as ratios within one run: against a bare YAML event parse of the same bytes.
//!
//! `cargo bench --bench speed` prints CPU, wall and peak memory of `plan` and `validate` for 1,000, 10,000 and 100,000
//! environments with their bounds. `ALLOT_BENCH_RUNS` sets how many runs a median is taken of (7).

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

type Fallible<T> = Result<T, Box<dyn Error>>;

const FILES: usize = 200;
/// Slug, and how far the amounts spread.
const ADD_ONS: [(&str, u64); 5] = [
    ("app-passes", 200),
    ("flow-per-business-process", 20),
    ("ai-builder-credits", 500_000),
    ("portal-logins", 5_000),
    ("portal-page-views", 90_000),
];
/// The day on which every run happens, so that no run differs from another.
const TODAY: &str = "2026-11-24T09:30:00Z";

fn main() -> Fallible<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, mode, folder] = arguments.as_slice()
        && mode == "events"
    {
        return parse_events(Path::new(folder));
    }
    let runs = std::env::var("ALLOT_BENCH_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    let base = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("speed");
    let mut sizes = Vec::new();
    for environments in [1_000, 10_000, 100_000] {
        sizes.push(measure_size(&base, environments, if environments > 10_000 { runs.min(3) } else { runs })?);
    }
    report(&sizes);
    start_up(&base, runs)
}

struct Size {
    environments: usize,
    events: Cost,
    plan: Cost,
    validate: Cost,
    apply: Cost,
}

/// Medians of whole processes.
#[derive(Clone, Copy)]
struct Cost {
    cpu: Duration,
    wall: Duration,
    peak_kib: i64,
}

fn measure_size(base: &Path, environments: usize, runs: usize) -> Fallible<Size> {
    let folder = base.join(environments.to_string());
    generate(&folder, environments)?;
    let folder_text = folder.to_string_lossy().into_owned();
    let allot = |rest: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_allot"));
        command.args(["-C", &folder_text]).args(rest).env("ALLOT_CLOCK", TODAY);
        command
    };
    // The tenant comes into being with the first write; measured runs find it there, as every run but the first does.
    run(&mut allot(&["apply", "--auto-approve", "--target", "e0"]), &[0])?;
    let this = std::env::current_exe()?;
    let events = measure(runs, &[0], || {
        let mut command = Command::new(&this);
        command.args(["events", &folder_text]);
        command
    })?;
    Ok(Size {
        environments,
        events,
        validate: measure(runs, &[0], || allot(&["validate"]))?,
        plan: measure(runs, &[0], || allot(&["plan"]))?,
        apply: measure(runs, &[0], || allot(&["apply", "--auto-approve", "--target", "e0"]))?,
    })
}

fn measure(runs: usize, expected: &[i32], make: impl Fn() -> Command) -> Fallible<Cost> {
    let mut costs = Vec::with_capacity(runs);
    for _ in 0..runs {
        costs.push(run(&mut make(), expected)?);
    }
    let median = |mut values: Vec<Duration>| {
        values.sort_unstable();
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Ok(Cost {
        cpu: median(costs.iter().map(|cost| cost.cpu).collect()),
        wall: median(costs.iter().map(|cost| cost.wall).collect()),
        peak_kib: costs.iter().map(|cost| cost.peak_kib).max().unwrap_or_default(),
    })
}

fn run(command: &mut Command, expected: &[i32]) -> Fallible<Cost> {
    let before = children_cpu()?;
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let wall = started.elapsed();
    if !output.status.code().is_some_and(|code| expected.contains(&code)) {
        return Err(
            format!("{command:?} ended with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr)).into()
        );
    }
    let cpu = children_cpu()?.saturating_sub(before);
    Ok(Cost { cpu, wall, peak_kib: getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() })
}

fn children_cpu() -> Fallible<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let span = |value: nix::sys::time::TimeVal| {
        Ok::<_, Box<dyn Error>>(Duration::new(u64::try_from(value.tv_sec())?, u32::try_from(value.tv_usec())? * 1_000))
    };
    Ok(span(usage.user_time())? + span(usage.system_time())?)
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

/// The same input on every machine: a configuration, and a tenant of which one in a hundred environments differs.
fn generate(folder: &Path, environments: usize) -> Fallible<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder.join("environments"))?;
    let mut root = String::from("version: 1\ntenant:\n  name: bench\npurchased:\n");
    let mut seed = String::from("tenant: bench\npurchased:\n");
    for (slug, spread) in ADD_ONS {
        let purchased = spread * u64::try_from(environments)?;
        writeln!(root, "  {slug}: {purchased}")?;
        writeln!(seed, "  {slug}: {purchased}")?;
    }
    seed.push_str("environments:\n");
    let per_file = environments.div_ceil(FILES);
    for file in 0..environments.div_ceil(per_file) {
        let mut text = format!("version: 1\nowner: team-{file}@example.com\nenvironments:\n");
        for number in (file * per_file)..((file + 1) * per_file).min(environments) {
            let id = format!("{number:08x}-0000-4000-8000-{number:012x}");
            writeln!(
                text,
                "  e{number}:\n    id: \"{id}\"\n    name: Environment {number}\n    class: production\n    allocations:"
            )?;
            writeln!(seed, "- id: \"{id}\"\n  name: Environment {number}\n  class: production\n  allocations:")?;
            for (at, (slug, spread)) in (0_u64..).zip(ADD_ONS) {
                let amount = (u64::try_from(number)? * 7_919 + at * 104_729) % spread;
                writeln!(text, "      {slug}: {amount}")?;
                let differs = number % 100 == 0 && at == 0;
                writeln!(seed, "    {slug}: {}", if differs { amount + 1 } else { amount })?;
            }
        }
        fs::write(folder.join("environments").join(format!("unit-{file:03}.yaml")), text)?;
    }
    fs::write(folder.join("allotment.yaml"), root)?;
    fs::write(folder.join("tenant.seed.yaml"), seed)?;
    Ok(())
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn report(sizes: &[Size]) {
    say("environments  what          CPU ms   wall ms  peak MiB  CPU/events  wall/events");
    for size in sizes {
        for (name, cost) in
            [("events", size.events), ("validate", size.validate), ("plan", size.plan), ("apply (no-op)", size.apply)]
        {
            say(&format!(
                "{:>12}  {name:<13} {:>7.1} {:>8.1} {:>9.1} {:>11.2} {:>12.2}",
                size.environments,
                milliseconds(cost.cpu),
                milliseconds(cost.wall),
                f64::from(u32::try_from(cost.peak_kib).unwrap_or(u32::MAX)) / 1_024.0,
                cost.cpu.as_secs_f64() / size.events.cpu.as_secs_f64(),
                cost.wall.as_secs_f64() / size.events.wall.as_secs_f64(),
            ));
        }
    }
    say("bounds at 10,000: validate 2.0 x CPU, plan 2.5 x CPU and 1.5 x wall, 64 MiB; at 100,000: 512 MiB");
    if let [.., middle, large] = sizes {
        for (name, small, big) in [
            ("validate", middle.validate, large.validate),
            ("plan", middle.plan, large.plan),
            ("apply (no-op)", middle.apply, large.apply),
        ] {
            say(&format!(
                "growth 10,000 to 100,000, {name}: {:.1} x CPU (bound 11)",
                big.cpu.as_secs_f64() / small.cpu.as_secs_f64()
            ));
        }
    }
}

fn start_up(base: &Path, runs: usize) -> Fallible<()> {
    let folder = base.join("start");
    generate(&folder, 100)?;
    let folder_text = folder.to_string_lossy().into_owned();
    let version = measure(runs, &[0], || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_allot"));
        command.arg("--version");
        command
    })?;
    let plan = measure(runs, &[0], || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_allot"));
        command.args(["-C", &folder_text, "plan"]).env("ALLOT_CLOCK", TODAY);
        command
    })?;
    say(&format!("allot --version: {:.1} ms wall (bound 8)", milliseconds(version.wall)));
    say(&format!("plan of 100 environments: {:.1} ms CPU (bound 15)", milliseconds(plan.cpu)));
    Ok(())
}
