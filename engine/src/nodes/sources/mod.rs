//! Where rows come from: one file per kind, with its parts in a folder of the same name, and what they share.

pub mod generator;
pub mod inline;
pub mod replay;
pub mod socket;

mod lines;
pub(super) mod rows;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::plan::Range;
use crate::spec::{Span, Timestamp};

/// Locks, also after another thread panicked while it held the lock: every critical section here leaves its data
/// consistent at each step, so there is nothing to be protected from.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The moment `part` of `whole` through a range's span: how sources that make up their arrivals spread them.
fn arrival_at(range: &Range, part: u64, whole: u64) -> Timestamp {
    let offset = i128::from(range.until.since(range.since).0) * i128::from(part) / i128::from(whole.max(1));
    range.since.plus(Span(i64::try_from(offset).unwrap_or(0)))
}
