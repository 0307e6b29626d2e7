//! The halo around the node that limits the run, and around no other.

use eframe::egui::epaint::Shadow;
use eframe::egui::{Color32, Painter, Rect, Stroke, StrokeKind};
use weir_engine::metrics::Cause;
use weir_engine::spec::NodeId;

use crate::state::AppState;

/// Paints the halo of a box, if the culprit is it or in it.
pub(super) fn paint(painter: &Painter, state: &AppState, nodes: &[NodeId], rect: Rect, rounding: f32) {
    let Some(color) = nodes.iter().find_map(|node| color_of(state, *node)) else { return };
    let glow = Shadow { offset: [0, 0], blur: 26, spread: 5, color: color.gamma_multiply(0.55) };
    painter.add(glow.as_shape(rect, rounding));
    painter.rect_stroke(rect.expand(3.5), rounding + 3.5, Stroke::new(2.0, color), StrokeKind::Middle);
}

/// The halo's colour; `None` for all but the culprit. While a past batch is shown there is none: it is a fact of now.
pub(crate) fn color_of(state: &AppState, node: NodeId) -> Option<Color32> {
    let live = &state.live;
    if !live.is_active() || live.shown_batch.is_some() {
        return None;
    }
    if let Some((held, _)) = &live.held {
        return (*held == node).then_some(state.theme.error);
    }
    let culprit = live.culprit.as_ref().filter(|culprit| culprit.node == node)?;
    Some(match culprit.cause {
        Cause::Works | Cause::Skewed { .. } => state.theme.warning,
        Cause::Waits(_) | Cause::HoldsWindows { .. } => state.theme.error,
    })
}

#[cfg(test)]
mod tests {
    use weir_engine::metrics::Culprit;
    use weir_engine::pipeline::Document;
    use weir_engine::runtime::RunState;

    use super::*;

    #[test]
    fn only_the_culprit_has_a_halo_and_only_while_it_runs_live() {
        let mut state = AppState::new(Document::default());
        let culprit = Culprit { node: NodeId(2), share: 0.7, batches: 40, cause: Cause::Works };
        state.live.culprit = Some(culprit);
        assert_eq!(color_of(&state, NodeId(2)), None, "nothing runs");
        state.live.state = RunState::Running;
        let haloed: Vec<_> = (1..5).map(NodeId).filter(|node| color_of(&state, *node).is_some()).collect();
        assert_eq!(haloed, [NodeId(2)]);
        state.live.held = Some((NodeId(4), "the disk is full".to_owned()));
        let haloed: Vec<_> = (1..5).map(NodeId).filter(|node| color_of(&state, *node).is_some()).collect();
        assert_eq!(haloed, [NodeId(4)], "who holds the batch now is more urgent than who was slow");
        state.live.shown_batch = Some(3);
        assert_eq!(color_of(&state, NodeId(4)), None);
    }
}
