//! `flat_map`: makes several rows of one, by splitting text or unfolding a list.
//!
//! Splitting copies no text: the pieces are views into the buffers of the input (see `split`).

mod explode;
mod generate;
mod node;
mod split;
mod subject;

pub use node::KIND;

#[cfg(test)]
mod tests;
