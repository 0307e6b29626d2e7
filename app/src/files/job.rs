//! What may take long, as the thread that works and the window share it: how far it has come, and whether it is still
//! wanted.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How far something has come. Whoever works tells it, whoever waits reads it; neither waits for the other.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    is_cancelled: AtomicBool,
}

/// Something long that was asked for.
#[derive(Debug, Clone, Default)]
pub struct Job {
    /// The number it answers under.
    pub ticket: u64,
    /// How far it has come.
    pub progress: Arc<Progress>,
}

impl Progress {
    /// Tells how much of how much is done. `false`: it is not wanted any more, and the work may end.
    pub fn tell(&self, done: u64, total: u64) -> bool {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        !self.is_cancelled()
    }

    /// The part that is done, 0 to 1; `None` while nobody knows.
    pub fn part(&self) -> Option<f32> {
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        (total > 0).then(|| (done as f32 / total as f32).clamp(0.0, 1.0))
    }

    /// It is not wanted any more.
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it is not wanted any more.
    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_is_known_once_the_whole_is() {
        let progress = Progress::default();
        assert_eq!(progress.part(), None);
        assert!(progress.tell(1, 4));
        assert_eq!(progress.part(), Some(0.25));
        progress.cancel();
        assert!(!progress.tell(2, 4), "whoever works hears of it");
    }
}
