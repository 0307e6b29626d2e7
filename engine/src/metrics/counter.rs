//! What nodes count beside the rows that flow, by name: the one list that says what a count means.
//!
//! Nodes report pairs of a name and a number. Whoever shows them must know whether a number is a loss, something a
//! person should look at, or merely a figure; that is no business of the node that counts, nor of a window.

/// A count that nodes report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// Its name in reports.
    pub name: &'static str,
    /// Whether it counts rows (or windows) that did not go where they were meant to.
    pub is_loss: bool,
}

const fn loss(name: &'static str) -> Counter {
    Counter { name, is_loss: true }
}

const fn figure(name: &'static str) -> Counter {
    Counter { name, is_loss: false }
}

/// All counts, by name. A test holds the node kinds to it.
pub const COUNTERS: &[Counter] = &[
    loss("between_windows"),
    figure("closed"),
    loss("dropped"),
    figure("duplicates"),
    figure("expired"),
    loss("failed_reloads"),
    figure("fired"),
    figure("ignored"),
    loss("late"),
    figure("late_windows"),
    loss("late_windows_not_shown"),
    loss("no_event_time"),
    loss("null_keys"),
    loss("nulled"),
    loss("rejected"),
    figure("removed"),
    loss("repaired"),
    figure("rows_per_sec"),
    loss("skipped_windows"),
    figure("suppressed"),
    figure("total_rows"),
    figure("unheard"),
    loss("unpaired"),
    loss("unreadable_rows"),
];

/// Whether a count of this name is a loss. One that is not listed is shown as if it were, rather than overlooked.
pub fn is_loss(name: &str) -> bool {
    COUNTERS.iter().find(|counter| counter.name == name).is_none_or(|counter| counter.is_loss)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_listed_once_and_in_order() {
        assert!(COUNTERS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn what_passed_a_gauge_is_no_loss_and_what_is_unknown_is() {
        assert!(!is_loss("total_rows") && !is_loss("rows_per_sec") && !is_loss("fired"));
        assert!(is_loss("late") && is_loss("rejected") && is_loss("never heard of"));
    }
}
