//! `allot emulate` on a socket, and the tool itself as its client.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::Folder;

const CONFIGURATION: &str = r#"
version: 1
tenant:
  name: contoso
  provider: power-platform
purchased:
  app-passes: 100
environments:
  hr:
    id: "d54a33bc-880a-e348-b341-3a0581585c02"
    allocations: { app-passes: 12 }
  lab:
    id: "11111111-880a-e348-b341-3a0581585c03"
    allocations: { app-passes: 3 }
"#;

const SEED: &str = r#"
tenant: contoso
purchased: { app-passes: 100 }
environments:
  - id: "d54a33bc-880a-e348-b341-3a0581585c02"
    name: HR
    allocations: { app-passes: 10 }
  - { id: "11111111-880a-e348-b341-3a0581585c03", name: Lab }
"#;

/// An emulator that ends with the test.
pub(crate) struct Emulated {
    child: Child,
    pub(crate) address: String,
}

impl Emulated {
    pub(crate) fn start(folder: &Folder, arguments: &[&str]) -> Emulated {
        Emulated::listening(folder, "127.0.0.1:0", arguments)
    }

    /// An emulator that listens on another address.
    pub(crate) fn listening(folder: &Folder, listen: &str, arguments: &[&str]) -> Emulated {
        Emulated::run(folder, &[&["emulate", "--listen", listen, "--seed", "seed.yaml"], arguments].concat())
    }

    /// The emulator that this command line starts.
    pub(crate) fn run(folder: &Folder, all: &[&str]) -> Emulated {
        let mut child = folder.allot(all).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut address = String::new();
        let stdout = child.stdout.take().expect("its stdout");
        BufReader::new(stdout).read_line(&mut address).expect("its address");
        Emulated { child, address: address.trim().to_owned() }
    }

    fn interrupt(&mut self) -> Option<i32> {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("it hears");
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_tool_is_a_client_of_its_emulator() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION), ("seed.yaml", SEED)]);
    let mut emulated = Emulated::start(&folder, &["--page-size", "1"]);
    assert!(emulated.address.starts_with("http://127.0.0.1:"), "{}", emulated.address);
    let address = emulated.address.clone();
    let run = |arguments: &[&str]| {
        let output = folder.run(&[arguments, &["--endpoint", address.as_str()]].concat());
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), told)
    };
    let (exit, told) = run(&["plan", "--detailed-exitcode"]);
    assert_eq!(exit, Some(2), "{told}");
    let (exit, told) = run(&["apply", "--auto-approve"]);
    assert_eq!(exit, Some(0), "{told}");
    let (exit, told) = run(&["plan", "--detailed-exitcode"]);
    assert_eq!(exit, Some(0), "{told}");
    assert_eq!(emulated.interrupt(), Some(0), "Ctrl-C is how it ends");
    let mut names: Vec<_> = std::fs::read_dir(folder.path("."))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    assert_eq!(names, ["allotment.yaml", "seed.yaml"], "it wrote nothing");
}

/// Over https, a secret becomes a token and the token is sent. Neither appears in any output or log.
#[test]
fn a_secret_and_its_token_never_appear() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION), ("seed.yaml", SEED)]);
    folder.write(
        "allotment.yaml",
        CONFIGURATION.replace("contoso\n", "contoso\n  id: 8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10\n"),
    );
    let strict = ["--tls", "--tls-cert-out", "trust.pem", "--strict-auth", "--client-secret", "planted-secret"];
    let emulated = Emulated::start(&folder, &strict);
    let run = |command: &str, secret: &str| {
        let output = folder
            .allot(&["-vvv", command, "--endpoint", emulated.address.as_str()])
            .env("SSL_CERT_FILE", folder.path("trust.pem"))
            .env("POWER_PLATFORM_CLIENT_ID", "planted-application")
            .env("POWER_PLATFORM_CLIENT_SECRET", secret)
            .env("ALLOT_LOG", "trace")
            .output()
            .expect("the binary runs");
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        for secret in ["planted-secret", "planted-wrong", "Bearer ", "access_token", "emulated."] {
            assert!(!told.contains(secret), "{secret} is in {told}");
        }
        assert!(told.contains("DEBUG"), "there is a log: {told}");
        assert!(!told.contains('\u{1b}'), "a log that is not on a terminal has no colours: {told}");
        (output.status.code(), told)
    };
    for command in ["doctor", "plan"] {
        let (exit, told) = run(command, "planted-secret");
        assert_eq!(exit, Some(0), "{told}");
        let (exit, told) = run(command, "planted-wrong");
        assert_eq!(exit, Some(1), "{told}");
        assert!(told.contains("planted-application") && told.contains("AADSTS7000215"), "{told}");
    }
}

#[test]
fn an_unknown_fault_is_refused_before_the_emulator_listens() {
    let folder = Folder::with(&[("seed.yaml", SEED)]);
    for fault in ["thunder=1", "throttleRate=2", "throttleRate"] {
        let output = folder.run(&["emulate", "--listen", "127.0.0.1:0", "--seed", "seed.yaml", "--fault", fault]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{fault}");
    }
}

/// A proxy for everything, where nothing listens: an address of this machine is reached all the same.
#[test]
fn an_endpoint_on_this_machine_is_reached_without_the_proxy() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION), ("seed.yaml", SEED)]);
    let emulated = Emulated::start(&folder, &[]);
    for address in [emulated.address.clone(), emulated.address.replace("127.0.0.1", "localhost")] {
        let output = folder
            .allot(&["status", "--endpoint", &address])
            .envs(
                ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
                    .map(|name| (name, "http://127.0.0.1:1")),
            )
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .output()
            .expect("the binary runs");
        assert_eq!(output.status.code(), Some(0), "{address}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
