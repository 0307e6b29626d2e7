//! Changes that would cost a running pipeline state wait for the person's word; all others act at once.

use std::collections::BTreeMap;

use weir_engine::pipeline::Edit;

use super::WeirApp;
use crate::staged::{Changes, Staged, cost_of, edit_of};

impl WeirApp {
    /// Changes the document, unless that would cost state: then it is held and asked about.
    pub(super) fn propose(&mut self, label: String, edit: Edit) {
        if let Some(edit) = self.stage(&label, edit) {
            self.edit(label, edit);
        }
    }

    /// What of an edit is to be done at once.
    fn stage(&mut self, label: &str, edit: Edit) -> Option<Edit> {
        let Edit::SetParam { node, param, value } = &edit else { return Some(edit) };
        let key = (*node, param.clone());
        let held = self.state.staged.as_ref().map(|staged| staged.changes.clone()).unwrap_or_default();
        let alone: Changes = BTreeMap::from([(key.clone(), value.clone())]);
        if !held.contains_key(&key) && cost_of(&self.state, &alone).is_none() {
            return Some(edit);
        }
        let changes: Changes = held.into_iter().chain(alone).collect();
        let Some((batch, losses)) = cost_of(&self.state, &changes) else {
            self.state.staged = None;
            return Some(edit_of(&changes));
        };
        self.state.staged = Some(Staged { changes, at: key, label: label.to_owned(), batch, losses });
        None
    }

    /// The person agrees.
    pub(super) fn apply_staged(&mut self) {
        if let Some(staged) = self.state.staged.take() {
            self.state.document.end_gesture();
            self.edit_at_once(staged.label.clone(), staged.edit());
        }
    }

    /// What is held and costs nothing any more, because the run has ended, is done; what lost its node is dropped.
    pub(super) fn tend_staged(&mut self) {
        let Some(staged) = &self.state.staged else { return };
        let pipeline = self.state.document.pipeline();
        if staged.changes.keys().any(|(node, _)| pipeline.node(*node).is_none()) {
            self.state.staged = None;
        } else if !self.state.live.is_active() {
            self.apply_staged();
        }
    }
}
