//! Rows that enter a join: which of them take part, whom they meet, and which of them are remembered.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, TimestampMicrosecondArray, UInt32Array};
use arrow::compute::{filter_record_batch, not, or, take};
use arrow::record_batch::RecordBatch;

use super::late::Reason;
use super::operator::{IntervalJoin, MAX_PAIRS, Out};
use super::params::How;
use super::side::{Fresh, NO_KEY};
use crate::expr::Scope;
use crate::plan::{Chunk, NodeError};
use crate::spec::Timestamp;

/// Rows of a side that take part, with what is compared.
struct Entering {
    side: usize,
    rows: RecordBatch,
    keys: Vec<u32>,
    times: Vec<i64>,
    is_matched: Vec<bool>,
    arrived: Timestamp,
}

/// Pairs found: the entering row and the slot of the remembered one.
#[derive(Default)]
struct Found {
    rows: Vec<u32>,
    slots: Vec<u32>,
}

impl IntervalJoin {
    /// Lets a chunk in: what is late goes aside, what matches comes out, the rest is remembered.
    pub(super) fn enter(&mut self, side: usize, chunk: &Chunk, scope: &Scope, out: &mut Out) -> Result<(), NodeError> {
        let (rows, times) = self.admit(side, chunk, out)?;
        if rows.num_rows() == 0 {
            return Ok(());
        }
        let keys = self.numbers(side, &rows)?;
        let times = match (&times, self.reach) {
            (Some(times), Some(_)) => times.values().to_vec(),
            (Some(_) | None, _) => vec![0; rows.num_rows()],
        };
        let is_matched = vec![false; rows.num_rows()];
        let mut entering = Entering { side, rows, keys, times, is_matched, arrived: chunk.arrived };
        self.meet(&mut entering, scope, out)?;
        self.remember(&entering)
    }

    /// Sets aside what is late, and what has no time where times are compared.
    fn admit(
        &mut self,
        side: usize,
        chunk: &Chunk,
        out: &mut Out,
    ) -> Result<(RecordBatch, Option<TimestampMicrosecondArray>), NodeError> {
        let rows = &chunk.rows;
        let Some(column) = self.times[side] else { return Ok((rows.clone(), None)) };
        let times = column.read(rows)?;
        let late = self.progress.late_rows(&times);
        let no_time = (self.reach.is_some() && times.null_count() > 0)
            .then(|| (0..times.len()).map(|row| Some(times.is_null(row))).collect::<BooleanArray>());
        for (wanted, reason) in [(&late, Reason::Late), (&no_time, Reason::NoTime)] {
            let Some(wanted) = wanted else { continue };
            match reason {
                Reason::Late => self.counts.late += wanted.true_count() as u64,
                Reason::NoTime => self.counts.no_time += wanted.true_count() as u64,
            }
            let aside = self.late.rows(&self.layout, side, rows, wanted, reason)?;
            out.late.push(Chunk::new(aside, chunk.arrived));
        }
        let aside = match (late, no_time) {
            (Some(late), Some(no_time)) => or(&late, &no_time)?,
            (Some(some), None) | (None, Some(some)) => some,
            (None, None) => return Ok((rows.clone(), Some(times))),
        };
        let rows = filter_record_batch(rows, &not(&aside)?)?;
        let times = column.read(&rows)?;
        Ok((rows, Some(times)))
    }

    /// Numbers the keys of rows; a key with a null has no number unless nulls match.
    fn numbers(&mut self, side: usize, rows: &RecordBatch) -> Result<Vec<u32>, NodeError> {
        let keys = self.layout.keys_of(side, rows)?;
        let has_null = |row: usize| keys.iter().any(|key| key.is_null(row));
        if self.nulls_match || keys.iter().all(|key| key.null_count() == 0) {
            return Ok(self.keys.intern(&keys, rows.num_rows())?);
        }
        let whole: UInt32Array = (0u32..).take(rows.num_rows()).filter(|&row| !has_null(row as usize)).collect();
        let picked = keys.iter().map(|key| take(key, &whole, None)).collect::<Result<Vec<_>, _>>()?;
        let found = self.keys.intern(&picked, whole.len())?;
        let mut numbers = vec![NO_KEY; rows.num_rows()];
        for (&row, number) in whole.values().iter().zip(found) {
            numbers[row as usize] = number;
        }
        Ok(numbers)
    }

    /// Finds the partners of entering rows among what is remembered of the other side.
    fn meet(&mut self, entering: &mut Entering, scope: &Scope, out: &mut Out) -> Result<(), NodeError> {
        let other = 1 - entering.side;
        let is_semi = self.layout.how == How::LeftSemi;
        let needs_one = is_semi && entering.side == 0 && self.condition.is_none();
        let mut gone = Vec::new();
        let mut pairs = Found::default();
        for row in 0..entering.keys.len() {
            let key = entering.keys[row];
            let (from, to) =
                self.reach.map_or((i64::MIN, i64::MAX), |reach| reach.range(entering.side, entering.times[row]));
            let mut at = 0;
            loop {
                let found = self.sides[other].matches(key, from, to);
                let found = if needs_one { found.get(..1).unwrap_or_default() } else { found };
                let some = &found[at..found.len().min(at + MAX_PAIRS - pairs.rows.len())];
                pairs.rows.extend(std::iter::repeat_n(index(row), some.len()));
                pairs.slots.extend(some.iter().map(|entry| entry.slot));
                at += some.len();
                let is_done = at == found.len();
                if pairs.rows.len() == MAX_PAIRS {
                    self.pair(entering, &mut pairs, scope, &mut gone, out)?;
                }
                if is_done {
                    break;
                }
            }
        }
        self.pair(entering, &mut pairs, scope, &mut gone, out)?;
        self.sides[other].remove(&gone);
        Ok(())
    }

    /// Puts pairs of entering and remembered rows together, as far as the condition holds. A semi join gives each left
    /// row once; the remembered ones it gave are `gone`.
    fn pair(
        &mut self,
        entering: &mut Entering,
        found: &mut Found,
        scope: &Scope,
        gone: &mut Vec<u32>,
        out: &mut Out,
    ) -> Result<(), NodeError> {
        let Found { mut rows, mut slots } = std::mem::take(found);
        if rows.is_empty() {
            return Ok(());
        }
        let is_semi = self.layout.how == How::LeftSemi;
        let mut pairs = None;
        if !is_semi || self.condition.is_some() {
            let mut all = self.columns(entering, &rows, &slots)?;
            if let Some((condition, on_error)) = &self.condition {
                let (holds, failed) = on_error.evaluate(condition, &all, scope)?;
                self.counts.nulled += failed;
                let holds = holds.as_boolean();
                let keep = |list: &[u32]| -> Vec<u32> {
                    list.iter().zip(holds).filter(|(_, holds)| *holds == Some(true)).map(|(row, _)| *row).collect()
                };
                (rows, slots) = (keep(&rows), keep(&slots));
                all = filter_record_batch(&all, holds)?;
            }
            pairs = Some(all);
        }
        let first = self.note_matches(entering, &rows, &slots);
        let result = match (pairs, is_semi) {
            (Some(pairs), false) => pairs,
            (Some(_) | None, _) if first.is_empty() => return Ok(()),
            (Some(_) | None, _) if entering.side == 0 => {
                self.layout.left_rows(taken(&entering.rows, &first)?, first.len())?
            }
            (Some(_) | None, _) => {
                gone.extend_from_slice(&first);
                self.layout.left_rows(self.sides[0].gather(&first)?, first.len())?
            }
        };
        if result.num_rows() > 0 {
            out.rows.push(Chunk::new(result, entering.arrived));
        }
        Ok(())
    }

    /// Notes that rows have partners. Gives the left ones, entering or remembered, that had none before.
    fn note_matches(&mut self, entering: &mut Entering, rows: &[u32], slots: &[u32]) -> Vec<u32> {
        let mut first = Vec::new();
        for (&row, &slot) in rows.iter().zip(slots) {
            let is_new_row = !std::mem::replace(&mut entering.is_matched[row as usize], true);
            let is_new_slot = self.sides[1 - entering.side].note_match(slot);
            if entering.side == 0 && is_new_row {
                first.push(row);
            } else if entering.side == 1 && is_new_slot {
                first.push(slot);
            }
        }
        first
    }

    fn columns(&self, entering: &Entering, rows: &[u32], slots: &[u32]) -> Result<RecordBatch, NodeError> {
        let own = taken(&entering.rows, rows)?;
        let others = self.sides[1 - entering.side].gather(slots)?;
        let sides =
            if entering.side == 0 { [Some(&own[..]), Some(&others[..])] } else { [Some(&others[..]), Some(&own[..])] };
        self.layout.pair_rows(sides, rows.len())
    }

    /// Remembers entering rows that may still matter: not what equals no other and would not come out alone, and not
    /// what a semi join has given.
    fn remember(&mut self, entering: &Entering) -> Result<(), NodeError> {
        let side = entering.side;
        let is_semi = self.layout.how == How::LeftSemi;
        let matters = |row: usize| {
            (entering.keys[row] != NO_KEY || self.layout.how.keeps(side))
                && !(is_semi && side == 0 && entering.is_matched[row])
        };
        let kept: Vec<u32> = (0u32..).take(entering.keys.len()).filter(|&row| matters(row as usize)).collect();
        if kept.is_empty() {
            return Ok(());
        }
        let fresh = kept.iter().map(|&row| {
            let row = row as usize;
            let time = entering.times[row];
            let deadline = self.reach.map(|reach| reach.deadline(side, time));
            Fresh { key: entering.keys[row], time, deadline, is_matched: entering.is_matched[row] }
        });
        let fresh: Vec<Fresh> = fresh.collect();
        Ok(self.sides[side].insert(&fresh, &taken(&entering.rows, &kept)?)?)
    }
}

fn index(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

fn taken(rows: &RecordBatch, wanted: &[u32]) -> Result<Vec<ArrayRef>, NodeError> {
    let wanted = UInt32Array::from(wanted.to_vec());
    Ok(rows.columns().iter().map(|column| take(column, &wanted, None)).collect::<Result<_, _>>()?)
}
