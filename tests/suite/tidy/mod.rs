//! The borders of the house, held by reading the source.

mod borders;
mod counters;
mod features;
mod layers;
mod source;
