//! All node kinds: one file each.

pub mod sinks;
pub mod sources;

use crate::plan::NodeKind;

/// Every node kind, in the palette's order.
pub const KINDS: &[&NodeKind] = &[
    &sources::generator::KIND,
    &sources::inline::KIND,
    &sources::replay::KIND,
    &sources::socket::KIND,
    &sinks::console::KIND,
    &sinks::file::KIND,
    &sinks::null::KIND,
    &sinks::table::KIND,
];

/// The kind of this id.
pub fn kind(id: &str) -> Option<&'static NodeKind> {
    KINDS.iter().find(|kind| kind.id == id).copied()
}
