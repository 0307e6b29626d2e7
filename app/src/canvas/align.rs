//! Aligning and distributing what is selected.

use eframe::egui::{Pos2, Rect, pos2};
use weir_engine::pipeline::{Edit, Position};
use weir_engine::spec::NodeId;

/// How to line nodes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Left edges on the leftmost.
    Left,
    /// Right edges on the rightmost.
    Right,
    /// Upper edges on the uppermost.
    Top,
    /// Middles on the common middle.
    Middle,
    /// Equal gaps from left to right.
    DistributeAcross,
    /// Equal gaps from top to bottom.
    DistributeDown,
}

impl Align {
    /// All, in the menu's order.
    pub(crate) const ALL: [Self; 6] =
        [Self::Left, Self::Right, Self::Top, Self::Middle, Self::DistributeAcross, Self::DistributeDown];

    /// Its name.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Left => "canvas.align.left",
            Self::Right => "canvas.align.right",
            Self::Top => "canvas.align.top",
            Self::Middle => "canvas.align.middle",
            Self::DistributeAcross => "canvas.align.across",
            Self::DistributeDown => "canvas.align.down",
        }
    }

    /// Moves the nodes. `None` for fewer than two, or three where gaps are distributed.
    pub(crate) fn edit(self, nodes: &[(NodeId, Rect)]) -> Option<Edit> {
        let least = if matches!(self, Self::DistributeAcross | Self::DistributeDown) { 3 } else { 2 };
        if nodes.len() < least {
            return None;
        }
        let all = nodes.iter().map(|(_, rect)| *rect).reduce(Rect::union)?;
        let lined = |place: &dyn Fn(Rect) -> Pos2| nodes.iter().map(|(id, rect)| (*id, place(*rect))).collect();
        let moved: Vec<(NodeId, Pos2)> = match self {
            Self::Left => lined(&|rect| pos2(all.left(), rect.top())),
            Self::Right => lined(&|rect| pos2(all.right() - rect.width(), rect.top())),
            Self::Top => lined(&|rect| pos2(rect.left(), all.top())),
            Self::Middle => lined(&|rect| pos2(rect.left(), all.center().y - rect.height() / 2.0)),
            Self::DistributeAcross => distributed(nodes, all.width(), |rect| (rect.left(), rect.width()))
                .into_iter()
                .map(|(id, rect, at)| (id, pos2(all.left() + at, rect.top())))
                .collect(),
            Self::DistributeDown => distributed(nodes, all.height(), |rect| (rect.top(), rect.height()))
                .into_iter()
                .map(|(id, rect, at)| (id, pos2(rect.left(), all.top() + at)))
                .collect(),
        };
        Some(Edit::Move { nodes: moved.into_iter().map(|(id, at)| (id, Position::new(at.x, at.y))).collect() })
    }
}

/// The nodes in order, each with its distance from the first one's start.
fn distributed(
    nodes: &[(NodeId, Rect)],
    length: f32,
    extent: impl Fn(&Rect) -> (f32, f32),
) -> Vec<(NodeId, Rect, f32)> {
    let mut ordered = nodes.to_vec();
    ordered.sort_by(|a, b| extent(&a.1).0.total_cmp(&extent(&b.1).0));
    let taken: f32 = ordered.iter().map(|(_, rect)| extent(rect).1).sum();
    let gap = (length - taken) / (ordered.len().max(2) - 1) as f32;
    let mut at = 0.0;
    ordered
        .into_iter()
        .map(|(id, rect)| {
            let here = at;
            at += extent(&rect).1 + gap;
            (id, rect, here)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use eframe::egui::vec2;

    use super::*;

    fn nodes() -> Vec<(NodeId, Rect)> {
        [(1, 0.0, 10.0), (2, 300.0, 90.0), (3, 100.0, 40.0)]
            .into_iter()
            .map(|(id, x, y)| (NodeId(id), Rect::from_min_size(pos2(x, y), vec2(50.0, 20.0))))
            .collect()
    }

    fn moved(align: Align) -> Vec<(NodeId, Position)> {
        match align.edit(&nodes()) {
            Some(Edit::Move { nodes }) => nodes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn left_edges_meet_and_heights_stay() {
        assert!(moved(Align::Left).iter().all(|(_, at)| at.x == 0.0));
        assert!((moved(Align::Left)[1].1.y - 90.0).abs() < f32::EPSILON);
    }

    #[test]
    fn distributing_makes_equal_gaps_and_keeps_the_outer_two() {
        let at: Vec<_> = moved(Align::DistributeAcross).into_iter().map(|(_, at)| at.x).collect();
        assert_eq!(at, [0.0, 150.0, 300.0]);
    }

    #[test]
    fn one_node_has_nothing_to_align_to() {
        assert_eq!(Align::Top.edit(&nodes()[..1]), None);
        assert_eq!(Align::DistributeDown.edit(&nodes()[..2]), None);
    }
}
