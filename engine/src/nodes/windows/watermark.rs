//! `watermark`: says which column holds the time at which rows happened, and how long to wait for late ones.
//!
//! The watermark is the latest time seen minus the delay. It is computed at the end of a batch and holds from the next
//! one on, so that the rows of one batch never make each other late.

use std::any::Any;

use arrow::compute::max;
use serde::Deserialize;

use super::{MAX_MILLIS, read};
use crate::nodes::event_time::EventColumn;
use crate::nodes::grouping::{find, missing};
use crate::plan::{
    BatchContext, Category, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext, Planned,
    Presents, Stage, StateFate, Watermark, WindowUse,
};
use crate::spec::{Accepts, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec, Span, Timestamp};
use crate::window::EventTime;

/// `watermark`.
pub const KIND: NodeKind = NodeKind {
    id: "watermark",
    title: "Watermark",
    summary: "Says when rows happened and how long to wait for late ones.",
    doc: DOC,
    category: Category::Window,
    icon: "M 2.5 6 L 5 4.5 L 8 6 L 11 4.5 L 13.5 6 M 2.5 9.5 L 13.5 9.5 M 8 9.5 L 8 13.5 M 6.2 11.8 L 8 13.5 L 9.8 11.8",
    base_name: "watermark",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "The rows, unchanged, with a watermark.", ..PortSpec::OUT }],
    params: &[
        ParamSpec::new(
            "column",
            "Event time",
            "The column that says when a row happened.",
            ParamKind::Column { accepts: Accepts::Time },
        ),
        ParamSpec::new(
            "delay",
            "Delay",
            "How long to wait for rows that come late. Longer: later results, fewer late rows, more state.",
            ParamKind::Duration { min_millis: 0, max_millis: MAX_MILLIS },
        )
        .default(Default::Text("10s")),
        ParamSpec::new(
            "idle",
            "Idle after",
            "After so much time without rows this stream no longer holds others back where they meet. Empty: it holds \
             them back for ever.",
            ParamKind::Duration { min_millis: 10, max_millis: MAX_MILLIS },
        )
        .default(Default::Absent),
    ],
    presents: Presents::None,
    windows: WindowUse::Ends,
    build,
};

const DOC: &str = "\
Rows pass unchanged. What follows knows from here on which column says when a row **happened**, and how far that time \
has come: the **watermark**, the latest time seen minus the **delay**. Windows by event time close when the watermark \
reaches their end, state is let go behind it, and what comes later still is told as late.

The watermark is computed at the end of a batch, holds from the next batch on, and never goes back. With a delay of \
10 s:

| batch | times in the batch | watermark in this batch | in the next |
|---|---|---|---|
| 0 | 12:00:05, 12:00:12 | *(none)* | 12:00:02 |
| 1 | 12:00:30, 12:00:07 | 12:00:02 | 12:00:20 |
| 2 | *(nothing)* | 12:00:20 | 12:00:20 |

Rows are judged late by the watermark of the batch before: a row that comes together with one that moves the \
watermark past it still counts. A row that is null in this column, or lies outside the years 1 to 9999, does not move \
the watermark.

Where several streams meet, the one that is furthest behind decides (a setting of the pipeline makes it the one that \
is furthest ahead). A stream without rows would hold all others back for ever; **idle after** says from when on it \
does not.

A changed delay holds from the next batch on. Another column begins anew. Spark: `withWatermark`.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WatermarkNode {
    column: String,
    delay: String,
    idle: Option<String>,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: WatermarkNode = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for WatermarkNode {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = context.input()?;
        let delay = read("delay", &self.delay)?;
        let idle = self.idle.as_deref().map(|text| read("idle", text)).transpose()?;
        if input.window.is_some() {
            let sentence = "its input is windowed already; put the Watermark before the window";
            return Err(vec![Diagnostic::error(sentence).port("in")]);
        }
        if let Some(time) = &input.event_time {
            let sentence = format!("its input has a watermark on `{}` already; keep one of the two", time.column);
            return Err(vec![Diagnostic::error(sentence).port("in")]);
        }
        let at_column = |sentence: String| vec![Diagnostic::error(sentence).param("column")];
        let Some(index) = find(&input.schema, &self.column) else {
            return Err(at_column(missing(&input.schema, &self.column)));
        };
        let time = EventTime::column(input.schema.field(index).name());
        let column = EventColumn::find(&time, &input.schema).map_err(at_column)?;
        let output = LinkType { event_time: Some(time.clone()), ..input.clone() };
        let operator = WatermarkOperator { time, column, delay, idle, progress: Progress::START };
        Ok(Planned::new(vec![output], Stage::Operator(Box::new(operator))))
    }
}

struct WatermarkOperator {
    time: EventTime,
    column: EventColumn,
    delay: Span,
    idle: Option<Span>,
    progress: Progress,
}

/// How far event time has come.
#[derive(Debug, Clone, Copy)]
struct Progress {
    /// The latest time seen.
    latest: Option<Timestamp>,
    /// What holds in this batch.
    now: Watermark,
    /// What holds from the next batch on.
    next: Timestamp,
    /// The tick of the last batch that had rows; of the first batch, if none had.
    heard: Option<Timestamp>,
}

impl Progress {
    const START: Self = Self { latest: None, now: Watermark::START, next: Timestamp(i64::MIN), heard: None };

    /// The next watermark follows the latest time, but never goes back.
    fn follow(&mut self, delay: Span) {
        if let Some(latest) = self.latest {
            self.next = self.next.max(latest.minus(delay));
        }
    }
}

impl Operator for WatermarkOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let flow = inputs.into_iter().flatten().next().unwrap_or_default();
        let mut latest = self.progress.latest;
        for chunk in flow.chunks() {
            let youngest = max(&self.column.times(&chunk.rows)?).map(Timestamp);
            latest = latest.max(youngest);
        }
        let progress = &mut self.progress;
        if flow.row_count() > 0 || progress.heard.is_none() {
            progress.heard = Some(if flow.row_count() > 0 { context.time } else { context.from });
        }
        let silence = context.time.since(progress.heard.unwrap_or(context.time));
        progress.now = Watermark {
            late: progress.now.close,
            close: progress.next,
            is_idle: self.idle.is_some_and(|idle| silence >= idle),
        };
        progress.latest = latest;
        progress.follow(self.delay);
        Ok(vec![flow])
    }

    fn runs_when_idle(&self) -> bool {
        true
    }

    fn watermark(&self) -> Option<Watermark> {
        Some(self.progress.now)
    }

    fn wants_another_batch(&self) -> bool {
        self.progress.next != self.progress.now.close
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        if self.time != old.time {
            return StateFate::Reset(format!(
                "the watermark goes by `{}` instead of `{}`, so it begins anew",
                self.time.column, old.time.column
            ));
        }
        self.progress = old.progress;
        self.progress.follow(self.delay);
        StateFate::Kept
    }
}
