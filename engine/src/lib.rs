//! The streaming engine of Weir: everything but pixels.
//!
//! A [`pipeline::Pipeline`] is a petgraph of nodes. [`analysis`] checks it while it is edited, [`plan`] turns it into
//! executable stages, and [`runtime`] executes those in micro-batches of Arrow record batches, live-changeable between
//! any two batches. Modules stand on floors: each imports only from the floors above it in this list.

/// The one arrow of the whole program: two majors would be two incompatible kinds of record batches.
pub use arrow;

pub mod spec;

pub mod expr;
pub mod metrics;

pub mod aggregate;
pub mod pipeline;

pub mod format;
pub mod window;

pub mod plan;

pub mod nodes;

pub mod analysis;

pub mod runtime;
