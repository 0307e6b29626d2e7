//! All node kinds: one file each.

pub mod catalogue;

use crate::plan::NodeKind;

/// Every node kind, in the palette's order.
pub const KINDS: &[&NodeKind] = &[];

/// The kind of this id.
pub fn kind(id: &str) -> Option<&'static NodeKind> {
    KINDS.iter().find(|kind| kind.id == id).copied()
}
