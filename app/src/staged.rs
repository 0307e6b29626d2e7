//! A change of a running pipeline that would cost state: held until the person has seen what it costs and agrees.
//!
//! Parameters are held whatever they cost: one is turned in passing, and what that does is not seen on the canvas. Nodes
//! that are removed, rewired or muted keep their state aside for undo, which is one key away: those edits are held only
//! where the state is too large for that, so that it would be gone for good.

use std::collections::BTreeMap;

use serde_json::Value;
use weir_engine::metrics::BatchReport;
use weir_engine::pipeline::{Edit, NodeEntry, Pipeline};
use weir_engine::plan::StateFate;
use weir_engine::runtime::{ChangePreview, NodeFate, preview_change};
use weir_engine::spec::NodeId;

use crate::state::AppState;

/// Parameters with the values wanted; `None` takes one away.
pub type Changes = BTreeMap<(NodeId, String), Option<Value>>;

/// What waits for a person's word.
#[derive(Debug, Clone, PartialEq)]
pub struct Staged {
    /// The parameters with the values wanted.
    pub changes: Changes,
    /// The parameter that was turned last: there the question stands.
    pub at: (NodeId, String),
    /// What the step is called in the menu.
    pub label: String,
    /// The first batch it would hold for.
    pub batch: u64,
    /// What it would cost.
    pub losses: Vec<Loss>,
}

/// An edit that waits for a person's word, because state would be gone for good.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// What the step is called in the menu.
    pub label: String,
    /// The edit.
    pub edit: Edit,
    /// What it would cost.
    pub losses: Vec<Loss>,
}

/// State that a change would cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Loss {
    /// Whose.
    pub node: NodeId,
    /// Entries of it.
    pub rows: u64,
    /// Bytes of it.
    pub bytes: u64,
    /// Why it cannot go on, as a sentence.
    pub why: String,
    /// Whether undo brings it back.
    pub is_parked: bool,
}

impl Staged {
    /// All of it as one edit.
    pub fn edit(&self) -> Edit {
        edit_of(&self.changes)
    }

    /// A node as it would be, where it is changed at all.
    pub fn applied_to(&self, entry: &NodeEntry) -> Option<NodeEntry> {
        let changes = self.changes.iter().filter(|((node, _), _)| *node == entry.id);
        let mut changed = None;
        for ((_, param), value) in changes {
            let entry = changed.get_or_insert_with(|| entry.clone());
            match value {
                Some(value) => entry.params.insert(param.clone(), value.clone()),
                None => entry.params.remove(param),
            };
        }
        changed
    }
}

/// Changes as one edit.
pub(crate) fn edit_of(changes: &Changes) -> Edit {
    let set = |((node, param), value): (&(NodeId, String), &Option<Value>)| Edit::SetParam {
        node: *node,
        param: param.clone(),
        value: value.clone(),
    };
    let mut edits: Vec<_> = changes.iter().map(set).collect();
    match (edits.pop(), edits.is_empty()) {
        (Some(only), true) => only,
        (last, _) => Edit::Many(edits.into_iter().chain(last).collect()),
    }
}

/// What these changes of the document would cost the run, and from which batch on. Nothing where there is no run, no
/// state, or where the engine would refuse them: then the plan before goes on.
pub(crate) fn cost_of(state: &AppState, changes: &Changes) -> Option<(u64, Vec<Loss>)> {
    let running = state.live.running.as_deref().filter(|_| state.live.is_active())?;
    let report = state.live.history.latest()?;
    let document = state.document.pipeline();
    if !changes.keys().any(|(node, _)| has_state_behind(document, report, *node)) {
        return None;
    }
    let mut edited = document.clone();
    edited.apply(&edit_of(changes)).ok()?;
    let folder = state.folder();
    let preview = preview_change(running, &edited, &folder, Some(report));
    let mut losses = losses_of(&preview, report);
    if !losses.is_empty() {
        // What the document has cost already is not asked about again.
        let paid = losses_of(&preview_change(running, document, &folder, Some(report)), report);
        losses.retain(|loss| !paid.iter().any(|paid| paid.node == loss.node));
    }
    (!losses.is_empty()).then_some((preview.batch, losses))
}

/// What this edit would cost the run for good: state too large to be set aside for undo.
pub(crate) fn lost_for_good(state: &AppState, edit: &Edit) -> Vec<Loss> {
    lost(state, edit).unwrap_or_default()
}

fn lost(state: &AppState, edit: &Edit) -> Option<Vec<Loss>> {
    let running = state.live.running.as_deref().filter(|_| state.live.is_active() && edit.changes_meaning())?;
    let report = state.live.history.latest()?;
    let document = state.document.pipeline();
    // What fits in all together loses nothing: the usual case is not rehearsed.
    let parked = report.parked.iter().map(|parked| parked.state_bytes);
    let held: u64 = report.nodes.iter().map(|node| node.state_bytes).chain(parked).sum();
    if held <= document.settings().max_state_bytes {
        return None;
    }
    let mut edited = document.clone();
    edited.apply(edit).ok()?;
    let preview = preview_change(running, &edited, &state.folder(), Some(report));
    let gone = |fate: &&NodeFate| !fate.is_parked && !fate.fate.goes_on();
    Some(preview.fates.iter().filter(gone).filter_map(|fate| loss(fate, report)).collect())
}

fn has_state_behind(pipeline: &Pipeline, report: &BatchReport, node: NodeId) -> bool {
    let holds = |other: NodeId| other == node || pipeline.reaches(node, other);
    report.nodes.iter().any(|other| other.state_rows > 0 && holds(other.node))
}

fn losses_of(preview: &ChangePreview, report: &BatchReport) -> Vec<Loss> {
    let lost = |fate: &&NodeFate| match &fate.fate {
        StateFate::Reset(_) | StateFate::Restored(_) => true,
        StateFate::Kept
        | StateFate::Migrated(_)
        | StateFate::Short { .. }
        | StateFate::Partly(_)
        | StateFate::Parked(_) => false,
    };
    preview.fates.iter().filter(lost).filter_map(|fate| loss(fate, report)).collect()
}

fn loss(fate: &NodeFate, report: &BatchReport) -> Option<Loss> {
    let held = report.node(fate.node).filter(|held| held.state_rows > 0)?;
    Some(Loss {
        node: fate.node,
        rows: held.state_rows,
        bytes: held.state_bytes,
        why: fate.fate.sentence(),
        is_parked: fate.is_parked,
    })
}
