//! Replaces the plan between two batches: what did not change goes on, what changed takes over the state that fits,
//! what left is kept for undo.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::AppliedChange;
use super::node::{RunningNode, RunningStage};
use super::session::Session;
use super::succession::{Entry, Succession};
use crate::analysis::{Outcome, PlannedPipeline};
use crate::pipeline::{NodeChange, NodeMode, Pipeline, diff};
use crate::plan::{Fault, Source};
use crate::spec::{Diagnostic, NodeId};

/// Why a plan cannot replace the present one, of which these nodes run: one of them would have to stop because it, or
/// something it needs, is wrong. Nodes that are merely not wired do not count: they stand aside until they are.
pub(super) fn refusal_of(
    planned: &PlannedPipeline,
    starts: bool,
    runs: impl Fn(NodeId) -> bool,
) -> Option<Vec<Diagnostic>> {
    let is_faulty = |id: &NodeId| planned.outcomes.get(id) == Some(&Outcome::Faulty);
    let stops = planned.outcomes.keys().any(|id| is_faulty(id) && (starts || runs(*id)));
    let runs_nothing = starts && planned.nodes.is_empty();
    if !stops && !runs_nothing {
        return None;
    }
    let errors: Vec<_> = planned.analysis.diagnostics.iter().filter(|problem| problem.is_error()).cloned().collect();
    Some(if errors.is_empty() {
        vec![Diagnostic::error("there is nothing to run; add a source and wire it to a sink")]
    } else {
        errors
    })
}

impl Session {
    /// Why this plan cannot replace the present one.
    pub fn refusal(&self, planned: &PlannedPipeline) -> Option<Vec<Diagnostic>> {
        refusal_of(planned, self.nodes.is_empty(), |id| self.nodes.iter().any(|node| node.id == id))
    }

    /// Takes over a new plan. `settings` of the pipeline that matter to nodes are remembered for those that start.
    pub fn apply(
        &mut self,
        planned: PlannedPipeline,
        old: Option<&Pipeline>,
        new: &Pipeline,
        batch: u64,
    ) -> AppliedChange {
        self.replace(planned, old, new, batch, &[])
    }

    /// The same, except that these nodes begin anew.
    pub fn replace(
        &mut self,
        planned: PlannedPipeline,
        old: Option<&Pipeline>,
        new: &Pipeline,
        batch: u64,
        resets: &[NodeId],
    ) -> AppliedChange {
        let may_be_mended = self.settings != *new.settings();
        self.settings = new.settings().clone();
        let mut graveyard = std::mem::take(&mut self.graveyard);
        let max_bytes = self.settings.max_state_bytes;
        graveyard.bound(max_bytes);
        let former = std::mem::take(&mut self.nodes);
        let mut outgoing: BTreeMap<NodeId, Arc<dyn Source>> =
            former.iter().filter_map(|node| Some((node.id, source_of(node)?))).collect();
        let when = (batch, self.last_tick());
        let mut succession = Succession::new(former, &mut graveyard, resets, when, max_bytes);
        let mut sources: BTreeMap<NodeId, Arc<dyn Source>> = BTreeMap::new();
        for planned in planned.nodes {
            let mut node = RunningNode::from(planned);
            match succession.enter(&mut node) {
                Entry::Unchanged if may_be_mended => node.forgive(),
                Entry::Unchanged => {}
                Entry::Changed => {
                    if let Some(outgoing) = outgoing.remove(&node.id) {
                        outgoing.stop();
                    }
                    self.start_anew(&mut node);
                }
            }
            if let RunningStage::Source(source) = &node.stage {
                source.set_bounds(self.settings.max_buffered_rows, self.settings.max_buffered_bytes);
                sources.insert(node.id, Arc::clone(source));
            }
            self.nodes.push(node);
        }
        let fates = succession.finish();
        self.graveyard = graveyard;
        self.sources = Arc::new(sources);
        if let Some(governor) = &mut self.governor {
            governor.adopt(&self.settings, self.sources.keys().copied());
        }
        self.plan_version += 1;
        let label = match old {
            None => "start".to_owned(),
            Some(_) if !resets.is_empty() => describe_resets(new, resets),
            Some(old) => describe(old, new),
        };
        AppliedChange { plan_version: self.plan_version, batch, label, fates }
    }

    /// Lets nodes that failed try again with the next batch.
    pub fn retry_nodes(&mut self, nodes: &[NodeId]) {
        self.nodes.iter_mut().filter(|node| nodes.contains(&node.id)).for_each(RunningNode::forgive);
    }

    /// What is missing outside may come: then starting is tried again with every batch.
    fn start_anew(&self, node: &mut RunningNode) {
        node.needs_start = true;
        let io = self.io_context(node.id);
        let started = node.start_source(&io).and_then(|()| node.start_sink(&io));
        if let Err(error) = started {
            node.failed = (error.fault != Fault::Environment).then_some(error);
        }
    }
}

fn source_of(node: &RunningNode) -> Option<Arc<dyn Source>> {
    match &node.stage {
        RunningStage::Source(source) => Some(Arc::clone(source)),
        RunningStage::Operator(_) | RunningStage::Relabel | RunningStage::Sink(_) => None,
    }
}

fn describe_resets(pipeline: &Pipeline, resets: &[NodeId]) -> String {
    let name = |id: &NodeId| pipeline.node(*id).map_or_else(|| id.to_string(), |node| node.name.clone());
    format!("{} begins anew", resets.iter().map(name).collect::<Vec<_>>().join(", "))
}

/// What changed, as a phrase for a plot's label.
pub(super) fn describe(old: &Pipeline, new: &Pipeline) -> String {
    let (before, after) = (old.settings(), new.settings());
    let mut parts = Vec::new();
    if before.interval != after.interval {
        parts.push(format!("interval {} to {}", before.interval, after.interval));
    }
    let changes = diff(old, new);
    for (id, change) in changes.nodes.iter().take(2) {
        let name = new.node(*id).or_else(|| old.node(*id)).map_or_else(|| id.to_string(), |node| node.name.clone());
        parts.push(match change {
            NodeChange::Added => format!("{name} added"),
            NodeChange::Removed => format!("{name} removed"),
            NodeChange::Replaced => format!("{name} replaced"),
            NodeChange::Mode => match new.node(*id).map_or(NodeMode::On, |node| node.mode) {
                NodeMode::On => format!("{name} on again"),
                NodeMode::Muted => format!("{name} muted"),
                NodeMode::Bypassed => format!("{name} bypassed"),
            },
            NodeChange::Rewired => format!("{name} rewired"),
            NodeChange::Params => format!("{name}: {}", describe_params(old, new, *id)),
        });
    }
    if changes.nodes.len() > 2 {
        parts.push(format!("{} more nodes", changes.nodes.len() - 2));
    }
    if parts.is_empty() && changes.settings {
        parts.push("settings".to_owned());
    }
    parts.join(", ")
}

fn describe_params(old: &Pipeline, new: &Pipeline, id: NodeId) -> String {
    let empty = crate::spec::Params::new();
    let before = old.node(id).map_or(&empty, |node| &node.params);
    let after = new.node(id).map_or(&empty, |node| &node.params);
    let name = before.keys().chain(after.keys()).find(|name| before.get(*name) != after.get(*name));
    let Some(name) = name else { return "changed".to_owned() };
    let short = |value: Option<&serde_json::Value>| match value {
        Some(serde_json::Value::String(text)) if text.chars().count() <= 16 => Some(text.clone()),
        Some(serde_json::Value::Number(number)) => Some(number.to_string()),
        Some(serde_json::Value::Bool(on)) => Some(on.to_string()),
        Some(
            serde_json::Value::String(_)
            | serde_json::Value::Null
            | serde_json::Value::Array(_)
            | serde_json::Value::Object(_),
        ) => None,
        None => Some("default".to_owned()),
    };
    match (short(before.get(name)), short(after.get(name))) {
        (Some(from), Some(to)) => format!("{name} {from} to {to}"),
        (_, _) => format!("{name} changed"),
    }
}
