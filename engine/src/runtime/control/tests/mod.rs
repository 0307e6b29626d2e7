//! The controllers in closed loops with a simulated pipeline.

mod directions;
mod intervals;
mod plant;
mod rates;
