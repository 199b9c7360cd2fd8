//! The names of the emulator. It answers only to them, which stops DNS rebinding: a web page that rebinds its own name to an address of
//! this machine still sends that name in `Host`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// The longest name in the DNS.
const LONGEST_NAME: usize = 253;

/// A host as in a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// An IP address. An IPv4-mapped IPv6 address is the IPv4 address.
    Address(IpAddr),
    /// A name in lower case, without the trailing dot of an absolute name.
    Name(String),
}

impl Host {
    /// Parses a host. An IPv4 address has four decimal parts: `127.1` and `0x7f.0.0.1` are names.
    fn parse(text: &str) -> Option<Host> {
        if let Some(inside) = text.strip_prefix('[') {
            let address: Ipv6Addr = inside.strip_suffix(']')?.parse().ok()?;
            return Some(Host::Address(address.to_canonical()));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Host::Address(address.into()));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let is_of_a_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_name = !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(is_of_a_name);
        is_name.then(|| Host::Name(name.to_ascii_lowercase()))
    }

    /// Whether the host is `localhost`, 127.0.0.1 or ::1. The emulator accepts these with every port, because a
    /// proxy or port forwarding may change the port, and no web page can rebind them.
    fn is_loopback(&self) -> bool {
        match self {
            Host::Address(address) => [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()].contains(address),
            Host::Name(name) => name == "localhost",
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]"),
            Host::Address(IpAddr::V4(address)) => write!(formatter, "{address}"),
            Host::Name(name) => formatter.write_str(name),
        }
    }
}

/// `HOST` or `HOST:PORT`, as in a `Host` header and in `--host`, without a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    pub(super) host: Host,
    pub(super) port: Option<u16>,
}

impl Authority {
    /// The host as in a certificate: without brackets around an IPv6 address.
    pub(super) fn name_in_certificate(&self) -> String {
        match &self.host {
            Host::Address(address) => address.to_string(),
            Host::Name(name) => name.clone(),
        }
    }
}

/// The text is neither `HOST` nor `HOST:PORT`.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "write a name such as `emulator`, or a name and a port such as `emulator:9000`; an IPv6 address needs brackets"
)]
pub struct NoAuthority;

impl FromStr for Authority {
    type Err = NoAuthority;

    fn from_str(text: &str) -> Result<Authority, NoAuthority> {
        let after_brackets = text.rfind(']').unwrap_or_default();
        let colon = text[after_brackets..].find(':').map(|at| after_brackets + at);
        let (host, port) = colon.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
        // RFC 3986 allows a colon without a port. The digits are checked because `parse` also accepts `+80`.
        let port = match port {
            "" => None,
            port if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port.parse().map_err(|_| NoAuthority)?),
            _ => return Err(NoAuthority),
        };
        Ok(Authority { host: Host::parse(host).ok_or(NoAuthority)?, port })
    }
}

/// The hosts and ports to which the emulator answers.
#[derive(Clone, Debug)]
pub struct Names {
    /// `http` or `https`.
    pub(super) scheme: &'static str,
    port: u16,
    own: Vec<(Host, u16)>,
    /// Whether the emulator listens on every address of the machine. If so, it answers to every IP address with its
    /// port. That is safe, because DNS rebinding needs a name.
    any_address: bool,
}

impl Names {
    /// The listening address and further names, by default with the listening port. `localhost`, 127.0.0.1
    /// and ::1 are always accepted, with any port.
    pub fn new(scheme: &'static str, address: SocketAddr, further: &[Authority]) -> Names {
        let port = address.port();
        let listening = Host::Address(address.ip().to_canonical());
        let further = further.iter().map(|name| (name.host.clone(), name.port.unwrap_or(port)));
        let own = std::iter::once((listening, port)).chain(further).collect();
        Names { scheme, port, own, any_address: address.ip().to_canonical().is_unspecified() }
    }

    /// Whether the emulator answers to a host.
    pub(super) fn has(&self, authority: &Authority) -> bool {
        let port = self.port_of(authority);
        let is_address = matches!(authority.host, Host::Address(_));
        (self.any_address && is_address && port == self.port)
            || authority.host.is_loopback()
            || self.own.iter().any(|(host, own)| *host == authority.host && *own == port)
    }

    /// Whether both have the same host and the same port.
    pub(super) fn are_same(&self, one: &Authority, other: &Authority) -> bool {
        one.host == other.host && self.port_of(one) == self.port_of(other)
    }

    /// The value of `--host` that adds a host.
    pub(super) fn flag_for(&self, authority: &Authority) -> String {
        match self.port_of(authority) {
            port if port == self.port => authority.host.to_string(),
            port => format!("{}:{port}", authority.host),
        }
    }

    fn port_of(&self, authority: &Authority) -> u16 {
        authority.port.unwrap_or(if self.scheme == "https" { 443 } else { 80 })
    }
}
