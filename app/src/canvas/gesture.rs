//! What the pointer is doing. One gesture at a time; its result becomes one action when it ends, so that it is one undo
//! step and Escape costs nothing.

use std::collections::BTreeSet;

use eframe::egui::{Pos2, Rect, Vec2};
use weir_engine::pipeline::FrameId;
use weir_engine::spec::WireKey;

use super::grip::Grip;
use super::scene::BoxId;
use super::wiring::Wiring;
use crate::action::Selection;

/// The gesture under way. Panning is not one: it is possible during each of them.
#[derive(Debug, Default)]
pub(crate) enum Gesture {
    /// None.
    #[default]
    Idle,
    /// Nodes and frames follow the pointer.
    Moving(Moving),
    /// A rectangle is drawn around what to select.
    Selecting(BoxSelect),
    /// A wire is in hand.
    Wiring(Box<Wiring>),
    /// An edge or corner of a frame follows the pointer.
    Resizing(Resizing),
}

impl Gesture {
    /// Whether a wire is in hand without a button being held.
    pub(crate) fn is_wire_in_hand(&self) -> bool {
        matches!(self, Self::Wiring(wiring) if wiring.is_in_hand)
    }

    /// Whether it lasts only while the button is held.
    pub(crate) fn needs_button(&self) -> bool {
        match self {
            Self::Idle => false,
            Self::Moving(_) | Self::Selecting(_) | Self::Resizing(_) => true,
            Self::Wiring(wiring) => !wiring.is_in_hand,
        }
    }
}

/// Moving nodes and frames.
#[derive(Debug)]
pub(crate) struct Moving {
    /// What moves.
    pub(crate) boxes: BTreeSet<BoxId>,
    /// Frames that move; what lies in them is in `boxes`.
    pub(crate) frames: BTreeSet<FrameId>,
    /// Where it was taken hold of, in the world.
    pub(crate) grabbed_at: Pos2,
    /// Where the thing under the pointer was: its corner is what snaps to the grid.
    pub(crate) corner: Pos2,
    /// How far it has come.
    pub(crate) by: Vec2,
    /// The wire a single free node would be inserted into.
    pub(crate) onto: Option<WireKey>,
}

/// Selecting by a rectangle.
#[derive(Debug)]
pub(crate) struct BoxSelect {
    /// Where it began, in the world.
    pub(crate) from: Pos2,
    /// Where the pointer is.
    pub(crate) to: Pos2,
    /// What stays selected besides.
    pub(crate) base: Selection,
}

/// Resizing a frame.
#[derive(Debug)]
pub(crate) struct Resizing {
    /// Which frame.
    pub(crate) frame: FrameId,
    /// Which edges of it.
    pub(crate) grip: Grip,
    /// Where it was taken hold of, in the world.
    pub(crate) grabbed_at: Pos2,
    /// What it was.
    pub(crate) home: Rect,
    /// What it becomes.
    pub(crate) rect: Rect,
}
