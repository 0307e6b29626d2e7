//! Aligning and distributing what is selected.

use eframe::egui::{Pos2, Rect, pos2};

use super::scene::BoxId;
use crate::command::Command;

/// How to line nodes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Left edges on the leftmost.
    Left,
    /// Centres on the common centre, from left to right.
    Center,
    /// Right edges on the rightmost.
    Right,
    /// Upper edges on the uppermost.
    Top,
    /// Middles on the common middle, from top to bottom.
    Middle,
    /// Lower edges on the lowest.
    Bottom,
    /// Equal gaps from left to right.
    DistributeAcross,
    /// Equal gaps from top to bottom.
    DistributeDown,
}

impl Align {
    /// All, in the menu's order.
    pub(crate) const ALL: [Self; 8] = [
        Self::Left,
        Self::Center,
        Self::Right,
        Self::Top,
        Self::Middle,
        Self::Bottom,
        Self::DistributeAcross,
        Self::DistributeDown,
    ];

    /// The command that asks for it.
    pub(crate) const fn command(self) -> Command {
        match self {
            Self::Left => Command::AlignLeft,
            Self::Center => Command::AlignCenter,
            Self::Right => Command::AlignRight,
            Self::Top => Command::AlignTop,
            Self::Middle => Command::AlignMiddle,
            Self::Bottom => Command::AlignBottom,
            Self::DistributeAcross => Command::DistributeAcross,
            Self::DistributeDown => Command::DistributeDown,
        }
    }

    /// Its name, which is its command's too.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Left => "canvas.align.left",
            Self::Center => "canvas.align.center",
            Self::Right => "canvas.align.right",
            Self::Top => "canvas.align.top",
            Self::Middle => "canvas.align.middle",
            Self::Bottom => "canvas.align.bottom",
            Self::DistributeAcross => "canvas.align.across",
            Self::DistributeDown => "canvas.align.down",
        }
    }

    /// Where the boxes go. `None` for fewer than two, or three where gaps are distributed.
    pub(crate) fn places(self, nodes: &[(BoxId, Rect)]) -> Option<Vec<(BoxId, Pos2)>> {
        let least = if matches!(self, Self::DistributeAcross | Self::DistributeDown) { 3 } else { 2 };
        if nodes.len() < least {
            return None;
        }
        let all = nodes.iter().map(|(_, rect)| *rect).reduce(Rect::union)?;
        let lined = |place: &dyn Fn(Rect) -> Pos2| nodes.iter().map(|(id, rect)| (*id, place(*rect))).collect();
        Some(match self {
            Self::Left => lined(&|rect| pos2(all.left(), rect.top())),
            Self::Center => lined(&|rect| pos2(all.center().x - rect.width() / 2.0, rect.top())),
            Self::Right => lined(&|rect| pos2(all.right() - rect.width(), rect.top())),
            Self::Top => lined(&|rect| pos2(rect.left(), all.top())),
            Self::Middle => lined(&|rect| pos2(rect.left(), all.center().y - rect.height() / 2.0)),
            Self::Bottom => lined(&|rect| pos2(rect.left(), all.bottom() - rect.height())),
            Self::DistributeAcross => distributed(nodes, all.width(), |rect| (rect.left(), rect.width()))
                .into_iter()
                .map(|(id, rect, at)| (id, pos2(all.left() + at, rect.top())))
                .collect(),
            Self::DistributeDown => distributed(nodes, all.height(), |rect| (rect.top(), rect.height()))
                .into_iter()
                .map(|(id, rect, at)| (id, pos2(rect.left(), all.top() + at)))
                .collect(),
        })
    }
}

/// The nodes in order, each with its distance from the first one's start.
fn distributed(nodes: &[(BoxId, Rect)], length: f32, extent: impl Fn(&Rect) -> (f32, f32)) -> Vec<(BoxId, Rect, f32)> {
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
    use weir_engine::spec::NodeId;

    use super::*;

    fn nodes() -> Vec<(BoxId, Rect)> {
        [(1, 0.0, 10.0, 50.0), (2, 300.0, 90.0, 50.0), (3, 100.0, 40.0, 70.0)]
            .into_iter()
            .map(|(id, x, y, width)| (BoxId::Node(NodeId(id)), Rect::from_min_size(pos2(x, y), vec2(width, 20.0))))
            .collect()
    }

    fn moved(align: Align) -> Vec<Pos2> {
        align.places(&nodes()).unwrap().into_iter().map(|(_, at)| at).collect()
    }

    #[test]
    fn edges_and_middles_meet_and_the_other_direction_stays() {
        let (x, y) = (|at: &Pos2| at.x, |at: &Pos2| at.y);
        assert!(moved(Align::Left).iter().map(x).eq([0.0; 3]));
        assert!(moved(Align::Left).iter().map(y).eq([10.0, 90.0, 40.0]));
        assert!(moved(Align::Right).iter().map(x).eq([300.0, 300.0, 280.0]));
        assert!(moved(Align::Center).iter().map(x).eq([150.0, 150.0, 140.0]));
        assert!(moved(Align::Top).iter().map(y).eq([10.0; 3]));
        assert!(moved(Align::Bottom).iter().map(y).eq([90.0; 3]));
        assert!(moved(Align::Middle).iter().map(y).eq([50.0; 3]));
    }

    #[test]
    fn distributing_makes_equal_gaps_and_keeps_the_outer_two() {
        let at: Vec<_> = moved(Align::DistributeAcross).into_iter().map(|at| at.x).collect();
        assert_eq!(at, [0.0, 140.0, 300.0], "gaps of 90 each");
    }

    #[test]
    fn one_node_has_nothing_to_align_to() {
        assert_eq!(Align::Top.places(&nodes()[..1]), None);
        assert_eq!(Align::DistributeDown.places(&nodes()[..2]), None);
    }

    #[test]
    fn every_way_has_a_command_of_its_own() {
        let commands: std::collections::BTreeSet<_> = Align::ALL.into_iter().map(Align::command).collect();
        assert_eq!(commands.len(), Align::ALL.len());
    }
}
