//! Every way to sign in, through the real binary: what a machine, a pipeline or a desk offers stands here, and `allot doctor`
//! reads the emulator with what it gets there.

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

/// What gives tokens near the process: it keeps what it was asked, with the proof that came along.
#[derive(Clone, Default)]
struct Near(Arc<Mutex<Vec<String>>>);

impl Near {
    /// Answers until the test's process ends; returns where.
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
    std::fs::set_permissions(folder.path("bin/az"), std::fs::Permissions::from_mode(0o755)).expect("it can be run");
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
            "whoever is signed in with `az login`",
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
        // Each interface wants a token of its own; what proves who it is, is the same.
        let mut proofs = near.asked();
        proofs.dedup();
        assert_eq!(proofs, asked, "{credential}");
    }
}
