//! Settings of the two controllers: of the sources' rates, and of the batch interval.

use crate::spec::Span;

/// Whether and how sources are held to what the pipeline can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backpressure {
    /// Not at all: what is too much queues up to the bounds.
    Off,
    /// By Spark's estimator, as it is.
    Spark,
    /// By the same terms, but counting the backlog once and growing at most twofold with a batch.
    Damped,
}

/// The settings of backpressure. Rates are whole rows per second of one source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateSettings {
    /// Whether and how.
    pub backpressure: Backpressure,
    /// No limit is lower.
    pub min_rate: u64,
    /// No limit is higher.
    pub max_rate: Option<u64>,
    /// The limit before anything is known; [`Self::INITIAL_RATE`] where there is none.
    pub initial_rate: Option<u64>,
    /// The weight of the error: how much faster the source was than the batch was processed.
    pub proportional: f64,
    /// The weight of the backlog.
    pub integral: f64,
    /// The weight of the error's change.
    pub derivative: f64,
}

/// The settings of the automatic batch interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntervalSettings {
    /// Whether the interval finds itself.
    pub is_on: bool,
    /// The shortest it may find.
    pub min: Span,
    /// The longest it may find.
    pub max: Span,
    /// Processing time over interval to aim at: what is left is slack.
    pub target: f64,
}

impl RateSettings {
    /// The initial limit unless one is set: low enough that no machine drowns in its first batch, high enough that
    /// doubling with every batch reaches a million rows per second after seven.
    pub const INITIAL_RATE: u64 = 10_000;
    /// Lowest and highest gain.
    pub const GAINS: (f64, f64) = (0.0, 10.0);

    /// The limit before anything is known, within the bounds.
    pub fn first_limit(&self) -> u64 {
        let rate = self.initial_rate.unwrap_or(Self::INITIAL_RATE).max(self.min_rate);
        self.max_rate.map_or(rate, |max| rate.min(max))
    }
}

impl IntervalSettings {
    /// Lowest and highest load to aim at.
    pub const TARGETS: (f64, f64) = (0.1, 1.0);

    /// The shortest and the longest interval, whichever way round they were entered.
    pub fn range(&self) -> (Span, Span) {
        (self.min.min(self.max), self.min.max(self.max))
    }
}

impl Default for RateSettings {
    /// Spark's gains and lowest rate.
    fn default() -> Self {
        Self {
            backpressure: Backpressure::Off,
            min_rate: 100,
            max_rate: None,
            initial_rate: None,
            proportional: 1.0,
            integral: 0.2,
            derivative: 0.0,
        }
    }
}

impl Default for IntervalSettings {
    fn default() -> Self {
        let (min, max) = (Span::from_millis(100), Span::from_secs(10));
        Self { is_on: false, min, max, target: 0.8 }
    }
}
