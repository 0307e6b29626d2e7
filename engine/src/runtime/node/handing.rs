//! How a node takes over from the one that stood in its place in the plan before.

use super::{RunningNode, RunningStage, RunningWire, guard};
use crate::plan::{NodeError, Operator, StateFate};
use crate::spec::NodeId;

impl RunningNode {
    /// Why nothing of the state of the node that stood here before can go on: its operator's, or rows gathered for it.
    pub fn fits(&self, old: &Self) -> Result<(), String> {
        if !std::ptr::eq(self.kind, old.kind) {
            return Err("the node is of another kind now".to_owned());
        }
        match (&self.stage, &old.stage) {
            (RunningStage::Operator(new), RunningStage::Operator(old)) => new.fits(&**old)?,
            (RunningStage::Source(_), RunningStage::Source(_))
            | (RunningStage::Sink(_), RunningStage::Sink(_))
            | (RunningStage::Relabel, RunningStage::Relabel) => {}
            (_, _) => return Err("the node works in another way now".to_owned()),
        }
        self.pairs_with(old).try_for_each(|(new, old)| new.fits(old))
    }

    /// Begins anew where another node stands.
    pub fn follow(&mut self, old: &Self) {
        if let (RunningStage::Operator(new), RunningStage::Operator(old)) = (&mut self.stage, &old.stage) {
            new.follow(&**old);
        }
        for wire in self.inputs.iter_mut().flatten() {
            if let (Some(new), Some(old)) = (&mut wire.gather, gather_at(old, wire.node, wire.port)) {
                new.follow(old);
            }
        }
    }

    /// Takes over from the node that stood here in the plan before, whose state fits: as a whole if nothing about it
    /// changed, else whatever goes on. In a rehearsal sources and sinks stay as they are.
    pub fn take_over(&mut self, old: Self, is_rehearsal: bool) -> StateFate {
        (self.mixed, self.missed, self.imagined) = (old.mixed, old.missed, old.imagined);
        if self.is_same_as(&old) {
            self.stage = old.stage;
            self.failed = old.failed;
            self.told = old.told;
            self.needs_start = old.needs_start || old.is_parked;
            take_over_gathers(&mut self.inputs, old.inputs);
            return StateFate::Kept;
        }
        let gathered = take_over_gathers(&mut self.inputs, old.inputs);
        let stage = &mut self.stage;
        let taken = guard(|| {
            Ok(match (stage, old.stage) {
                (RunningStage::Operator(new), RunningStage::Operator(old)) => new.take_over(old),
                (RunningStage::Source(_) | RunningStage::Sink(_), _) if is_rehearsal => StateFate::Kept,
                (RunningStage::Source(new), RunningStage::Source(old)) => {
                    new.take_over(old.as_ref());
                    StateFate::Kept
                }
                (RunningStage::Sink(new), RunningStage::Sink(old)) => {
                    new.take_over(old);
                    StateFate::Kept
                }
                (RunningStage::Relabel, RunningStage::Relabel) => StateFate::Kept,
                (_, _) => StateFate::Reset("the node works in another way now".to_owned()),
            })
        });
        taken.unwrap_or_else(|error: NodeError| StateFate::Reset(error.message)).or_graver(gathered)
    }

    /// Its gathers and those of another node on the same wires.
    fn pairs_with<'a>(&'a self, old: &'a Self) -> impl Iterator<Item = (&'a dyn Operator, &'a dyn Operator)> {
        self.inputs.iter().flatten().filter_map(|wire| {
            let new = wire.gather.as_deref()?;
            Some((new, gather_at(old, wire.node, wire.port)?))
        })
    }
}

/// What a node gathers from this wire.
fn gather_at(node: &RunningNode, from: NodeId, port: usize) -> Option<&dyn Operator> {
    let wire = node.inputs.iter().flatten().find(|wire| wire.node == from && wire.port == port)?;
    wire.gather.as_deref()
}

fn take_over_gathers(new: &mut [Vec<RunningWire>], old: Vec<Vec<RunningWire>>) -> StateFate {
    let mut old: Vec<_> = old.into_iter().flatten().collect();
    let mut fate = StateFate::Kept;
    for wire in new.iter_mut().flatten() {
        let Some(found) = old.iter().position(|other| other.node == wire.node && other.port == wire.port) else {
            continue;
        };
        let former = old.swap_remove(found);
        if let (Some(gather), Some(former)) = (&mut wire.gather, former.gather) {
            fate = fate.or_graver(gather.take_over(former));
        }
    }
    fate
}
