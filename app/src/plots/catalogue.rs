//! Which plots there are: one entry each, in the order they are shown.

use weir_engine::metrics::{History, Measure};

use super::units::Unit;

/// One plot.
#[derive(Debug)]
pub(super) struct Chart {
    /// The key of its title; also tells the plots apart.
    pub(super) title: &'static str,
    /// Its curves; the histogram shows the first.
    pub(super) series: &'static [Series],
    /// What its values are.
    pub(super) unit: Unit,
    /// How it shows the batch interval.
    pub(super) interval: IntervalLine,
    /// Whether it is left out while no batch has a value: no watermark, no backpressure.
    pub(super) is_optional: bool,
}

/// A cell of the grid of plots.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell {
    /// Measures as curves.
    Chart(&'static Chart),
    /// The time of each node, stacked.
    Stack,
}

/// One curve.
#[derive(Debug)]
pub(super) struct Series {
    /// What it shows.
    pub(super) measure: Measure,
    /// The key of its name.
    pub(super) name: &'static str,
    /// Which of the theme's curve colours.
    pub(super) color: usize,
}

/// How a plot shows the batch interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IntervalLine {
    /// Not at all: the values are no times.
    None,
    /// As a line to compare with.
    Drawn,
    /// As a line that can be dragged, which changes the interval.
    Draggable,
}

const fn series(measure: Measure, name: &'static str, color: usize) -> Series {
    Series { measure, name, color }
}

/// All plots. Input rate and throughput are apart: rows per second of processing time are often hundreds of times
/// those that arrive, and one axis would flatten the input.
pub(super) const CHARTS: [Chart; 10] = [
    Chart {
        title: "plots.processing_time",
        series: &[series(Measure::ProcessingTime, "plots.processing_time", 0)],
        unit: Unit::Millis,
        interval: IntervalLine::Draggable,
        is_optional: false,
    },
    Chart {
        title: "plots.scheduling_delay",
        series: &[series(Measure::SchedulingDelay, "plots.scheduling_delay", 3)],
        unit: Unit::Millis,
        interval: IntervalLine::Drawn,
        is_optional: false,
    },
    Chart {
        title: "plots.total_delay",
        series: &[series(Measure::TotalDelay, "plots.total_delay", 2)],
        unit: Unit::Millis,
        interval: IntervalLine::Drawn,
        is_optional: false,
    },
    Chart {
        title: "plots.latency",
        series: &[
            series(Measure::LatencyP50, "plots.p50", 1),
            series(Measure::LatencyP95, "plots.p95", 5),
            series(Measure::LatencyP99, "plots.p99", 3),
        ],
        unit: Unit::Millis,
        interval: IntervalLine::Drawn,
        is_optional: false,
    },
    Chart {
        title: "plots.input_rate",
        series: &[series(Measure::InputRate, "plots.input_rate", 1)],
        unit: Unit::RowsPerSecond,
        interval: IntervalLine::None,
        is_optional: false,
    },
    Chart {
        title: "plots.throughput",
        series: &[series(Measure::Throughput, "plots.throughput", 4)],
        unit: Unit::RowsPerSecond,
        interval: IntervalLine::None,
        is_optional: false,
    },
    Chart {
        title: "plots.queue",
        series: &[series(Measure::Queue, "plots.queue", 5)],
        unit: Unit::Batches,
        interval: IntervalLine::None,
        is_optional: false,
    },
    Chart {
        title: "plots.state_size",
        series: &[series(Measure::StateBytes, "plots.state_size", 2)],
        unit: Unit::Bytes,
        interval: IntervalLine::None,
        is_optional: false,
    },
    Chart {
        title: "plots.watermark_lag",
        series: &[series(Measure::WatermarkLag, "plots.watermark_lag", 4)],
        unit: Unit::Millis,
        interval: IntervalLine::None,
        is_optional: true,
    },
    Chart {
        title: "plots.rate_control",
        series: &[
            series(Measure::RateLimit, "plots.rate_limit", 0),
            series(Measure::RateProportional, "plots.rate_error", 3),
            series(Measure::RateIntegral, "plots.rate_backlog", 5),
            series(Measure::RateDerivative, "plots.rate_trend", 2),
        ],
        unit: Unit::RowsPerSecond,
        interval: IntervalLine::None,
        is_optional: true,
    },
];

/// The cells that have something to show, in order: the time of the nodes stands beside that of the whole.
pub(super) fn cells_of(history: &History) -> Vec<Cell> {
    let has_value = |chart: &&Chart| {
        let any = |series: &Series| !history.buckets(series.measure, 0..=u64::MAX, 1).is_empty();
        !chart.is_optional || chart.series.iter().any(any)
    };
    let mut cells: Vec<_> = CHARTS.iter().filter(has_value).map(Cell::Chart).collect();
    cells.insert(1, Cell::Stack);
    cells
}
