//! All node kinds: one file each, listed in [`KINDS`].

#[cfg(test)]
pub(crate) mod testing;
pub mod transforms;

use crate::plan::NodeKind;

/// Every node kind, in the palette's order: by category, then by id.
pub const KINDS: &[&NodeKind] = &[
    // Transforms.
    &transforms::filter::KIND,
    &transforms::flat_map::KIND,
    &transforms::map::KIND,
    &transforms::parse::KIND,
    &transforms::sort::KIND,
    &transforms::union::KIND,
];

/// The kind of this id.
pub fn kind(id: &str) -> Option<&'static NodeKind> {
    KINDS.iter().find(|kind| kind.id == id).copied()
}

/// Turns a windowed link into the window's rows as a plain stream.
pub fn gather(link: &crate::plan::LinkType) -> (crate::plan::LinkType, Box<dyn crate::plan::Operator>) {
    unimplemented!("{link:?}")
}
