//! Hands the state of one plan's nodes to those of the next, node by node in the direction of the rows.
//!
//! The same walk applies an edit and rehearses it: for a preview it runs over freshly planned nodes that hold nothing
//! and stand where the last report says. So what is said beforehand is what happens.

use std::collections::{BTreeMap, BTreeSet};

use super::NodeFate;
use super::graveyard::Graveyard;
use super::node::RunningNode;
use crate::metrics::ParkedState;
use crate::pipeline::NodeMode;
use crate::plan::{Category, LinkType, StateFate, WindowUse};
use crate::spec::{NodeId, Timestamp};

/// One change of plan.
pub(super) struct Succession<'a> {
    /// The nodes of the plan before that have no successor yet.
    pub(super) former: BTreeMap<NodeId, RunningNode>,
    pub(super) graveyard: &'a mut Graveyard,
    /// Nodes that are to begin anew, because a person asked for it.
    pub(super) resets: &'a [NodeId],
    /// The first batch of the new plan, and where it begins.
    pub(super) batch: u64,
    pub(super) time: Timestamp,
    /// What may be set aside, in bytes.
    pub(super) max_parked_bytes: u64,
    /// Whether nothing but words is wanted: sources and sinks are not touched.
    pub(super) is_rehearsal: bool,
    pub(super) fates: Vec<NodeFate>,
    /// Nodes whose output means something else than before.
    altered: BTreeSet<NodeId>,
    /// Nodes that changed, or stand behind one that did.
    touched: BTreeSet<NodeId>,
}

/// How a node came into the new plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// As it was.
    Unchanged,
    /// Changed, new or brought back: its source or sink has to be started.
    Changed,
}

impl<'a> Succession<'a> {
    pub(super) fn new(
        former: impl IntoIterator<Item = RunningNode>,
        graveyard: &'a mut Graveyard,
        resets: &'a [NodeId],
        (batch, time): (u64, Timestamp),
        max_parked_bytes: u64,
    ) -> Self {
        Self {
            former: former.into_iter().map(|node| (node.id, node)).collect(),
            graveyard,
            resets,
            batch,
            time,
            max_parked_bytes,
            is_rehearsal: false,
            fates: Vec::new(),
            altered: BTreeSet::new(),
            touched: BTreeSet::new(),
        }
    }

    /// Gives a node of the new plan the state that is his. Nodes come in the direction of the rows.
    pub(super) fn enter(&mut self, node: &mut RunningNode) -> Entry {
        let before = self.former.remove(&node.id);
        let is_reset = self.resets.contains(&node.id);
        let is_same = before.as_ref().is_some_and(|before| node.is_same_as(before)) && !is_reset;
        let is_rewired = before.as_ref().is_none_or(|before| sources_of(before) != sources_of(node));
        let is_mixed = self.note_meaning(node, before.as_ref(), is_rewired);
        let is_behind = node.inputs.iter().flatten().any(|wire| self.touched.contains(&wire.node));
        if !is_same || is_rewired || is_behind {
            self.touched.insert(node.id);
        }
        let Some(before) = before else {
            if node.mode == NodeMode::On {
                self.bring_back(node);
            }
            return Entry::Changed;
        };
        if before.mode != node.mode {
            self.change_mode(node, before);
            return Entry::Changed;
        }
        let is_new_to_it = is_mixed && before.mixed.is_none() && node.remembers();
        if is_same {
            node.take_over(before, self.is_rehearsal);
            if self.touched.contains(&node.id) {
                // Whatever made it fail may be mended.
                node.forgive();
            }
            if is_new_to_it {
                self.mix(node);
                self.tell(node.id, StateFate::Kept, true, false);
            }
            return Entry::Unchanged;
        }
        let refusal = if is_reset { Err("begun anew, as asked".to_owned()) } else { node.fits(&before) };
        if let Err(sentence) = refusal {
            self.begin_anew(node, before, sentence);
            return Entry::Changed;
        }
        let remembers = node.remembers() || before.remembers();
        let fate = node.take_over(before, self.is_rehearsal);
        let is_mixed = is_new_to_it && fate.goes_on();
        if is_mixed {
            self.mix(node);
        }
        if remembers || !node.is_operator() {
            self.tell(node.id, fate, is_mixed, false);
        }
        Entry::Changed
    }

    /// Sets aside what has no successor.
    pub(super) fn finish(&mut self) -> Vec<NodeFate> {
        for (id, mut node) in std::mem::take(&mut self.former) {
            let is_told = node.remembers();
            if !self.is_rehearsal {
                node.release();
            }
            let is_parked = self.graveyard.bury(node, self.batch, self.max_parked_bytes);
            if is_told {
                let sentence = if is_parked {
                    "it leaves the plan; its state is set aside, and undo brings it back"
                } else {
                    "it leaves the plan; its state is too large to be set aside and is lost"
                };
                self.tell(id, StateFate::Parked(sentence.to_owned()), false, is_parked);
            }
        }
        self.tell_what_had_to_give_way();
        std::mem::take(&mut self.fates)
    }

    /// States that an edit sets aside together can be too large together: then the first of them gave way.
    fn tell_what_had_to_give_way(&mut self) {
        for told in self.fates.iter_mut().filter(|told| told.is_parked) {
            if self.graveyard.holds(told.node, self.batch) {
                continue;
            }
            told.is_parked = false;
            if let StateFate::Parked(sentence) = &mut told.fate {
                let gone = "its state is lost, because all that is set aside is too large together";
                gone.clone_into(sentence);
            }
        }
    }

    /// A node that is muted or bypassed has left the plan as one that was removed has: it is set aside, and finds its
    /// state again when it is put back to work. What stood in for it has none.
    fn change_mode(&mut self, node: &mut RunningNode, mut before: RunningNode) {
        self.altered.insert(node.id);
        if before.mode == NodeMode::On {
            let is_told = before.remembers();
            if !self.is_rehearsal {
                before.release();
            }
            let is_parked = self.graveyard.bury(before, self.batch, self.max_parked_bytes);
            if is_told {
                let sentence = if is_parked {
                    "it rests; its state is set aside until it works again"
                } else {
                    "it rests; its state is too large to be set aside and is lost"
                };
                self.tell(node.id, StateFate::Parked(sentence.to_owned()), false, is_parked);
            }
        }
        if node.mode == NodeMode::On {
            self.bring_back(node);
        }
    }

    /// A node that was not in the plan: what was set aside of it comes back.
    fn bring_back(&mut self, node: &mut RunningNode) {
        let Some((state, parked)) = self.graveyard.exhume(node) else { return };
        self.revive(node, &state, parked);
        if node.remembers() {
            self.tell(node.id, StateFate::Restored(restored(&state)), false, false);
        }
    }

    /// A node whose former state does not fit: what was set aside of it as it is now comes back, else it begins anew.
    fn begin_anew(&mut self, node: &mut RunningNode, before: RunningNode, sentence: String) {
        let is_reset = self.resets.contains(&node.id);
        let found = if is_reset { None } else { self.graveyard.exhume(node) };
        let fate = if let Some((state, parked)) = found {
            self.revive(node, &state, parked);
            StateFate::Restored(restored(&state))
        } else {
            node.follow(&before);
            StateFate::Reset(sentence)
        };
        let is_told = before.remembers() || node.remembers();
        let is_parked = self.graveyard.bury(before, self.batch, self.max_parked_bytes);
        if is_told {
            self.tell(node.id, fate, false, is_parked);
        }
    }

    fn revive(&mut self, node: &mut RunningNode, state: &ParkedState, parked: Option<RunningNode>) {
        if let Some(parked) = parked {
            node.take_over(parked, self.is_rehearsal);
            node.forgive();
        }
        node.missed += self.batch.saturating_sub(state.since_batch);
    }

    /// Whether the rows that come to this node mean something else than before; and notes whether those it gives do.
    fn note_meaning(&mut self, node: &RunningNode, before: Option<&RunningNode>, is_rewired: bool) -> bool {
        let Some(before) = before else {
            self.altered.insert(node.id);
            return false;
        };
        let comes_altered = node.inputs.iter().flatten().any(|wire| self.altered.contains(&wire.node));
        let is_mixed = comes_altered || (is_rewired && !node.inputs.is_empty());
        let computes = match node.kind.category {
            Category::Transform | Category::State => true,
            Category::Source | Category::Window | Category::Sink => false,
        };
        let ends_other_window =
            node.kind.windows != WindowUse::Keeps && windows_of(&node.input_types) != windows_of(&before.input_types);
        let is_other = !std::ptr::eq(node.kind, before.kind)
            || (computes && node.params != before.params)
            || (computes && ends_other_window);
        if is_mixed || is_other {
            self.altered.insert(node.id);
        }
        is_mixed
    }

    fn mix(&self, node: &mut RunningNode) {
        node.mixed = Some((self.batch, self.time));
    }

    fn tell(&mut self, node: NodeId, fate: StateFate, is_mixed: bool, is_parked: bool) {
        self.fates.push(NodeFate { node, fate, is_mixed, is_parked });
    }
}

fn restored(state: &ParkedState) -> String {
    format!("its state comes back as it was before batch {}; rows since then are not in it", state.since_batch)
}

fn sources_of(node: &RunningNode) -> Vec<Vec<(NodeId, usize)>> {
    node.inputs.iter().map(|wires| wires.iter().map(|wire| (wire.node, wire.port)).collect()).collect()
}

fn windows_of(types: &[Vec<LinkType>]) -> Vec<&Option<crate::window::LinkWindow>> {
    types.iter().flatten().map(|link| &link.window).collect()
}
