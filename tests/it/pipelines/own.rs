//! The workflows of this repository: their permissions, the tests that they name, and the parts of a release.

use std::collections::BTreeMap;
use std::fs;

use serde_yaml::Value;

use super::machine::{Machine, Ran};
use super::scripts::{OWN, all, at, entries, path, read, text};

/// The only job that may change the repository: it makes the release.
const RELEASES: &str = ".github/workflows/release.yml release";

#[test]
fn a_job_may_do_no_more_than_it_has_to() {
    let nothing = Value::Mapping(serde_yaml::Mapping::new());
    for file in OWN {
        let workflow = read(file);
        assert_eq!(at(&workflow, "permissions"), &nothing, "{file}: each job asks for what it needs");
        for (name, job) in at(&workflow, "jobs").as_mapping().expect("jobs") {
            let name = format!("{file} {}", text(name));
            assert!(job.get("permissions").is_some() && job.get("timeout-minutes").is_some(), "{name}");
            let may = entries(job.get("permissions"));
            let writes = |what: &str| may.get(what).is_some_and(|may| may == "write");
            assert_eq!(writes("contents"), name == RELEASES, "{name}");
            assert!(file == OWN[1] || may.values().all(|may| may == "read"), "{name}");
            // Only a job that attests may request a signature.
            let source = serde_yaml::to_string(job).expect("YAML");
            assert_eq!(writes("id-token"), source.contains("actions/attest-build-provenance@"), "{name}");
            assert!(!source.contains("secrets."), "{name}");
            let keeps_token = |step: &&Value| {
                let is_checkout = step.get("uses").is_some_and(|uses| text(uses).starts_with("actions/checkout@"));
                is_checkout
                    && step.get("with").and_then(|with| with.get("persist-credentials")).map(text)
                        != Some("false".into())
            };
            assert!(at(job, "steps").as_sequence().expect("steps").iter().find(keeps_token).is_none(), "{name}");
        }
    }
}

#[test]
fn tests_that_are_skipped_on_other_systems_exist() {
    let workflow = fs::read_to_string(path(OWN[0])).expect("the file exists");
    let skipped: Vec<&str> = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--skip "))
        .map(|name| name.trim_end_matches([' ', '\\']))
        .collect();
    assert!(!skipped.is_empty());
    for name in skipped {
        let (module, test) = name.rsplit_once("::").expect("a module and a test");
        let file = path(&format!("tests/it/{}.rs", module.replace("::", "/")));
        let source = fs::read_to_string(&file).unwrap_or_default();
        assert!(source.contains(&format!("fn {test}()")), "{name}");
    }
}

#[test]
fn the_toolchain_is_the_one_that_is_promised() {
    let cargo = fs::read_to_string(path("Cargo.toml")).expect("the file exists");
    let version = cargo.lines().find_map(|line| line.strip_prefix("rust-version = ")).expect("it is stated");
    let version = version.trim_matches('"');
    for file in OWN {
        assert_eq!(text(at(&read(file), "env.RUST")), format!("{version}.0"), "{file}");
    }
    let readme = fs::read_to_string(path("README.md")).expect("the file exists");
    assert!(readme.contains(&format!("({version} or newer)")), "README.md states the oldest Rust");
}

/// Runs the scripts of the job that makes a release, from the first to the one of this name, on two archives.
fn released(last: &str) -> (Machine, Ran) {
    let machine = Machine::bare();
    machine.program("gh", "#!/usr/bin/env bash\nIFS=$'\\x1f'\nprintf '%s\\n' \"$*\" >>\"$STUB/gh\"\n");
    machine.write("work/dist/allot-1.2.3-x86_64-pc-windows-msvc.zip", "zip");
    machine.write("work/dist/allot-1.2.3-x86_64-unknown-linux-gnu.tar.gz", "tar");
    machine.write("work/CHANGELOG.md", "# Changelog\n\n## 1.2.3\n\n- News.\n\n## 1.2.2\n\n- Old.\n");
    machine.write("stub/bundle.json", "{}");
    let variables: BTreeMap<String, String> = [
        ("GITHUB_REF_NAME", "v1.2.3".to_owned()),
        ("GITHUB_REPOSITORY", "contoso/allotment".to_owned()),
        ("GITHUB_REPOSITORY_OWNER", "contoso".to_owned()),
        ("GITHUB_SERVER_URL", "https://forge.example".to_owned()),
        ("PROVENANCE", machine.path("stub/bundle.json")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    let names = at(&read(OWN[1]), "jobs.release.steps").as_sequence().expect("steps").clone();
    for script in all().into_iter().filter(|script| script.place.starts_with(&format!("{} jobs release steps", OWN[1])))
    {
        let ran = machine.run(&script.text, &variables);
        let step = script.place.rsplit(' ').next().and_then(|number| number.parse::<usize>().ok()).expect("a number");
        if ran.code != 0 || text(at(&names[step], "name")) == last {
            return (machine, ran);
        }
    }
    panic!("there is no step {last}");
}

#[test]
fn the_manifest_for_winget_names_what_was_released() {
    let (machine, ran) = released("Manifest for winget");
    assert_eq!(ran.code, 0, "{}", ran.log);
    let manifest = |name: &str| -> Value {
        let text = machine.read(&format!("work/winget/contoso.Allotment{name}.yaml"));
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"))
    };
    for (name, kind) in [("", "version"), (".installer", "installer"), (".locale.en-US", "defaultLocale")] {
        let manifest = manifest(name);
        let facts = ["PackageIdentifier", "PackageVersion", "ManifestType"].map(|fact| text(at(&manifest, fact)));
        assert_eq!(facts, ["contoso.Allotment", "1.2.3", kind]);
    }
    let installer = manifest(".installer");
    assert_eq!(
        text(at(&installer, "Installers.0.InstallerUrl")),
        "https://forge.example/contoso/allotment/releases/download/v1.2.3/allot-1.2.3-x86_64-pc-windows-msvc.zip"
    );
    let sum = machine.run("sha256sum dist/*.zip | cut -c 1-64", &BTreeMap::new()).log;
    assert_eq!(text(at(&installer, "Installers.0.InstallerSha256")), sum.trim().to_uppercase());
}

#[test]
fn a_release_has_checksums_provenance_and_its_part_of_the_changelog() {
    let (machine, ran) = released("Publish");
    assert_eq!(ran.code, 0, "{}", ran.log);
    let checked = machine.run("cd dist && sha256sum --check --strict SHA256SUMS", &BTreeMap::new());
    assert!(checked.code == 0 && checked.log.lines().count() == 3, "{}", checked.log);
    assert_eq!(machine.read("work/notes.md").trim(), "- News.");
    let [call] = machine.calls_in("gh").try_into().expect("one call");
    assert!(call.starts_with(&["release".into(), "create".into(), "v1.2.3".into()]), "{call:?}");
    assert!(call.contains(&"--verify-tag".into()) && !call.contains(&"--prerelease".into()), "{call:?}");
    for file in ["SHA256SUMS", "provenance.json", "allot-1.2.3-winget.tar.gz"] {
        assert!(call.contains(&format!("dist/{file}")), "{file}: {call:?}");
    }
}
