//! How long to wait before the next try.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Twice as long after every failure, up to a bound.
#[derive(Debug)]
pub(in crate::nodes) struct Backoff {
    next: Duration,
}

impl Backoff {
    /// Nothing failed yet.
    pub(in crate::nodes) fn new() -> Self {
        Self { next: FIRST }
    }

    /// How long to wait after one more failure.
    pub(in crate::nodes) fn after_failure(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(LONGEST);
        wait
    }

    /// It worked: the next failure is a first one.
    pub(in crate::nodes) fn reset(&mut self) {
        self.next = FIRST;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_seconds_and_start_anew_after_success() {
        let mut backoff = Backoff::new();
        let waits: Vec<_> = (0..8).map(|_| backoff.after_failure().as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        backoff.reset();
        assert_eq!(backoff.after_failure().as_millis(), 100);
    }
}
