//! Microsoft's own Python client and the tool share the emulator: each reads what the other writes.

use std::path::Path;
use std::process::Command;

use crate::emulate::Emulated;
use crate::python::python_with;
use crate::support::Folder;

const PACKAGES: [&str; 6] = [
    "powerplatform-management==2.0.3578.333",
    "azure-identity==1.27.0",
    "microsoft-kiota-abstractions==1.16.0",
    "microsoft-kiota-authentication-azure==1.16.0",
    "microsoft-kiota-http==1.16.0",
    "httpx==0.28.1",
];

/// The id of Sales in the example, and the units that its file declares.
const SALES: &str = "1d31c1b9-290a-5995-a52e-954d1896087d";

#[test]
fn microsofts_client_and_the_tool_see_the_same_tenant() {
    let Some(python) = python_with("powerplatform-management", &PACKAGES) else { return };
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seed = std::fs::read_to_string(sources.join("examples/contoso/tenant.seed.yaml")).expect("the example");
    let configuration = format!(
        "version: 1\ntenant: {{ name: contoso, provider: power-platform, id: 8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10 }}\n\
         environments: {{ sales: {{ id: \"{SALES}\", allocations: {{ app-passes: 11 }} }} }}\n"
    );
    let folder = Folder::with(&[("seed.yaml", &seed), ("allotment.yaml", &configuration)]);
    let strict =
        ["--tls", "--tls-cert-out", "ca.pem", "--strict-auth", "--client-secret", "right", "--page-size", "20"];
    let emulated = Emulated::start(&folder, &strict);
    let (address, authority) = (emulated.address.as_str(), folder.path("ca.pem"));
    let client = |arguments: &[&str]| {
        let script = sources.join("tests/clients/powerplatform_management.py");
        let output = Command::new(&python).arg(script).arg(address).arg(&authority).args(arguments).output();
        let output = output.expect("the program was run before");
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{told}");
    };
    let allot = |arguments: &[&str]| {
        let output = folder
            .allot(&[arguments, &["--endpoint", address]].concat())
            .env("SSL_CERT_FILE", &authority)
            .env("POWER_PLATFORM_CLIENT_ID", "a-client")
            .env("POWER_PLATFORM_CLIENT_SECRET", "right")
            .output()
            .expect("the binary runs");
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(0), "{told}{}", String::from_utf8_lossy(&output.stderr));
        told
    };
    let allocated = |pool: &str| {
        let status: serde_json::Value = serde_json::from_str(&allot(&["status", "--format", "json"])).expect("JSON");
        let gauges = status["gauges"].as_array().expect("gauges").clone();
        let gauge = gauges
            .into_iter()
            .find(|gauge| gauge["pool"]["slug"] == pool)
            .unwrap_or_else(|| panic!("{pool}: {status}"));
        gauge["level"]["allocated"].as_u64().unwrap_or_else(|| panic!("{gauge}"))
    };
    let pools = ["app-passes", "flow-per-business-process", "copilot-credits"];
    assert_eq!(pools.map(allocated), [1_102, 31, 170_500]);
    client(&["all"]);
    assert_eq!(pools.map(allocated), [1_102 - 150 + 7, 31 - 8 + 9, 170_500 - 30_000 + 5_000]);
    allot(&["apply", "--auto-approve"]);
    client(&["applied", SALES, "AppPass", "11"]);
}
