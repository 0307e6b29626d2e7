//! `source.socket`: lines of text from TCP, either from a server that is connected to or from peers that connect here.
//!
//! Nothing that arrives is ever dropped: when too much waits to be cut into batches the source stops reading, and TCP
//! holds the peer back.

mod peers;
mod source;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use crate::nodes::net::{Target, check_host, is_public};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Reach, Stage, WindowUse};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use source::SocketSource;

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "source.socket",
    title: "Socket",
    summary: "Reads lines of text from a TCP connection, or from everyone who connects.",
    doc: DOC,
    category: Category::Source,
    icon: "M 8 15 L 8 11 L 4.5 8 L 4.5 6 L 11.5 6 L 11.5 8 L 8 11 M 6.3 6 L 6.3 2 M 9.7 6 L 9.7 2",
    base_name: "lines",
    inputs: &[],
    outputs: &[PortSpec::OUT],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build,
};

const DOC: &str = "Reads lines of text from TCP into one column `value`.

**Connect** opens a connection to a host and port and reads until it closes; then, and whenever it cannot connect, it \
tries again, waiting 100 ms at first and 5 s at most. To try it, run `nc -lk 9999` in a terminal, start the pipeline \
with host `localhost` and port `9999`, and type `a b a` into the terminal: the batch that follows has one row, `a b a`.

**Listen** opens a port, and any number of peers may connect at the same time: `printf 'a b a\\n' | nc localhost 9999`. \
Each peer's lines stay whole and in order. It listens on 127.0.0.1, where only this computer can connect; the address \
`0.0.0.0` lets everyone on the network in.

A line ends at a newline; a carriage return before it is removed. What a peer sent last counts as a line when it \
closes the connection, also without a newline. A line longer than the limit is cut there and the stream goes on behind \
its newline; bytes that are no UTF-8 become `\u{FFFD}`. Both are counted. When more rows wait than the pipeline's \
setting *max buffered rows* allows, the source stops reading and the peers have to wait: nothing is dropped.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "mode",
        "Mode",
        "Who opens the connection.",
        ParamKind::Choice {
            options: &[
                Choice::new("connect", "Connect", "Connects to a server and reads what it sends."),
                Choice::new("listen", "Listen", "Waits for peers to connect and send."),
            ],
        },
    )
    .default(Default::Text("connect")),
    ParamSpec::new("host", "Host", "The server's name or address.", ParamKind::Text)
        .default(Default::Text("localhost"))
        .when("mode", &["connect"]),
    ParamSpec::new(
        "address",
        "Address",
        "The own address to listen on; `0.0.0.0` lets everyone on the network connect.",
        ParamKind::Text,
    )
    .default(Default::Text("127.0.0.1"))
    .when("mode", &["listen"]),
    ParamSpec::new("port", "Port", "The TCP port.", ParamKind::Port).default(Default::Integer(9_999)),
    ParamSpec::new(
        "max_line_bytes",
        "Longest line",
        "Lines longer than so many bytes are cut there.",
        ParamKind::Integer { min: 16, max: 64 << 20 },
    )
    .default(Default::Integer(1 << 20)),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Socket {
    mode: Mode,
    host: String,
    address: String,
    port: u16,
    max_line_bytes: usize,
}

/// Who opens the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Connect,
    Listen,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Socket = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Socket {
    /// The other end, with the parameter that names it.
    fn target(&self) -> (&'static str, Target) {
        let port = self.port;
        match self.mode {
            Mode::Connect => ("host", Target::Server { host: self.host.trim().to_owned(), port }),
            Mode::Listen => ("address", Target::Peers { address: self.address.trim().to_owned(), port }),
        }
    }
}

impl Node for Socket {
    fn reaches(&self) -> Vec<Reach> {
        vec![self.target().1.reach()]
    }

    fn plan(&self, _: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let (param, target) = self.target();
        let host = target.host();
        if let Some(problem) = check_host(param, host) {
            return Err(vec![problem]);
        }
        let source = SocketSource::new(target.clone(), self.max_line_bytes);
        let mut planned = Planned::new(vec![LinkType::lines()], Stage::Source(Box::new(source)));
        if self.mode == Mode::Listen && is_public(host) {
            planned.warnings.push(
                Diagnostic::warning(format!(
                    "everyone who can reach {host} may send rows; use 127.0.0.1 to let in only this computer"
                ))
                .param(param),
            );
        }
        Ok(planned)
    }
}
