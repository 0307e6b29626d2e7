//! All node kinds: one file each, listed in [`KINDS`].

pub mod state;
pub mod transforms;
pub mod windows;

mod gather;
mod grouping;
#[cfg(test)]
pub(crate) mod testdrive;

pub use gather::gather;

use crate::plan::NodeKind;

/// Every node kind, in the palette's order.
pub const KINDS: &[&NodeKind] = &[
    &transforms::aggregate::KIND,
    &transforms::group::KIND,
    &windows::sliding::KIND,
    &windows::tumbling::KIND,
    &state::running::KIND,
];

/// The kind of this id.
pub fn kind(id: &str) -> Option<&'static NodeKind> {
    KINDS.iter().find(|kind| kind.id == id).copied()
}
