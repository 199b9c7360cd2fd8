//! The same input on every machine: a configuration, and a tenant of which one in a hundred environments differs.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::Fallible;

const FILES: usize = 200;
/// Slug, and how far the amounts spread.
pub(crate) const ADD_ONS: [(&str, u64); 5] = [
    ("app-passes", 200),
    ("flow-per-business-process", 20),
    ("ai-builder-credits", 500_000),
    ("portal-logins", 5_000),
    ("portal-page-views", 90_000),
];

/// The id of an environment.
pub(crate) fn id(number: usize) -> String {
    format!("{number:08x}-0000-4000-8000-{number:012x}")
}

/// What is declared for one of an environment's add-ons.
pub(crate) fn amount(number: usize, add_on: usize, spread: u64) -> u64 {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    (number * 7_919 + u64::try_from(add_on).unwrap_or(0) * 104_729) % spread
}

/// What the tenant holds instead.
pub(crate) fn held(number: usize, add_on: usize, spread: u64) -> u64 {
    let differs = number.is_multiple_of(100) && add_on == 0;
    amount(number, add_on, spread) + u64::from(differs)
}

/// Writes the configuration of so many environments in up to 200 files, and the seed of their tenant.
pub(crate) fn generate(folder: &Path, environments: usize) -> Fallible<()> {
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
            let id = id(number);
            writeln!(
                text,
                "  e{number}:\n    id: \"{id}\"\n    name: Environment {number}\n    class: production\n    allocations:"
            )?;
            writeln!(seed, "- id: \"{id}\"\n  name: Environment {number}\n  class: production\n  allocations:")?;
            for (at, (slug, spread)) in ADD_ONS.into_iter().enumerate() {
                writeln!(text, "      {slug}: {}", amount(number, at, spread))?;
                writeln!(seed, "    {slug}: {}", held(number, at, spread))?;
            }
        }
        fs::write(folder.join("environments").join(format!("unit-{file:03}.yaml")), text)?;
    }
    fs::write(folder.join("allotment.yaml"), root)?;
    fs::write(folder.join("tenant.seed.yaml"), seed)?;
    Ok(())
}
