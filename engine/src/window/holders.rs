//! Which keys are still held by a pane: keys that no pane holds are cleared up once they are the majority.

/// Fewer keys than this are not worth clearing up.
const WORTH_CLEARING: usize = 1_024;

/// Per group, in how many parts of panes it is held.
#[derive(Debug, Default)]
pub(super) struct Holders {
    held: Vec<u32>,
    live: usize,
}

impl Holders {
    /// A part with these groups came.
    pub(super) fn hold(&mut self, groups: &[u32]) {
        let highest = groups.iter().max().map_or(0, |&group| group as usize + 1);
        if highest > self.held.len() {
            self.held.resize(highest, 0);
        }
        for &group in groups {
            let held = &mut self.held[group as usize];
            self.live += usize::from(*held == 0);
            *held += 1;
        }
    }

    /// A part with these groups is gone.
    pub(super) fn release(&mut self, groups: &[u32]) {
        for &group in groups {
            if let Some(held) = self.held.get_mut(group as usize).filter(|held| **held > 0) {
                *held -= 1;
                self.live -= usize::from(*held == 0);
            }
        }
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        self.held.capacity() * size_of::<u32>()
    }

    /// How many groups are held.
    pub(super) fn live(&self) -> usize {
        self.live
    }

    /// The groups that are held, if so few of so many that the others should be cleared up.
    pub(super) fn worth_keeping(&self, keys: usize) -> Option<Vec<u32>> {
        if keys < WORTH_CLEARING || self.live * 2 >= keys {
            return None;
        }
        Some((0u32..).zip(&self.held).filter(|(_, held)| **held > 0).map(|(group, _)| group).collect())
    }

    /// These groups have other numbers now; all others are gone.
    pub(super) fn renumber(&mut self, kept: &[u32], numbers: &[u32]) {
        let mut held = vec![0; kept.len()];
        for (&new, &old) in numbers.iter().zip(kept) {
            held[new as usize] = self.held[old as usize];
        }
        self.held = held;
    }
}
