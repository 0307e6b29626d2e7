//! `fold`: state of a person's own making, updated row by row with expressions.
//!
//! The rows of a key are folded in the order in which they arrived, but the expressions run over many keys at once:
//! first over every key's first row of the batch, then over every second row, and so on.

mod node;
mod operator;
mod parked;
mod program;
mod rounds;
mod steps;
#[cfg(test)]
mod tests;

pub use node::KIND;
