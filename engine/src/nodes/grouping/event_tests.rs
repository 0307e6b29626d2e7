//! Event-time windows from the watermark on, against an oracle that keeps all rows and looks at each of them.

mod oracle;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringViewArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use oracle::Oracle;

use crate::nodes::gather::gather;
use crate::nodes::testdrive::{plan, refusals, shown};
use crate::nodes::transforms::{group, sort};
use crate::nodes::windows::{sliding, tumbling, watermark};
use crate::plan::{BatchContext, Chunk, Flow, LinkType, NodeError, Operator, Relief, Stage, StateFate, Watermark};
use crate::spec::{Span, Timestamp};

/// When it happened in seconds since the start, its key, its value.
type Event = (Option<i64>, u8, i64);

const START_SECS: i64 = Timestamp::VIRTUAL_START.0 / 1_000_000;

fn events(rows: &[Event]) -> RecordBatch {
    let time = |(time, _, _): &Event| time.map(|time| (START_SECS + time) * 1_000_000);
    let times: TimestampMicrosecondArray = rows.iter().map(time).collect();
    let words: StringViewArray = rows.iter().map(|(_, word, _)| Some(key(*word))).collect();
    let numbers: Int64Array = rows.iter().map(|(_, _, n)| Some(*n)).collect();
    let schema = Schema::new(vec![
        Field::new("ts", LinkType::timestamp(), true),
        Field::new("word", LinkType::TEXT, true),
        Field::new("n", DataType::Int64, true),
    ]);
    let columns: Vec<ArrayRef> = vec![Arc::new(times.with_timezone("UTC")), Arc::new(words), Arc::new(numbers)];
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

fn key(word: u8) -> String {
    format!("a_word_of_some_length_{word}")
}

/// Length, slide and offset in seconds.
#[derive(Debug, Clone, Copy)]
struct Shape {
    length: i64,
    slide: i64,
    offset: i64,
}

impl Shape {
    /// The starts of the windows that cover a time.
    fn starts(self, time: i64) -> Vec<i64> {
        let is_start = |start: &i64| (START_SECS + start - self.offset).rem_euclid(self.slide) == 0;
        (time - self.length + 1..=time).filter(is_start).collect()
    }
}

fn shape() -> impl Strategy<Value = Shape> {
    (1i64..25, 1i64..12, 0i64..12).prop_map(|(length, slide, offset)| Shape { length, slide, offset: offset % slide })
}

/// Rows between windows are not held, so a later kind of window would miss them.
fn without_gaps() -> impl Strategy<Value = Shape> {
    shape().prop_map(|shape| Shape { length: shape.length.max(shape.slide), ..shape })
}

/// A watermark node, a window node, a group, and beside it what gathers whole windows.
struct Chain {
    batch: u64,
    watermark: Option<Box<dyn Operator>>,
    window: Box<dyn Operator>,
    group: Box<dyn Operator>,
    gather: Option<Box<dyn Operator>>,
    pool: Arc<rayon::ThreadPool>,
}

/// What one batch gave, as sorted text.
#[derive(Debug, PartialEq, Eq)]
struct Gave {
    results: Vec<String>,
    late: Vec<String>,
    rejected: usize,
    gathered: Vec<String>,
}

const AGGREGATES: &str = r#"[{"function":"count"},{"function":"sum","argument":"n"},{"function":"min","argument":"n"},
    {"function":"avg","argument":"n"},{"function":"count_distinct","argument":"n"}]"#;

fn planned(kind: &crate::plan::NodeKind, params: &str, link: &LinkType) -> (LinkType, Box<dyn Operator>) {
    let planned = plan(kind, params, link).unwrap_or_else(|problems| panic!("{problems:?}"));
    let Stage::Operator(operator) = planned.stage else { panic!("{} is no operator", kind.id) };
    (planned.outputs[0].clone(), operator)
}

impl Chain {
    fn new(delay: Option<i64>, shape: Shape, emit: &str) -> Self {
        let input = LinkType::plain(events(&[]).schema());
        let (link, watermark) = match delay {
            Some(delay) => {
                let (link, node) =
                    planned(&watermark::KIND, &format!(r#"{{"column":"ts","delay":"{delay}s"}}"#), &input);
                (link, Some(node))
            }
            None => (input, None),
        };
        let Shape { length, slide, offset } = shape;
        let event_time = if delay.is_none() { r#","event_time":"TS""# } else { "" };
        let params =
            format!(r#"{{"length":"{length}s","slide":"{slide}s","offset":"{offset}s","time":"event"{event_time}}}"#);
        let (link, window) = planned(&sliding::KIND, &params, &link);
        let params = format!(r#"{{"by":["word"],"emit":"{emit}","aggregates":{AGGREGATES}}}"#);
        let (_, group) = planned(&group::KIND, &params, &link);
        let gather = gather(&link).ok().map(|(_, gather)| gather);
        let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
        Self { batch: 0, watermark, window, group, gather, pool }
    }

    /// Goes on where another was.
    fn after(mut self, old: Self) -> (Self, StateFate) {
        if let (Some(new), Some(old)) = (&mut self.watermark, old.watermark) {
            new.take_over(old);
        }
        self.window.take_over(old.window);
        if let (Some(new), Some(old)) = (&mut self.gather, old.gather) {
            new.take_over(old);
        }
        let fate = self.group.take_over(old.group);
        self.batch = old.batch;
        (self, fate)
    }

    fn feed(&mut self, rows: &[Event]) -> Result<Gave, NodeError> {
        let chunks = rows.chunks(7).map(|rows| Chunk::new(events(rows), Timestamp::VIRTUAL_START)).collect();
        let from = Timestamp::VIRTUAL_START.plus(Span::from_secs(i64::try_from(self.batch).unwrap()));
        let mut context = BatchContext {
            batch: self.batch,
            time: from.plus(Span::from_secs(1)),
            from,
            run_start: Timestamp::VIRTUAL_START,
            seed: 1,
            pool: Arc::clone(&self.pool),
            watermarks: vec![vec![None]],
        };
        self.batch += 1;
        let mut flow = Flow::Fired(chunks);
        let pass = |node: &mut Box<dyn Operator>, context: &mut BatchContext, flow: Flow| {
            let out = node.process(vec![vec![flow]], context)?;
            context.watermarks = vec![vec![node.watermark().or_else(|| context.watermark())]];
            Ok::<_, NodeError>(out)
        };
        if let Some(node) = &mut self.watermark {
            flow = pass(node, &mut context, flow)?.remove(0);
        }
        let mut ports = pass(&mut self.window, &mut context, flow)?;
        let sorted = |flow: &Flow| {
            let mut rows = shown(flow);
            rows.sort();
            rows
        };
        let (late, rejected) = (sorted(&ports[1]), usize::try_from(ports[2].row_count()).unwrap());
        let flow = ports.remove(0);
        let mut gathered = Vec::new();
        if let Some(node) = &mut self.gather {
            gathered = sorted(&node.process(vec![vec![flow.clone()]], &context)?[0]);
        }
        let results = sorted(&pass(&mut self.group, &mut context, flow)?[0]);
        Ok(Gave { results, late, rejected, gathered })
    }
}

/// Batches whose times move on by 5 s, each row up to 25 s before or behind.
fn batches() -> impl Strategy<Value = Vec<Vec<Event>>> {
    let event = (prop::option::weighted(0.95, -25i64..25), 0u8..4, -9i64..9);
    prop::collection::vec(prop::collection::vec(event, 0..12), 1..14).prop_map(|mut batches| {
        for (at, batch) in (0i64..).zip(&mut batches) {
            batch.iter_mut().for_each(|row| row.0 = row.0.map(|time| time + at * 5));
        }
        batches
    })
}

fn check(
    chain: &mut Chain,
    oracle: &mut Oracle,
    rows: &[Event],
    shape: Shape,
    emit: &str,
) -> Result<(), TestCaseError> {
    oracle.add(rows);
    let gave = chain.feed(rows).unwrap();
    prop_assert_eq!(gave.results, oracle.expect(shape, emit), "batch {}", oracle.batches - 1);
    prop_assert_eq!(gave.late, oracle.expect_late(shape));
    prop_assert_eq!(gave.rejected, rows.iter().filter(|row| row.0.is_none()).count());
    if oracle.delay.is_some() {
        prop_assert_eq!(gave.gathered, oracle.expect_gathered(shape));
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_batch_gives_what_an_observer_with_all_rows_would(
        batches in batches(), shape in shape(), delay in 0i64..20, emit in 0usize..3, switches in any::<u32>(),
    ) {
        let emits = ["close", "change", "whole"];
        let mut emit = emits[emit];
        let mut chain = Chain::new(Some(delay), shape, emit);
        let mut oracle = Oracle { delay: Some(delay), ..Oracle::default() };
        for (at, rows) in batches.iter().chain([&Vec::new(), &Vec::new()]).enumerate() {
            // Between close and change a person may switch at any time.
            if emit != "whole" && (switches >> at) & 7 == 0 {
                emit = if emit == "close" { "change" } else { "close" };
                let (next, fate) = Chain::new(Some(delay), shape, emit).after(chain);
                prop_assert_eq!(fate, StateFate::Kept);
                chain = next;
            }
            check(&mut chain, &mut oracle, rows, shape, emit)?;
        }
    }

    #[test]
    fn without_a_watermark_nothing_is_late_and_nothing_is_let_go(
        batches in batches(), shape in shape(), whole in any::<bool>(),
    ) {
        let emit = if whole { "whole" } else { "change" };
        let mut chain = Chain::new(None, shape, emit);
        let mut oracle = Oracle::default();
        for rows in &batches {
            check(&mut chain, &mut oracle, rows, shape, emit)?;
        }
    }

    #[test]
    fn when_nothing_is_late_it_does_not_matter_how_rows_are_cut_into_batches(
        rows in prop::collection::vec((0i64..100, 0u8..4, -9i64..9), 1..80), shape in shape(),
        one in 1usize..80, other in 1usize..80,
    ) {
        let mut rows: Vec<Event> = rows.into_iter().map(|(time, word, n)| (Some(time), word, n)).collect();
        let run = |cut: usize, rows: &[Event]| {
            let mut chain = Chain::new(Some(200), shape, "close");
            let cuts = rows.chunks(cut).chain([&[(Some(1_000), 0, 0)][..], &[]]);
            let mut results: Vec<String> = cuts.flat_map(|rows| chain.feed(rows).unwrap().results).collect();
            results.sort();
            results
        };
        let (first, second) = (run(one, &rows), run(other, &rows));
        prop_assert_eq!(&first, &second);
        rows.push((Some(1_000), 0, 0));
        let mut oracle = Oracle { delay: Some(200), ..Oracle::default() };
        oracle.add(&rows);
        oracle.add(&[]);
        prop_assert_eq!(first, oracle.expect(shape, "close"));
    }

    #[test]
    fn windows_change_while_running_and_what_is_held_stays_exact(
        batches in batches(), shapes in prop::collection::vec(without_gaps(), 14), changes in any::<u32>(),
    ) {
        // Panes of a second: no later window of whole seconds cuts them.
        let second = Shape { length: 1, slide: 1, offset: 0 };
        let mut chain = Chain::new(None, second, "whole");
        let mut oracle = Oracle::default();
        let mut shape = second;
        for (at, (rows, other)) in batches.iter().zip(&shapes).enumerate() {
            if at > 0 && (changes >> at) & 1 == 0 {
                shape = *other;
                let (next, fate) = Chain::new(None, shape, "whole").after(chain);
                prop_assert_eq!(fate, StateFate::Kept);
                chain = next;
            }
            check(&mut chain, &mut oracle, rows, shape, "whole")?;
        }
    }
}

const TEN: Shape = Shape { length: 10, slide: 10, offset: 0 };

#[test]
fn a_longer_window_reaches_back_into_what_closed_before() {
    let mut short = Chain::new(Some(0), TEN, "close");
    short.feed(&[(Some(1), 0, 1), (Some(12), 0, 1)]).unwrap();
    assert_eq!(short.feed(&[]).unwrap().results.len(), 1, "[0, 10) has closed");
    let long = Shape { length: 20, ..TEN };
    let (mut long, fate) = Chain::new(Some(0), long, "close").after(short);
    assert_eq!(fate, StateFate::Kept);
    long.feed(&[(Some(40), 0, 1)]).unwrap();
    let results = long.feed(&[]).unwrap().results;
    // [-10, 10) closed before and does not come back.
    assert_eq!(results, [format!("0 20 {} 2 2 1 1 1", key(0)), format!("10 30 {} 1 1 1 1 1", key(0))]);
}

#[test]
fn history_that_was_let_go_is_missed_and_told_of() {
    let mut short = Chain::new(Some(0), TEN, "close");
    short.feed(&[(Some(1), 0, 1), (Some(12), 0, 1)]).unwrap();
    short.feed(&[]).unwrap();
    short.group.relieve(Relief::History, 0);
    let long = Shape { length: 20, ..TEN };
    let (mut long, fate) = Chain::new(Some(0), long, "close").after(short);
    let StateFate::Short { coverage, sentence } = fate else { panic!("{fate:?}") };
    assert_eq!((coverage.held, coverage.length), (Span::from_secs(10), Span::from_secs(20)));
    assert!(sentence.contains("the last 10s of the 20s"), "{sentence}");
    long.feed(&[(Some(25), 0, 1)]).unwrap();
    let results = long.feed(&[]).unwrap().results;
    assert_eq!(results, [format!("0 20 {} 1 1 1 1 1", key(0))], "the row at 1 is gone");
    assert_eq!(long.group.memory().coverage.map(|coverage| coverage.held), Some(Span::from_secs(10)));
    long.feed(&[(Some(60), 0, 1)]).unwrap();
    long.feed(&[]).unwrap();
    assert!(long.group.memory().coverage.is_some_and(|coverage| coverage.is_complete()), "[20, 40) is whole again");
}

#[test]
fn rows_between_former_windows_were_in_none_and_that_is_told() {
    let mut sparse = Chain::new(Some(0), Shape { length: 2, ..TEN }, "close");
    sparse.feed(&[(Some(1), 0, 1), (Some(5), 0, 1), (Some(11), 0, 1)]).unwrap();
    let (mut whole, fate) = Chain::new(Some(0), TEN, "close").after(sparse);
    assert!(
        matches!(&fate, StateFate::Partly(sentence) if sentence.contains("between the former windows")),
        "{fate:?}"
    );
    let first = whole.feed(&[(Some(40), 0, 1)]).unwrap().results;
    assert_eq!(first, [format!("0 10 {} 1 1 1 1 1", key(0))]);
    assert_eq!(whole.feed(&[]).unwrap().results, [format!("10 20 {} 1 1 1 1 1", key(0))]);
    assert!(whole.group.memory().coverage.is_some_and(|coverage| !coverage.is_complete()), "the row at 5 is missing");
}

#[test]
fn a_delay_made_longer_does_not_open_windows_again() {
    let mut chain = Chain::new(Some(0), TEN, "close");
    chain.feed(&[(Some(1), 0, 1), (Some(12), 0, 1)]).unwrap();
    chain.feed(&[]).unwrap();
    let (mut chain, fate) = Chain::new(Some(100), TEN, "close").after(chain);
    assert_eq!(fate, StateFate::Kept);
    let gave = chain.feed(&[(Some(2), 0, 1), (Some(13), 0, 1)]).unwrap();
    assert_eq!((gave.late.len(), gave.results.len()), (1, 0));
}

#[test]
fn keys_that_no_window_can_need_are_forgotten() {
    let mut chain = Chain::new(Some(5), Shape { length: 20, slide: 10, offset: 0 }, "close");
    for batch in 0..120i64 {
        let rows: Vec<Event> = (0..200).map(|at| (Some(batch * 10), u8::try_from(at).unwrap(), 1)).collect();
        chain.feed(&rows).unwrap();
        assert!(chain.group.state_size().rows <= 200);
    }
    let full = chain.group.state_size().bytes;
    // Longer ago than any window is long.
    chain.feed(&[(Some(10_000_000), 0, 0)]).unwrap();
    chain.feed(&[(Some(10_000_001), 0, 0)]).unwrap();
    let left = chain.group.state_size();
    assert_eq!(left.rows, 1);
    assert!(left.bytes <= full);
}

#[test]
fn too_many_windows_in_one_batch_are_refused_with_what_to_do() {
    let tiny = Shape { length: 1, slide: 1, offset: 0 };
    let mut chain = Chain::new(None, tiny, "change");
    let rows: Vec<Event> = (0..100_001).map(|time| (Some(time), 0, 1)).collect();
    let error = chain.feed(&rows).unwrap_err();
    assert!(error.message.contains("more than 100000 windows") && error.message.contains("lengthen"), "{error}");
    let mut chain = Chain::new(None, tiny, "change");
    assert_eq!(chain.feed(&rows[1..]).unwrap().results.len(), 100_000);
}

#[test]
fn windows_by_event_time_begin_anew_where_they_went_by_arrival() {
    let input = LinkType::plain(events(&[]).schema());
    let (arrivals, _) = planned(&tumbling::KIND, "{}", &input);
    let (events, _) = planned(&tumbling::KIND, r#"{"time":"event","event_time":"ts"}"#, &input);
    let group = |link: &LinkType| planned(&group::KIND, r#"{"by":["word"]}"#, link).1;
    for (new, old) in [(&arrivals, &events), (&events, &arrivals), (&input, &events)] {
        assert!(matches!(group(new).take_over(group(old)), StateFate::Reset(_)));
    }
    assert_eq!(group(&events).take_over(group(&input)), StateFate::Kept);
}

#[test]
fn what_cannot_be_is_refused_with_the_way_out() {
    let input = LinkType::plain(events(&[]).schema());
    let (open, _) = planned(&tumbling::KIND, r#"{"time":"event","event_time":"ts"}"#, &input);
    assert!(refusals(&group::KIND, r#"{"by":["word"],"emit":"close"}"#, &open)[0].contains("put a Watermark before"));
    assert!(gather(&open).err().unwrap().contains("put a Watermark before"));
    let (watermarked, _) = planned(&watermark::KIND, r#"{"column":"ts"}"#, &input);
    let (window, _) = planned(&tumbling::KIND, "{}", &watermarked);
    let gathered = gather(&window).unwrap().0;
    assert_eq!(gathered.event_time.map(|time| time.column), Some("window_end".to_owned()));
    let without = Arc::new(Schema::new(vec![Field::new("word", LinkType::TEXT, true)]));
    let lost = LinkType { schema: without, event_time: None, ..window };
    assert!(refusals(&group::KIND, r#"{"by":["word"]}"#, &lost)[0].contains("`ts`, by which the windows go"));
    assert!(gather(&lost).err().unwrap().contains("keep it"));
    assert!(plan(&sort::KIND, r#"{"by":[{"expression":"n"}]}"#, &watermarked).is_ok());
}

#[test]
fn a_watermark_that_falls_behind_is_held_where_it_was() {
    let at = |late: i64, close: i64| Watermark { late: Timestamp(late), close: Timestamp(close), is_idle: false };
    assert_eq!(at(5, 7).never_behind(Watermark::START), at(5, 7));
    assert_eq!(at(7, 9).never_behind(at(5, 7)), at(7, 9));
    assert_eq!(at(1, 2).never_behind(at(5, 7)), at(7, 7));
}
