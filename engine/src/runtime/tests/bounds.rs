//! When batches are cut: late ones queue or merge, and at the bounds of the queue nothing is cut.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::pipeline::{Settings, Trigger, WhenLate};
use crate::plan::{Chunk, Clock, Cut, IoContext, NodeError, Range, Replay, Source, SourceStatus};
use crate::runtime::VirtualClock;
use crate::runtime::control::Directions;
use crate::runtime::cutter::{CutBatch, Schedule};
use crate::runtime::queue::Queue;
use crate::runtime::ticker::{TickCommand, Ticking};
use crate::spec::{NodeId, Span, Timestamp};

const SOURCE: NodeId = NodeId(1);

/// Gives a fixed number of rows per cut and says that it holds so many bytes.
#[derive(Default)]
struct Steady {
    rows: u64,
    next: AtomicU64,
    buffered_bytes: AtomicU64,
}

impl Source for Steady {
    fn start(&self, _: &IoContext) -> Result<(), NodeError> {
        Ok(())
    }

    fn plan_range(&self, cut: &Cut) -> Result<Range, NodeError> {
        let rows = self.rows.min(cut.max_rows);
        let from = self.next.fetch_add(rows, Ordering::Relaxed);
        Ok(Range { from, to: from + rows, since: cut.from, until: cut.until })
    }

    fn read(&self, _: &Range) -> Result<Vec<Chunk>, NodeError> {
        Ok(Vec::new())
    }

    fn commit(&self, _: &Range) {}

    fn stop(&self) {}

    fn replay(&self) -> Replay {
        Replay::No
    }

    fn is_live(&self) -> bool {
        false
    }

    fn is_bounded(&self) -> bool {
        false
    }

    fn is_done(&self) -> bool {
        false
    }

    fn status(&self) -> SourceStatus {
        SourceStatus { buffered_bytes: self.buffered_bytes.load(Ordering::Relaxed), ..SourceStatus::default() }
    }

    fn take_over(&self, _: &dyn Source) {}

    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Desk {
    clock: Arc<VirtualClock>,
    queue: Arc<Queue>,
    source: Arc<Steady>,
    ticking: Ticking,
    settings: Settings,
}

fn at(millis: i64) -> Timestamp {
    Timestamp::VIRTUAL_START.plus(Span::from_millis(millis))
}

impl Desk {
    fn new(rows: u64, settings: Settings) -> Self {
        let clock = VirtualClock::new(at(0));
        let source = Arc::new(Steady { rows, ..Steady::default() });
        let shared: Arc<dyn Source> = Arc::<Steady>::clone(&source);
        let queue = Arc::new(Queue::default());
        let schedule = Schedule::starting(at(0), settings.interval, settings.max_buffered_rows);
        let time: Arc<dyn Clock> = Arc::<VirtualClock>::clone(&clock);
        let sources = Arc::new(BTreeMap::from([(SOURCE, shared)]));
        let ticking = Ticking::new(time, schedule, sources, settings.clone(), Arc::clone(&queue));
        Self { clock, queue, source, ticking, settings }
    }

    /// What is cut when this time comes: tick and oldest tick in milliseconds.
    fn tick(&mut self, millis: i64) -> Vec<(i64, i64)> {
        self.clock.set(at(millis));
        named(self.ticking.tick())
    }

    /// What is cut when a batch is done at this time.
    fn done(&mut self, millis: i64) -> Vec<(i64, i64)> {
        let directions = Directions { interval: self.settings.interval, ..Directions::default() };
        self.done_with(millis, directions)
    }

    fn done_with(&mut self, millis: i64, directions: Directions) -> Vec<(i64, i64)> {
        self.clock.set(at(millis));
        self.queue.pop();
        named(self.ticking.obey(TickCommand::Done(directions)))
    }
}

fn named(cuts: Vec<CutBatch>) -> Vec<(i64, i64)> {
    let millis = |time: Timestamp| time.since(at(0)).0 / 1_000;
    cuts.iter().map(|cut| (millis(cut.tick), millis(cut.oldest_tick))).collect()
}

#[test]
fn late_batches_queue_each_with_its_own_tick() {
    let mut desk = Desk::new(10, Settings::default());
    assert_eq!(desk.tick(1_000), [(1_000, 1_000)]);
    assert_eq!(desk.tick(2_000), [(2_000, 2_000)]);
    assert_eq!(desk.tick(4_000), [(3_000, 3_000), (4_000, 4_000)], "a ticker that overslept cuts what was due");
    assert_eq!(desk.done(4_500), []);
    assert_eq!(desk.queue.waiting().batches, 2);
}

#[test]
fn so_many_batches_may_wait_as_the_setting_says_then_ticks_merge() {
    let mut desk = Desk::new(10, Settings { max_queued_batches: 1, ..Settings::default() });
    assert_eq!(desk.tick(1_000), [(1_000, 1_000)], "this one is computed");
    assert_eq!(desk.tick(2_000), [(2_000, 2_000)], "this one waits");
    assert_eq!(desk.tick(3_000), []);
    assert_eq!(desk.tick(4_000), []);
    assert_eq!(desk.done(4_200), [(4_000, 3_000)], "one batch for both ticks, as old as the older");
    assert_eq!(desk.tick(5_000), []);
    assert_eq!(desk.done(5_200), [(5_000, 5_000)]);
}

#[test]
fn merging_no_batch_ever_waits() {
    let mut desk = Desk::new(10, Settings { when_late: WhenLate::Merge, ..Settings::default() });
    assert_eq!(desk.tick(1_000), [(1_000, 1_000)]);
    assert_eq!(desk.tick(2_000), []);
    assert_eq!(desk.tick(3_000), []);
    assert_eq!(desk.done(3_700), [(3_000, 2_000)], "the late ticks join, at once");
    assert_eq!(desk.done(3_900), [], "on time again, the next tick is waited for");
    assert_eq!(desk.tick(4_000), [(4_000, 4_000)]);
}

#[test]
fn as_soon_as_possible_means_one_after_the_other() {
    let mut desk = Desk::new(10, Settings { trigger: Trigger::AsSoonAsPossible, ..Settings::default() });
    assert_eq!(desk.ticking.due(), Some(at(10)));
    assert_eq!(desk.tick(10), [(10, 10)]);
    assert_eq!(desk.ticking.due(), None, "nothing is due while one is computed");
    assert_eq!(desk.tick(500), []);
    assert_eq!(desk.done(700), []);
    assert_eq!(desk.tick(700), [(700, 700)]);
}

#[test]
fn rows_that_wait_are_bounded_too() {
    let mut desk = Desk::new(400, Settings { max_buffered_rows: 1_000, ..Settings::default() });
    assert_eq!(desk.tick(4_000).len(), 4, "400 are computed, and 1200 wait");
    assert_eq!(desk.tick(5_000), []);
    assert_eq!(desk.done(5_100), [(5_000, 5_000)], "800 waited");
    assert_eq!(desk.tick(6_000), []);
}

#[test]
fn bytes_that_sources_hold_are_bounded_too_but_never_stop_an_idle_pipeline() {
    let mut desk = Desk::new(10, Settings { max_buffered_bytes: 1_000, ..Settings::default() });
    desk.source.buffered_bytes.store(5_000, Ordering::Relaxed);
    assert_eq!(desk.tick(1_000), [(1_000, 1_000)], "nothing else would free them");
    assert_eq!(desk.tick(2_000), []);
    assert_eq!(desk.tick(3_000), []);
    desk.source.buffered_bytes.store(999, Ordering::Relaxed);
    assert_eq!(desk.tick(4_000), [(4_000, 2_000)]);
}

#[test]
fn at_the_bounds_no_row_is_lost() {
    let mut desk = Desk::new(7, Settings { max_queued_batches: 2, ..Settings::default() });
    let mut next = 0;
    for step in 1..200 {
        desk.clock.set(at(step * 1_000));
        let mut cuts = desk.ticking.tick();
        if step % 3 == 0 {
            desk.queue.pop();
            let directions = Directions { interval: Span::from_secs(1), ..Directions::default() };
            cuts.extend(desk.ticking.obey(TickCommand::Done(directions)));
        }
        for cut in cuts {
            let range = cut.ranges[&SOURCE].range.clone().unwrap();
            assert_eq!(range.from, next);
            next = range.to;
        }
    }
    assert_eq!(desk.source.next.load(Ordering::Relaxed), next);
}

#[test]
fn a_limit_holds_for_one_interval_whatever_the_batch_covers() {
    let mut desk = Desk::new(1_000, Settings { when_late: WhenLate::Merge, ..Settings::default() });
    desk.tick(1_000);
    let limits = BTreeMap::from([(SOURCE, 150.0)]);
    assert_eq!(desk.tick(4_000), []);
    assert_eq!(
        desk.done_with(4_100, Directions { limits: limits.clone(), interval: Span::from_secs(1) }),
        [(4_000, 2_000)]
    );
    assert_eq!(desk.source.next.load(Ordering::Relaxed), 1_000 + 150);
    desk.done_with(4_200, Directions { limits: BTreeMap::from([(SOURCE, 0.1)]), interval: Span::from_secs(1) });
    desk.tick(5_000);
    assert_eq!(desk.source.next.load(Ordering::Relaxed), 1_000 + 150 + 1, "at least a row");
}

#[test]
fn a_shorter_interval_does_not_invent_ticks_in_the_past() {
    let mut desk = Desk::new(10, Settings { interval: Span::from_secs(10), ..Settings::default() });
    assert_eq!(desk.tick(10_000), [(10_000, 10_000)]);
    let shorter = Directions { interval: Span::from_millis(100), ..Directions::default() };
    assert_eq!(desk.done_with(18_250, shorter), []);
    assert_eq!(desk.tick(18_250), [(18_200, 18_200)], "one batch for all that has arrived meanwhile");
    assert_eq!(desk.ticking.due(), Some(at(18_300)));
}
