//! The end of event time: where no row comes any more, one last batch closes all that waits for it.
//!
//! Spark leaves open what no watermark has passed; Flink closes everything where a bounded input ends. Here a person
//! chooses. Windows behind windows close in the same batch, because the watermark is handed on within it.

use super::node::RunningNode;
use super::session::Session;
use crate::plan::Watermark;

impl Session {
    /// From the next batch on event time is over. `false` if that is so already, or nothing here goes by event time:
    /// another batch would give nothing.
    pub fn flush(&mut self) -> bool {
        let is_new = !self.is_flushing && self.nodes.iter().any(RunningNode::has_watermark);
        self.is_flushing |= is_new;
        is_new
    }
}

/// How far event time has come, at its end if that is over.
pub(super) fn flushed(watermark: Option<Watermark>, is_flushing: bool) -> Option<Watermark> {
    let close = |watermark: Watermark| if is_flushing { Watermark::END } else { watermark.close };
    watermark.map(|watermark| Watermark { close: close(watermark), ..watermark })
}
