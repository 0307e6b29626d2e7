//! Plans edited pipelines on a thread of its own, so that a slow plan never delays a batch.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::analysis::{PlannedPipeline, plan_pipeline};
use crate::pipeline::Pipeline;
use crate::spec::NodeId;

/// The planning thread; of several waiting pipelines only the newest is planned.
pub struct Compiler {
    requests: Sender<Request>,
    /// What was planned.
    pub results: Receiver<Compiled>,
    /// Asked for while the thread's inbox was full.
    next: Option<Request>,
    /// The pipeline that was asked for last.
    latest: Arc<Pipeline>,
}

struct Request {
    pipeline: Arc<Pipeline>,
    resets: Vec<NodeId>,
}

/// A planned pipeline.
pub struct Compiled {
    /// The pipeline.
    pub pipeline: Arc<Pipeline>,
    /// Its plan.
    pub planned: PlannedPipeline,
    /// Nodes that are to begin anew with it.
    pub resets: Vec<NodeId>,
}

impl Compiler {
    /// Starts the thread. `running` is the pipeline that runs.
    pub fn start(folder: PathBuf, running: Arc<Pipeline>) -> std::io::Result<Self> {
        let (requests, inbox) = bounded::<Request>(1);
        let (outbox, results) = bounded(4);
        std::thread::Builder::new().name("weir-plan".to_owned()).spawn(move || {
            while let Ok(Request { pipeline, resets }) = inbox.recv() {
                let planned = plan_pipeline(&pipeline, &folder);
                if outbox.send(Compiled { pipeline, planned, resets }).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { requests, results, next: None, latest: running })
    }

    /// Asks for this pipeline, instead of any asked for and not begun.
    pub fn request(&mut self, pipeline: Arc<Pipeline>) {
        self.latest = Arc::clone(&pipeline);
        let resets = self.next.take().map(|next| next.resets).unwrap_or_default();
        self.next = Some(Request { pipeline, resets });
        self.flush();
    }

    /// Asks for the newest pipeline again, with nodes that are to begin anew.
    pub fn request_reset(&mut self, nodes: Vec<NodeId>) {
        let mut resets = self.next.take().map(|next| next.resets).unwrap_or_default();
        resets.extend(nodes);
        self.next = Some(Request { pipeline: Arc::clone(&self.latest), resets });
        self.flush();
    }

    /// A pipeline was refused: the running one is the newest again, unless another was asked for since.
    pub fn refused(&mut self, refused: &Arc<Pipeline>, running: &Arc<Pipeline>) {
        if Arc::ptr_eq(&self.latest, refused) {
            self.latest = Arc::clone(running);
        }
    }

    /// The newest of what was planned, with the resets of all.
    pub fn take_newest(&mut self) -> Option<Compiled> {
        let mut newest: Option<Compiled> = None;
        while let Ok(mut compiled) = self.results.try_recv() {
            if let Some(former) = newest {
                compiled.resets.extend(former.resets);
            }
            newest = Some(compiled);
        }
        self.flush();
        newest
    }

    /// Hands the newest request over as soon as the thread takes it.
    pub fn flush(&mut self) {
        if let Some(request) = self.next.take()
            && let Err(TrySendError::Full(request)) = self.requests.try_send(request)
        {
            self.next = Some(request);
        }
    }
}
