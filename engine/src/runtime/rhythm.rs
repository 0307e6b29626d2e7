//! The virtual clock beside real time: how fast it goes, and what cannot go by it.

use std::time::Duration;

use super::ClockKind;
use super::clock::{RealStopwatch, Stopwatch};
use crate::analysis::PlannedPipeline;
use crate::pipeline::{Backpressure, Settings};
use crate::plan::Stage;
use crate::spec::{Diagnostic, Span};

/// When the virtual clock was last moved, in real time.
pub(super) struct Rhythm {
    stopwatch: RealStopwatch,
    last: Span,
}

impl Rhythm {
    /// From now on.
    pub(super) fn start() -> Self {
        Self { stopwatch: RealStopwatch::start(), last: Span(0) }
    }

    /// The clock was moved just now.
    pub(super) fn tick(&mut self) {
        self.last = self.stopwatch.read();
    }

    /// How long to wait until a tick that is so much later is due at this speed; `None`: it is due.
    pub(super) fn wait(&self, interval: Span, speed: Option<f64>) -> Option<Duration> {
        let speed = speed.filter(|speed| *speed > 0.0)?;
        let due = self.last.as_secs_f64() + interval.as_secs_f64() / speed;
        let left = due - self.stopwatch.read().as_secs_f64();
        (left > 0.0).then(|| Duration::from_secs_f64(left))
    }
}

/// Why these sources cannot run on the virtual clock, if that is the one.
pub(super) fn live_source(clock: ClockKind, planned: &PlannedPipeline) -> Option<Diagnostic> {
    if clock == ClockKind::Wall {
        return None;
    }
    let is_live = |stage: &Stage| match stage {
        Stage::Source(source) => source.is_live(),
        Stage::Operator(_) | Stage::Relabel | Stage::Sink(_) => false,
    };
    let node = planned.nodes.iter().find(|node| is_live(&node.stage))?;
    let sentence = format!(
        "`{}` receives rows at their own time, so it cannot run on the virtual clock; run on the wall clock, or \
         record its input and replay that",
        node.name
    );
    Some(Diagnostic { node: Some(node.id), ..Diagnostic::error(sentence) })
}

/// Why the controllers do nothing on the virtual clock, if they were asked to.
pub(super) fn resting_sentence(settings: &Settings) -> Option<String> {
    let is_asked = settings.rates.backpressure != Backpressure::Off || settings.auto_interval.is_on;
    is_asked.then(|| {
        "on the virtual clock no batch is ever late, and how long one takes must not change what it gives: backpressure \
         and automatic interval rest"
            .to_owned()
    })
}
