//! Watermarks as an observer of single rows counts them: for the oracles of nodes that stand behind one.

/// One watermark, in seconds: what was seen up to the batch before counts, and it never goes back.
#[derive(Debug, Clone, Copy)]
pub struct Marks {
    delay: i64,
    latest: Option<i64>,
    next: Option<i64>,
    /// Rows at or before this are late in the present batch.
    pub late: Option<i64>,
    /// State that this has passed is let go at the end of the present batch.
    pub close: Option<i64>,
}

impl Marks {
    /// Nothing seen yet.
    pub fn new(delay: i64) -> Self {
        Self { delay, latest: None, next: None, late: None, close: None }
    }

    /// The delay is turned between two batches.
    pub fn turn(&mut self, delay: i64) {
        self.delay = delay;
        self.next = self.next.max(self.latest.map(|latest| latest - delay));
    }

    /// A batch begins.
    pub fn begin(&mut self) {
        self.late = self.close;
        self.close = self.next;
    }

    /// The batch has brought rows of these times.
    pub fn end(&mut self, times: impl Iterator<Item = i64>) {
        self.latest = self.latest.max(times.max());
        self.turn(self.delay);
    }
}

/// A time of the run as rows write it.
pub fn time(second: i64) -> String {
    format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60)
}

/// What a table shows of a time, as seconds of the run.
pub fn second(cell: &serde_json::Value) -> i64 {
    (cell.as_i64().expect("a time") - super::START) / 1_000_000
}
