//! What nodes count beside the rows that flow, in words.

use weir_engine::metrics::is_loss;

use crate::i18n::tr;

/// What a count is called. The engine lists them all; one that it does not list is shown by its name.
pub(crate) fn word(name: &str) -> &str {
    match name {
        "between_windows" => tr("counter.between_windows"),
        "closed" => tr("counter.closed"),
        "dropped" => tr("counter.dropped"),
        "duplicates" => tr("counter.duplicates"),
        "expired" => tr("counter.expired"),
        "failed_reloads" => tr("counter.failed_reloads"),
        "fired" => tr("counter.fired"),
        "ignored" => tr("counter.ignored"),
        "late" => tr("counter.late"),
        "late_windows" => tr("counter.late_windows"),
        "late_windows_not_shown" => tr("counter.late_windows_not_shown"),
        "no_event_time" => tr("counter.no_event_time"),
        "null_keys" => tr("counter.null_keys"),
        "nulled" => tr("counter.nulled"),
        "rejected" => tr("counter.rejected"),
        "removed" => tr("counter.removed"),
        "repaired" => tr("counter.repaired"),
        "rows_per_sec" => tr("counter.rows_per_sec"),
        "skipped_windows" => tr("counter.skipped_windows"),
        "suppressed" => tr("counter.suppressed"),
        "total_rows" => tr("counter.total_rows"),
        "unheard" => tr("counter.unheard"),
        "unpaired" => tr("counter.unpaired"),
        "unreadable_rows" => tr("counter.unreadable_rows"),
        other => other,
    }
}

/// The counts that are not zero, and those that are losses first: there is room for few.
pub(crate) fn noteworthy<'a>(counters: &'a [(&'static str, u64)]) -> Vec<&'a (&'static str, u64)> {
    let mut some: Vec<_> = counters.iter().filter(|(_, count)| *count > 0).collect();
    some.sort_by_key(|(name, _)| !is_loss(name));
    some
}

#[cfg(test)]
mod tests {
    use weir_engine::metrics::COUNTERS;

    use super::*;

    #[test]
    fn every_count_of_the_engine_has_words() {
        for counter in COUNTERS {
            assert_ne!(word(counter.name), "", "{}", counter.name);
            let is_word = word(counter.name) != counter.name || !counter.name.contains('_');
            assert!(is_word, "`{}` has no words: add it here and to assets/i18n/inspector.json", counter.name);
        }
    }

    #[test]
    fn losses_come_first_and_zeroes_not_at_all() {
        let counters = [("total_rows", 9), ("late", 0), ("rejected", 2)];
        assert_eq!(noteworthy(&counters), [&("rejected", 2), &("total_rows", 9)]);
    }
}
