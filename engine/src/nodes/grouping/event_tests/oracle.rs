//! The observer that keeps every row and looks at all of them again in every batch.

use super::*;

/// All rows so far, by batch.
#[derive(Default)]
pub(super) struct Oracle {
    pub(super) delay: Option<i64>,
    pub(super) rows: Vec<(usize, Event)>,
    pub(super) batches: usize,
}

impl Oracle {
    pub(super) fn add(&mut self, rows: &[Event]) {
        self.rows.extend(rows.iter().map(|row| (self.batches, *row)));
        self.batches += 1;
    }

    /// What windows close by in a batch: everything seen before it counts.
    pub(super) fn watermark(&self, batch: usize) -> Option<i64> {
        let seen = self.rows.iter().filter(|(at, _)| *at < batch).filter_map(|(_, row)| row.0).max();
        Some(seen? - self.delay?)
    }

    pub(super) fn is_late(&self, batch: usize, end: i64) -> bool {
        batch > 0 && self.watermark(batch - 1).is_some_and(|late| end <= late)
    }

    /// Per window its rows, with the batch of each; `all`: the late ones too.
    pub(super) fn windows(&self, shape: Shape, all: bool) -> BTreeMap<i64, Vec<(usize, Event)>> {
        let mut windows: BTreeMap<i64, Vec<(usize, Event)>> = BTreeMap::new();
        for (batch, row) in &self.rows {
            for start in row.0.map_or_else(Vec::new, |time| shape.starts(time)) {
                if all || !self.is_late(*batch, start + shape.length) {
                    windows.entry(start).or_default().push((*batch, *row));
                }
            }
        }
        windows
    }

    /// What the last batch gives.
    pub(super) fn expect(&self, shape: Shape, emit: &str) -> Vec<String> {
        let now = self.batches - 1;
        let mut lines = Vec::new();
        for (start, rows) in self.windows(shape, emit == "whole") {
            let end = start + shape.length;
            let mut keys: BTreeSet<u8> = rows.iter().map(|(_, row)| row.1).collect();
            match emit {
                "close" => {
                    let closes = self.watermark(now).is_some_and(|close| end <= close);
                    if !closes || self.is_late(now, end) {
                        continue;
                    }
                }
                "change" => keys = rows.iter().filter(|(batch, _)| *batch == now).map(|(_, row)| row.1).collect(),
                _ => {}
            }
            for word in keys {
                let values: Vec<i64> = rows.iter().filter(|(_, row)| row.1 == word).map(|(_, row)| row.2).collect();
                let (count, sum) = (values.len(), values.iter().sum::<i64>());
                let distinct = values.iter().collect::<BTreeSet<_>>().len();
                let (min, mean) = (values.iter().min().unwrap(), sum as f64 / count as f64);
                lines.push(format!("{start} {end} {} {count} {sum} {min} {mean} {distinct}", key(word)));
            }
        }
        lines.sort();
        lines
    }

    pub(super) fn expect_gathered(&self, shape: Shape) -> Vec<String> {
        let now = self.batches - 1;
        let mut lines = Vec::new();
        for (start, rows) in self.windows(shape, false) {
            let end = start + shape.length;
            if self.watermark(now).is_some_and(|close| end <= close) && !self.is_late(now, end) {
                let line = |(_, (time, word, n)): &(usize, Event)| {
                    format!("{start} {end} {} {} {n}", time.unwrap(), key(*word))
                };
                lines.extend(rows.iter().map(line));
            }
        }
        lines.sort();
        lines
    }

    pub(super) fn expect_late(&self, shape: Shape) -> Vec<String> {
        let now = self.batches - 1;
        let mut lines = Vec::new();
        for (_, (time, word, n)) in self.rows.iter().filter(|(batch, _)| *batch == now) {
            for start in time.map_or_else(Vec::new, |time| shape.starts(time)) {
                let end = start + shape.length;
                if self.is_late(now, end) {
                    lines.push(format!("{start} {end} {} {} {n}", time.unwrap(), key(*word)));
                }
            }
        }
        lines.sort();
        lines
    }
}
