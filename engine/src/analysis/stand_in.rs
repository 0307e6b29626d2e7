//! What is planned in place of a node that is muted or bypassed.
//!
//! Both keep the graph as it is drawn. A muted node still says what it would give, so that everything behind it stays
//! checked and runs on without rows; a bypassed one gives what it gets. What is wrong with such a node is told as a
//! warning: it does not matter until the node works again.

use super::NodeAnalysis;
use super::planner::{Incoming, Outcome, PlannedNode, Walk};
use crate::pipeline::{NodeEntry, NodeMode};
use crate::plan::{BatchContext, Flow, Inputs, LinkType, NodeError, NodeKind, Operator, Outputs, Stage};
use crate::spec::{Arity, Diagnostic, Severity, check_params};

/// Whether rows can pass a node of this kind by, else the sentence that says why not. Whether what is behind it can work
/// with these rows is checked there.
pub fn can_bypass(kind: &NodeKind) -> Result<(), &'static str> {
    if kind.inputs.is_empty() {
        Err("a source has nothing to pass on; mute it instead")
    } else if kind.outputs.is_empty() {
        Err("a sink passes nothing on; mute it instead")
    } else {
        Ok(())
    }
}

/// Turns errors into warnings, but for those that concern the bypass itself.
pub(super) fn soften(diagnostics: &mut [Diagnostic]) {
    for problem in diagnostics.iter_mut().filter(|problem| problem.param.as_deref() != Some(MODE)) {
        if problem.severity == Severity::Error {
            problem.severity = Severity::Warning;
        }
    }
}

/// The place at which problems of the mode itself are told.
const MODE: &str = "mode";

impl Walk<'_> {
    pub(super) fn plan_stand_in(&mut self, entry: &NodeEntry, kind: &'static NodeKind) {
        let incoming = self.incoming(entry, kind);
        match entry.mode {
            NodeMode::Bypassed => self.plan_bypass(entry, kind, incoming),
            NodeMode::Muted | NodeMode::On => self.plan_muted(entry, kind, incoming),
        }
    }

    fn plan_muted(&mut self, entry: &NodeEntry, kind: &'static NodeKind, incoming: Incoming) {
        let mut analysis = NodeAnalysis { inputs: incoming.types.clone(), outputs: Vec::new() };
        let problems = check_params(kind.params, &entry.params);
        let is_sound = !problems.iter().any(Diagnostic::is_error);
        self.report_all(entry.id, problems);
        let mut outcome = incoming.outcome;
        if outcome == Outcome::Ready {
            // A muted node that cannot be planned holds nobody up: what is behind it stands aside.
            outcome = Outcome::Unwired;
            if is_sound {
                match self.plan_node(entry, kind, incoming) {
                    Ok(planned) => {
                        outcome = Outcome::Ready;
                        analysis.outputs.clone_from(&planned.outputs);
                        let stage = Stage::Operator(Box::new(Silent { outputs: planned.outputs.len() }));
                        self.result.nodes.push(PlannedNode { stage, ..planned });
                    }
                    Err(problems) => self.report_all(entry.id, problems),
                }
            }
        }
        self.settle(entry.id, outcome, analysis);
    }

    fn plan_bypass(&mut self, entry: &NodeEntry, kind: &'static NodeKind, mut incoming: Incoming) {
        let mut analysis = NodeAnalysis { inputs: incoming.types.clone(), outputs: Vec::new() };
        let refusal = can_bypass(kind).err().map(str::to_owned).or_else(|| too_many(kind, &incoming));
        if let Some(sentence) = refusal {
            self.report(Diagnostic::error(sentence).node(entry.id).param(MODE));
            self.settle(entry.id, Outcome::Faulty, analysis);
            return;
        }
        let Some(passing) = incoming.types.first().and_then(|links| links.first()).cloned() else {
            let outcome = if incoming.outcome == Outcome::Ready { Outcome::Unwired } else { incoming.outcome };
            self.settle(entry.id, outcome, analysis);
            return;
        };
        let wires = incoming.wires.drain(..1).collect();
        let types: Vec<Vec<LinkType>> = incoming.types.drain(..1).collect();
        let names = incoming.names.drain(..1).collect();
        // The other outputs have no rows, so any type does; that of the rows passing by is at hand.
        let outputs = vec![passing; kind.outputs.len()];
        analysis.outputs.clone_from(&outputs);
        self.result.nodes.push(PlannedNode {
            id: entry.id,
            name: entry.name.clone(),
            kind,
            params: entry.params.clone(),
            mode: entry.mode,
            input_names: names,
            inputs: wires,
            input_types: types.clone(),
            seen_types: types,
            outputs,
            stage: Stage::Operator(Box::new(PassBy { outputs: kind.outputs.len() })),
        });
        self.settle(entry.id, Outcome::Ready, analysis);
    }
}

fn too_many(kind: &NodeKind, incoming: &Incoming) -> Option<String> {
    let port = kind.inputs.first().filter(|port| port.arity == Arity::Many)?;
    let count = incoming.wires.first().map_or(0, Vec::len);
    (count > 1)
        .then(|| format!("{count} wires enter `{}`, and only one can pass by; leave one, or mute the node", port.name))
}

/// Takes rows and gives none.
struct Silent {
    outputs: usize,
}

impl Operator for Silent {
    fn process(&mut self, inputs: Inputs, _context: &BatchContext) -> Result<Outputs, NodeError> {
        // Without inputs it stands in for a source, which fires with every batch.
        let fires = inputs.is_empty() || inputs.iter().flatten().any(Flow::fired);
        Ok(vec![if fires { Flow::Fired(Vec::new()) } else { Flow::Idle }; self.outputs])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }
}

/// Passes the first input on.
struct PassBy {
    outputs: usize,
}

impl Operator for PassBy {
    fn process(&mut self, inputs: Inputs, _context: &BatchContext) -> Result<Outputs, NodeError> {
        let passing = inputs.into_iter().flatten().next().unwrap_or_default();
        let rest = if passing.fired() { Flow::Fired(Vec::new()) } else { Flow::Idle };
        let mut outputs = vec![rest; self.outputs];
        if let Some(first) = outputs.first_mut() {
            *first = passing;
        }
        Ok(outputs)
    }
}
