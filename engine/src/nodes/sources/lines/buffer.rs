//! Lines that have arrived and wait for a batch, in the order of arrival, counted by position.
//!
//! Lines that arrive within the same millisecond share a chunk, so that a peer sending line by line does not make a
//! chunk of every line. Two bounds, rows and bytes, say when a reader should hold its peer back.

use std::collections::VecDeque;

use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

use crate::plan::{Chunk, LinkType};
use crate::spec::{Span, Timestamp};

use super::TextBlock;

/// Blocks are sealed at this size.
const BLOCK_BYTES: usize = 1 << 20;
/// Arrivals within this span share a chunk.
const SAME_MOMENT: Span = Span::from_millis(1);

/// Waiting lines. Positions count rows from 0 over the life of the source.
#[derive(Debug, Default)]
pub(in crate::nodes) struct LineBuffer {
    sealed: VecDeque<Chunk>,
    open: TextBlock,
    opened: Timestamp,
    /// Position of the first waiting row.
    start: u64,
    /// One past the last row given to a batch.
    planned: u64,
    /// One past the last sealed row.
    end: u64,
    sealed_bytes: u64,
}

/// What a batch takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nodes) struct Due {
    /// First position.
    pub(in crate::nodes) from: u64,
    /// One past the last.
    pub(in crate::nodes) to: u64,
    /// When the first of these rows arrived.
    pub(in crate::nodes) first_arrival: Option<Timestamp>,
}

impl LineBuffer {
    /// Adds lines that arrived now, leaving `lines` empty.
    pub(in crate::nodes) fn push(&mut self, lines: &mut TextBlock, now: Timestamp) -> Result<(), ArrowError> {
        if lines.line_count() == 0 {
            return Ok(());
        }
        let shares_moment = now.floor_to(SAME_MOMENT) <= self.opened.floor_to(SAME_MOMENT);
        let has_room = self.open.size_bytes() + lines.size_bytes() <= BLOCK_BYTES;
        if self.open.line_count() > 0 && !(shares_moment && has_room) {
            self.seal()?;
        }
        if self.open.line_count() == 0 {
            // A clock that was set back must not disorder the arrivals.
            self.opened = self.opened.max(now);
        }
        self.open.append(lines);
        Ok(())
    }

    /// Adds rows that were read from lines and arrived now.
    pub(in crate::nodes) fn push_rows(&mut self, rows: RecordBatch, now: Timestamp) -> Result<(), ArrowError> {
        if self.open.line_count() > 0 {
            self.seal()?;
        }
        self.opened = self.opened.max(now);
        self.add(rows);
        Ok(())
    }

    /// Rows that wait, including those a batch was promised but has not read.
    pub(in crate::nodes) fn row_count(&self) -> u64 {
        self.end - self.start + self.open.line_count() as u64
    }

    /// Rows no batch was promised.
    pub(in crate::nodes) fn unplanned_rows(&self) -> u64 {
        self.end + self.open.line_count() as u64 - self.planned
    }

    /// Bytes that wait.
    pub(in crate::nodes) fn size_bytes(&self) -> u64 {
        self.sealed_bytes + self.open.size_bytes() as u64
    }

    /// How many rows and bytes may still come.
    pub(in crate::nodes) fn free(&self, max_rows: u64, max_bytes: u64) -> (u64, u64) {
        let rows = max_rows.max(1).saturating_sub(self.row_count());
        (rows, max_bytes.max(1).saturating_sub(self.size_bytes()))
    }

    /// Whether a reader should wait before it takes more from its peer.
    pub(in crate::nodes) fn is_full(&self, max_rows: u64, max_bytes: u64) -> bool {
        let (rows, bytes) = self.free(max_rows, max_bytes);
        rows == 0 || bytes == 0
    }

    /// Promises a batch what arrived before `until`, at most `max_rows` rows.
    pub(in crate::nodes) fn plan(&mut self, until: Timestamp, max_rows: u64) -> Result<Due, ArrowError> {
        if self.open.line_count() > 0 && self.opened < until {
            self.seal()?;
        }
        let mut due = Due { from: self.planned, to: self.planned, first_arrival: None };
        let mut end = self.start;
        for chunk in self.sealed.iter().take_while(|chunk| chunk.arrived < until) {
            end += chunk.rows.num_rows() as u64;
            if end > due.from && due.first_arrival.is_none() {
                due.first_arrival = Some(chunk.arrived);
            }
        }
        due.to = end.max(due.from).min(due.from.saturating_add(max_rows));
        self.planned = due.to;
        Ok(due)
    }

    /// Gives exactly the rows `[from, to)` away, and forgets any before them. `None` where they are not there.
    pub(in crate::nodes) fn take(&mut self, from: u64, to: u64) -> Option<Vec<Chunk>> {
        if from < self.start || to < from || to > self.end {
            return None;
        }
        self.remove(from - self.start);
        Some(self.remove(to - from))
    }

    fn remove(&mut self, rows: u64) -> Vec<Chunk> {
        let mut left = usize::try_from(rows).unwrap_or(usize::MAX);
        let mut taken = Vec::new();
        while left > 0 {
            let Some(mut chunk) = self.sealed.pop_front() else { break };
            let count = chunk.rows.num_rows();
            let bytes_before = size_of(&chunk);
            if count > left {
                let rest = chunk.rows.slice(left, count - left);
                self.sealed.push_front(Chunk::new(rest, chunk.arrived));
                chunk.rows = chunk.rows.slice(0, left);
                self.sealed_bytes += self.sealed.front().map_or(0, size_of);
            }
            self.sealed_bytes -= bytes_before.min(self.sealed_bytes);
            left -= chunk.rows.num_rows();
            self.start += chunk.rows.num_rows() as u64;
            taken.push(chunk);
        }
        taken
    }

    fn seal(&mut self) -> Result<(), ArrowError> {
        let block = std::mem::take(&mut self.open);
        self.add(RecordBatch::try_new(LinkType::lines().schema, vec![block.into_column()?])?);
        Ok(())
    }

    fn add(&mut self, rows: RecordBatch) {
        let chunk = Chunk::new(rows, self.opened);
        self.end += chunk.rows.num_rows() as u64;
        self.sealed_bytes += size_of(&chunk);
        self.sealed.push_back(chunk);
    }
}

/// A part of a chunk still pins all of the chunk's bytes.
fn size_of(chunk: &Chunk) -> u64 {
    chunk.rows.get_array_memory_size() as u64
}

#[cfg(test)]
mod tests {
    use arrow::array::AsArray;
    use proptest::prelude::*;

    use super::*;

    fn block(lines: &[String]) -> TextBlock {
        let mut block = TextBlock::default();
        for line in lines {
            block.push(line);
        }
        block
    }

    fn texts(chunks: &[Chunk]) -> Vec<String> {
        chunks
            .iter()
            .flat_map(|chunk| chunk.rows.column(0).as_string_view().iter().flatten().map(str::to_owned))
            .collect()
    }

    proptest! {
        #[test]
        fn every_line_is_taken_once_in_order_and_not_before_it_arrived(
            steps in prop::collection::vec((0i64..3_000, 0usize..5, 0u64..6), 1..30),
        ) {
            let (mut buffer, mut now) = (LineBuffer::default(), Timestamp(0));
            let (mut pushed, mut taken) = (Vec::new(), Vec::new());
            for (micros, count, max_rows) in steps {
                now = now.plus(Span(micros));
                let lines: Vec<_> = (0..count).map(|index| format!("line {} {index}", now.0)).collect();
                buffer.push(&mut block(&lines), now).unwrap();
                pushed.extend(lines.into_iter().map(|line| (now, line)));
                let due = buffer.plan(now, max_rows).unwrap();
                prop_assert!(due.to - due.from <= max_rows);
                let chunks = buffer.take(due.from, due.to).unwrap();
                prop_assert!(chunks.iter().all(|chunk| chunk.arrived < now));
                prop_assert_eq!(due.first_arrival.filter(|_| due.to > due.from), chunks.first().map(|c| c.arrived));
                taken.extend(texts(&chunks));
                prop_assert_eq!(buffer.row_count(), (pushed.len() - taken.len()) as u64);
            }
            let due = buffer.plan(now.plus(Span(1)), u64::MAX).unwrap();
            taken.extend(texts(&buffer.take(due.from, due.to).unwrap()));
            let expected: Vec<_> = pushed.into_iter().map(|(_, line)| line).collect();
            prop_assert_eq!(taken, expected);
            prop_assert_eq!((buffer.row_count(), buffer.size_bytes()), (0, 0));
        }
    }

    #[test]
    fn lines_of_one_millisecond_share_a_chunk() {
        let mut buffer = LineBuffer::default();
        for micros in [10_000, 10_400, 10_999, 11_000] {
            buffer.push(&mut block(&[micros.to_string()]), Timestamp(micros)).unwrap();
        }
        let due = buffer.plan(Timestamp(20_000), 100).unwrap();
        let counts: Vec<_> = buffer.take(due.from, due.to).unwrap().iter().map(|c| c.rows.num_rows()).collect();
        assert_eq!(counts, [3, 1]);
    }

    #[test]
    fn a_line_that_arrives_at_the_tick_belongs_to_the_next_batch() {
        let mut buffer = LineBuffer::default();
        buffer.push(&mut block(&["x".to_owned()]), Timestamp(1_000_000)).unwrap();
        assert_eq!(buffer.plan(Timestamp(1_000_000), 9).unwrap().to, 0);
        assert_eq!(buffer.plan(Timestamp(2_000_000), 9).unwrap().to, 1);
    }

    #[test]
    fn a_range_that_is_gone_is_said_to_be_gone() {
        let mut buffer = LineBuffer::default();
        buffer.push(&mut block(&["x".to_owned(), "y".to_owned()]), Timestamp(0)).unwrap();
        buffer.plan(Timestamp(1), 9).unwrap();
        assert_eq!(buffer.take(0, 2).unwrap().len(), 1);
        assert!(buffer.take(0, 2).is_none());
        assert!(buffer.take(2, 3).is_none());
    }
}
