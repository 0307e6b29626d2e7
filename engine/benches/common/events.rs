//! Streams of events for the benchmarks of state and event time: made once, fed batch by batch, a second each.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringViewArray, TimestampMicrosecondArray};
use arrow::record_batch::RecordBatch;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use weir_engine::plan::{Chunk, Flow, LinkType, Operator, Watermark};
use weir_engine::spec::{Span, Timestamp};
use weir_engine::window::EventTime;

/// Rows of a chunk, as a source delivers them; also what DataFusion works on at a time.
pub const CHUNK: usize = 8_192;

/// One second, in microseconds.
pub const SECOND: i64 = 1_000_000;

/// When a batch of this number begins, in microseconds since the epoch.
pub fn start_of(batch: usize) -> i64 {
    Timestamp::VIRTUAL_START.0 + i64::try_from(batch).unwrap() * SECOND
}

/// The rows of one batch, in chunks.
pub type Batch = Vec<RecordBatch>;

/// Cuts rows into chunks.
pub fn chunked(rows: &RecordBatch) -> Batch {
    let starts = (0..rows.num_rows()).step_by(CHUNK);
    starts.map(|start| rows.slice(start, CHUNK.min(rows.num_rows() - start))).collect()
}

/// A column of event times.
pub fn times(values: Vec<i64>) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"))
}

/// A column of whole numbers.
pub fn longs(values: Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

/// A column of words by number.
pub fn words(numbers: &[usize]) -> ArrayRef {
    let distinct = numbers.iter().max().map_or(0, |highest| highest + 1);
    let all: Vec<String> = (0..distinct).map(super::word).collect();
    Arc::new(numbers.iter().map(|&number| Some(all[number].as_str())).collect::<StringViewArray>())
}

/// Named columns as rows.
pub fn rows(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// A generator of numbers that gives the same ones every time.
pub fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A number below `bound`.
pub fn below(random: &mut ChaCha8Rng, bound: i64) -> i64 {
    random.random_range(0..bound)
}

/// The numbers below `count` in an order that jumps about, each once per round, and every round in another order. (The
/// only prime factors of `count` are 2 and 5.)
pub fn scattered(position: usize, count: usize) -> i64 {
    const STEPS: [usize; 4] = [7_368_787, 3_141_593, 9_176_431, 5_550_007];
    i64::try_from(position % count * STEPS[position / count % STEPS.len()] % count).unwrap()
}

/// The type of a link with these columns; `time` names the event time.
pub fn link(rows: &RecordBatch, time: Option<&str>) -> LinkType {
    LinkType { event_time: time.map(EventTime::column), ..LinkType::plain(rows.schema()) }
}

/// Feeds batches, one per second: per batch the rows of each input port. With `delay` a watermark follows the batches
/// at that distance, and a last batch without rows closes everything. Gives the rows that came out of the first port.
pub fn feed(
    operator: &mut dyn Operator,
    batches: &[Vec<&Batch>],
    delay: Option<Span>,
    pool: &Arc<rayon::ThreadPool>,
) -> u64 {
    let mut out = 0;
    let ports = batches[0].len();
    for (number, ports_of) in batches.iter().enumerate() {
        let mut context = super::context(number as u64, pool);
        let behind = |batch: i64| Timestamp(start_of(0) + batch * SECOND).minus(delay.unwrap_or_default());
        let at = i64::try_from(number).unwrap();
        let watermark = Watermark { late: behind(at - 1), close: behind(at), is_idle: false };
        context.watermarks = vec![vec![delay.map(|_| watermark)]; ports];
        let flow =
            |rows: &&Batch| Flow::Fired(rows.iter().map(|rows| Chunk::new(rows.clone(), context.from)).collect());
        let inputs = ports_of.iter().map(|rows| vec![flow(rows)]).collect();
        out += operator.process(inputs, &context).unwrap()[0].row_count();
    }
    if delay.is_some() {
        let mut context = super::context(batches.len() as u64, pool);
        let end = Timestamp(start_of(batches.len() + 86_400));
        context.watermarks = vec![vec![Some(Watermark { late: end, close: end, is_idle: false })]; ports];
        out += operator.process(vec![vec![Flow::Idle]; ports], &context).unwrap()[0].row_count();
    }
    out
}
