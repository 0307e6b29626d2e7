//! Who says when a batch is cut: the ticker's thread on the wall clock, the driver itself on the virtual one.

use std::sync::Arc;

use super::clock::VirtualClock;
use super::cutter::Schedule;
use super::queue::Queue;
use super::rhythm::Rhythm;
use super::session::Session;
use super::ticker::{Ticker, Ticking};
use crate::pipeline::Settings;
use crate::plan::Clock;

/// Who says when a batch is cut.
pub(super) enum Pace {
    /// The ticker's thread.
    Wall { ticker: Ticker },
    /// Nobody: the next batch follows at once, and moves the clock.
    Virtual { clock: Arc<VirtualClock>, schedule: Schedule, step: bool, rhythm: Rhythm },
}

/// Begins to tick, if that is how it goes.
pub(super) fn start_pace(
    virtual_clock: Option<Arc<VirtualClock>>,
    clock: Arc<dyn Clock>,
    schedule: Schedule,
    session: &Session,
    settings: Settings,
    queue: &Arc<Queue>,
    is_paused: bool,
) -> std::io::Result<Pace> {
    Ok(match virtual_clock {
        Some(clock) => Pace::Virtual { clock, schedule, step: false, rhythm: Rhythm::start() },
        None => {
            let ticking = Ticking::new(clock, schedule, session.sources(), settings, Arc::clone(queue));
            Pace::Wall { ticker: Ticker::start(ticking, is_paused)? }
        }
    })
}
