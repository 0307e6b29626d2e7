//! Draws from n things of which the k-th is 1/k as frequent as the first (Zipf's law), in constant time.
//!
//! Walker's alias method in Vose's arrangement (IEEE Transactions on Software Engineering 17, 1991): every slot holds
//! one thing and the share of the slot that belongs to another, so a draw is one multiplication and one look-up.

/// The table.
#[derive(Debug)]
pub(super) struct Skewed {
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Draws below this take the slot's own thing.
    own_below: u32,
    other: u32,
}

impl Skewed {
    /// Over `count` things, at least one.
    pub(super) fn new(count: u32) -> Self {
        let count = count.max(1);
        let total: f64 = (1..=count).map(|rank| 1.0 / f64::from(rank)).sum();
        let mut shares: Vec<f64> = (1..=count).map(|rank| f64::from(count) / f64::from(rank) / total).collect();
        let mut slots: Vec<_> = (0..count).map(|own| Slot { own_below: u32::MAX, other: own }).collect();
        // The shares fall, so the rich come first: `rich` walks up while `poor` walks down to the poorest left.
        let mut poor: Vec<usize> = (0..shares.len()).filter(|at| share(&shares, *at) < 1.0).collect();
        let mut rich: Vec<usize> = (0..shares.len()).filter(|at| share(&shares, *at) >= 1.0).collect();
        while let (Some(small), Some(large)) = (poor.pop(), rich.last().copied()) {
            let small_share = share(&shares, small);
            if let Some(slot) = slots.get_mut(small) {
                *slot = Slot { own_below: to_draw(small_share), other: u32::try_from(large).unwrap_or(0) };
            }
            if let Some(left) = shares.get_mut(large) {
                *left -= 1.0 - small_share;
                if *left < 1.0 {
                    rich.pop();
                    poor.push(large);
                }
            }
        }
        Self { slots }
    }

    /// The thing (from 0, the most frequent) that a uniform draw stands for.
    pub(super) fn pick(&self, draw: u32) -> usize {
        let product = u64::from(draw) * self.slots.len() as u64;
        let index = (product >> 32) as usize;
        #[expect(clippy::cast_possible_truncation, reason = "the low half is the position within the slot")]
        let within = product as u32;
        match self.slots.get(index) {
            Some(slot) if within >= slot.own_below => slot.other as usize,
            Some(_) | None => index,
        }
    }
}

fn share(shares: &[f64], at: usize) -> f64 {
    shares.get(at).copied().unwrap_or(1.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates at both ends, as it should")]
fn to_draw(share: f64) -> u32 {
    (share * 4_294_967_296.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kth_thing_comes_one_kth_as_often() {
        for count in [1u32, 2, 3, 10, 1_000] {
            let table = Skewed::new(count);
            let mut counts = vec![0u32; count as usize];
            let draws = 1_000_000u32;
            // A low-discrepancy walk through all draws: no luck involved.
            for step in 0..draws {
                counts[table.pick(step.wrapping_mul(2_654_435_769))] += 1;
            }
            let total: f64 = (1..=count).map(|rank| 1.0 / f64::from(rank)).sum();
            for (index, seen) in counts.iter().enumerate() {
                let expected = f64::from(draws) / (index as f64 + 1.0) / total;
                assert!(
                    (f64::from(*seen) - expected).abs() <= expected * 0.1 + 20.0,
                    "{count} things, {index}: {seen}"
                );
            }
        }
    }
}
