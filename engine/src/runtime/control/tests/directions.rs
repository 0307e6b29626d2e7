//! What holds when settings and sources change.

use super::plant::{SOURCE, settings};
use crate::metrics::RateBound;
use crate::pipeline::{Backpressure, Setting, Settings};
use crate::runtime::control::{BatchDone, Governor, SourceRows};
use crate::spec::{NodeId, Span, Timestamp};

const OTHER: NodeId = NodeId(2);

fn done(sources: &[SourceRows], at_secs: i64) -> BatchDone<'_> {
    BatchDone {
        ended_at: Timestamp(at_secs * 1_000_000),
        interval: Span::from_secs(1),
        span: Span::from_secs(1),
        processing_time: Span::from_secs(2),
        scheduling_delay: Span(0),
        sources,
        waiting_rows: 0,
        next_cut_in: Span(0),
    }
}

#[test]
fn a_source_is_limited_from_its_first_batch_on() {
    let mut settings = Settings::default();
    settings.set(&Setting::Backpressure(Backpressure::Damped));
    let governor = Governor::new(&settings, [SOURCE]);
    assert_eq!(governor.directions().limits.get(&SOURCE), Some(&10_000.0));
    settings.set(&Setting::MaxRate(Some(500)));
    let governor = Governor::new(&settings, [SOURCE]);
    assert_eq!(governor.directions().limits.get(&SOURCE), Some(&500.0));
}

#[test]
fn switched_off_nothing_is_limited() {
    let mut governor = Governor::new(&settings(Backpressure::Damped, 100.0, Span::from_secs(1)), [SOURCE]);
    governor.adopt(&Settings::default(), [SOURCE]);
    assert!(governor.directions().limits.is_empty());
    let rows = [SourceRows { node: SOURCE, rows: 10, limit: None, is_full: false }];
    assert_eq!(governor.batch_done(&done(&rows, 1)), None);
}

#[test]
fn two_sources_share_what_the_pipeline_can_do_by_their_rows() {
    let mut governor = Governor::new(&settings(Backpressure::Damped, 3_000.0, Span::from_secs(1)), [SOURCE, OTHER]);
    let rows = [
        SourceRows { node: SOURCE, rows: 3_000, limit: Some(3_000.0), is_full: false },
        SourceRows { node: OTHER, rows: 1_000, limit: Some(3_000.0), is_full: false },
    ];
    let report = governor.batch_done(&done(&rows, 1)).unwrap();
    let limits: Vec<_> = report.sources.iter().map(|source| source.limit).collect();
    assert_eq!(limits, vec![1_500.0, 500.0], "4000 rows in 2 s");
}

#[test]
fn an_edit_keeps_what_was_learned_and_a_new_source_begins_at_the_beginning() {
    let mut settings = settings(Backpressure::Damped, 1_000.0, Span::from_secs(1));
    let mut governor = Governor::new(&settings, [SOURCE]);
    governor.batch_done(&done(&[SourceRows { node: SOURCE, rows: 1_000, limit: Some(1_000.0), is_full: false }], 1));
    settings.set(&Setting::IntegralGain(0.5));
    governor.adopt(&settings, [SOURCE, OTHER]);
    let limits = governor.directions().limits;
    assert_eq!((limits.get(&SOURCE), limits.get(&OTHER)), (Some(&500.0), Some(&1_000.0)));
    settings.set(&Setting::Backpressure(Backpressure::Spark));
    governor.adopt(&settings, [SOURCE]);
    assert_eq!(
        governor.directions().limits.get(&SOURCE),
        Some(&500.0),
        "another estimator goes on from the limit in force"
    );
    settings.set(&Setting::MinRate(800));
    governor.adopt(&settings, [SOURCE]);
    assert_eq!(governor.directions().limits.get(&SOURCE), Some(&800.0), "bounds act at once");
}

#[test]
fn the_initial_rate_acts_as_long_as_nothing_was_learned() {
    let mut settings = settings(Backpressure::Damped, 1_000.0, Span::from_secs(1));
    let mut governor = Governor::new(&settings, [SOURCE]);
    settings.set(&Setting::InitialRate(Some(2_000)));
    governor.adopt(&settings, [SOURCE]);
    assert_eq!(governor.directions().limits.get(&SOURCE), Some(&2_000.0));
    let report = governor
        .batch_done(&done(&[SourceRows { node: SOURCE, rows: 0, limit: Some(2_000.0), is_full: false }], 1))
        .unwrap();
    assert_eq!((report.sources[0].bound, report.sources[0].terms), (RateBound::Initial, None));
}

#[test]
fn a_person_who_sets_the_interval_restarts_the_search_from_there() {
    let mut settings = Settings::default();
    settings.set(&Setting::AutoInterval(true));
    let mut governor = Governor::new(&settings, [SOURCE]);
    let rows = [SourceRows { node: SOURCE, rows: 10, limit: None, is_full: false }];
    let moved = governor.batch_done(&done(&rows, 1)).unwrap().interval.unwrap();
    assert_eq!((moved.from, moved.to), (Span::from_secs(1), Span::from_millis(2_500)));
    settings.set(&Setting::Seed(9));
    governor.adopt(&settings, [SOURCE]);
    assert_eq!(governor.directions().interval, Span::from_millis(2_500), "other edits leave it alone");
    settings.set(&Setting::Interval(Span::from_millis(500)));
    governor.adopt(&settings, [SOURCE]);
    assert_eq!(governor.directions().interval, Span::from_millis(500));
    settings.set(&Setting::AutoIntervalMin(Span::from_secs(3)));
    governor.adopt(&settings, [SOURCE]);
    assert_eq!(governor.directions().interval, Span::from_secs(3), "the range acts at once");
    settings.set(&Setting::AutoInterval(false));
    governor.adopt(&settings, [SOURCE]);
    assert_eq!(governor.directions().interval, Span::from_millis(500), "off, it is the person's own");
}
