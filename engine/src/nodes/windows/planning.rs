//! What tumbling and sliding windows share: the parameters that say by which time they go, their ports, and the plan.

use serde::Deserialize;

use super::assign::Assign;
use super::{MAX_MILLIS, read};
use crate::nodes::event_time::EventColumn;
use crate::nodes::grouping::{find, missing};
use crate::plan::{LinkType, PlanContext, Planned, Stage};
use crate::spec::{Accepts, Arity, Choice, Default, Diagnostic, ParamKind, ParamSpec, PortSpec, Span};
use crate::window::{EventTime, EventWindow, LONGEST, LinkWindow, MAX_WINDOWS_PER_BATCH, WindowSpec};

/// A row is in at most so many windows.
const MAX_WINDOWS_PER_ROW: i64 = 1_000;

/// The parameter `time`.
pub(super) const TIME: ParamSpec = ParamSpec::new(
    "time",
    "Time",
    "By which time rows belong to windows.",
    ParamKind::Choice {
        options: &[
            Choice::new("auto", "automatically", "By event time behind a Watermark, otherwise by time of arrival."),
            Choice::new("arrival", "arrival", "By the time at which a row arrived."),
            Choice::new("event", "event time", "By the time at which a row says it happened."),
        ],
    },
)
.default(Default::Text("auto"));

/// The parameter `offset`.
pub(super) const OFFSET: ParamSpec = ParamSpec::new(
    "offset",
    "Offset",
    "Moves windows by event time: they count from 1970-01-01T00:00Z plus this. Shorter than the slide (or the length of \
     a tumbling window).",
    ParamKind::Duration { min_millis: 0, max_millis: MAX_MILLIS },
)
.default(Default::Text("0s"))
.when("time", &["auto", "event"]);

/// The parameter `event_time`.
pub(super) const EVENT_TIME: ParamSpec = ParamSpec::new(
    "event_time",
    "Event time",
    "Without a Watermark before this node: the column that says when a row happened. Nothing is late then, no window \
     ever closes, and what is behind gives its results on change or whole.",
    ParamKind::Column { accepts: Accepts::Time },
)
.default(Default::Absent)
.when("time", &["event"]);

/// The ports of what comes out.
pub(super) const OUTPUTS: &[PortSpec] = &[
    PortSpec { doc: "The rows, as windows.", ..PortSpec::OUT },
    PortSpec {
        name: "late",
        doc: "By event time behind a Watermark: each row once per window it came too late for, with `window_start` and \
              `window_end` in front.",
        arity: Arity::Many,
    },
    PortSpec {
        name: "rejected",
        doc: "By event time: the rows that say no usable time, and why (`reason`). They are in no window.",
        arity: Arity::Many,
    },
];

/// By which time windows go, as a person chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Time {
    /// What fits the input.
    Auto,
    /// By time of arrival.
    Arrival,
    /// By event time.
    Event,
}

/// What a window node asks for.
pub(super) struct Request<'a> {
    pub(super) length: Span,
    pub(super) slide: Span,
    pub(super) time: Time,
    pub(super) offset: &'a str,
    pub(super) event_time: Option<&'a str>,
}

/// Plans a window node.
pub(super) fn plan_window(context: &PlanContext<'_>, request: &Request<'_>) -> Result<Planned, Vec<Diagnostic>> {
    let input = context.input()?;
    let (length, slide) = (request.length, request.slide);
    if input.window.is_some() {
        let sentence = "its input is windowed already; put a Group or an Aggregate between the two windows";
        return Err(vec![Diagnostic::error(sentence).port("in")]);
    }
    if slide.0 <= 0 || length.0 <= 0 {
        return Err(vec![Diagnostic::error("a window needs a length and a slide above zero").param("length")]);
    }
    let by_event = match request.time {
        Time::Auto => input.event_time.is_some(),
        Time::Arrival => false,
        Time::Event => true,
    };
    let mut planned =
        if by_event { by_event_time(input, request)? } else { by_arrival(context, input, length, slide)? };
    planned.warnings.extend(input.counted_again());
    if slide > length {
        let sentence =
            format!("the slide ({slide}) is longer than the window ({length}): rows in between are in no window");
        planned.warnings.push(Diagnostic::warning(sentence).param("slide"));
    }
    Ok(planned)
}

/// A window of arrivals. History is kept for the longest window that may be asked for, as far as memory allows.
fn by_arrival(
    context: &PlanContext<'_>,
    input: &LinkType,
    length: Span,
    slide: Span,
) -> Result<Planned, Vec<Diagnostic>> {
    let interval = context.settings.interval;
    let per_batch = interval.0 / slide.0;
    if per_batch > MAX_WINDOWS_PER_BATCH {
        let sentence = format!(
            "a slide of {slide} gives {per_batch} windows in every batch of {interval}, at most \
             {MAX_WINDOWS_PER_BATCH} are allowed; lengthen the slide or shorten the batch interval"
        );
        return Err(vec![Diagnostic::error(sentence).param("slide")]);
    }
    let window = WindowSpec { length, slide, retain: LONGEST.max(length) };
    Ok(plan(input, window.into(), Assign::by_arrival()))
}

/// A window by event time.
fn by_event_time(input: &LinkType, request: &Request<'_>) -> Result<Planned, Vec<Diagnostic>> {
    let offset = read("offset", request.offset)?;
    let time = event_time(input, request.event_time)?;
    let column =
        EventColumn::find(&time, &input.schema).map_err(|wrong| vec![Diagnostic::error(wrong).param("event_time")])?;
    let (length, slide) = (request.length, request.slide);
    if offset.0 < 0 || offset >= slide {
        let sentence = format!(
            "the offset ({offset}) must be shorter than the time between two windows ({slide}); subtract {slide} from it"
        );
        return Err(vec![Diagnostic::error(sentence).param("offset")]);
    }
    let window = EventWindow { time, length, slide, offset };
    let per_row = window.windows_per_row();
    if per_row > MAX_WINDOWS_PER_ROW {
        let sentence = format!(
            "a window of {length} with a slide of {slide} puts every row into {per_row} windows, at most \
             {MAX_WINDOWS_PER_ROW} are allowed; lengthen the slide or shorten the window"
        );
        return Err(vec![Diagnostic::error(sentence).param("slide")]);
    }
    let assign = Assign::by_event_time(window.clone(), column, &input.schema);
    Ok(plan(input, LinkWindow::Event(window), assign))
}

/// When rows happened: as the watermark says, or as a person chose.
fn event_time(input: &LinkType, chosen: Option<&str>) -> Result<EventTime, Vec<Diagnostic>> {
    let refuse = |sentence: String| Err(vec![Diagnostic::error(sentence).param("event_time")]);
    match (&input.event_time, chosen) {
        (Some(time), None) => Ok(time.clone()),
        (Some(time), Some(chosen)) if chosen.eq_ignore_ascii_case(&time.column) => Ok(time.clone()),
        (Some(time), Some(chosen)) => refuse(format!(
            "the watermark before this window goes by `{}`, not by `{chosen}`; leave this empty, or change the Watermark",
            time.column
        )),
        (None, Some(chosen)) => match find(&input.schema, chosen) {
            Some(index) => Ok(EventTime::column(input.schema.field(index).name())),
            None => refuse(missing(&input.schema, chosen)),
        },
        (None, None) => Err(vec![
            Diagnostic::error(
                "there is no event time here; put a Watermark before this window, or choose the column that says when a \
                 row happened",
            )
            .param("time"),
        ]),
    }
}

fn plan(input: &LinkType, window: LinkWindow, assign: Assign) -> Planned {
    let (late, rejected) = assign.side_schemas(&input.schema);
    let outputs =
        vec![LinkType { window: Some(window), ..input.clone() }, LinkType::plain(late), LinkType::plain(rejected)];
    Planned::new(outputs, Stage::Operator(Box::new(assign)))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, Schema};

    use crate::nodes::testdrive::{plan, refusals};
    use crate::nodes::windows::{sliding, tumbling};
    use crate::plan::LinkType;
    use crate::window::{EventTime, LinkWindow};

    fn plain() -> LinkType {
        let fields = ["ts", "at"].map(|name| Field::new(name, LinkType::timestamp(), true));
        LinkType::plain(Arc::new(Schema::new([&fields[..], &[Field::new("day", DataType::Date32, true)]].concat())))
    }

    fn watermarked() -> LinkType {
        LinkType { event_time: Some(EventTime::column("ts")), ..plain() }
    }

    #[test]
    fn windows_go_by_event_time_behind_a_watermark_unless_told_otherwise() {
        let is_event = |params: &str, input: &LinkType| {
            matches!(plan(&tumbling::KIND, params, input).unwrap().outputs[0].window, Some(LinkWindow::Event(_)))
        };
        assert!(is_event("{}", &watermarked()) && !is_event("{}", &plain()));
        assert!(!is_event(r#"{"time":"arrival"}"#, &watermarked()));
        assert!(is_event(r#"{"time":"event","event_time":"AT"}"#, &plain()));
        assert!(is_event(r#"{"time":"event","event_time":"TS"}"#, &watermarked()));
    }

    #[test]
    fn what_cannot_be_is_refused_with_the_way_out() {
        for (params, input, words) in [
            (r#"{"time":"event"}"#, plain(), "put a Watermark before"),
            (r#"{"time":"event","event_time":"at"}"#, watermarked(), "leave this empty"),
            (r#"{"time":"event","event_time":"a"}"#, plain(), "no column `a`"),
            (r#"{"time":"event","event_time":"day"}"#, plain(), "CAST(day AS timestamp)"),
            (r#"{"offset":"10s","slide":"10s"}"#, watermarked(), "must be shorter"),
            (r#"{"length":"1h","slide":"1s"}"#, watermarked(), "3600 windows"),
        ] {
            let found = refusals(&sliding::KIND, params, &input);
            assert!(found.first().is_some_and(|sentence| sentence.contains(words)), "{words}: {found:?}");
        }
    }

    #[test]
    fn a_column_called_reason_keeps_its_name() {
        let schema = Schema::new(vec![
            Field::new("ts", LinkType::timestamp(), true),
            Field::new("Reason", LinkType::TEXT, true),
        ]);
        let input = LinkType { event_time: Some(EventTime::column("ts")), ..LinkType::plain(Arc::new(schema)) };
        let planned = plan(&tumbling::KIND, "{}", &input).unwrap();
        assert_eq!(planned.outputs[2].schema.field(2).name(), "reject_reason");
        assert_eq!(planned.outputs[1].schema.field(0).name(), "window_start");
    }
}
