//! What is wrong with a pipeline, where, and what to do: the one shape every check answers in.

use std::ops::Range;

use super::NodeId;

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The node cannot run.
    Error,
    /// It runs, but perhaps not as meant.
    Warning,
    /// Worth knowing.
    Info,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The node it is about; `None` for the pipeline as a whole.
    pub node: Option<NodeId>,
    /// The parameter, as a path: `expression`, `columns[2].name`.
    pub param: Option<String>,
    /// The input or output port, where the problem is one of wiring.
    pub port: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// A sentence: what is wrong and what to do about it.
    pub message: String,
    /// The byte range within the parameter's text, where known.
    pub at: Option<Range<usize>>,
}

impl Diagnostic {
    /// An error about a node as yet unnamed: nodes report so, the analysis fills in which node it was.
    pub fn error(message: impl Into<String>) -> Self {
        Self { node: None, param: None, port: None, severity: Severity::Error, message: message.into(), at: None }
    }

    /// The same as a warning.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// At this parameter.
    #[must_use]
    pub fn param(mut self, path: impl Into<String>) -> Self {
        self.param = Some(path.into());
        self
    }

    /// At this port.
    #[must_use]
    pub fn port(mut self, name: impl Into<String>) -> Self {
        self.port = Some(name.into());
        self
    }

    /// At this node.
    #[must_use]
    pub fn node(mut self, node: NodeId) -> Self {
        self.node = Some(node);
        self
    }

    /// At this byte range of the parameter's text.
    #[must_use]
    pub fn at(mut self, range: Range<usize>) -> Self {
        self.at = Some(range);
        self
    }

    /// Whether the node cannot run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
