//! A session window with a grouping behind it, fed batch by batch with watermarks of the test's own.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringViewArray, TimestampMicrosecondArray};
use arrow::record_batch::RecordBatch;

use super::KIND;
use crate::nodes::gather::gather;
use crate::nodes::testdrive::{plan, shown};
use crate::nodes::testing::check_schemas;
use crate::nodes::transforms::group;
use crate::plan::{BatchContext, Chunk, Flow, LinkType, Operator, Stage, StateFate, Watermark};
use crate::spec::{Span, Timestamp};
use crate::window::EventTime;

/// An event: its time in microseconds since the start, or none, its key, its page, its value.
pub(super) type Event = (Option<i64>, &'static str, &'static str, i64);

/// Second 0 of all tests.
pub(super) const START: Timestamp = Timestamp::VIRTUAL_START;

/// Columns `ts`, `key`, `page`, `value`.
pub(super) fn events(rows: &[Event]) -> RecordBatch {
    let times: TimestampMicrosecondArray = rows.iter().map(|row| row.0.map(|time| START.0 + time)).collect();
    let keys: StringViewArray = rows.iter().map(|row| Some(row.1)).collect();
    let pages: StringViewArray = rows.iter().map(|row| Some(row.2)).collect();
    let values: Int64Array = rows.iter().map(|row| Some(row.3)).collect();
    let columns = [
        ("ts", Arc::new(times.with_timezone("UTC")) as ArrayRef, true),
        ("key", Arc::new(keys) as ArrayRef, true),
        ("page", Arc::new(pages) as ArrayRef, true),
        ("value", Arc::new(values) as ArrayRef, true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// The link of events behind a watermark.
pub(super) fn watched() -> LinkType {
    LinkType { event_time: Some(EventTime::column("ts")), ..LinkType::plain(events(&[]).schema()) }
}

/// What one batch gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Given {
    /// The results, sorted.
    pub(super) out: Vec<String>,
    pub(super) late: Vec<String>,
    pub(super) rejected: Vec<String>,
}

/// A window and what is behind it.
pub(super) struct Run {
    gate: Box<dyn Operator>,
    behind: Box<dyn Operator>,
    late: Timestamp,
    pool: Arc<rayon::ThreadPool>,
    batch: u64,
}

fn operators(window: &str, behind: Option<&str>, input: &LinkType) -> (Box<dyn Operator>, Box<dyn Operator>) {
    let gate = plan(&KIND, window, input).unwrap_or_else(|problems| panic!("{problems:?}"));
    let behind = match behind {
        None => gather(&gate.outputs[0]).unwrap().1,
        Some(params) => {
            let group = plan(&group::KIND, params, &gate.outputs[0]).unwrap_or_else(|problems| panic!("{problems:?}"));
            let Stage::Operator(group) = group.stage else { panic!("not an operator") };
            group
        }
    };
    let Stage::Operator(gate) = gate.stage else { panic!("not an operator") };
    (gate, behind)
}

impl Run {
    /// A group behind the window; `None`: a node that wants the window's rows.
    pub(super) fn new(window: &str, behind: Option<&str>) -> Self {
        let (gate, behind) = operators(window, behind, &watched());
        let pool = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
        Self { gate, behind, late: Timestamp(i64::MIN), pool, batch: 0 }
    }

    /// Changes the window, and what is behind it, while it runs.
    pub(super) fn change(&mut self, window: &str, behind: Option<&str>) -> StateFate {
        let (mut gate, mut after) = operators(window, behind, &watched());
        std::mem::swap(&mut self.gate, &mut gate);
        std::mem::swap(&mut self.behind, &mut after);
        self.gate.take_over(gate);
        self.behind.take_over(after)
    }

    /// One batch that runs with this watermark, in microseconds since the start.
    pub(super) fn batch(&mut self, rows: &[Event], watermark: Option<i64>) -> Given {
        self.chunks(vec![events(rows)], watermark)
    }

    /// The same of several chunks.
    pub(super) fn chunks(&mut self, rows: Vec<RecordBatch>, watermark: Option<i64>) -> Given {
        let close = watermark.map_or(Timestamp(i64::MIN), |micros| Timestamp(START.0 + micros));
        let mark = Watermark { late: self.late, close, is_idle: false };
        self.late = close;
        let from = START.plus(Span::from_secs(i64::try_from(self.batch).unwrap()));
        let context = BatchContext {
            batch: self.batch,
            time: from.plus(Span::from_secs(1)),
            from,
            run_start: START,
            seed: 7,
            pool: Arc::clone(&self.pool),
            watermarks: vec![vec![Some(mark)]],
        };
        self.batch += 1;
        let chunks = rows.into_iter().map(|rows| Chunk::new(rows, from)).collect();
        let mut sorted = self.gate.process(vec![vec![Flow::Fired(chunks)]], &context).unwrap();
        let schemas: Vec<_> =
            plan(&KIND, "{}", &watched()).unwrap().outputs.into_iter().map(|link| link.schema).collect();
        check_schemas(&sorted, &schemas);
        assert_eq!(self.gate.watermark(), Some(mark));
        let (rejected, late) = (sorted.pop().unwrap(), sorted.pop().unwrap());
        let mut out = shown(&self.behind.process(vec![sorted], &context).unwrap()[0]);
        out.sort();
        Given { out, late: shown(&late), rejected: shown(&rejected) }
    }

    /// What the node behind remembers.
    pub(super) fn behind(&self) -> &dyn Operator {
        &*self.behind
    }
}
