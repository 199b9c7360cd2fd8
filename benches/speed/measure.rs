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
    let (mut cpu, mut wall, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        let command = make();
        let mut measured = Command::new(std::env::current_exe()?);
        measured.arg("measure").arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            measured.env(name, value.unwrap_or_default());
        }
        if let Some(folder) = command.get_current_dir() {
            measured.current_dir(folder);
        }
        let output = measured.stdin(Stdio::null()).output()?;
        let told = String::from_utf8_lossy(&output.stdout);
        let figures: Vec<f64> = told.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        match (output.status.success(), figures.as_slice()) {
            (true, [cpu_ms, wall_ms, peak]) => {
                cpu.push(*cpu_ms);
                wall.push(*wall_ms);
                peaks.push(*peak);
            }
            _ => return Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
    Ok(Cost { cpu: Figure::of(cpu), wall: Figure::of(wall), peak_mib: Figure::of(peaks).most })
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
    let peak = f64::from(u32::try_from(usage.max_rss())?) / 1_024.0;
    say(&format!("{cpu} {wall} {peak}"));
    Ok(())
}

fn milliseconds(time: TimeVal) -> Fallible<f64> {
    Ok(f64::from(i32::try_from(time.tv_sec())?) * 1_000.0 + f64::from(i32::try_from(time.tv_usec())?) / 1_000.0)
}
