//! What the grouping kinds share: their parameters, the sentences that refuse them, and their operators.

mod batch;
mod count;
mod coverage;
mod emit;
mod event;
#[cfg(test)]
mod event_tests;
mod keyed;
mod nearest;
mod params;
mod session;
#[cfg(test)]
mod tests;
mod windowed;

pub(super) use batch::{GroupBatches, arrival, batches_of, scope_of};
pub(super) use count::GroupCounts;
pub(super) use coverage::{COVERAGE, check as check_coverage};
pub(super) use emit::{EMIT, Emit};
pub(super) use event::GroupEventWindows;
pub(super) use keyed::{keys_behind, positions_of};
pub(super) use nearest::{find, missing};
pub(super) use params::{AGGREGATES, AggregateRow, ON_FAILING, Request, nulled, resolve};
pub(super) use session::GroupSessions;
pub(super) use windowed::{GroupWindows, fate_of, least_covered, short_of};

use crate::aggregate::AggregateError;
use crate::plan::NodeError;

impl From<AggregateError> for NodeError {
    fn from(error: AggregateError) -> Self {
        Self::data(error.0)
    }
}
