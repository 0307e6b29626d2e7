//! `window.session`: rows of one key between pauses.
//!
//! `node` is the kind, `place` says when a row happened and how far it reaches, `gate` lets rows pass that are in
//! a session. Whoever ends the window asks `place` again: a link carries the rows alone.

mod gate;
mod node;
mod place;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use node::KIND;
pub(in crate::nodes) use place::{Placer, Progress};
