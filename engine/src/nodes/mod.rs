//! All node kinds: one file each, listed in [`KINDS`].

use crate::plan::NodeKind;

/// Every node kind, in the palette's order.
pub const KINDS: &[&NodeKind] = &[];

/// The kind of this id.
pub fn kind(id: &str) -> Option<&'static NodeKind> {
    KINDS.iter().find(|kind| kind.id == id).copied()
}

/// Turns a windowed link into the window's rows as a plain stream.
pub fn gather(link: &crate::plan::LinkType) -> (crate::plan::LinkType, Box<dyn crate::plan::Operator>) {
    unimplemented!("{link:?}")
}
