//! Muting and bypassing what is selected, and putting it back to work.

use weir_engine::analysis::can_bypass;
use weir_engine::nodes;
use weir_engine::pipeline::{Edit, NodeMode, Pipeline};
use weir_engine::spec::NodeId;

use super::with_contents;
use crate::action::Selection;

/// The edit that gives the selected nodes a mode; back to work if all of them have it already. `Err` says why not one of
/// them can have it; those that cannot are left out as long as another can.
pub fn toggle_mode(pipeline: &Pipeline, selection: &Selection, mode: NodeMode) -> Result<Option<Edit>, &'static str> {
    let mut able = Vec::new();
    let mut reason = None;
    for id in with_contents(pipeline, selection).nodes {
        match can_have(pipeline, id, mode) {
            Ok(()) => able.push(id),
            Err(why) => reason = Some(why),
        }
    }
    if able.is_empty() {
        return reason.map_or(Ok(None), Err);
    }
    let has_it = |id: &NodeId| pipeline.node(*id).is_some_and(|node| node.mode == mode);
    let wanted = if able.iter().all(has_it) { NodeMode::On } else { mode };
    let is_other = |id: &NodeId| pipeline.node(*id).is_some_and(|node| node.mode != wanted);
    let edits: Vec<_> = able.into_iter().filter(is_other).map(|node| Edit::SetMode { node, mode: wanted }).collect();
    Ok((!edits.is_empty()).then_some(Edit::Many(edits)))
}

fn can_have(pipeline: &Pipeline, id: NodeId, mode: NodeMode) -> Result<(), &'static str> {
    match mode {
        NodeMode::On | NodeMode::Muted => Ok(()),
        NodeMode::Bypassed => pipeline.node(id).and_then(|node| nodes::kind(&node.kind)).map_or(Ok(()), can_bypass),
    }
}
