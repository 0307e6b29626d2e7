//! Kinds that turn a stream into windows, and the watermark that closes them.

pub mod count;
pub mod session;
pub mod sliding;
pub mod tumbling;
pub mod watermark;

mod assign;
mod planning;

use crate::spec::{Diagnostic, Span, duration};

/// Shortest window or slide.
const MIN_MILLIS: i64 = 10;
/// Longest window or slide: 31 days.
const MAX_MILLIS: i64 = crate::window::LONGEST.0 / 1_000;

/// Reads a duration parameter.
fn read(param: &str, text: &str) -> Result<Span, Vec<Diagnostic>> {
    duration::parse(text).map_err(|wrong| vec![Diagnostic::error(wrong).param(param)])
}
