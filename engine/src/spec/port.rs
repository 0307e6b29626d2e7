//! Where wires end: the named inputs and outputs of a node kind.

/// How many wires an input takes. An output always feeds any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// Exactly one wire; the node cannot run without it.
    One,
    /// One or more wires.
    Many,
}

/// One port of a node kind.
#[derive(Debug, Clone, Copy)]
pub struct PortSpec {
    /// The name in files and wires: `in`, `out`, `rejected`.
    pub name: &'static str,
    /// What flows here, in one sentence.
    pub doc: &'static str,
    /// How many wires it takes (read for inputs only).
    pub arity: Arity,
}

impl PortSpec {
    /// The usual single input.
    pub const IN: Self = Self { name: "in", doc: "The rows to work on.", arity: Arity::One };
    /// The usual output.
    pub const OUT: Self = Self { name: "out", doc: "The resulting rows.", arity: Arity::Many };
}
