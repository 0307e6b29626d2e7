//! Rate control and interval control: pure decisions from what each batch measured. Nothing here reads a clock, and
//! nothing knows a source.

mod damped;
mod governor;
mod interval;
mod rate;
#[cfg(test)]
mod tests;

pub use governor::{BatchDone, Directions, Governor, SourceRows};
