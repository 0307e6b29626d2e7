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
const MAX_MILLIS: i64 = 31 * 86_400_000;

/// Reads a duration parameter.
fn read(param: &str, text: &str) -> Result<Span, Vec<Diagnostic>> {
    duration::parse(text).map_err(|wrong| vec![Diagnostic::error(wrong).param(param)])
}

/// Plans a window of arrivals. A ten times longer window stays exact within ten minutes of history.
fn plan_window(context: &PlanContext<'_>, length: Span, slide: Span) -> Result<Planned, Vec<Diagnostic>> {
    let input = context.input()?;
    if input.window.is_some() {
        let sentence = "its input is windowed already; put a Group or an Aggregate between the two windows";
        return Err(vec![Diagnostic::error(sentence).port("in")]);
    }
    if slide.0 <= 0 || length.0 <= 0 {
        return Err(vec![Diagnostic::error("a window needs a length and a slide above zero").param("length")]);
    }
    let interval = context.settings.longest_interval();
    let per_batch = interval.0 / slide.0;
    if per_batch > MAX_WINDOWS_PER_BATCH {
        let sentence = format!(
            "a slide of {slide} gives {per_batch} windows in every batch of {interval}, at most \
             {MAX_WINDOWS_PER_BATCH} are allowed; lengthen the slide or shorten the batch interval"
        );
        return Err(vec![Diagnostic::error(sentence).param("slide")]);
    }
    let retain = Span(length.0.saturating_mul(10)).min(MAX_EXTRA_HISTORY).max(length);
    let window = WindowSpec { length, slide, retain };
    let output = LinkType { window: Some(window.into()), ..input.clone() };
    let mut planned = Planned::new(vec![output], Stage::Relabel);
    if slide > length {
        let sentence = format!(
            "the slide ({slide}) is longer than the window ({length}): rows that arrive in between are in no window"
        );
        planned.warnings.push(Diagnostic::warning(sentence).param("slide"));
    }
    Ok(planned)
}
