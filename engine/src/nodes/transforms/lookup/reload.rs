//! Reads a changed table on a thread of its own: batches go on with the old one until the new one is there.

use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use super::origin::Origin;
use super::table::Table;
use crate::nodes::transforms::joining::JoinKeys;
use crate::plan::NodeError;

/// A table that is being read.
pub(super) struct Reload {
    result: Receiver<Result<Table, NodeError>>,
}

impl Reload {
    /// Begins.
    pub(super) fn start(origin: &Origin, keys: &JoinKeys) -> std::io::Result<Self> {
        let (sender, result) = bounded(1);
        let (origin, keys) = (origin.clone(), keys.clone());
        std::thread::Builder::new().name("weir lookup".to_owned()).spawn(move || {
            let read = origin.read().and_then(|(rows, stamps)| Table::new(rows, stamps, &keys));
            // Nobody waits any more if the node has gone.
            let _ = sender.send(read);
        })?;
        Ok(Self { result })
    }

    /// The table, if it is there within this time; `None` if it is still being read.
    pub(super) fn wait(&self, patience: Duration) -> Option<Result<Table, NodeError>> {
        match self.result.recv_timeout(patience) {
            Ok(read) => Some(read),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(NodeError::weir("reading the table failed"))),
        }
    }
}
