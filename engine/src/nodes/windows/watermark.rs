//! `watermark`: says which column holds the time at which rows happened, and how long to wait for late ones.
//!
//! The watermark is the latest time seen minus the delay. It is computed at the end of a batch and holds from the next
//! one on, so that the rows of one batch never make each other late.

use std::any::Any;

use arrow::compute::max;
use serde::Deserialize;

use super::{MAX_MILLIS, read};
use crate::metrics::EventTimeFacts;
use crate::nodes::event_time::EventColumn;
use crate::nodes::grouping::{find, missing};
use crate::plan::{
    BatchContext, Category, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext, Planned,
    Presents, Stage, StateFate, Watermark, WindowUse, known,
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
    /// How long it has been since.
    silent: Span,
}

impl Progress {
    const START: Self =
        Self { latest: None, now: Watermark::START, next: Timestamp(i64::MIN), heard: None, silent: Span(0) };

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
        progress.silent = context.time.since(progress.heard.unwrap_or(context.time));
        progress.now = Watermark {
            late: progress.now.close,
            close: progress.next,
            is_idle: self.idle.is_some_and(|idle| progress.silent >= idle),
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

    fn event_time(&self) -> Option<EventTimeFacts> {
        let Progress { latest, silent, .. } = self.progress;
        Some(EventTimeFacts { latest, delay: self.delay, silent })
    }

    fn wants_another_batch(&self) -> bool {
        self.progress.next != self.progress.now.close
    }

    fn remembers(&self) -> bool {
        true
    }

    fn fits(&self, old: &dyn Operator) -> Result<(), String> {
        match known::<Self>(old) {
            Some(old) if self.time != old.time => Err(format!(
                "the watermark goes by `{}` instead of `{}`, so it begins anew",
                self.time.column, old.time.column
            )),
            Some(_) | None => Ok(()),
        }
    }

    fn take_over(&mut self, old: Box<dyn Operator>) -> StateFate {
        if let Err(sentence) = self.fits(&*old) {
            return StateFate::Reset(sentence);
        }
        let Ok(old) = (old as Box<dyn Any>).downcast::<Self>() else { return StateFate::Kept };
        self.progress = old.progress;
        self.progress.follow(self.delay);
        StateFate::Kept
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, TimestampMicrosecondArray};
    use arrow::record_batch::RecordBatch;

    use super::*;
    use crate::nodes::testdrive::{Driver, operator, refusals};
    use crate::plan::Flow;

    fn rows(times: &[Option<i64>]) -> RecordBatch {
        let micros = |time: &Option<i64>| time.map(|time| time.saturating_mul(1_000_000));
        let times: TimestampMicrosecondArray = times.iter().map(micros).collect();
        let column: ArrayRef = Arc::new(times.with_timezone("UTC"));
        RecordBatch::try_from_iter_with_nullable([("ts", column, true)]).unwrap()
    }

    fn node(params: &str) -> Box<dyn Operator> {
        operator(&KIND, params, &LinkType::plain(rows(&[]).schema()))
    }

    /// Feeds a batch; the watermark in it, in seconds.
    fn feed(driver: &mut Driver, node: &mut dyn Operator, times: &[Option<i64>]) -> (Option<i64>, Option<i64>) {
        let flow = driver.feed(node, vec![(0.0, rows(times))]);
        assert_eq!(flow.row_count(), times.len() as u64, "rows pass unchanged");
        let secs = |time: Timestamp| (time.0 > i64::MIN).then_some(time.0 / 1_000_000);
        let Watermark { late, close, .. } = node.watermark().unwrap();
        (secs(late), secs(close))
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        let (mut driver, mut node) = (Driver::new(1.0), node(r#"{"column":"ts","delay":"10s"}"#));
        assert_eq!(feed(&mut driver, &mut *node, &[Some(5), Some(12)]), (None, None));
        assert!(node.wants_another_batch());
        assert_eq!(feed(&mut driver, &mut *node, &[Some(30), Some(7)]), (None, Some(2)));
        assert_eq!(feed(&mut driver, &mut *node, &[]), (Some(2), Some(20)));
        assert!(!node.wants_another_batch());
        assert_eq!(feed(&mut driver, &mut *node, &[Some(15)]), (Some(20), Some(20)));
        assert_eq!(feed(&mut driver, &mut *node, &[]), (Some(20), Some(20)), "it never goes back");
    }

    #[test]
    fn nulls_and_times_of_no_calendar_do_not_move_it() {
        let (mut driver, mut node) = (Driver::new(1.0), node(r#"{"column":"ts","delay":"0s"}"#));
        feed(&mut driver, &mut *node, &[None, Some(i64::MAX / 1_000_000), Some(i64::MIN / 1_000_000)]);
        assert!(!node.wants_another_batch());
        feed(&mut driver, &mut *node, &[None, Some(3)]);
        assert_eq!(feed(&mut driver, &mut *node, &[]), (None, Some(3)));
    }

    #[test]
    fn a_silent_stream_is_idle_until_it_has_rows_again() {
        let (mut driver, mut node) = (Driver::new(1.0), node(r#"{"column":"ts","idle":"2s"}"#));
        let mut is_idle = |times: &[Option<i64>]| {
            feed(&mut driver, &mut *node, times);
            node.watermark().unwrap().is_idle
        };
        assert_eq!([is_idle(&[]), is_idle(&[]), is_idle(&[Some(1)])], [false, true, false]);
        assert_eq!([is_idle(&[]), is_idle(&[]), is_idle(&[]), is_idle(&[None])], [false, true, true, false]);
    }

    #[test]
    fn a_changed_delay_holds_from_the_next_batch_on_and_another_column_begins_anew() {
        let (mut driver, mut old) = (Driver::new(1.0), node(r#"{"column":"ts","delay":"10s"}"#));
        feed(&mut driver, &mut *old, &[Some(30)]);
        feed(&mut driver, &mut *old, &[]);
        let mut shorter = node(r#"{"column":"ts","delay":"3s"}"#);
        assert_eq!(shorter.take_over(old), StateFate::Kept);
        assert!(shorter.wants_another_batch());
        assert_eq!(feed(&mut driver, &mut *shorter, &[]), (Some(20), Some(27)));
        let mut longer = node(r#"{"column":"ts","delay":"1m"}"#);
        longer.take_over(shorter);
        assert_eq!(feed(&mut driver, &mut *longer, &[Some(40)]), (Some(27), Some(27)));
        assert_eq!(feed(&mut driver, &mut *longer, &[]), (Some(27), Some(27)));
        let other: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![0i64; 0]).with_timezone("UTC"));
        let two = RecordBatch::try_from_iter([("ts", Arc::clone(&other)), ("at", other)]).unwrap();
        let mut other = operator(&KIND, r#"{"column":"at"}"#, &LinkType::plain(two.schema()));
        assert!(matches!(other.take_over(longer), StateFate::Reset(sentence) if sentence.contains("`at`")));
    }

    #[test]
    fn what_is_no_event_time_is_refused() {
        let plain = LinkType::plain(rows(&[]).schema());
        assert!(refusals(&KIND, r#"{"column":"st"}"#, &plain)[0].contains("did you mean `ts`"));
        let text = LinkType::lines();
        assert!(refusals(&KIND, r#"{"column":"value"}"#, &text)[0].contains("CAST(value AS timestamp)"));
        let twice = LinkType { event_time: Some(EventTime::column("ts")), ..plain };
        assert!(refusals(&KIND, r#"{"column":"ts"}"#, &twice)[0].contains("has a watermark on `ts` already"));
        let mut node = node(r#"{"column":"ts"}"#);
        assert!(!Driver::new(1.0).step(&mut *node, Flow::Idle).fired());
    }
}
