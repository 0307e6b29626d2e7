//! The other end of a connection, and whether its name can be one.

use std::net::IpAddr;

use crate::plan::Reach;
use crate::spec::Diagnostic;

/// The other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::nodes) enum Target {
    /// A server to connect to.
    Server { host: String, port: u16 },
    /// An own address where peers connect.
    Peers { address: String, port: u16 },
}

impl Target {
    /// The name or address.
    pub(in crate::nodes) fn host(&self) -> &str {
        match self {
            Self::Server { host, .. } => host,
            Self::Peers { address, .. } => address,
        }
    }
}

impl Target {
    /// What of the network it touches.
    pub(in crate::nodes) fn reach(&self) -> Reach {
        match self {
            Self::Server { .. } => Reach::Connects(self.to_string()),
            Self::Peers { .. } => Reach::Listens(self.to_string()),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Server { host, port } | Self::Peers { address: host, port }) = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// What is wrong with the name or address in this parameter.
pub(in crate::nodes) fn check_host(param: &str, host: &str) -> Option<Diagnostic> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '/';
    if host.is_empty() || host.contains(is_odd) {
        return Some(
            Diagnostic::error(format!(
                "`{host}` is no name of a computer; write one like localhost or 192.168.1.20, without `tcp://` and \
                 without the port"
            ))
            .param(param),
        );
    }
    let is_name_with_port = host.parse::<IpAddr>().is_err() && host.contains(':');
    is_name_with_port
        .then(|| Diagnostic::error(format!("`{host}` contains a colon; enter the port in its own field")).param(param))
}

/// Whether peers on other computers can connect to this own address.
pub(in crate::nodes) fn is_public(address: &str) -> bool {
    address.parse::<IpAddr>().is_ok_and(|address| !address.is_loopback())
}
