//! A folder with a configuration and a tenant, and the real binary on it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use allotment::report::format::Format;
use clap::ValueEnum as _;
use rusqlite::Connection;

/// The names of all formats.
pub(crate) fn formats() -> Vec<String> {
    let name = |format: &Format| format.to_possible_value().map(|value| value.get_name().to_owned());
    Format::value_variants().iter().filter_map(name).collect()
}

/// The date of every test.
pub(crate) const TODAY: &str = "2026-11-24T09:30:00Z";

/// Far longer than anything takes; only a failure waits this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How often a test polls.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(1);

/// Variables of the machine, such as for CI, colours, logs and credentials, that are removed because no test may depend on them.
pub(crate) const SCRUBBED: [&str; 40] = [
    "CI",
    "JENKINS_URL",
    "TEAMCITY_VERSION",
    "CODEBUILD_BUILD_ID",
    "NO_COLOR",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLORTERM",
    "ALLOT_LOG",
    "ALLOT_ENDPOINT",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "TF_BUILD",
    "POWER_PLATFORM_TENANT_ID",
    "POWER_PLATFORM_CLIENT_ID",
    "POWER_PLATFORM_CLIENT_SECRET",
    "POWER_PLATFORM_CLIENT_CERTIFICATE",
    "POWER_PLATFORM_CLIENT_CERTIFICATE_FILE_PATH",
    "POWER_PLATFORM_CLIENT_CERTIFICATE_PASSWORD",
    "POWER_PLATFORM_OIDC_TOKEN",
    "POWER_PLATFORM_OIDC_TOKEN_FILE_PATH",
    "POWER_PLATFORM_OIDC_REQUEST_URL",
    "POWER_PLATFORM_OIDC_REQUEST_TOKEN",
    "POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID",
    "POWER_PLATFORM_USE_OIDC",
    "POWER_PLATFORM_USE_MSI",
    "POWER_PLATFORM_USE_CLI",
    "POWER_PLATFORM_CLOUD",
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST",
    "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "SYSTEM_ACCESSTOKEN",
    "IDENTITY_ENDPOINT",
];

/// A temporary folder, which is deleted on drop.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// Writes one file, and creates its folders.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The command, not run yet.
    pub(crate) fn allot(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_allot"));
        SCRUBBED.iter().for_each(|name| {
            command.env_remove(name);
        });
        command.current_dir(self.0.path()).args(arguments).env("ALLOT_CLOCK", TODAY).env("NO_COLOR", "1");
        command
    }

    /// Runs the command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.allot(arguments).output().expect("the binary runs")
    }

    /// Runs git in it, without the machine's settings.
    pub(crate) fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.current_dir(self.0.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]).args(arguments);
        let output = command.output().expect("git is there");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The tenant's file.
    pub(crate) fn tenant(&self) -> Connection {
        Connection::open(self.path(".allotment/tenant.db")).expect("the tenant's file")
    }

    /// Waits until this many writes are held at `holdAtWrite`.
    pub(crate) fn await_held_writes(&self, writes: i64) {
        let query = "SELECT CAST(value AS INTEGER) FROM fact WHERE key = 'heldWrites'";
        let held = || {
            self.path(".allotment/tenant.db").exists()
                && self.tenant().query_row(query, [], |row| row.get(0)).is_ok_and(|held: i64| held == writes)
        };
        let since = Instant::now();
        while !held() {
            assert!(since.elapsed() < PATIENCE, "{writes} writes were never held");
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Releases the held writes.
    pub(crate) fn go_on(&self) {
        self.tenant().execute("DELETE FROM fact WHERE key = 'holdAtWrite'", []).expect("the hold is removed");
    }

    /// The number of writes that the tenant recorded; 0 if it has recorded none yet.
    pub(crate) fn written(&self) -> u32 {
        let counted = self.tenant().query_row("SELECT count(*) FROM write", [], |row| row.get(0));
        counted.unwrap_or_default()
    }

    /// What every pool held after each write, as the tenant recorded it.
    pub(crate) fn trace(&self) -> Vec<serde_json::Value> {
        let tenant = self.tenant();
        let mut statement = tenant.prepare("SELECT totals FROM write ORDER BY sequence").expect("the trace");
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("its rows");
        rows.map(|row| serde_json::from_str(&row.expect("a row")).expect("totals are JSON")).collect()
    }
}
