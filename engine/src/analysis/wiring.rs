//! Whether a wire may be drawn, with the reason if not: asked while a person drags it.

use std::path::Path;

use super::analyse;
use crate::nodes;
use crate::pipeline::{Edit, Pipeline};
use crate::spec::{Arity, Diagnostic, PortRef, WireKey};

/// Whether a wire may be drawn, else the sentence that says why not. Refused is what can never work: a port that does
/// not exist or is taken, a cycle, or a type the node rejects at that port. A node that merely lacks parameters
/// accepts wires.
pub fn check_wire(pipeline: &Pipeline, from: &PortRef, to: &PortRef) -> Result<(), String> {
    let source = pipeline.node(from.node).ok_or("the node the wire comes from is gone")?;
    let target = pipeline.node(to.node).ok_or("the node the wire goes to is gone")?;
    let source_kind = nodes::kind(&source.kind).ok_or_else(|| format!("`{}` is of an unknown kind", source.name))?;
    let target_kind = nodes::kind(&target.kind).ok_or_else(|| format!("`{}` is of an unknown kind", target.name))?;
    if !source_kind.outputs.iter().any(|port| port.name == from.port) {
        return Err(format!("{} has no output `{}`", source_kind.title, from.port));
    }
    let input = target_kind.inputs.iter().find(|port| port.name == to.port).ok_or_else(|| {
        if target_kind.inputs.is_empty() {
            format!("{} is a source: it has no inputs", target_kind.title)
        } else {
            format!("{} has no input `{}`", target_kind.title, to.port)
        }
    })?;
    let wire = WireKey::new(from.clone(), to.clone());
    let entering = pipeline.wires_into(to.node);
    if entering.contains(&wire) {
        return Err("this wire is already there".to_owned());
    }
    if input.arity == Arity::One && entering.iter().any(|other| other.to.port == to.port) {
        return Err(format!("`{}` already has its one wire; join streams with a union first", to.port));
    }
    let mut trial = pipeline.clone();
    trial.apply(&Edit::Connect(wire)).map_err(|error| error.to_string())?;
    refusal_at(&trial, to).map_or(Ok(()), Err)
}

/// The first error the target reports about this very port once the wire is there.
fn refusal_at(trial: &Pipeline, to: &PortRef) -> Option<String> {
    let analysis = analyse(trial, Path::new("."));
    analysis
        .problems_of(to.node)
        .find(|problem: &&Diagnostic| problem.is_error() && problem.port.as_deref() == Some(to.port.as_str()))
        .map(|problem| problem.message.clone())
}
