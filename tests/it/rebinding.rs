//! `allot emulate` answers to its own names, and to no web page: raw requests at the real binary.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::emulate::Emulated;
use crate::support::{Folder, PATIENCE};

const SEED: &str = "tenant: contoso\npurchased: { app-passes: 100 }\n";
const FAULTS: &str = "/emulator/faults";

/// An answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    body: String,
}

impl Answer {
    /// The body as JSON.
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends these bytes, and reads to the end of the connection. Checks that the answer has no CORS header.
fn raw(address: &str, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream.write_all(request).expect("the request is sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer that ends");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head in {text:?}"));
    assert!(!head.to_ascii_lowercase().contains("access-control-"), "{head}");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer { status: status.unwrap_or_else(|| panic!("no status in {head}")), body: body.to_owned() }
}

/// A request in HTTP/1.1 with these lines of a head.
fn asked(address: &str, line: &str, head: &[&str], body: &str) -> Answer {
    let length = format!("content-length: {}", body.len());
    let lines = [&[line], head, &[&length, "connection: close", "", body]].concat();
    raw(address, lines.join("\r\n").as_bytes())
}

/// A running emulator, where it listens, and its port.
fn started(folder: &Folder, listen: &str, more: &[&str]) -> (Emulated, String, String) {
    let emulated = Emulated::listening(folder, listen, more);
    let (_, address) = emulated.address.split_once("://").expect("a scheme");
    let (_, port) = address.rsplit_once(':').expect("a port");
    let (address, port) = (address.to_owned(), port.to_owned());
    (emulated, address, port)
}

fn seeded() -> Folder {
    Folder::with(&[("seed.yaml", SEED)])
}

#[test]
fn a_rebound_name_reaches_nothing() {
    let folder = seeded();
    let (_emulated, address, port) = started(&folder, "127.0.0.1:0", &[]);
    let own = format!("host: localhost:{port}");
    // A rebound name: the name of the page with the port of the emulator.
    let rebound = format!("host: evil.example:{port}");
    let form = "grant_type=client_credentials&client_id=x&client_secret=y&scope=https://api.powerplatform.com/.default";
    let typed = "content-type: application/x-www-form-urlencoded";
    let routes = [
        ("GET", "/licensing/allocationsByEnvironment?api-version=2024-10-01", ""),
        ("GET", "/environmentmanagement/environments?api-version=2024-10-01", ""),
        ("PATCH", "/licensing/allocationsByEnvironment?api-version=2024-10-01", "[]"),
        ("GET", "/contoso/v2.0/.well-known/openid-configuration", ""),
        ("POST", "/contoso/oauth2/v2.0/token", form),
        ("GET", FAULTS, ""),
        ("PUT", FAULTS, r#"{"throttleRate":1}"#),
        ("GET", "/emulator/requests", ""),
        ("DELETE", "/emulator/requests", ""),
        ("DELETE", FAULTS, ""),
        ("GET", "/no/such/route", ""),
        ("HEAD", "/", ""),
        ("OPTIONS", "/", ""),
    ];
    let ask = |host: &str, (method, path, body): (&str, &str, &str)| {
        asked(&address, &format!("{method} {path} HTTP/1.1"), &[host, typed, "authorization: Bearer x"], body)
    };
    for route in routes {
        let answer = ask(&rebound, route);
        assert_eq!(answer.status, 421, "{route:?}: {answer:?}");
        if route.0 != "HEAD" {
            let refusal = answer.json();
            assert_eq!(refusal["code"], "MisdirectedRequest", "{refusal}");
            let message = refusal["message"].as_str().expect("a message");
            assert!(message.contains("`allot emulate --host evil.example`"), "{message}");
        }
    }
    assert_eq!(ask(&own, ("GET", "/emulator/requests", "")).json(), serde_json::json!({}), "none of them was counted");
    assert_eq!(ask(&own, ("GET", FAULTS, "")).json()["throttleRate"], 0.0, "none of them took effect");
    let open = [200, 200, 400, 200, 200, 200, 200, 200, 204, 405, 429, 429, 429];
    for (route, wanted) in routes.into_iter().zip(open) {
        let answer = ask(&own, route);
        assert_eq!(answer.status, wanted, "{route:?}: {answer:?}");
    }
}

#[test]
fn unusual_request_heads_are_judged() {
    let folder = seeded();
    let (_emulated, address, port) = started(&folder, "127.0.0.1:0", &[]);
    let cases = [
        (200, "GET /emulator/faults HTTP/1.1\r\nHost: localhost:PORT\r\n"),
        (200, "GET /emulator/faults HTTP/1.1\r\nhOST:\t LOCALHOST.:PORT \r\n"),
        (200, "GET /emulator/faults HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n"),
        (200, "GET /emulator/faults HTTP/1.1\r\nHost: [::1]:PORT\r\n"),
        (200, "GET /emulator/faults HTTP/1.1\r\nHost: localhost\r\n"),
        (200, "GET /emulator/faults HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"),
        (200, "GET /emulator/faults HTTP/1.0\r\nHost: localhost:PORT\r\n"),
        (200, "GET http://localhost:PORT/emulator/faults HTTP/1.1\r\nHost: localhost:PORT\r\n"),
        (400, "GET /emulator/faults HTTP/1.1\r\n"),
        (400, "GET /emulator/faults HTTP/1.0\r\n"),
        (400, "GET http://localhost:PORT/emulator/faults HTTP/1.1\r\n"),
        (400, "GET /emulator/faults HTTP/1.1\r\nHost:\r\n"),
        (400, "GET /emulator/faults HTTP/1.1\r\nHost: localhost:PORT\r\nHost: localhost:PORT\r\n"),
        (400, "GET /emulator/faults HTTP/1.1\r\nHost: localhost:PORT\r\nHost: evil.example\r\n"),
        (400, "GET /emulator/faults HTTP/1.1\r\nHost: me@localhost:PORT\r\n"),
        (400, "GET http://me@localhost:PORT/emulator/faults HTTP/1.1\r\nHost: localhost:PORT\r\n"),
        (421, "GET /emulator/faults HTTP/1.0\r\nHost: evil.example:PORT\r\n"),
        (421, "GET /emulator/faults HTTP/1.1\r\nHost: 192.0.2.7:PORT\r\n"),
        (421, "GET http://evil.example:PORT/emulator/faults HTTP/1.1\r\nHost: localhost:PORT\r\n"),
        (421, "GET http://localhost:PORT/emulator/faults HTTP/1.1\r\nHost: evil.example:PORT\r\n"),
        (421, "CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost:PORT\r\n"),
        (421, "GET /emulator/faults HTTP/1.1\r\nHost: evil.example:PORT\r\nX-Forwarded-Host: localhost:PORT\r\n"),
    ];
    for (wanted, head) in cases {
        let request = format!("{head}Connection: close\r\n\r\n").replace("PORT", &port);
        let answer = raw(&address, request.as_bytes());
        assert_eq!(answer.status, wanted, "{request}{answer:?}");
    }
}

#[test]
fn no_page_of_another_origin_controls_the_emulator() {
    let folder = seeded();
    let (_emulated, address, port) = started(&folder, "127.0.0.1:0", &[]);
    let host = format!("Host: localhost:{port}");
    let own = format!("Origin: http://localhost:{port}");
    let ask = |line: &str, more: &[&str]| {
        let line = format!("{line} HTTP/1.1");
        asked(&address, &line, &[&[host.as_str()], more].concat(), r#"{"throttleRate":1}"#)
    };
    let foreign = ["Origin: http://evil.example", "Origin: null", "Origin: http://localhost:3000"];
    let sites = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"];
    for header in foreign.into_iter().chain(sites) {
        for line in ["GET /emulator/faults", "PUT /emulator/faults", "POST /x/oauth2/v2.0/token", "GET /no/such/route"]
        {
            let answer = ask(line, &[header]);
            assert_eq!((answer.status, &answer.json()["code"]), (403, &"CrossOriginRequest".into()), "{header} {line}");
        }
    }
    for origin in ["Origin: http://evil.example", own.as_str()] {
        let preflight = [origin, "Access-Control-Request-Method: PUT", "Access-Control-Request-Private-Network: true"];
        assert_eq!(ask("OPTIONS /emulator/faults", &preflight).status, 403, "{origin}");
    }
    assert_eq!(ask("GET /emulator/faults", &[]).json()["throttleRate"], 0.0, "nothing took effect");
    assert_eq!(ask("PUT /emulator/faults", &[&own, "Sec-Fetch-Site: same-origin"]).status, 200, "its own origin may");
    assert_eq!(ask("GET /emulator/faults", &["Sec-Fetch-Site: none"]).json()["throttleRate"], 1.0, "so may a person");
}

/// The error code of an answer under HTTP/2, where a pseudo-header names the host.
fn by_http_2(address: &str, authority: &str) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(address).await.expect("it listens");
        let (mut client, connection) = h2::client::handshake(stream).await.expect("it speaks HTTP/2");
        let connection = tokio::spawn(connection);
        let request = http::Request::get(format!("http://{authority}{FAULTS}")).body(()).expect("a request");
        let (response, _) = client.send_request(request, true).expect("the request is sent");
        let response = response.await.expect("an answer");
        let status = response.status().as_u16();
        let mut body = response.into_body();
        let mut text = Vec::new();
        while let Some(part) = body.data().await {
            text.extend_from_slice(&part.expect("a part of the body"));
        }
        connection.abort();
        serde_json::json!([status, serde_json::from_slice::<Value>(&text).expect("JSON")["code"]])
    })
}

#[test]
fn http_2_does_not_bypass_the_guard() {
    let folder = seeded();
    let (_emulated, address, port) = started(&folder, "127.0.0.1:0", &[]);
    assert_eq!(by_http_2(&address, &format!("localhost:{port}")), serde_json::json!([200, null]));
    let refused = serde_json::json!([421, "MisdirectedRequest"]);
    assert_eq!(by_http_2(&address, &format!("evil.example:{port}")), refused);
}

#[test]
fn further_names_are_answered_where_they_were_given() {
    let folder = seeded();
    let status = |address: &str, host: &str| asked(address, &format!("GET {FAULTS} HTTP/1.1"), &[host], "").status;
    let (_first, address, port) = started(&folder, "127.0.0.1:0", &["--host", "Emulator", "--host", "gateway:9000"]);
    let hosts = [
        (200, "emulator:PORT"),
        (200, "EMULATOR.:PORT"),
        (200, "gateway:9000"),
        (421, "gateway:9001"),
        (200, "localhost:PORT"),
        (421, "emulator:9000"),
        (421, "emulator2:PORT"),
        (421, "emulator"),
    ];
    for (wanted, host) in hosts {
        assert_eq!(status(&address, &format!("Host: {}", host.replace("PORT", &port))), wanted, "{host}");
    }
    // If the emulator listens everywhere, every IP address is its own, but of all names only `localhost`.
    let (_second, _, port) = started(&folder, "0.0.0.0:0", &[]);
    let address = format!("127.0.0.1:{port}");
    for (wanted, host) in
        [(200, "0.0.0.0"), (200, "192.0.2.7"), (200, "[2001:db8::7]"), (200, "localhost"), (421, "emulator")]
    {
        assert_eq!(status(&address, &format!("Host: {host}:{port}")), wanted, "{host}");
    }
}

#[test]
fn a_malformed_name_is_refused_before_the_emulator_listens() {
    let folder = seeded();
    for name in ["", "http://emulator", "emulator/", "me@emulator", "emulator:http", "::1", "*", "two words"] {
        let output = folder.run(&["emulate", "--listen", "127.0.0.1:0", "--seed", "seed.yaml", "--host", name]);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{name}");
    }
}

/// A further name is in the certificate, and the link to the next page of environments has the name that was called.
#[test]
fn further_names_are_certified() {
    let folder = Folder::with(&[(
        "seed.yaml",
        "tenant: contoso\nenvironments:\n  - { id: 11111111-880a-e348-b341-3a0581585c03, name: Lab }\n  - { id: 21111111-880a-e348-b341-3a0581585c03, name: Lab 2 }\n",
    )]);
    let more = ["--tls", "--tls-cert-out", "ca.pem", "--host", "emulator", "--page-size", "1"];
    let (_emulated, address, port) = started(&folder, "127.0.0.1:0", &more);
    let authority = reqwest::Certificate::from_pem(&std::fs::read(folder.path("ca.pem")).expect("a certificate"));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let page: Value = runtime.block_on(async {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([authority.expect("PEM")])
            .resolve("emulator", address.parse().expect("an address"))
            .build()
            .expect("a client");
        let url = format!("https://emulator:{port}/environmentmanagement/environments?api-version=2024-10-01");
        let response = client.get(url).bearer_auth("x").send().await.expect("it is trusted");
        serde_json::from_slice(&response.bytes().await.expect("a body")).expect("JSON")
    });
    let next = page["@odata.nextlink"].as_str().unwrap_or_else(|| panic!("{page}"));
    assert!(next.starts_with(&format!("https://emulator:{port}/environmentmanagement/")), "{next}");
}
