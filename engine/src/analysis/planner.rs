//! One walk over the graph in the direction of the rows: checks every node, infers every link's type, and gives the
//! stages that can run.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arrow::datatypes::DataType;

use super::stand_in;
use super::{Analysis, NodeAnalysis};
use crate::nodes;
use crate::pipeline::{NodeEntry, NodeMode, Pipeline};
use crate::plan::{LinkType, NodeKind, Operator, PlanContext, Planned, Stage, WindowUse};
use crate::spec::{Arity, Diagnostic, NodeId, Params, Severity, check_params, with_defaults};

/// Whether a node can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It can.
    Ready,
    /// It cannot, only because something is not wired (here or upstream).
    Unwired,
    /// It cannot, because it or something upstream is wrong.
    Faulty,
}

/// A pipeline turned into stages.
pub struct PlannedPipeline {
    /// What analysis found.
    pub analysis: Analysis,
    /// The nodes that can run, so that every wire points forward.
    pub nodes: Vec<PlannedNode>,
    /// Every node's outcome.
    pub outcomes: BTreeMap<NodeId, Outcome>,
}

/// One node that can run.
pub struct PlannedNode {
    /// The node.
    pub id: NodeId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: &'static NodeKind,
    /// Its raw parameters: two nodes of one kind, parameters and input types are the same.
    pub params: Params,
    /// Whether it works, or something stands in for it.
    pub mode: NodeMode,
    /// Per input port, where its wires come from.
    pub inputs: Vec<Vec<WireFrom>>,
    /// Per input port and wire, what it is called: a node may speak of its inputs by name.
    pub input_names: Vec<Vec<String>>,
    /// Per input port and wire, the type that flows in (before gathering).
    pub input_types: Vec<Vec<LinkType>>,
    /// The same once windows are gathered: what the node itself sees.
    pub seen_types: Vec<Vec<LinkType>>,
    /// Per output port, the type that flows out.
    pub outputs: Vec<LinkType>,
    /// What runs.
    pub stage: Stage,
}

/// Where a wire comes from, and what turns a windowed stream into the window's rows on the way in.
pub struct WireFrom {
    /// The node upstream.
    pub node: NodeId,
    /// The position of its output port.
    pub port: usize,
    /// Gathers the window's rows, for nodes that want rows.
    pub gather: Option<Box<dyn Operator>>,
}

/// Checks and plans a pipeline.
pub fn plan_pipeline(pipeline: &Pipeline, folder: &Path) -> PlannedPipeline {
    let mut walk = Walk { pipeline, folder, result: PlannedPipeline::empty() };
    match pipeline.topological() {
        Ok(order) => order.into_iter().for_each(|id| walk.visit(id)),
        Err(node) => walk.report(
            Diagnostic::error("this node is part of a cycle; remove a wire so that rows flow in one direction")
                .node(node),
        ),
    }
    let mut result = walk.result;
    result.analysis.diagnostics.sort_by_key(|a| (a.node, a.severity));
    result
}

impl PlannedPipeline {
    fn empty() -> Self {
        Self { analysis: Analysis::default(), nodes: Vec::new(), outcomes: BTreeMap::new() }
    }
}

pub(super) struct Walk<'a> {
    pipeline: &'a Pipeline,
    folder: &'a Path,
    pub(super) result: PlannedPipeline,
}

/// What enters a node.
pub(super) struct Incoming {
    pub(super) wires: Vec<Vec<WireFrom>>,
    pub(super) types: Vec<Vec<LinkType>>,
    pub(super) names: Vec<Vec<String>>,
    pub(super) outcome: Outcome,
}

impl Walk<'_> {
    pub(super) fn report(&mut self, problem: Diagnostic) {
        self.result.analysis.diagnostics.push(problem);
    }

    pub(super) fn report_all(&mut self, id: NodeId, problems: Vec<Diagnostic>) {
        self.result.analysis.diagnostics.extend(problems.into_iter().map(|problem| problem.node(id)));
    }

    fn visit(&mut self, id: NodeId) {
        let Some(entry) = self.pipeline.node(id) else { return };
        let Some(kind) = nodes::kind(&entry.kind) else {
            self.report(
                Diagnostic::error(format!(
                    "this version of Weir has no node kind `{}`; update Weir, or replace the node",
                    entry.kind
                ))
                .node(id),
            );
            self.settle(id, Outcome::Faulty, NodeAnalysis::default());
            return;
        };
        if entry.mode == NodeMode::On {
            self.check_and_plan(entry, kind);
        } else {
            let told = self.result.analysis.diagnostics.len();
            self.plan_stand_in(entry, kind);
            stand_in::soften(&mut self.result.analysis.diagnostics[told..]);
        }
    }

    fn check_and_plan(&mut self, entry: &NodeEntry, kind: &'static NodeKind) {
        let id = entry.id;
        let incoming = self.incoming(entry, kind);
        let mut outcome = incoming.outcome;
        let problems = check_params(kind.params, &entry.params);
        if problems.iter().any(Diagnostic::is_error) {
            outcome = Outcome::Faulty;
        }
        self.report_all(id, problems);

        let mut analysis = NodeAnalysis { inputs: incoming.types.clone(), outputs: Vec::new() };
        if outcome == Outcome::Ready {
            match self.plan_node(entry, kind, incoming) {
                Ok(planned) => {
                    analysis.outputs.clone_from(&planned.outputs);
                    self.result.nodes.push(planned);
                }
                Err(problems) => {
                    outcome = Outcome::Faulty;
                    self.report_all(id, problems);
                }
            }
        }
        self.settle(id, outcome, analysis);
    }

    pub(super) fn settle(&mut self, id: NodeId, outcome: Outcome, analysis: NodeAnalysis) {
        self.result.outcomes.insert(id, outcome);
        self.result.analysis.nodes.insert(id, analysis);
    }

    /// Collects what is wired to a node and reports what is wired wrongly.
    pub(super) fn incoming(&mut self, entry: &NodeEntry, kind: &'static NodeKind) -> Incoming {
        let mut incoming = Incoming {
            wires: kind.inputs.iter().map(|_| Vec::new()).collect(),
            types: kind.inputs.iter().map(|_| Vec::new()).collect(),
            names: kind.inputs.iter().map(|_| Vec::new()).collect(),
            outcome: Outcome::Ready,
        };
        for wire in self.pipeline.wires_into(entry.id) {
            let Some(slot) = kind.inputs.iter().position(|port| port.name == wire.to.port) else {
                self.report(
                    Diagnostic::error(format!("{} has no input `{}`; remove the wire", kind.title, wire.to.port))
                        .node(entry.id)
                        .port(&wire.to.port),
                );
                incoming.outcome = Outcome::Faulty;
                continue;
            };
            match self.outgoing(wire.from.node, &wire.from.port) {
                Ok((port, link)) => {
                    incoming.wires[slot].push(WireFrom { node: wire.from.node, port, gather: None });
                    incoming.types[slot].push(link);
                    let name = self.pipeline.node(wire.from.node).map_or("", |node| node.name.as_str());
                    let is_first = port == 0;
                    let port = &wire.from.port;
                    incoming.names[slot].push(if is_first { name.to_owned() } else { format!("{name}_{port}") });
                }
                Err(Some(problem)) => {
                    self.report(problem.node(entry.id).port(&wire.to.port));
                    incoming.outcome = Outcome::Faulty;
                }
                Err(None) => incoming.outcome = self.worse(incoming.outcome, wire.from.node),
            }
        }
        for (slot, port) in kind.inputs.iter().enumerate() {
            let count = incoming.wires[slot].len();
            let wired = self.pipeline.wires_into(entry.id).iter().any(|wire| wire.to.port == port.name);
            if !wired {
                self.report(
                    Diagnostic::error(format!("nothing is connected to `{}`; draw a wire to it", port.name))
                        .node(entry.id)
                        .port(port.name),
                );
                if incoming.outcome == Outcome::Ready {
                    incoming.outcome = Outcome::Unwired;
                }
            } else if port.arity == Arity::One && count > 1 {
                self.report(
                    Diagnostic::error(format!(
                        "`{}` takes one wire but has {count}; join the streams with a union first",
                        port.name
                    ))
                    .node(entry.id)
                    .port(port.name),
                );
                incoming.outcome = Outcome::Faulty;
            }
        }
        incoming
    }

    /// The type of an output port; `Err(None)` if it is unknown because its node has problems of its own.
    fn outgoing(&self, node: NodeId, port: &str) -> Result<(usize, LinkType), Option<Diagnostic>> {
        let entry = self.pipeline.node(node).ok_or(None)?;
        let kind = nodes::kind(&entry.kind).ok_or(None)?;
        let Some(slot) = kind.outputs.iter().position(|output| output.name == port) else {
            return Err(Some(Diagnostic::error(format!(
                "a wire comes from `{}.{port}`, but {} has no such output; remove the wire",
                entry.name, kind.title
            ))));
        };
        let link = self.result.analysis.nodes.get(&node).and_then(|analysis| analysis.outputs.get(slot));
        link.map(|link| (slot, link.clone())).ok_or(None)
    }

    /// The outcome of a node whose input comes from a node that is not ready.
    pub(super) fn worse(&self, own: Outcome, upstream: NodeId) -> Outcome {
        match (own, self.result.outcomes.get(&upstream)) {
            (Outcome::Ready | Outcome::Unwired, Some(Outcome::Unwired)) => Outcome::Unwired,
            (_, _) => Outcome::Faulty,
        }
    }

    pub(super) fn plan_node(
        &mut self,
        entry: &NodeEntry,
        kind: &'static NodeKind,
        mut incoming: Incoming,
    ) -> Result<PlannedNode, Vec<Diagnostic>> {
        let seen = gather_windows(kind, &mut incoming)?;
        let context = PlanContext {
            name: &entry.name,
            inputs: &seen,
            input_names: &incoming.names,
            settings: self.pipeline.settings(),
            folder: self.folder,
        };
        let params = with_defaults(kind.params, &entry.params);
        // A kind that panics on strange parameters must not take the window with it.
        let planned = catch_unwind(AssertUnwindSafe(|| {
            let node = (kind.build)(params).map_err(|message| vec![Diagnostic::error(message)])?;
            node.plan(&context)
        }));
        let Planned { mut outputs, stage, warnings } = match planned {
            Ok(planned) => planned?,
            Err(_) => {
                return Err(vec![Diagnostic::error(
                    "Weir failed while checking this node; this is a defect of Weir, please report it with the file",
                )]);
            }
        };
        for mut warning in warnings {
            if warning.severity == Severity::Error {
                warning.severity = Severity::Warning;
            }
            self.report(warning.node(entry.id));
        }
        inherit_event_time(&seen, &mut outputs);
        inherit_revision(&seen, &mut outputs);
        if kind.windows == WindowUse::Keeps {
            let window = seen.iter().flatten().find_map(|link| link.window.clone());
            for output in &mut outputs {
                output.window.clone_from(&window);
            }
        }
        Ok(PlannedNode {
            id: entry.id,
            name: entry.name.clone(),
            kind,
            params: entry.params.clone(),
            mode: entry.mode,
            inputs: incoming.wires,
            input_names: incoming.names,
            input_types: incoming.types,
            seen_types: seen,
            outputs,
            stage,
        })
    }
}

/// Hands the event time on along the wires, to every output that still has its column.
fn inherit_event_time(inputs: &[Vec<LinkType>], outputs: &mut [LinkType]) {
    let Some(time) = inputs.iter().flatten().find_map(|link| link.event_time.as_ref()) else { return };
    for output in outputs.iter_mut().filter(|output| output.event_time.is_none()) {
        let column = output.schema.fields().iter().find(|field| field.name().eq_ignore_ascii_case(&time.column));
        if column.is_some_and(|column| matches!(column.data_type(), DataType::Timestamp(_, _))) {
            output.event_time = Some(time.clone());
        }
    }
}

/// Rows made of rows that take the place of earlier ones do so too.
fn inherit_revision(inputs: &[Vec<LinkType>], outputs: &mut [LinkType]) {
    let is_revised = inputs.iter().flatten().any(|link| link.is_revised);
    outputs.iter_mut().for_each(|output| output.is_revised |= is_revised);
}

/// What the node sees of its inputs: for kinds that want rows, windowed links are gathered into plain ones.
fn gather_windows(kind: &NodeKind, incoming: &mut Incoming) -> Result<Vec<Vec<LinkType>>, Vec<Diagnostic>> {
    let mut seen = incoming.types.clone();
    let mut problems = Vec::new();
    if kind.windows == WindowUse::Rows {
        for (port, (links, wires)) in kind.inputs.iter().zip(seen.iter_mut().zip(&mut incoming.wires)) {
            for (link, wire) in links.iter_mut().zip(wires) {
                if link.window.is_some() {
                    match nodes::gather(link) {
                        Ok((plain, gather)) => {
                            *link = plain;
                            wire.gather = Some(gather);
                        }
                        Err(sentence) => problems.push(Diagnostic::error(sentence).port(port.name)),
                    }
                }
            }
        }
    }
    if problems.is_empty() { Ok(seen) } else { Err(problems) }
}
