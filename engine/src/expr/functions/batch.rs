//! What the batch says of itself: its time and its number, never the wall's.

use super::{Entry, Takes};
use crate::expr::scope::hidden_column;

const NONE: Takes = Takes::these(&[]);

pub(super) const ENTRIES: &[&[Entry]] = &[&[
    of_batch("now", "now()", "The time of the batch's tick.").also(&["current_timestamp", "batch_time"]),
    of_batch("current_date", "current_date()", "The day (UTC) of the batch's tick.").also(&["curdate"]),
    of_batch("batch_id", "batch_id()", "The batch's number, from 0."),
]];

const fn of_batch(name: &'static str, form: &'static str, doc: &'static str) -> Entry {
    Entry::form(name, form, doc, NONE, |lowering, _, site| {
        Ok(lowering.hidden(hidden_column(&site.name.to_lowercase()).unwrap_or_default()))
    })
}
