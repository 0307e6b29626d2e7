//! The kind and its parameters.

use serde::Deserialize;

use super::gate::Gate;
use super::place::{GapProblem, Placer, compile_gap};
use crate::nodes::grouping::{find, missing};
use crate::nodes::transforms::refusal::refused;
use crate::nodes::windows::{MIN_MILLIS, read};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Arity, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec, Yields};
use crate::window::{EventTime, LinkWindow, SessionWindow};

/// Longest gap: 31 days.
const MAX_GAP_MILLIS: i64 = 31 * 86_400_000;

/// `window.session`.
pub const KIND: NodeKind = NodeKind {
    id: "window.session",
    title: "Session window",
    summary: "Puts the rows of a key together until it pauses.",
    doc: DOC,
    category: Category::Window,
    icon: "M 2 5 L 7 5 L 7 11 L 2 11 Z M 10.5 5 L 14 5 L 14 11 L 10.5 11 Z M 4 8 L 5 8 M 12 8 L 12.5 8",
    base_name: "sessions",
    inputs: &[PortSpec::IN],
    outputs: OUTPUTS,
    params: &[
        ParamSpec::new(
            "gap",
            "Gap",
            "The longest pause within a session. May be changed while it runs.",
            ParamKind::Duration { min_millis: MIN_MILLIS, max_millis: MAX_GAP_MILLIS },
        )
        .default(Default::Text("30s")),
        ParamSpec::new(
            "gap_expression",
            "Gap per row",
            "Gives each row a gap of its own, in place of the one above: a number of seconds, or text like \
             '5 seconds'. A row whose gap is null, zero or less is in no session.",
            ParamKind::Expression { yields: Yields::Any },
        )
        .default(Default::Absent),
        ParamSpec::new(
            "time",
            "Time",
            "By which time pauses are measured.",
            ParamKind::Choice {
                options: &[
                    Choice::new(
                        "auto",
                        "automatically",
                        "By event time behind a Watermark, otherwise by time of arrival.",
                    ),
                    Choice::new("arrival", "arrival", "By the time at which a row arrived."),
                    Choice::new("event", "event time", "By the time at which a row says it happened."),
                ],
            },
        )
        .default(Default::Text("auto")),
        ParamSpec::new(
            "event_time",
            "Event time",
            "Without a Watermark before this node: the column that says when a row happened. Nothing is late then, no \
             session ever closes, and what is behind gives its results on change or whole.",
            ParamKind::Column { accepts: Accepts::Time },
        )
        .default(Default::Absent)
        .when("time", &["event"]),
        ParamSpec::new(
            "per",
            "Sessions per",
            "The columns of which every combination has sessions of its own. Without any: those that the node behind \
             groups by.",
            ParamKind::Columns { accepts: Accepts::Any },
        )
        .default(Default::Json("[]")),
    ],
    presents: Presents::None,
    windows: WindowUse::Ends,
    build,
};

const OUTPUTS: &[PortSpec] = &[
    PortSpec { doc: "The rows, as sessions.", ..PortSpec::OUT },
    PortSpec {
        name: "late",
        doc: "By event time behind a Watermark: the rows that came too late for their session, with `window_start` and \
              `window_end` of the session each would have been alone.",
        arity: Arity::Many,
    },
    PortSpec {
        name: "rejected",
        doc: "The rows that are in no session, and why (`reason`): without a usable event time, or without a gap.",
        arity: Arity::Many,
    },
];

const DOC: &str = "\
Rows of one key belong to one session as long as the pause between two of them is not longer than the **gap**. A \
session begins with its first row and ends one gap after its last: `[first, last + gap)`. Two sessions that touch are \
one, also when a row that comes later closes the pause between them.

Clicks per user with a gap of 5 s, behind it **Group** by `user` with `count`:

| `user` | rows at | out: `window_start`, `window_end`, `user`, `count` |
|---|---|---|
| `a` | 0 s, 3 s, 8 s | `0 s`, `13 s`, `a`, `3` |
| `b` | 4 s | `4 s`, `9 s`, `b`, `1` |
| `a` | 14 s | `14 s`, `19 s`, `a`, `1` |

Whose sessions they are, the node behind says by what it groups by. With **sessions per** `user` and groups by `page`, \
sessions are the user's, and each gives one result per page; the user's column stands in front. Nodes that want rows \
(Sort, Table) see the rows of a session when it closes; without **sessions per** all rows are one key to them.

**By arrival** a session closes with the first batch that ends after it. **By event time** it closes when the \
watermark reaches its end; a row is late when the session it would be alone has ended by the watermark of the batch \
before, and goes to `late`. What `emit` of the node behind means here: *on close* every session once; *on change* the \
sessions that rows of the batch are in, where one session takes the place of those it was joined from; *whole* all \
sessions there ever were, which are all kept for this.

The gap may be changed while it runs. Rows are kept in runs by the smallest gap there was, so that a longer gap joins \
them and going back separates them again; only a gap shorter than any before cannot take apart what is together \
already. In a session, `first` and `last` go by the time of the rows, as long as sessions and groups have the same key.

Spark: `session_window(time, gap)`; `per` is what stands beside it in `groupBy`.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Session {
    gap: String,
    gap_expression: Option<String>,
    time: Time,
    event_time: Option<String>,
    per: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Time {
    Auto,
    Arrival,
    Event,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Session = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Session {
    fn event_time(&self, input: &LinkType) -> Result<Option<EventTime>, Diagnostic> {
        let chosen = self.event_time.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let refuse = |sentence: String| Err(Diagnostic::error(sentence).param("event_time"));
        match (self.time, &input.event_time, chosen) {
            (Time::Arrival, _, _) | (Time::Auto, None, _) => Ok(None),
            (Time::Auto, Some(time), _) | (Time::Event, Some(time), None) => Ok(Some(time.clone())),
            (Time::Event, Some(time), Some(chosen)) if chosen.eq_ignore_ascii_case(&time.column) => {
                Ok(Some(time.clone()))
            }
            (Time::Event, Some(time), Some(chosen)) => refuse(format!(
                "the watermark before this window goes by `{}`, not by `{chosen}`; leave this empty, or change the \
                 Watermark",
                time.column
            )),
            (Time::Event, None, Some(chosen)) => match find(&input.schema, chosen) {
                Some(index) => Ok(Some(EventTime::column(input.schema.field(index).name()))),
                None => refuse(missing(&input.schema, chosen)),
            },
            (Time::Event, None, None) => Err(Diagnostic::error(
                "there is no event time here; put a Watermark before this window, or choose the column that says when a \
                 row happened",
            )
            .param("time")),
        }
    }

    fn window(&self, input: &LinkType) -> Result<SessionWindow, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let gap = read("gap", &self.gap)?;
        if gap.0 <= 0 {
            problems.push(Diagnostic::error("the gap must be above zero; write it like `30s`").param("gap"));
        }
        let gap_expression = self.gap_expression.as_deref().map(str::trim).filter(|text| !text.is_empty());
        match gap_expression.map(|text| compile_gap(text, &input.schema)) {
            None | Some(Ok(_)) => {}
            Some(Err(GapProblem::Expression(error))) => problems.push(refused("gap_expression", error)),
            Some(Err(GapProblem::Type(sentence))) => {
                problems.push(Diagnostic::error(sentence).param("gap_expression"));
            }
        }
        for name in self.per.iter().filter(|name| find(&input.schema, name).is_none()) {
            problems.push(Diagnostic::error(missing(&input.schema, name)).param("per"));
        }
        match self.event_time(input) {
            Err(problem) => problems.push(problem),
            Ok(time) if problems.is_empty() => {
                let (gap_expression, per) = (gap_expression.map(str::to_owned), self.per.clone());
                return Ok(SessionWindow { time, gap, gap_expression, per });
            }
            Ok(_) => {}
        }
        Err(problems)
    }
}

impl Node for Session {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = context.input()?;
        if input.window.is_some() {
            let sentence = "its input is windowed already; put a Group or an Aggregate between the two windows";
            return Err(vec![Diagnostic::error(sentence).port("in")]);
        }
        let window = self.window(input)?;
        let placer = Placer::new(&window, &input.schema)
            .map_err(|sentence| vec![Diagnostic::error(sentence).param("event_time")])?;
        let gate = Gate::new(placer, window.time.is_some(), &input.schema);
        let out = LinkType { window: Some(LinkWindow::Session(window)), ..input.clone() };
        let mut planned = Planned::new(gate.outputs(out), Stage::Operator(Box::new(gate)));
        planned.warnings.extend(input.counted_again());
        Ok(planned)
    }
}
