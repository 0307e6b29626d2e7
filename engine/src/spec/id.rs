//! Names for the parts of a pipeline that never change while it is edited.

use std::fmt;
use std::str::FromStr;

/// The stable identity of a node. Written `n7` in files; never given to another node of the same document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u64);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

impl FromStr for NodeId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix('n')
            .filter(|digits| !digits.starts_with('0') || *digits == "0")
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .map(NodeId)
            .ok_or_else(|| format!("`{text}` is not a node id; an id is written like `n7`"))
    }
}

/// One port of one node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRef {
    /// The node.
    pub node: NodeId,
    /// The port's name, as its kind declares it.
    pub port: String,
}

impl PortRef {
    /// The port called `port` of `node`.
    pub fn new(node: NodeId, port: impl Into<String>) -> Self {
        Self { node, port: port.into() }
    }
}

impl fmt::Display for PortRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.node, self.port)
    }
}

/// A wire is what it joins: from one output port to one input port. No two wires join the same two ports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WireKey {
    /// The output port it leaves.
    pub from: PortRef,
    /// The input port it enters.
    pub to: PortRef,
}

impl WireKey {
    /// The wire from one port to another.
    pub fn new(from: PortRef, to: PortRef) -> Self {
        Self { from, to }
    }
}

impl fmt::Display for WireKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.from, self.to)
    }
}
