//! What a person watches a run with: probes, glimpses, recordings. They change nothing of what it computes.

use std::sync::Arc;

use super::recording::Recorder;
use super::session::Session;
use super::{Event, Probe, Recorded, Recording};

impl Session {
    /// Which probes are in force.
    pub fn probe(&mut self, probes: Vec<Probe>) {
        self.probes.set(probes);
    }

    /// Whether a probe has met rows since this was last asked.
    pub fn take_probe_met(&mut self) -> bool {
        std::mem::take(&mut self.is_probe_met)
    }

    /// Keeps so many rows of every port of each batch; 0: none.
    pub fn glimpse(&mut self, rows: usize) {
        self.glimpsed_rows = rows;
    }

    /// Records what a source gives from the next batch on, in place of what was recorded before; `None` ends it.
    pub fn record(&mut self, recording: Option<Recording>, emit: &mut dyn FnMut(Event)) {
        if let Some(recorder) = self.recorder.take() {
            emit(Event::Recorded(Arc::new(recorder.finish())));
        }
        let Some(recording) = recording else { return };
        match Recorder::start(recording.clone()) {
            Ok(recorder) => self.recorder = Some(recorder),
            Err(sentence) => {
                emit(Event::Recorded(Arc::new(Recorded { recording, outcome: Err(sentence) })));
            }
        }
    }
}
