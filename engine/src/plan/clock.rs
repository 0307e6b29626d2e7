//! The one way to ask for the time. Implementations live in `runtime`.

use crate::spec::Timestamp;

/// Tells logical time: the wall's, or a virtual one that only the run moves.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}
