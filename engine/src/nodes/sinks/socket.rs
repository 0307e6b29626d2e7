//! `sink.socket`: rows as lines over TCP, to a server or to everyone who connects.
//!
//! A batch is published once the operating system has taken all of it for every peer that is waited for, so a peer that
//! is away or slow holds the batch, and the batch the sources.

mod outlets;
mod sender;
mod sink;
mod tasks;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use crate::nodes::net::{Target, check_host, is_public};
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, Reach, Stage, WindowUse};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use sink::SocketSink;

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sink.socket",
    title: "Socket output",
    summary: "Writes rows as lines of text or JSON to a TCP connection, or to everyone who connects.",
    doc: DOC,
    category: Category::Sink,
    icon: "M 8 1 L 8 5 L 4.5 8 L 4.5 10 L 11.5 10 L 11.5 8 L 8 5 M 6.3 10 L 6.3 14 M 9.7 10 L 9.7 14",
    base_name: "lines_out",
    inputs: &[PortSpec::IN],
    outputs: &[],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "Writes each row as one line over TCP. To try it, run `nc -lk 9998` in a terminal and start the \
pipeline with host `localhost` and port `9998`: words and their counts look like

| format | lines |
|---|---|
| text | `a`, a tab, `2` |
| JSON lines | `{\"word\":\"a\",\"count\":2}` |

**Connect** opens a connection to a host and port. While the server is away the batch is held and the sources wait; \
the node says so and tries again, waiting 100 ms at first and 5 s at most. When the connection breaks in the middle of \
a batch, the batch is sent again from its first row: nothing is lost, but rows may come twice. What the operating \
system has taken counts as sent. A server that closes its side counts as gone.

**Listen** opens a port. Everyone who connects gets the rows of the batches from then on; rows that nobody was there \
for are counted as `unheard`. It listens on 127.0.0.1, where only this computer can connect; the address `0.0.0.0` \
lets everyone on the network in.

**A slow peer** holds the pipeline back, or loses batches: then a batch is dropped for a peer that has 16 batches or \
16 MiB still to take, whole, and its rows are counted as `dropped`.

In **text** several columns are separated by tabs, null is empty, and a line break (or a tab between several columns) \
inside a value becomes a blank. **JSON lines** keeps values as they are and leaves nulls out.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "mode",
        "Mode",
        "Who opens the connection.",
        ParamKind::Choice {
            options: &[
                Choice::new("connect", "Connect", "Connects to a server and sends to it."),
                Choice::new("listen", "Listen", "Waits for peers to connect and sends to all of them."),
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
    ParamSpec::new("port", "Port", "The TCP port.", ParamKind::Port).default(Default::Integer(9_998)),
    ParamSpec::new(
        "format",
        "Format",
        "How a row is written.",
        ParamKind::Choice {
            options: &[
                Choice::new("text", "Text", "The values, separated by tabs."),
                Choice::new("json_lines", "JSON lines", "One JSON object per line."),
            ],
        },
    )
    .default(Default::Text("text")),
    ParamSpec::new(
        "slow_peer",
        "Slow peer",
        "What happens when a peer does not read fast enough.",
        ParamKind::Choice {
            options: &[
                Choice::new("hold_back", "Hold back", "The pipeline waits for the slowest peer; nothing is lost."),
                Choice::new("drop", "Drop", "The peer loses whole batches, which are counted; nobody waits."),
            ],
        },
    )
    .default(Default::Text("hold_back")),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Socket {
    mode: Mode,
    host: String,
    address: String,
    port: u16,
    format: Format,
    slow_peer: SlowPeer,
}

/// Who opens the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Connect,
    Listen,
}

/// How a row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Text,
    JsonLines,
}

/// What happens when a peer does not read fast enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SlowPeer {
    HoldBack,
    Drop,
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

    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        context.input()?;
        let (param, target) = self.target();
        if let Some(problem) = check_host(param, target.host()) {
            return Err(vec![problem]);
        }
        let warning = (self.mode == Mode::Listen && is_public(target.host())).then(|| {
            let host = target.host();
            let sentence =
                format!("everyone who can reach {host} may read the rows; use 127.0.0.1 to let in only this computer");
            Diagnostic::warning(sentence).param(param)
        });
        let sink = SocketSink::new(target, self.format, self.slow_peer);
        let mut planned = Planned::new(Vec::new(), Stage::Sink(Box::new(sink)));
        planned.warnings.extend(warning);
        Ok(planned)
    }
}
