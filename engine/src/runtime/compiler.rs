//! Plans edited pipelines on a thread of its own, so that a slow plan never delays a batch.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::analysis::{PlannedPipeline, plan_pipeline};
use crate::pipeline::Pipeline;

/// The planning thread; of several waiting pipelines only the newest is planned.
pub struct Compiler {
    requests: Sender<Arc<Pipeline>>,
    /// What was planned.
    pub results: Receiver<(Arc<Pipeline>, PlannedPipeline)>,
    /// Asked for while the thread's inbox was full.
    next: Option<Arc<Pipeline>>,
}

impl Compiler {
    /// Starts the thread.
    pub fn start(folder: PathBuf) -> std::io::Result<Self> {
        let (requests, inbox) = bounded::<Arc<Pipeline>>(1);
        let (outbox, results) = bounded(4);
        std::thread::Builder::new().name("weir-plan".to_owned()).spawn(move || {
            while let Ok(pipeline) = inbox.recv() {
                let planned = plan_pipeline(&pipeline, &folder);
                if outbox.send((pipeline, planned)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { requests, results, next: None })
    }

    /// Asks for this pipeline, instead of any asked for and not begun.
    pub fn request(&mut self, pipeline: Arc<Pipeline>) {
        self.next = Some(pipeline);
        self.flush();
    }

    /// Hands the newest request over as soon as the thread takes it.
    pub fn flush(&mut self) {
        if let Some(pipeline) = self.next.take()
            && let Err(TrySendError::Full(pipeline)) = self.requests.try_send(pipeline)
        {
            self.next = Some(pipeline);
        }
    }
}
