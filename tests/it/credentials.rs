//! Every way to sign in, through the real binary: each case sets up the variables and token services of a machine, a pipeline or
//! a desk, and `allot doctor` must read the emulator with the resulting token.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::routing::any;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::emulate::Emulated;
use crate::support::Folder;

const CONFIGURATION: &str = r#"
version: 1
tenant: { name: contoso, id: 8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10, provider: power-platform }
environments:
  hr: { id: "d54a33bc-880a-e348-b341-3a0581585c02", allocations: { app-passes: 1 } }
"#;

const SEED: &str = r#"
tenant: contoso
purchased: { app-passes: 9 }
environments: [{ id: "d54a33bc-880a-e348-b341-3a0581585c02", name: HR }]
"#;

/// A local token service that records each request with its proof.
#[derive(Clone, Default)]
struct Near(Arc<Mutex<Vec<String>>>);

impl Near {
    /// Answers until the process of the test ends. Returns the address.
    fn start(&self) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("it does not block");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(any(answer)).with_state(self.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let serving = async { axum_server::from_tcp(listener)?.serve(router.into_make_service()).await };
            runtime.block_on(serving)
        });
        address
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("what was asked"))
    }
}

async fn answer(State(near): State<Near>, method: Method, uri: Uri, headers: HeaderMap) -> Json<Value> {
    let proof = headers.get("authorization").or_else(|| headers.get("x-identity-header"));
    let proof = proof.and_then(|proof| proof.to_str().ok()).unwrap_or("none");
    near.0.lock().expect("what was asked").push(format!("{method} {} with {proof}", uri.path()));
    Json(match uri.path() {
        "/github" => json!({ "value": "of-a-workflow" }),
        "/pipelines" => json!({ "oidcToken": "of-a-pipeline" }),
        _ => json!({
            "access_token": "of-the-machine", "expires_on": "4070908800", "resource": "any", "token_type": "Bearer",
        }),
    })
}

#[expect(clippy::too_many_lines, reason = "a table of cases")]
#[test]
fn every_way_to_sign_in_ends_in_a_reading() {
    let folder = Folder::with(&[
        ("allotment.yaml", CONFIGURATION),
        ("seed.yaml", SEED),
        ("token", "of-a-workload"),
        (
            "bin/az",
            "#!/bin/sh\necho '{\"accessToken\":\"of-a-desk\",\"expires_on\":4070908800,\"tokenType\":\"Bearer\"}'\n",
        ),
    ]);
    std::fs::set_permissions(folder.path("bin/az"), std::fs::Permissions::from_mode(0o755))
        .expect("the program is made executable");
    let emulated = Emulated::start(&folder, &["--tls", "--tls-cert-out", "ca.pem"]);
    let near = Near::default();
    let address = near.start();
    let at = |path: &str| format!("{address}{path}");
    let file = |name: &str| folder.path(name).display().to_string();
    let certificate = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/certificate/modern.pfx");
    let client = || ("AZURE_CLIENT_ID", "an-application".to_owned());
    let text = |name: &'static str, value: &str| (name, value.to_owned());
    for (variables, credential, asked) in [
        (
            vec![client(), text("AZURE_CLIENT_SECRET", "a-secret")],
            "application an-application with a client secret",
            vec![],
        ),
        (
            vec![
                client(),
                text("AZURE_CLIENT_CERTIFICATE_PATH", certificate),
                text("AZURE_CLIENT_CERTIFICATE_PASSWORD", "planted-password"),
            ],
            "application an-application with the certificate in ",
            vec![],
        ),
        (
            vec![client(), ("AZURE_FEDERATED_TOKEN_FILE", file("token"))],
            "application an-application with the token in ",
            vec![],
        ),
        (
            vec![
                client(),
                ("ACTIONS_ID_TOKEN_REQUEST_URL", at("/github?job=7")),
                text("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-job"),
            ],
            "application an-application with a token of GitHub Actions",
            vec!["GET /github with Bearer of-the-job"],
        ),
        (
            vec![
                client(),
                text("POWER_PLATFORM_AZDO_SERVICE_CONNECTION_ID", "a-connection"),
                text("SYSTEM_ACCESSTOKEN", "of-the-build"),
                ("SYSTEM_OIDCREQUESTURI", at("/pipelines")),
            ],
            "application an-application with the service connection a-connection",
            vec!["POST /pipelines with Bearer of-the-build"],
        ),
        (
            vec![("IDENTITY_ENDPOINT", at("/machine")), text("IDENTITY_HEADER", "of-the-site")],
            "the machine's managed identity",
            vec!["GET /machine with of-the-site"],
        ),
        (
            vec![("PATH", format!("{}:/usr/bin:/bin", file("bin"))), text("POWER_PLATFORM_USE_CLI", "true")],
            "the user who is signed in with `az login`",
            vec![],
        ),
    ] {
        let output = folder
            .allot(&["doctor", "--endpoint", emulated.address.as_str()])
            .env("SSL_CERT_FILE", folder.path("ca.pem"))
            .envs(variables)
            .output()
            .expect("the binary runs");
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(0), "{credential}: {told}");
        let one_line = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(one_line.contains(credential), "{credential} in {told}");
        assert!(one_line.contains("ok environments: 1 environment"), "{told}");
        // Each interface needs its own token; the proof is the same for both.
        let mut proofs = near.asked();
        proofs.dedup();
        assert_eq!(proofs, asked, "{credential}");
    }
}

const TENANT: &str = "8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10";
const OTHER: &str = "9d2a0f7e-6f0a-4a55-9a5e-0d1f5d3b7a11";

/// A tenant of the service with these keys beside its name.
fn tenant(keys: &str) -> Folder {
    let tenant = format!("version: 1\ntenant:\n  name: contoso\n  provider: power-platform\n{keys}");
    let environments = CONFIGURATION.split_once("environments:").expect("environments").1;
    Folder::with(&[
        ("allotment.yaml", &format!("{tenant}purchased: {{ app-passes: 9 }}\nenvironments:{environments}")),
        ("seed.yaml", SEED),
    ])
}

/// How a command ends, and everything that it says.
fn ended(folder: &Folder, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = folder.allot(arguments).envs(variables.iter().copied()).output().expect("the binary runs");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), told)
}

/// A pull request that redirects the credential is refused before any token is requested, by every command that signs in.
#[test]
fn no_file_redirects_the_sign_in_of_the_variables() {
    let near = Near::default();
    let endpoint = near.start();
    let folder = tenant(&format!("  id: {TENANT}\n  cloud: china\n"));
    let emulated = Emulated::start(&folder, &[]);
    let (exit, told) = ended(&folder, &["plan", "--endpoint", &emulated.address, "--out", "saved.json"], &[]);
    assert_eq!(exit, Some(0), "{told}");
    let secret = [("AZURE_CLIENT_ID", "an-application"), ("AZURE_CLIENT_SECRET", "planted-secret")];
    for command in [
        &["plan"][..],
        &["apply", "--auto-approve"],
        &["apply", "saved.json"],
        &["drift"],
        &["status"],
        &["forecast"],
        &["doctor"],
    ] {
        for (variable, value, place) in [
            ("AZURE_TENANT_ID", OTHER, "allotment.yaml:5:7"),
            ("POWER_PLATFORM_TENANT_ID", OTHER, "allotment.yaml:5:7"),
            ("POWER_PLATFORM_TENANT_ID", "contoso.onmicrosoft.com", "allotment.yaml:5:7"),
            ("POWER_PLATFORM_CLOUD", "public", "allotment.yaml:6:10"),
            ("POWER_PLATFORM_CLOUD", "ex", "allotment.yaml:6:10"),
            ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/", "allotment.yaml:6:10"),
        ] {
            // `--endpoint` needs no credential, but the mismatch is refused all the same.
            for credential in [&secret[..], &[]] {
                let arguments = [command, &["--endpoint", &endpoint]].concat();
                let (exit, told) = ended(&folder, &arguments, &[credential, &[(variable, value)]].concat());
                assert_eq!(exit, Some(3), "{command:?} with {variable}={value}: {told}");
                for part in ["error[A123]", place, variable, value, "help:"] {
                    assert!(told.contains(part), "{part} is missing for {command:?} with {variable}={value}: {told}");
                }
                assert!(!told.contains("planted"), "{told}");
            }
        }
    }
    assert_eq!(near.asked(), [""; 0], "no token was requested");
}

#[test]
fn a_watch_does_not_redirect_the_sign_in_either() {
    use std::io::{BufRead as _, BufReader};
    let folder = tenant(&format!("  id: {TENANT}\n"));
    let near = Near::default();
    let mut command = folder.allot(&["watch", "--endpoint", &near.start()]);
    let command = command.env("POWER_PLATFORM_TENANT_ID", OTHER).stdout(std::process::Stdio::piped());
    let mut watching = command.stderr(std::process::Stdio::null()).spawn().expect("it starts");
    let lines = BufReader::new(watching.stdout.take().expect("stdout")).lines().map_while(Result::ok);
    let told: Vec<String> = lines.skip(1).take(2).collect();
    watching.kill().expect("the process can be killed");
    watching.wait().expect("it ends");
    let told = told.join("\n");
    assert!(told.contains("[A123]") && told.contains("nothing was changed"), "{told}");
    assert_eq!(near.asked(), [""; 0], "no token was requested");
}

/// If the configuration and the variables agree, the command runs. If only one of them names a value, that value counts.
#[test]
fn the_configuration_and_the_variables_may_say_the_same() {
    for (keys, variables, sign_in) in [
        (
            "  id: 8C1F0F7E-6F0A-4A55-9A5E-0D1F5D3B7A10\n",
            vec![("AZURE_TENANT_ID", TENANT)],
            "login.microsoftonline.com",
        ),
        // The variable with precedence agrees; a variable of another tool may differ.
        (
            "  id: 8c1f0f7e-6f0a-4a55-9a5e-0d1f5d3b7a10\n",
            vec![("POWER_PLATFORM_TENANT_ID", TENANT), ("AZURE_TENANT_ID", OTHER)],
            "login.microsoftonline.com",
        ),
        (
            "  cloud: gcc\n",
            vec![("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com")],
            "login.microsoftonline.com",
        ),
        ("  cloud: gcc-high\n", vec![("POWER_PLATFORM_CLOUD", "gcchigh")], "login.microsoftonline.us"),
        ("", vec![("POWER_PLATFORM_CLOUD", "dod"), ("AZURE_TENANT_ID", "contoso.com")], "login.microsoftonline.us"),
        ("", vec![("AZURE_AUTHORITY_HOST", "https://login.chinacloudapi.cn/")], "login.chinacloudapi.cn"),
        ("", vec![("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/")], "login.microsoftonline.com"),
    ] {
        let folder = tenant(keys);
        // No address is asked: nothing listens behind this proxy, and the credential is `az`, which is not there.
        let nowhere =
            [("HTTPS_PROXY", "http://127.0.0.1:1"), ("POWER_PLATFORM_USE_CLI", "true"), ("PATH", "/nonexistent")];
        let (exit, told) = ended(&folder, &["doctor"], &[&nowhere[..], &variables].concat());
        assert_eq!(exit, Some(1), "{told}");
        assert!(told.contains(&format!("https://{sign_in}/")), "{keys} {variables:?}: {told}");
        assert!(!told.contains("A123"), "{keys} {variables:?}: {told}");
    }
}

#[test]
fn a_variable_alone_has_to_say_which_cloud_it_is() {
    for (variable, value, help) in [
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/", "`cloud: gcc-high` or `cloud: dod`"),
        ("AZURE_AUTHORITY_HOST", "https://login.example.com/", "unset AZURE_AUTHORITY_HOST"),
        ("POWER_PLATFORM_CLOUD", "ex", "unset POWER_PLATFORM_CLOUD"),
    ] {
        let (exit, told) = ended(&tenant(""), &["plan", "--endpoint", "http://127.0.0.1:1"], &[(variable, value)]);
        assert_eq!(exit, Some(3), "{told}");
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("error[A123]") && told.contains("allotment.yaml:2:1") && told.contains(help), "{told}");
    }
}

/// A pull request that names another cloud does not send the credential of the variables to that cloud.
#[test]
fn a_credential_in_variables_goes_to_no_cloud_that_only_a_file_names() {
    let secret = [
        ("POWER_PLATFORM_TENANT_ID", TENANT),
        ("POWER_PLATFORM_CLIENT_ID", "an-application"),
        ("POWER_PLATFORM_CLIENT_SECRET", "planted"),
    ];
    for cloud in ["china", "gcc", "gcc-high", "dod"] {
        let folder = tenant(&format!("  cloud: {cloud}\n"));
        let (exit, told) = ended(&folder, &["plan", "--endpoint", "http://127.0.0.1:1"], &secret);
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(exit == Some(3) && told.contains("error[A123]"), "{cloud}: {told}");
        assert!(told.contains(&format!("set POWER_PLATFORM_CLOUD={cloud}")) && !told.contains("planted"), "{told}");
        let named = [&secret[..], &[("POWER_PLATFORM_CLOUD", cloud)]].concat();
        let (_, told) = ended(&folder, &["plan", "--endpoint", "http://127.0.0.1:1"], &named);
        assert!(!told.contains("A123"), "{cloud}: {told}");
    }
}

/// A client id without a proof is an error, never a fallback to the user who is signed in with `az`.
#[test]
fn an_id_without_a_proof_is_an_error_that_names_what_is_missing() {
    let folder = tenant(&format!("  id: {TENANT}\n"));
    let called = folder.path("called").display().to_string();
    let token = r#"{"accessToken":"x","expires_on":4070908800,"tokenType":"Bearer"}"#;
    folder.write("bin/az", format!("#!/bin/sh\ntouch '{called}'\necho '{token}'\n"));
    std::fs::set_permissions(folder.path("bin/az"), std::fs::Permissions::from_mode(0o755))
        .expect("the program is made executable");
    let path = format!("{}:/usr/bin:/bin", folder.path("bin").display());
    let emulated = Emulated::start(&folder, &["--tls", "--tls-cert-out", "ca.pem"]);
    let authority = folder.path("ca.pem").display().to_string();
    let run = |variables: &[(&str, &str)]| {
        let machine = [("PATH", path.as_str()), ("SSL_CERT_FILE", authority.as_str()), ("CI", "true")];
        let (exit, told) =
            ended(&folder, &["plan", "--endpoint", &emulated.address], &[&machine[..], variables].concat());
        (exit, told.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let (client, ours) = (("POWER_PLATFORM_CLIENT_ID", "an-application"), ("POWER_PLATFORM_TENANT_ID", TENANT));
    let proofs = ["POWER_PLATFORM_CLIENT_SECRET", "POWER_PLATFORM_CLIENT_CERTIFICATE", "POWER_PLATFORM_OIDC_TOKEN"];
    for (variables, missing) in [
        (vec![client, ours], &proofs[..]),
        (vec![client], &proofs),
        (vec![client, ours, ("POWER_PLATFORM_CLIENT_SECRET", " ")], &proofs),
        (vec![("AZURE_CLIENT_ID", "an-application"), ("AZURE_TENANT_ID", TENANT)], &proofs),
        (vec![client, ours, ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-job")], &proofs),
        (vec![ours], &["POWER_PLATFORM_CLIENT_ID"]),
        (vec![("AZURE_TENANT_ID", TENANT)], &["POWER_PLATFORM_CLIENT_ID"]),
    ] {
        let (exit, told) = run(&variables);
        assert_eq!(exit, Some(1), "{variables:?}: {told}");
        for part in missing.iter().chain(&["POWER_PLATFORM_USE_CLI"]) {
            assert!(told.contains(part), "{part} is missing for {variables:?}: {told}");
        }
        assert!(!folder.path("called").exists(), "{variables:?} acted as whoever is signed in");
    }
    let (exit, told) = run(&[client, ours, ("POWER_PLATFORM_USE_CLI", "true")]);
    assert_eq!(exit, Some(0), "{told}");
    std::fs::remove_file(folder.path("called")).expect("it was asked for");
    // At a desk: the id in the file is no credential. Nothing listens behind this proxy.
    let desk = [("PATH", path.as_str()), ("HTTPS_PROXY", "http://127.0.0.1:1")];
    let (_, told) = ended(&folder, &["doctor"], &desk);
    assert!(told.contains("the user who is signed in with `az login`"), "{told}");
    assert!(folder.path("called").exists(), "{told}");
}

/// What the directory refuses is said in plain words with the next step, through the real binary.
#[test]
fn a_refusal_of_the_directory_says_what_is_wrong_and_what_to_do() {
    let folder = Folder::with(&[("allotment.yaml", CONFIGURATION), ("seed.yaml", SEED)]);
    for (code, reason, next) in [
        (7_000_215, "the client secret is wrong (AADSTS7000215: Invalid client secret provided.", "not to the id"),
        (7_000_222, "the client secret has expired (AADSTS7000222: ", "make a new client secret"),
        (90_002, "the directory does not exist in this cloud (AADSTS90002: ", "check the tenant's id"),
        (700_016, "the directory does not know this application (AADSTS700016: ", "POWER_PLATFORM_CLIENT_ID"),
        (65_001, "no administrator has consented", "grant consent"),
        (700_213, "no federated credential of the application matches", "issuer, subject and audience"),
        (53_003, "a conditional access policy blocks the sign-in", "which policy applies"),
    ] {
        let fault = format!("loginError={code}");
        let emulated = Emulated::start(&folder, &["--tls", "--tls-cert-out", "ca.pem", "--fault", &fault]);
        let authority = folder.path("ca.pem").display().to_string();
        let variables = [
            ("SSL_CERT_FILE", authority.as_str()),
            ("AZURE_CLIENT_ID", "an-application"),
            ("AZURE_CLIENT_SECRET", "planted-secret"),
        ];
        for command in [&["status"][..], &["doctor"]] {
            let arguments = [command, &["--endpoint", &emulated.address]].concat();
            let (exit, told) = ended(&folder, &arguments, &variables);
            let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(exit, Some(1), "{code}: {told}");
            assert!(told.contains(reason) && told.contains(next), "{code}: {told}");
            for noise in ["invalid type", "borrowed", "Trace ID", "planted", "\\u0027"] {
                assert!(!told.contains(noise), "{noise} in {told}");
            }
        }
    }
}

/// The settings are at another host with a token of its own. Without that token, everything else is still read.
#[test]
fn a_refused_sign_in_for_the_settings_does_not_hide_the_rest() {
    let folder = tenant(&format!("  id: {TENANT}\n  cloud: gcc\n"));
    let [first, second] = ["https://service.powerapps.us/.default", "https://gov.service.powerapps.us/.default"]
        .map(|scope| format!("\"{scope}\""));
    for (refused, works) in [(format!("[{first}]"), true), (format!("[{first},{second}]"), false)] {
        let fault = format!("refusedScopes={refused}");
        let emulated = Emulated::start(&folder, &["--tls", "--tls-cert-out", "ca.pem", "--fault", &fault]);
        let authority = folder.path("ca.pem").display().to_string();
        let variables = [
            ("SSL_CERT_FILE", authority.as_str()),
            ("POWER_PLATFORM_CLOUD", "gcc"),
            ("POWER_PLATFORM_CLIENT_ID", "an-application"),
            ("POWER_PLATFORM_CLIENT_SECRET", "planted-secret"),
        ];
        let (exit, told) = ended(&folder, &["plan", "--endpoint", &emulated.address], &variables);
        assert_eq!(exit, Some(0), "{told}");
        let (exit, told) = ended(&folder, &["doctor", "--endpoint", &emulated.address], &variables);
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(exit, Some(i32::from(!works)), "{told}");
        assert!(told.contains("ok environments: 1 environment"), "{told}");
        assert_eq!(told.contains("AADSTS500011"), !works, "{told}");
        assert_eq!(told.contains("sign-in for settings"), !works, "{told}");
    }
}
