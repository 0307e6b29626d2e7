//! Going in and out of subflows, and along the wires: what of the graph is selected or shown next.

use super::edits;
use super::interact::select;
use super::scene::BoxId;
use super::widget::Canvas;
use crate::action::{Action, Actions, Selection};
use crate::state::AppState;

impl Canvas {
    /// Selects all that rows of the selection reach, or come from, as far as it is on the level that is open.
    pub(super) fn select_connected(&self, is_downstream: bool, state: &AppState, actions: &mut Actions) {
        let boxes = BoxId::of(&state.selection);
        let from = boxes.iter().filter_map(|id| self.scene.part(*id)).flat_map(|node| node.nodes().iter().copied());
        let reached = edits::connected(state.document.pipeline(), &from.collect(), is_downstream);
        let mut selection = Selection::default();
        for part in reached.into_iter().filter_map(|id| self.scene.node(id)) {
            part.id.add_to(&mut selection);
        }
        if !selection.is_empty() {
            select(state, actions, selection);
        }
    }

    /// Opens the selected subflow.
    pub(super) fn open_subflow(state: &AppState, actions: &mut Actions) {
        if let Some(id) = state.selection.subflows.first() {
            actions.push(Action::OpenLevel(Some(*id), Selection::default()));
        }
    }

    /// Goes to the level around the open one, where its box is selected then.
    pub(super) fn leave_subflow(state: &AppState, actions: &mut Actions) {
        let Some(open) = state.level else { return };
        let around = state.document.pipeline().subflow(open).and_then(|subflow| subflow.parent);
        actions.push(Action::OpenLevel(around, Selection::subflow(open)));
    }
}
