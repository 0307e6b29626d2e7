//! The only place that reads the time: the wall's, the virtual one, and the stopwatch.
//!
//! Logical time and measured durations are apart: a run on the virtual clock is reproducible to the byte, while its
//! processing times are still real.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::plan::Clock;
use crate::spec::{Span, Timestamp};

/// Real time that never steps back: the system's time when the clock was made, moved on by the monotonic one.
pub struct WallClock {
    made_at: Timestamp,
    stopwatch: RealStopwatch,
}

/// Time that only the run moves.
pub struct VirtualClock {
    micros: AtomicI64,
}

/// Measures durations: how long things took. Apart from [`Clock`], so that a run on the virtual clock still measures
/// real ones, and so that tests can make up what things cost.
pub trait Stopwatch: Send + Sync {
    /// Time since some moment of its own; never less than before.
    fn read(&self) -> Span;
}

/// Measures real durations.
#[derive(Debug, Clone, Copy)]
pub struct RealStopwatch {
    started: Instant,
}

impl WallClock {
    /// A clock that shows the system's time from now on.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn new() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { made_at: Timestamp(Span::from(since_epoch).0), stopwatch: RealStopwatch::start() }
    }
}

impl Default for WallClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        self.made_at.plus(self.stopwatch.read())
    }
}

impl VirtualClock {
    /// A clock that stands at this moment.
    pub fn new(at: Timestamp) -> Arc<Self> {
        Arc::new(Self { micros: AtomicI64::new(at.0) })
    }

    /// Moves it.
    pub fn set(&self, at: Timestamp) {
        self.micros.store(at.0, Ordering::Release);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.micros.load(Ordering::Acquire))
    }
}

impl RealStopwatch {
    /// Starts measuring.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Stopwatch for RealStopwatch {
    fn read(&self) -> Span {
        Span::from(self.started.elapsed())
    }
}
