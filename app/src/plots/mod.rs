//! The instruments: plots per batch, always with the batch interval drawn, and the verdict in words.
//!
//! Small multiples share one span of batches and one cursor. All bounds are set by hand from `view::View`: `egui_plot`'s
//! automatic bounds would break the shared axis. A frame costs as many points as there are pixels, whatever the length
//! of the history.

mod catalogue;
mod chart;
mod gauge;
mod histogram;
mod interval;
mod legend;
mod marks;
mod panel;
mod scale;
mod series;
mod spans;
mod stack;
pub(crate) mod units;
mod verdict;
mod view;

pub use gauge::headroom_ui;
pub use panel::Plots;
