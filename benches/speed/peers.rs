//! What people would use instead, on the same amounts and in the same run.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::measure::measure_in_turns;
use crate::{Fallible, input, say};

const ENVIRONMENTS: usize = 10_000;
const RUNS: usize = 7;
/// From Python's index.
const PYTHON: [&str; 4] = ["octodns==1.22.0", "check-jsonschema==0.39.0", "pyyaml", "jsonschema"];
/// From Node's.
const NODE: &str = "ajv-cli@5.0.0";

/// Installs the peers where they are not there yet, measures them by turns with ours, and prints how much less ours take.
pub(crate) fn report(folder: &Path, plan: &dyn Fn() -> Command, validate: &dyn Fn() -> Command) -> Fallible<()> {
    let bin = python(folder)?;
    let ajv = node(folder)?;
    let work = folder.join("input");
    write_inputs(&work)?;
    let schema = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas/environments.schema.json");
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/speed/script.py");
    let one_file = work.join("environments.yaml");
    let compare = |name: &str, peer: &dyn Fn() -> Command, what: &str, ours: &dyn Fn() -> Command, bound: f64| {
        let [peer, ours] = measure_in_turns(RUNS, [peer, ours])?;
        say(&format!(
            "{name}: {:.0} ms CPU, {:.0} ms wall, {:.0} MiB; {what} takes {:.1} x less CPU, {:.1} ms (bound {bound} x)",
            peer.cpu.median,
            peer.wall.median,
            peer.peak_mib,
            peer.cpu.median / ours.cpu.median,
            ours.cpu.median,
        ));
        Fallible::Ok(())
    };
    let octodns = || {
        let mut command = Command::new(bin.join("octodns-sync"));
        command.arg("--config-file").arg(work.join("octodns.yaml")).current_dir(&work);
        command
    };
    let python = || {
        let mut command = Command::new(bin.join("python"));
        command.arg(&script).args([&one_file, &work.join("tenant.yaml"), &schema]);
        command
    };
    let checker = || {
        let mut command = Command::new(bin.join("check-jsonschema"));
        command.arg("--schemafile").arg(&schema).arg(&one_file);
        command
    };
    let ajv = || {
        let mut command = Command::new(&ajv);
        command.args(["validate", "--spec=draft7", "--strict=false", "-s"]).arg(&schema).arg("-d").arg(&one_file);
        command
    };
    compare("octoDNS, 10,000 records", &octodns, "plan", plan, 60.0)?;
    compare("a Python script", &python, "plan", plan, 12.0)?;
    compare("check-jsonschema", &checker, "validate", validate, 80.0)?;
    compare("ajv-cli", &ajv, "validate", validate, 3.0)
}

fn python(folder: &Path) -> Fallible<PathBuf> {
    let venv = folder.join("venv");
    let bin = venv.join("bin");
    if !bin.join("octodns-sync").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(bin.join("pip")).args(["install", "--quiet", "--disable-pip-version-check"]).args(PYTHON))?;
    }
    Ok(bin)
}

fn node(folder: &Path) -> Fallible<PathBuf> {
    let ajv = folder.join("node_modules/.bin/ajv");
    if !ajv.exists() {
        fs::create_dir_all(folder)?;
        run(Command::new("npm").args(["install", "--silent", "--prefix"]).arg(folder).arg(NODE))?;
    }
    Ok(ajv)
}

fn run(command: &mut Command) -> Fallible<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
}

/// One file with every environment, the tenant, and a zone with as many records, one in a hundred of which differs.
fn write_inputs(folder: &Path) -> Fallible<()> {
    fs::create_dir_all(folder.join("source"))?;
    fs::create_dir_all(folder.join("target"))?;
    let mut desired = String::from("version: 1\nenvironments:\n");
    let mut tenant = String::from("purchased:\n");
    for (slug, spread) in input::ADD_ONS {
        writeln!(tenant, "  {slug}: {}", spread * u64::try_from(ENVIRONMENTS)?)?;
    }
    tenant.push_str("environments:\n");
    let (mut source, mut target) = (String::from("---\n"), String::from("---\n"));
    for number in 0..ENVIRONMENTS {
        let id = input::id(number);
        writeln!(desired, "  e{number}:\n    id: \"{id}\"\n    name: Environment {number}\n    allocations:")?;
        writeln!(tenant, "- id: \"{id}\"\n  allocations:")?;
        for (at, (slug, spread)) in input::ADD_ONS.into_iter().enumerate() {
            writeln!(desired, "      {slug}: {}", input::amount(number, at, spread))?;
            writeln!(tenant, "    {slug}: {}", input::held(number, at, spread))?;
        }
        // Keys in a zone have to be in order.
        let record = |text: &mut String, units| {
            writeln!(
                text,
                "e{number:05}:\n  ttl: 300\n  type: TXT\n  values:\n  - units {units}\n  - id {id}\n  - class production"
            )
        };
        record(&mut source, input::amount(number, 0, 200))?;
        record(&mut target, input::held(number, 0, 200))?;
    }
    fs::write(folder.join("environments.yaml"), desired)?;
    fs::write(folder.join("tenant.yaml"), tenant)?;
    fs::write(folder.join("source/bench.test.yaml"), source)?;
    fs::write(folder.join("target/bench.test.yaml"), target)?;
    let provider = |name: &str| {
        format!(
            "  {name}:\n    class: octodns.provider.yaml.YamlProvider\n    directory: {}\n",
            folder.join(name).display()
        )
    };
    let configuration = format!(
        "providers:\n{}{}zones:\n  bench.test.:\n    sources: [source]\n    targets: [target]\n",
        provider("source"),
        provider("target")
    );
    fs::write(folder.join("octodns.yaml"), configuration)?;
    Ok(())
}
