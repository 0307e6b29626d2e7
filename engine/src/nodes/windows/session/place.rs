//! When the rows of a session happened, and how far each reaches.

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::{cast, filter_record_batch, not};
use arrow::datatypes::{DataType, Float64Type, SchemaRef, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;

use crate::expr::{ExprError, Expression, Scope, type_name};
use crate::nodes::grouping::find;
use crate::plan::{BatchContext, Chunk, LinkType, NodeError, Watermark};
use crate::spec::{Span, Timestamp, duration};
use crate::window::{EventTime, SessionGap, SessionWindow};

/// The years 1 to 9999, in microseconds since the epoch.
const CALENDAR: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// No gap is longer: about 285 years.
const MAX_GAP_MICROS: f64 = 9.0e15;

/// Places rows in time.
pub(in crate::nodes) struct Placer {
    /// The column that says when a row happened, and what is added to it; none: its arrival.
    time: Option<(usize, Span)>,
    gap: Gap,
}

enum Gap {
    Fixed(Span),
    PerRow(Expression),
}

/// The rows of a chunk that are in sessions.
pub(in crate::nodes) struct Placed {
    /// The rows.
    pub(in crate::nodes) rows: RecordBatch,
    /// Per row its time.
    pub(in crate::nodes) starts: Vec<i64>,
    /// Per row how far it reaches.
    pub(in crate::nodes) ends: Vec<i64>,
    /// The rows that are in none, by their position in the chunk.
    pub(in crate::nodes) refused: Vec<(u32, Refusal)>,
}

/// Why a row is in no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nodes) enum Refusal {
    /// Its time is null.
    NoTime,
    /// Its time is in no year of the calendar.
    OddTime,
    /// Its gap is null, or no duration.
    NoGap,
    /// Its gap could not be computed.
    Failed,
    /// Its gap is zero or less.
    EmptyGap,
}

/// Why a gap expression does not fit.
pub(in crate::nodes) enum GapProblem {
    /// It does not compile.
    Expression(ExprError),
    /// It gives something else than a gap.
    Type(String),
}

/// How far time has come for the sessions of one operator.
#[derive(Debug, Clone, Copy)]
pub(in crate::nodes) struct Progress {
    by_event: bool,
    reached: Option<Watermark>,
}

impl Placer {
    /// For rows of this schema. The error is a sentence.
    pub(in crate::nodes) fn new(window: &SessionWindow, schema: &SchemaRef) -> Result<Self, String> {
        let time = window.time.as_ref().map(|time| time_column(time, schema)).transpose()?;
        let gap = match &window.gap_expression {
            None => Gap::Fixed(window.gap),
            Some(text) => Gap::PerRow(compile_gap(text, schema).map_err(|problem| {
                let reason = match problem {
                    GapProblem::Expression(error) => error.message,
                    GapProblem::Type(sentence) => sentence,
                };
                format!(
                    "the gap of the sessions, `{text}`, cannot be computed here: {reason}; keep its columns in the nodes \
                     between the window and this one"
                )
            })?),
        };
        Ok(Self { time, gap })
    }

    /// How long a pause may be.
    pub(in crate::nodes) fn gap(&self) -> SessionGap {
        match &self.gap {
            Gap::Fixed(gap) => SessionGap::Fixed(*gap),
            Gap::PerRow(_) => SessionGap::PerRow,
        }
    }

    /// Whether every row is in a session.
    pub(in crate::nodes) fn takes_all(&self) -> bool {
        self.time.is_none() && matches!(self.gap, Gap::Fixed(_))
    }

    /// Places the rows of a chunk.
    pub(in crate::nodes) fn place(&self, chunk: &Chunk, scope: &Scope) -> Result<Placed, NodeError> {
        let count = chunk.rows.num_rows();
        let times = self.time.map(|(column, shift)| times_of(&chunk.rows, column, shift)).transpose()?;
        let gaps = match &self.gap {
            Gap::Fixed(_) => None,
            Gap::PerRow(expression) => Some(gaps_by(expression, &chunk.rows, scope)?),
        };
        let fixed = match &self.gap {
            Gap::Fixed(gap) => *gap,
            Gap::PerRow(_) => Span(0),
        };
        let arrived = Ok(chunk.arrived.0);
        let gap = Ok(fixed.0);
        let mut placed = Placed {
            rows: chunk.rows.clone(),
            starts: Vec::with_capacity(count),
            ends: Vec::with_capacity(count),
            refused: Vec::new(),
        };
        for (row, number) in (0..count).zip(0u32..) {
            let time = times.as_ref().and_then(|times| times.get(row).copied()).unwrap_or(arrived);
            let gap = gaps.as_ref().and_then(|gaps| gaps.get(row).copied()).unwrap_or(gap);
            match time.and_then(|time| gap.map(|gap| (time, gap))) {
                Ok((time, gap)) => {
                    placed.starts.push(time);
                    placed.ends.push(time.saturating_add(gap));
                }
                Err(refusal) => placed.refused.push((number, refusal)),
            }
        }
        if !placed.refused.is_empty() {
            let mut is_refused = vec![false; count];
            placed.refused.iter().for_each(|(row, _)| is_refused[*row as usize] = true);
            placed.rows = filter_record_batch(&placed.rows, &not(&BooleanArray::from(is_refused))?)?;
        }
        Ok(placed)
    }
}

impl Placed {
    /// The rows in time, and those whose session of their own would have ended by this time.
    pub(in crate::nodes) fn split(self, late: i64) -> Result<(Self, Option<Self>), NodeError> {
        if self.ends.iter().all(|end| *end > late) {
            return Ok((self, None));
        }
        let is_late = BooleanArray::new(BooleanBuffer::from_iter(self.ends.iter().map(|end| *end <= late)), None);
        let in_time = self.filtered(&not(&is_late)?)?;
        Ok((in_time, Some(self.filtered(&is_late)?)))
    }

    fn filtered(&self, wanted: &BooleanArray) -> Result<Self, NodeError> {
        let of = |times: &[i64]| {
            let pairs = times.iter().zip(wanted.values());
            pairs.filter(|(_, wanted)| *wanted).map(|(time, _)| *time).collect()
        };
        let rows = filter_record_batch(&self.rows, wanted)?;
        Ok(Self { rows, starts: of(&self.starts), ends: of(&self.ends), refused: Vec::new() })
    }
}

impl Refusal {
    /// The reason as a person reads it.
    pub(in crate::nodes) fn sentence(self) -> &'static str {
        match self {
            Self::NoTime => "the event time is null",
            Self::OddTime => "the event time lies outside the years 1 to 9999",
            Self::NoGap => "the gap is null or no duration",
            Self::Failed => "the gap expression fails on this row",
            Self::EmptyGap => "the gap is zero or less",
        }
    }
}

impl Progress {
    /// By event time, or by arrival.
    pub(in crate::nodes) fn new(by_event: bool) -> Self {
        Self { by_event, reached: None }
    }

    /// Goes on with the next batch. By arrival nothing is late, and a session closes once a batch ends after it: a
    /// row that arrives at the very end of a session still belongs to it.
    pub(in crate::nodes) fn step(&mut self, context: &BatchContext) -> Watermark {
        if !self.by_event {
            return Watermark { close: context.time.minus(Span(1)), ..Watermark::START };
        }
        let before = self.reached.unwrap_or(Watermark::START);
        self.reached = context.watermark().map(|watermark| watermark.never_behind(before)).or(self.reached);
        self.reached.unwrap_or(Watermark::START)
    }

    /// The watermark of what flows on, where there is one.
    pub(in crate::nodes) fn watermark(&self) -> Option<Watermark> {
        self.reached
    }
}

/// Compiles the expression that gives each row its gap.
pub(in crate::nodes) fn compile_gap(text: &str, schema: &SchemaRef) -> Result<Expression, GapProblem> {
    let expression = Expression::compile(text, schema).map_err(GapProblem::Expression)?;
    let data_type = expression.field().data_type();
    if data_type.is_numeric() || data_type.is_string() || data_type.is_null() {
        return Ok(expression);
    }
    Err(GapProblem::Type(format!(
        "a gap is a number of seconds or text like '5 seconds', but this gives {}",
        type_name(data_type)
    )))
}

fn time_column(time: &EventTime, schema: &SchemaRef) -> Result<(usize, Span), String> {
    let Some(index) = find(schema, &time.column) else {
        return Err(format!(
            "the column `{}`, by which the sessions go, is not there any more; keep it in the nodes before this one",
            time.column
        ));
    };
    let data_type = schema.field(index).data_type();
    if !matches!(data_type, DataType::Timestamp(_, _)) {
        return Err(format!(
            "the column `{0}` is of type {1}, but an event time is a timestamp; convert it with a Map before: \
             CAST({0} AS timestamp)",
            schema.field(index).name(),
            type_name(data_type)
        ));
    }
    Ok((index, time.shift))
}

fn times_of(rows: &RecordBatch, column: usize, shift: Span) -> Result<Vec<Result<i64, Refusal>>, NodeError> {
    let Some(column) = rows.columns().get(column) else {
        return Err(NodeError::weir(
            "the column of the event time is missing; this is a defect of Weir, please report it",
        ));
    };
    let times = cast(column, &LinkType::timestamp())?;
    let times = times.as_primitive::<TimestampMicrosecondType>();
    let happened = |time: Option<i64>| match time.map(|time| Timestamp(time).plus(shift).0) {
        None => Err(Refusal::NoTime),
        Some(time) if CALENDAR.contains(&time) => Ok(time),
        Some(_) => Err(Refusal::OddTime),
    };
    Ok(times.iter().map(happened).collect())
}

fn gaps_by(expression: &Expression, rows: &RecordBatch, scope: &Scope) -> Result<Vec<Result<i64, Refusal>>, NodeError> {
    let attempt = expression.attempt(rows, scope).map_err(|error| NodeError::data(error.message))?;
    let mut gaps = gaps_of(&attempt.values)?;
    for failure in &attempt.failures {
        if let Some(gap) = gaps.get_mut(failure.row) {
            *gap = Err(Refusal::Failed);
        }
    }
    Ok(gaps)
}

fn gaps_of(gaps: &ArrayRef) -> Result<Vec<Result<i64, Refusal>>, NodeError> {
    if gaps.data_type().is_string() {
        let texts = cast(gaps, &DataType::Utf8View)?;
        let texts = texts.as_string_view();
        // Few different texts come again and again.
        let mut last: Option<(&str, Result<i64, Refusal>)> = None;
        let mut read = |text| match last {
            Some((same, gap)) if same == text => gap,
            Some(_) | None => {
                let gap = duration::parse(text).map_or(Err(Refusal::NoGap), |gap| positive(gap.0));
                last.insert((text, gap)).1
            }
        };
        return Ok(texts.iter().map(|text| text.map_or(Err(Refusal::NoGap), &mut read)).collect());
    }
    let seconds = cast(gaps, &DataType::Float64)?;
    let seconds: &Float64Array = seconds.as_primitive::<Float64Type>();
    Ok(seconds.iter().map(|seconds| seconds.map_or(Err(Refusal::NoGap), micros)).collect())
}

fn micros(seconds: f64) -> Result<i64, Refusal> {
    if seconds.is_nan() {
        return Err(Refusal::NoGap);
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded just before")]
    positive((seconds * 1e6).clamp(0.0, MAX_GAP_MICROS).round() as i64)
}

fn positive(gap: i64) -> Result<i64, Refusal> {
    if gap > 0 { Ok(gap) } else { Err(Refusal::EmptyGap) }
}
