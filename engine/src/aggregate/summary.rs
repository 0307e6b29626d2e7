//! A summary of many numbers from which any of their quantiles can be read to within a ten-thousandth of their ranks.
//!
//! The summary of Greenwald and Khanna (SIGMOD 2001): sorted samples, each with how many ranks it stands for (`gap`)
//! and how much further its own may reach (`spread`). New numbers wait in a buffer and are merged in sorted; neighbours
//! that together stay within the error become one. Up to five thousand numbers nothing is merged, and the answer is
//! exact. Two summaries merge by value; a sample among another summary's is as uncertain as that one's next sample.

/// How far a rank may be off, as a part of all: Spark's accuracy of 10,000.
const ERROR: f64 = 1.0 / 10_000.0;
/// Numbers that wait before they are merged in.
const BUFFERED: usize = 50_000;

/// A number that stands for others near it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    /// The number.
    pub(super) value: f64,
    /// Its least rank minus that of the sample before it.
    pub(super) gap: i64,
    /// Its greatest rank minus its least.
    pub(super) spread: i64,
}

/// The summary.
#[derive(Debug, Default)]
pub(super) struct Summary {
    samples: Vec<Sample>,
    /// How many numbers the samples stand for.
    count: i64,
    waiting: Vec<f64>,
}

impl Summary {
    /// Takes a number in.
    pub(super) fn add(&mut self, value: f64) {
        self.waiting.push(if value.is_nan() { f64::NAN } else { value });
        if self.waiting.len() >= BUFFERED {
            self.settle();
        }
    }

    /// Takes samples in that stand for so many numbers.
    pub(super) fn merge(&mut self, samples: impl Iterator<Item = Sample>, count: i64) {
        self.settle();
        self.interleave(samples, count);
    }

    /// The samples, after all that waits was merged in, and how many numbers they stand for.
    pub(super) fn settled(&mut self) -> (&[Sample], i64) {
        self.settle();
        (&self.samples, self.count)
    }

    /// The number below which this part of all lies; none of none.
    pub(super) fn quantile(&mut self, part: f64) -> Option<f64> {
        self.settle();
        let (first, last) = (self.samples.first()?, self.samples.last()?);
        if part <= ERROR {
            return Some(first.value);
        }
        if part >= 1.0 - ERROR {
            return Some(last.value);
        }
        let rank = (part * self.count as f64).ceil();
        let widest = self.samples.iter().map(|sample| sample.gap + sample.spread).max()?;
        let allowed = widest as f64 / 2.0;
        let mut least = 0;
        let found = self.samples.iter().find(|sample| {
            least += sample.gap;
            (least + sample.spread) as f64 - allowed <= rank && rank <= least as f64 + allowed
        });
        Some(found.unwrap_or(last).value)
    }

    /// Bytes.
    pub(super) fn size(&self) -> usize {
        self.samples.capacity() * size_of::<Sample>() + self.waiting.capacity() * size_of::<f64>()
    }

    /// Merges in what waits.
    fn settle(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.sort_by(f64::total_cmp);
        let count = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
        self.interleave(waiting.into_iter().map(|value| Sample { value, gap: 1, spread: 0 }), count);
    }

    /// Merges sorted samples in. Among the other side's, a sample lies somewhere below that side's next one: its rank
    /// may reach as much further as that one stands for.
    fn interleave(&mut self, samples: impl Iterator<Item = Sample>, count: i64) {
        let reach = |next: &Sample| next.gap + next.spread - 1;
        let mut own = std::mem::take(&mut self.samples).into_iter().peekable();
        let mut others = samples.peekable();
        let mut merged = Vec::with_capacity(own.len() + others.size_hint().0);
        while let (Some(mine), Some(other)) = (own.peek().copied(), others.peek().copied()) {
            if mine.value.total_cmp(&other.value).is_le() {
                merged.push(Sample { spread: mine.spread + reach(&other), ..mine });
                own.next();
            } else {
                merged.push(Sample { spread: other.spread + reach(&mine), ..other });
                others.next();
            }
        }
        merged.extend(own);
        merged.extend(others);
        self.samples = merged;
        self.count += count;
        self.compress();
    }

    /// Joins neighbours that together stay within the error. The least and the greatest number stay.
    fn compress(&mut self) {
        let limit = 2.0 * ERROR * self.count as f64;
        let [first, middle @ .., last] = self.samples.as_slice() else { return };
        let mut kept = vec![*last];
        let mut head = *last;
        for sample in middle.iter().rev() {
            if ((sample.gap + head.gap + head.spread) as f64) < limit {
                head.gap += sample.gap;
            } else {
                head = *sample;
                kept.push(head);
                continue;
            }
            if let Some(top) = kept.last_mut() {
                *top = head;
            }
        }
        kept.push(*first);
        kept.reverse();
        self.samples = kept;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How far the answer's ranks are from the one asked for.
    fn off(sorted: &[f64], part: f64, answer: f64) -> f64 {
        let rank = (part * sorted.len() as f64).ceil().max(1.0);
        let below = sorted.partition_point(|value| *value < answer) as f64 + 1.0;
        let up_to = sorted.partition_point(|value| *value <= answer) as f64;
        if rank < below { below - rank } else { (rank - up_to).max(0.0) }
    }

    /// Numbers without an order, the same at every run.
    fn scattered(count: u64, salt: u64) -> Vec<f64> {
        let mix =
            |n: u64| (n ^ salt).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (0..count).map(|n| (mix(n) >> 40) as f64).collect()
    }

    #[test]
    fn many_numbers_are_summarised_within_the_error_in_bounded_memory() {
        let numbers = scattered(400_000, 7);
        let mut whole = Summary::default();
        numbers.iter().for_each(|number| whole.add(*number));
        // The same in parts, as panes and threads bring them.
        let mut merged = Summary::default();
        for part in numbers.chunks(30_011) {
            let mut summary = Summary::default();
            part.iter().for_each(|number| summary.add(*number));
            let (samples, count) = summary.settled();
            merged.merge(samples.iter().copied(), count);
        }
        let mut sorted = numbers;
        sorted.sort_by(f64::total_cmp);
        for summary in [&mut whole, &mut merged] {
            for part in [0.0, 0.001, 0.01, 0.25, 0.5, 0.9, 0.999, 1.0] {
                let answer = summary.quantile(part).unwrap();
                assert!(off(&sorted, part, answer) <= 2.0 * ERROR * 400_000.0, "{part}: {answer}");
            }
            let (samples, count) = summary.settled();
            assert_eq!(count, 400_000);
            assert!(samples.len() < 30_000, "{} samples", samples.len());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

        #[test]
        fn few_numbers_give_exact_answers_however_they_are_cut(
            parts in prop::collection::vec(prop::collection::vec(-50i32..50, 0..40), 1..6), percent in 0u32..=100,
        ) {
            let mut merged = Summary::default();
            for part in &parts {
                let mut summary = Summary::default();
                part.iter().for_each(|number| summary.add(f64::from(*number)));
                let (samples, count) = summary.settled();
                merged.merge(samples.iter().copied(), count);
            }
            let mut sorted: Vec<f64> = parts.concat().into_iter().map(f64::from).collect();
            sorted.sort_by(f64::total_cmp);
            let part = f64::from(percent) / 100.0;
            let rank = (1..=sorted.len()).find(|rank| *rank as f64 >= part * sorted.len() as f64).unwrap_or(1);
            prop_assert_eq!(merged.quantile(part), sorted.get(rank - 1).copied());
        }
    }
}
