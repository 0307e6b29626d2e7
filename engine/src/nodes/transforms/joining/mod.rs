//! What the joining kinds share, from the parameter `on` to the rows that come out.
//!
//! The right side is numbered by key and laid out key after key; every left row then finds its partners as one slice.
//! The left side is cut into pieces by the number of pairs alone, so a batch gives the same rows on any number of
//! threads: in the order of the left rows, and for each of them in the order of the right ones.

mod index;
mod keys;
mod on;
mod pairs;
mod shape;

pub(super) use index::Index;
pub(super) use keys::{KeyTable, null_rows};
pub(super) use on::{JoinKeys, KeyPair, NULL_KEYS, NullKeys, OnRow, Sides, unique_name, window_bounds};
pub(super) use pairs::{NONE, Pairs, cut, keep_rows};
pub(super) use shape::{Keeps, Shape};
