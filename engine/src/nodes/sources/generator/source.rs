//! Plans how many rows are due, and makes exactly those.

use std::any::Any;
use std::sync::{Mutex, OnceLock};

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::records::{DRAWS, Records};
use super::words::Vocabulary;
use super::{Generator, Template};
use crate::nodes::sources::{arrival_at, lock};
use crate::plan::{Chunk, Cut, IoContext, LinkType, NodeError, Range, Replay, Source, SourceStatus};
use crate::spec::{Span, Timestamp};

/// Rows per chunk at most.
const MAX_CHUNK_ROWS: u64 = 8_192;
/// A range is cut into chunks that arrive about this far apart, so that latency tells early rows from late ones.
const CHUNK_SPAN: Span = Span::from_millis(50);
/// But into no more than so many for that reason alone.
const MAX_CHUNKS_BY_TIME: u64 = 20;

/// The source of made-up rows.
pub(super) struct GeneratorSource {
    params: Generator,
    progress: Mutex<Progress>,
    maker: OnceLock<Maker>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    next_row: u64,
    /// The part of a row that was due but is no whole row yet.
    carried: f64,
    /// When the run began: what the curve counts from.
    origin: Option<Timestamp>,
}

struct Maker {
    key: [u8; 32],
    rows: Rows,
}

enum Rows {
    Words { vocabulary: Vocabulary, words_per_line: usize },
    Records(Box<Records>),
}

impl GeneratorSource {
    /// At the first row.
    pub(super) fn new(params: Generator) -> Self {
        Self { params, progress: Mutex::default(), maker: OnceLock::new() }
    }

    fn rows_left(&self, progress: &Progress) -> u64 {
        self.params.limit.map_or(u64::MAX, |limit| limit.saturating_sub(progress.next_row))
    }
}

impl Maker {
    fn new(params: &Generator, io: &IoContext) -> Self {
        let mut key = [0; 32];
        let words = [io.seed, io.node, params.seed, 0];
        for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let rows = match params.template {
            Template::Words => Rows::Words {
                vocabulary: Vocabulary::new(params.vocabulary),
                words_per_line: params.words_per_line.max(1),
            },
            Template::Clicks | Template::Sensors | Template::Orders | Template::Tweets | Template::Impressions => {
                Rows::Records(Box::new(Records::new(params.clone())))
            }
        };
        Self { key, rows }
    }

    /// Rows `[from, to)`; `arrival` tells when each arrives.
    fn make(&self, from: u64, to: u64, arrival: impl Fn(u64) -> Timestamp) -> Result<RecordBatch, ArrowError> {
        let mut rng = ChaCha8Rng::from_seed(self.key);
        match &self.rows {
            Rows::Words { vocabulary, words_per_line } => {
                rng.set_word_pos(u128::from(from) * *words_per_line as u128);
                let count = usize::try_from(to - from).unwrap_or(usize::MAX);
                let lines = vocabulary.lines(&mut rng, count, *words_per_line)?;
                RecordBatch::try_new(LinkType::lines().schema, vec![lines])
            }
            Rows::Records(records) => {
                rng.set_word_pos(u128::from(from) * u128::from(DRAWS));
                records.rows(&mut rng, from, (from..to).map(arrival))
            }
        }
    }
}

impl Source for GeneratorSource {
    fn start(&self, io: &IoContext) -> Result<(), NodeError> {
        self.maker.get_or_init(|| Maker::new(&self.params, io));
        Ok(())
    }

    fn plan_range(&self, cut: &Cut) -> Result<Range, NodeError> {
        let mut progress = lock(&self.progress);
        let origin = *progress.origin.get_or_insert(cut.from);
        let due = self.params.curve().due(cut.from.since(origin), cut.until.since(origin)) + progress.carried;
        // A sum of fractions misses the whole number it should be by less than this.
        let whole = (due + 1e-6).floor().max(0.0);
        progress.carried = due - whole;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; huge saturates")]
        let rows = (whole as u64).min(cut.max_rows).min(self.rows_left(&progress));
        let from = progress.next_row;
        progress.next_row = from + rows;
        Ok(Range { from, to: from + rows, since: cut.from, until: cut.until })
    }

    fn read(&self, range: &Range) -> Result<Vec<Chunk>, NodeError> {
        let Some(maker) = self.maker.get() else {
            return Err(NodeError::weir("the generator was read before it was started"));
        };
        let rows = range.to.saturating_sub(range.from);
        let span = range.until.since(range.since);
        let by_time = u64::try_from(span.0 / CHUNK_SPAN.0).unwrap_or(0).clamp(1, MAX_CHUNKS_BY_TIME);
        let chunk_count = rows.div_ceil(MAX_CHUNK_ROWS).max(by_time.min(rows));
        let arrival = |row: u64| arrival_at(range, (row - range.from) * 2 + 1, rows * 2);
        (0..chunk_count)
            .map(|index| {
                let from = range.from + rows * index / chunk_count;
                let to = range.from + rows * (index + 1) / chunk_count;
                let arrived = arrival_at(range, index * 2 + 1, chunk_count * 2);
                Ok(Chunk::new(maker.make(from, to, arrival)?, arrived))
            })
            .collect()
    }

    fn commit(&self, _: &Range) {}

    fn stop(&self) {}

    fn replay(&self) -> Replay {
        Replay::Exactly
    }

    fn is_live(&self) -> bool {
        false
    }

    fn is_bounded(&self) -> bool {
        self.params.limit.is_some()
    }

    fn is_done(&self) -> bool {
        self.rows_left(&lock(&self.progress)) == 0
    }

    fn status(&self) -> SourceStatus {
        SourceStatus::default()
    }

    fn take_over(&self, old: &dyn Source) {
        if let Some(old) = old.as_any().downcast_ref::<Self>() {
            *lock(&self.progress) = *lock(&old.progress);
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
