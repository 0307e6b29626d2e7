//! All node kinds: one file each, listed in [`KINDS`].

pub mod sinks;
pub mod sources;
pub mod state;
pub mod transforms;
pub mod windows;

mod event_time;
mod gather;
mod grouping;
mod infer;
mod json_text;
mod net;
mod secret;
#[cfg(test)]
pub(crate) mod testdrive;
#[cfg(test)]
pub(crate) mod testing;

pub use gather::gather;
pub use infer::{can_infer, infer};
pub use sources::replay::{arrival_field, replay_of};

pub mod catalogue;

use crate::plan::NodeKind;

/// Every node kind, in the palette's order: by category, then by id.
pub const KINDS: &[&NodeKind] = &[
    &sources::folder::KIND,
    &sources::generator::KIND,
    &sources::inline::KIND,
    &sources::replay::KIND,
    &sources::socket::KIND,
    &sources::tail::KIND,
    &transforms::aggregate::KIND,
    &transforms::distinct::KIND,
    &transforms::filter::KIND,
    &transforms::flat_map::KIND,
    &transforms::group::KIND,
    &transforms::join::KIND,
    &transforms::limit::KIND,
    &transforms::lookup::KIND,
    &transforms::map::KIND,
    &transforms::parse::KIND,
    &transforms::repartition::KIND,
    &transforms::sample::KIND,
    &transforms::sort::KIND,
    &transforms::sql::KIND,
    &transforms::tee::KIND,
    &transforms::union::KIND,
    &windows::watermark::KIND,
    &windows::count::KIND,
    &windows::session::KIND,
    &windows::sliding::KIND,
    &windows::tumbling::KIND,
    &state::changes::KIND,
    &state::dedup::KIND,
    &state::fold::KIND,
    &state::interval_join::KIND,
    &state::running::KIND,
    &state::snapshot::KIND,
    &sinks::alert::KIND,
    &sinks::chart::KIND,
    &sinks::console::KIND,
    &sinks::file::KIND,
    &sinks::null::KIND,
    &sinks::socket::KIND,
    &sinks::sql::KIND,
    &sinks::table::KIND,
];

/// The kind that puts several streams together: what a second wire is led through where an input takes one.
pub const JOINING: &NodeKind = &transforms::union::KIND;

/// The kind of this id.
pub fn kind(id: &str) -> Option<&'static NodeKind> {
    KINDS.iter().find(|kind| kind.id == id).copied()
}
