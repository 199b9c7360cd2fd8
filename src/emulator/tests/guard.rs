//! Tests of the guard's decision, without a router.

use std::net::SocketAddr;

use axum::http::request::{Builder, Parts};
use axum::http::{HeaderValue, Request, Version};

use crate::emulator::guard::{Called, judge};
use crate::emulator::names::Names;

fn names(address: &str, further: &[&str]) -> Names {
    let address: SocketAddr = address.parse().unwrap();
    let further: Vec<_> = further.iter().map(|name| name.parse().unwrap()).collect();
    Names::new("http", address, &further)
}

fn usual() -> Names {
    names("127.0.0.1:8790", &[])
}

fn parts(builder: Builder) -> Parts {
    builder.body(()).unwrap().into_parts().0
}

/// The status of the refusal, or 200.
fn status(names: &Names, request: &Parts) -> u16 {
    judge(names, request).map_or_else(|refusal| refusal.status().as_u16(), |_| 200)
}

fn with_host(names: &Names, host: &[u8]) -> u16 {
    status(names, &parts(Request::get("/").header("host", HeaderValue::from_bytes(host).unwrap())))
}

fn assert_hosts(names: &Names, wanted: u16, hosts: &[&str]) {
    for host in hosts {
        assert_eq!(with_host(names, host.as_bytes()), wanted, "{host:?}");
    }
}

#[test]
fn the_emulator_answers_only_to_its_names() {
    let names = usual();
    let own = ["localhost:8790", "LocalHost:8790", "localhost.:8790", "127.0.0.1:8790", "[::1]:8790"];
    assert_hosts(&names, 200, &own);
    assert_hosts(&names, 200, &["[0:0:0:0:0:0:0:1]:8790", "[::ffff:127.0.0.1]:8790"]);
    let rebound = ["evil.example:8790", "127.0.0.1.nip.io:8790", "localhost.evil.example:8790", "evil.localhost:8790"];
    assert_hosts(&names, 421, &rebound);
    let other_addresses = ["192.168.1.5:8790", "127.0.0.2:8790", "0.0.0.0:8790", "[::]:8790", "[::2]:8790"];
    assert_hosts(&names, 421, &other_addresses);
    // A proxy or a forwarded port on this machine passes on the host that its client asked for.
    let other_ports = ["localhost", "localhost:", "localhost:80", "localhost:8791", "127.0.0.1", "[::1]"];
    assert_hosts(&names, 200, &other_ports);
    let other_spellings = ["127.1:8790", "2130706433:8790", "0x7f.0.0.1:8790", "127.0.0.1.:8790", "localhost..:8790"];
    assert_hosts(&names, 421, &other_spellings);
}

#[test]
fn a_malformed_host_is_a_bad_request() {
    let names = usual();
    assert_hosts(
        &names,
        400,
        &["", ":8790", ".", "::1", "[::1", "::1]:8790", "[127.0.0.1]:8790", "[::1]8790", "[::1%25lo]:8790"],
    );
    assert_hosts(&names, 400, &["user@localhost:8790", "user:8790@localhost:8790", "localhost:8790@evil.example"]);
    assert_hosts(&names, 400, &["localhost:+8790", "localhost:65536", "localhost:8790:8790", "localhost:8790 "]);
    assert_hosts(
        &names,
        400,
        &["http://localhost:8790", "localhost:8790/", "localhost:8790, evil.example", "$(id):8790"],
    );
    assert_eq!(with_host(&names, b"\xff:8790"), 400);
    assert_eq!(with_host(&names, "ｌocalhost:8790".as_bytes()), 400);
    let long = format!("{}:8790", "a".repeat(254));
    assert_hosts(&names, 400, &[long.as_str()]);
}

#[test]
fn a_request_names_one_host() {
    let twice = Request::get("/").header("host", "localhost:8790").header("host", "localhost:8790");
    assert_eq!(status(&usual(), &parts(twice)), 400);
    for version in [Version::HTTP_09, Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
        assert_eq!(status(&usual(), &parts(Request::get("/").version(version))), 400, "{version:?}");
    }
    let target_alone = |version| parts(Request::get("http://localhost:8790/").version(version));
    assert_eq!(status(&usual(), &target_alone(Version::HTTP_11)), 400, "HTTP/1.1 requires the header");
    assert_eq!(judge(&usual(), &target_alone(Version::HTTP_2)).unwrap(), Called("localhost:8790".to_owned()));
}

#[test]
fn the_target_and_the_header_both_count() {
    let own = ["http://localhost:8790/", "http://LOCALHOST.:8790/"];
    let others =
        [("http://evil.example:8790/", 421), ("http://192.168.1.9:8790/", 421), ("http://me@localhost:8790/", 400)];
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let both = |target: &str, host: &str| parts(Request::get(target).version(version).header("host", host));
        for target in own {
            let called = judge(&usual(), &both(target, "127.0.0.1:8790")).unwrap();
            assert_eq!(format!("http://{}/", called.0), target, "the target has precedence");
            assert_eq!(status(&usual(), &both(target, "evil.example:8790")), 421, "{target}");
        }
        for (target, wanted) in others {
            assert_eq!(status(&usual(), &both(target, "localhost:8790")), wanted, "{target}");
        }
    }
    let tunnel = Request::builder().method("CONNECT").uri("evil.example:8790").header("host", "localhost:8790");
    assert_eq!(status(&usual(), &parts(tunnel)), 421);
}

#[test]
fn the_default_port_of_the_scheme_may_be_missing() {
    assert_hosts(&names("192.168.1.5:80", &[]), 200, &["192.168.1.5", "192.168.1.5:", "192.168.1.5:80"]);
    assert_hosts(&names("192.168.1.5:443", &[]), 421, &["192.168.1.5"]);
    let https = Names::new("https", "192.168.1.5:443".parse().unwrap(), &[]);
    assert_hosts(&https, 200, &["192.168.1.5", "192.168.1.5:443"]);
    assert_hosts(&https, 421, &["192.168.1.5:80"]);
}

#[test]
fn the_listening_address_is_a_name() {
    assert_hosts(&names("192.168.1.5:8790", &[]), 200, &["192.168.1.5:8790", "localhost:8790"]);
    assert_hosts(&names("192.168.1.5:8790", &[]), 421, &["192.168.1.6:8790"]);
    assert_hosts(&names("[2001:db8::5]:8790", &[]), 200, &["[2001:DB8:0::5]:8790"]);
    for everywhere in ["0.0.0.0:8790", "[::]:8790"] {
        let names = names(everywhere, &[]);
        assert_hosts(&names, 200, &[everywhere, "192.168.1.5:8790", "[2001:db8::5]:8790", "localhost:8790"]);
        assert_hosts(&names, 421, &["emulator:8790", "evil.example:8790", "192.168.1.5:80", "127.1:8790"]);
    }
}

#[test]
fn further_names_are_added() {
    let names = names("0.0.0.0:8790", &["Emulator.", "gateway:9000", "[2001:db8::7]:9001", "proxy.example:80"]);
    assert_hosts(
        &names,
        200,
        &["emulator:8790", "EMULATOR.:8790", "gateway:9000", "localhost:8790", "[2001:db8::7]:9001"],
    );
    assert_hosts(&names, 200, &["proxy.example"]);
    assert_hosts(&names, 421, &["emulator:9000", "emulator", "emulator2:8790", "gateway:9001", "proxy.example:8790"]);
}

#[test]
fn a_refusal_names_the_flag_that_helps() {
    let flag = |host: &str| {
        let refusal = judge(&usual(), &parts(Request::get("/").header("host", host))).unwrap_err();
        let text = format!("{refusal:?}");
        let (_, flag) = text.split_once("allot emulate --host ").unwrap();
        flag.split('`').next().unwrap().to_owned()
    };
    for host in ["Emulator:8790", "emulator:9000", "emulator", "[2001:db8::7]:8790", "10.0.0.7:8790"] {
        let further = flag(host);
        let names = names("127.0.0.1:8790", &[&further]);
        assert_eq!(with_host(&names, host.as_bytes()), 200, "{host} and --host {further}");
    }
    assert_eq!([flag("Emulator:8790"), flag("emulator:9000")], ["emulator", "emulator:9000"]);
}

fn from_page(header: &'static str, values: &[&str]) -> u16 {
    let request = Request::put("/emulator/faults").header("host", "localhost:8790");
    status(&usual(), &parts(values.iter().fold(request, |request, value| request.header(header, *value))))
}

#[test]
fn a_page_of_another_origin_is_refused() {
    for own in ["http://localhost:8790", "http://LOCALHOST:8790"] {
        assert_eq!(from_page("origin", &[own]), 200, "{own}");
    }
    let others = [
        "http://evil.example:8790",
        "http://localhost",
        "http://localhost:3000",
        "https://localhost:8790",
        "http://127.0.0.1:8790",
        "http://localhost:8790.evil.example",
        "http://localhost:8790/",
        "http://evil.example@localhost:8790",
        "localhost:8790",
        "null",
        "",
        "*",
    ];
    for other in others {
        assert_eq!(from_page("origin", &[other]), 403, "{other}");
    }
    assert_eq!(from_page("origin", &["http://localhost:8790", "http://evil.example"]), 403, "one of two");
}

#[test]
fn a_page_of_another_site_is_refused_without_an_origin() {
    for own in ["same-origin", "none"] {
        assert_eq!(from_page("sec-fetch-site", &[own]), 200, "{own}");
    }
    for other in ["cross-site", "same-site", "Cross-Site", "", "same-origin, cross-site"] {
        assert_eq!(from_page("sec-fetch-site", &[other]), 403, "{other}");
    }
    assert_eq!(from_page("sec-fetch-site", &["same-origin", "cross-site"]), 403, "one of two");
}

#[test]
fn every_preflight_is_refused() {
    let asked = |method: &str, header: &str| {
        let request = Request::builder().method(method).uri("/emulator/faults").header("host", "localhost:8790");
        status(&usual(), &parts(request.header(header, "PUT")))
    };
    assert_eq!(asked("OPTIONS", "access-control-request-method"), 403);
    assert_eq!(asked("OPTIONS", "accept"), 200);
}
