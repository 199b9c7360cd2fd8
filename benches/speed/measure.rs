//! What whole processes cost, by the operating system's own accounting.
//!
//! Each command is run by a process of its own that waits for nothing else, so that the peak of its memory is the command's
//! and not that of the largest one before.

use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::{Fallible, say};

/// The median of some runs, and how far they spread.
#[derive(Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Figure {
    fn of(mut values: Vec<f64>) -> Figure {
        values.sort_unstable_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Figure { median: at(values.len() / 2), least: at(0), most: at(values.len().saturating_sub(1)) }
    }
}

/// What a command costs: milliseconds, and mebibytes at the most.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) cpu: Figure,
    pub(crate) wall: Figure,
    pub(crate) peak_mib: f64,
}

/// Runs a command so often and takes medians. A command that fails ends the benchmark.
pub(crate) fn measure(runs: usize, make: impl Fn() -> Command) -> Fallible<Cost> {
    let [cost] = measure_in_turns(runs, [&make])?;
    Ok(cost)
}

/// Runs commands that are compared with each other by turns, so that what the machine does beside them meets all of them alike. Each
/// runs twice in its turn and is counted once: the first run finds caches that another command has filled, whoever that was.
pub(crate) fn measure_in_turns<const N: usize>(runs: usize, make: [&dyn Fn() -> Command; N]) -> Fallible<[Cost; N]> {
    let mut samples = [const { Vec::new() }; N];
    for _ in 0..runs {
        for (make, samples) in make.iter().zip(&mut samples) {
            sample(&make())?;
            samples.push(sample(&make())?);
        }
    }
    Ok(samples.map(|samples| {
        let all = |pick: fn(&Sample) -> f64| Figure::of(samples.iter().map(pick).collect());
        Cost { cpu: all(|it| it.cpu_ms), wall: all(|it| it.wall_ms), peak_mib: all(|it| it.peak_mib).most }
    }))
}

/// What one run took.
struct Sample {
    cpu_ms: f64,
    wall_ms: f64,
    peak_mib: f64,
}

fn sample(command: &Command) -> Fallible<Sample> {
    match figures("measure", command)?.as_slice() {
        &[cpu_ms, wall_ms, peak_mib] => Ok(Sample { cpu_ms, wall_ms, peak_mib }),
        other => Err(format!("{command:?}: {other:?}").into()),
    }
}

/// What one run of a command used, however it ended.
pub(crate) struct Used {
    pub(crate) seconds: f64,
    pub(crate) peak_mib: f64,
    /// Stdout and stderr together.
    pub(crate) output_mb: f64,
}

/// Runs a command once. A command that a signal ends ends the benchmark.
pub(crate) fn used(command: &Command) -> Fallible<Used> {
    match figures("use", command)?.as_slice() {
        &[seconds, peak_mib, output_mb] => Ok(Used { seconds, peak_mib, output_mb }),
        other => Err(format!("{command:?}: {other:?}").into()),
    }
}

/// Runs a command in a process of its own, and returns the numbers that the process prints.
fn figures(how: &str, command: &Command) -> Fallible<Vec<f64>> {
    let mut measured = Command::new(std::env::current_exe()?);
    measured.arg(how).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        measured.env(name, value.unwrap_or_default());
    }
    if let Some(folder) = command.get_current_dir() {
        measured.current_dir(folder);
    }
    let output = measured.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let told = String::from_utf8_lossy(&output.stdout);
    Ok(told.split_whitespace().filter_map(|word| word.parse().ok()).collect())
}

/// Runs one command, and says its CPU and wall time in milliseconds and its peak memory in mebibytes.
pub(crate) fn one(command: &str, rest: &[&str]) -> Fallible<()> {
    let started = Instant::now();
    let output = Command::new(command).args(rest).stdin(Stdio::null()).stdout(Stdio::null()).output()?;
    let wall = started.elapsed().as_secs_f64() * 1_000.0;
    if !output.status.success() {
        return Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)).into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu = milliseconds(usage.user_time())? + milliseconds(usage.system_time())?;
    say(&format!("{cpu} {wall} {}", peak_mib()?));
    Ok(())
}

/// Runs one command, whatever its exit code, and says its wall time in seconds, its peak memory in mebibytes, and its output in megabytes.
pub(crate) fn one_of_any_end(command: &str, rest: &[&str]) -> Fallible<()> {
    let started = Instant::now();
    let output = Command::new(command).args(rest).stdin(Stdio::null()).output()?;
    let seconds = started.elapsed().as_secs_f64();
    output.status.code().ok_or("a signal ended the command")?;
    let bytes = u32::try_from(output.stdout.len() + output.stderr.len())?;
    say(&format!("{seconds} {} {}", peak_mib()?, f64::from(bytes) / 1e6));
    Ok(())
}

/// The most memory that a child of this process held.
fn peak_mib() -> Fallible<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(f64::from(u32::try_from(usage.max_rss())?) / 1_024.0)
}

fn milliseconds(time: TimeVal) -> Fallible<f64> {
    Ok(f64::from(i32::try_from(time.tv_sec())?) * 1_000.0 + f64::from(i32::try_from(time.tv_usec())?) / 1_000.0)
}
