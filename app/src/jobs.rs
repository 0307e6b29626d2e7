//! What is under way outside the window's thread and may take long. Most of it is done before anyone notices; what is
//! not, is shown with how far it has come, and can be cancelled.

use std::sync::Arc;

use crate::files::{Job, Progress};

/// Seconds after which something under way is shown.
const PATIENCE_SECS: f64 = 1.0;

/// All that is under way.
#[derive(Debug, Default)]
pub struct Jobs {
    list: Vec<Task>,
    last_ticket: u64,
}

/// One thing under way.
#[derive(Debug)]
pub struct Task {
    /// The number it answers under.
    pub ticket: u64,
    /// What it is, as a phrase: `Opening words`.
    pub what: String,
    /// How far it has come.
    pub progress: Arc<Progress>,
    /// Whether it can be cancelled; half a save is none.
    pub can_cancel: bool,
    /// When it was first seen to be under way.
    since: Option<f64>,
}

impl Jobs {
    /// Begins something.
    pub fn begin(&mut self, what: String, can_cancel: bool) -> Job {
        self.last_ticket += 1;
        let job = Job { ticket: self.last_ticket, progress: Arc::default() };
        let progress = Arc::clone(&job.progress);
        self.list.push(Task { ticket: job.ticket, what, progress, can_cancel, since: None });
        job
    }

    /// It has answered, or was never begun. `false`: nobody waits for the answer any more.
    pub fn end(&mut self, ticket: u64) -> bool {
        let before = self.list.len();
        self.list.retain(|task| task.ticket != ticket);
        self.list.len() < before
    }

    /// Nobody waits for it any more.
    pub fn cancel(&mut self, ticket: u64) {
        if let Some(task) = self.list.iter().find(|task| task.ticket == ticket && task.can_cancel) {
            task.progress.cancel();
            self.end(ticket);
        }
    }

    /// Notes the time. Seconds until the next of them is worth showing, if there is one.
    pub fn tick(&mut self, now: f64) -> Option<f64> {
        let waits = self.list.iter_mut().map(|task| *task.since.get_or_insert(now) + PATIENCE_SECS - now);
        waits.filter(|wait| *wait > 0.0).min_by(f64::total_cmp)
    }

    /// What is worth showing.
    pub fn slow(&self, now: f64) -> impl Iterator<Item = &Task> {
        self.list.iter().filter(move |task| task.since.is_some_and(|since| now - since >= PATIENCE_SECS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_long_is_shown_and_a_cancelled_answer_is_not_waited_for() {
        let mut jobs = Jobs::default();
        let (open, save) = (jobs.begin("open".to_owned(), true), jobs.begin("save".to_owned(), false));
        assert_eq!(jobs.tick(10.0), Some(1.0));
        assert_eq!(jobs.slow(10.5).count(), 0);
        assert_eq!(jobs.slow(11.0).count(), 2);
        assert_eq!(jobs.tick(11.0), None);
        jobs.cancel(open.ticket);
        jobs.cancel(save.ticket);
        assert!(open.progress.is_cancelled() && !save.progress.is_cancelled());
        assert!(!jobs.end(open.ticket) && jobs.end(save.ticket));
    }
}
