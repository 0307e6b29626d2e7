//! Aggregates per key over everything so far: updateStateByKey without writing the update.
//!
//! The state is a table of keys and a column per part of each aggregate; a batch costs what it touches. Keys can be
//! given beforehand, and removed when they fell silent or a condition holds.

mod closing;
mod operator;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{Field, SchemaRef};
use serde::Deserialize;

use self::closing::Closing;
use self::operator::{Emit, RunningGroups};
use super::ageing::{Ageing, EXPIRE_AFTER};
use super::condition;
use super::event_time::EventColumn;
use super::initial::{self, INITIAL};
use crate::aggregate::{AggregateFunction, Aggregation, GroupSpec, Grouped, seed_type, seeded};
use crate::nodes::grouping::{AGGREGATES, AggregateRow, ON_FAILING, Request, resolve};
use crate::nodes::transforms::on_error::OnFailure;
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WINDOW_END, WindowUse};
use crate::spec::{Accepts, Arity, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec, Yields};

/// `running`.
pub const KIND: NodeKind = NodeKind {
    id: "running",
    title: "Running",
    summary: "Aggregates per key over all batches so far.",
    doc: DOC,
    category: Category::State,
    icon: "M 13 8 L 12 11 L 9.5 12.8 L 6.5 12.8 L 4 11 L 3 8 L 4 5 L 6.5 3.2 L 9.5 3.2 L 12 5 M 12.4 2 L 12 5 L 9 4.8",
    base_name: "running",
    inputs: &[PortSpec::IN],
    outputs: &[
        PortSpec::OUT,
        PortSpec {
            name: "removed",
            doc: "The groups that expired or for which the removal condition held, with their last values.",
            arity: Arity::Many,
        },
        PortSpec {
            name: "late",
            doc: "With emit on close: the rows that came after the watermark had passed their event time.",
            arity: Arity::Many,
        },
    ],
    params: &[
        ParamSpec::new(
            "by",
            "Group by",
            "The columns that make up a key. Without any, all rows are one group.",
            ParamKind::Columns { accepts: Accepts::Any },
        )
        .default(Default::Json("[]")),
        AGGREGATES,
        ParamSpec::new(
            "emit",
            "Emit",
            "Which groups each batch shows.",
            ParamKind::Choice {
                options: &[
                    Choice::new("changed", "changed", "The groups that had rows in the batch."),
                    Choice::new("all", "all", "Every group there is."),
                    Choice::new(
                        "close",
                        "on close",
                        "Each group once, as soon as the watermark has passed its event time, which must be part of its \
                         key.",
                    ),
                ],
            },
        )
        .default(Default::Text("changed")),
        ON_FAILING,
        INITIAL,
        EXPIRE_AFTER,
        ParamSpec::new(
            "remove_when",
            "Remove when",
            "Removes a group once this holds after a batch with rows of it, over the result's columns: `sum_amount <= 0`.",
            ParamKind::Expression { yields: Yields::Boolean },
        )
        .default(Default::Absent),
    ],
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "\
Like **Group**, but over everything since the run began: the state lives on from batch to batch.

Counting words:

| batch | in: `word` | out, emit *changed* | out, emit *all* |
|---|---|---|---|
| 0 | `a`, `b`, `a` | `a 2`, `b 1` | `a 2`, `b 1` |
| 1 | `b` | `b 2` | `a 2`, `b 2` |
| 2 | *(nothing)* | *(nothing)* | `a 2`, `b 2` |

A group counts as changed when it had a row, even if its values stayed the same. Without **group by** there is one \
group, shown at every batch. *Changed* groups come in the batch's order, *all* groups in the order in which their \
keys were first seen.

**Initial rows** are there before the first row: counts, sums, minima, maxima, first and last values can start from a \
value. A group leaves when it **expires**, or when **remove when** holds after a batch with rows of it; it then goes \
to `removed` with its last values instead of to `out`, and begins anew should its key come again. Expiry is looked for \
at every tick, after the batch's rows.

Behind a watermark, groups by the event time (and perhaps other columns) are over once the watermark has passed it: \
emitted *on close*, each comes once and is forgotten, and rows that come later still go to `late`. A group without \
event time never closes. For spans of time rather than single moments, use a window.

Aggregates may be added and removed while it runs: those that stay keep what they counted, a new one begins with the \
rows that follow. Other key columns begin anew. The number of keys is not limited: memory grows with it, unless they \
expire.

Behind a window it sees the rows of every window, so a row that is in several windows is counted in each.

Spark: `updateStateByKey`, `mapWithState` with a time-out, `groupBy` in update or complete mode.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Running {
    by: Vec<String>,
    aggregates: Vec<AggregateRow>,
    emit: Emit,
    on_error: OnFailure,
    initial: Option<String>,
    expire_after: Option<String>,
    remove_when: Option<String>,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Running = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for Running {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = context.input()?;
        self.refuse_keyless()?;
        let time = EventColumn::of(input);
        let closing = self.closing(&input.schema, time)?;
        let ageing = match closing {
            Some(_) => Some(Ageing::until_watermark()),
            None => Ageing::new(self.expire_after.as_deref(), time.is_some())?,
        };
        let shown = resolve(&self.request(&self.aggregates), &input.schema)?;
        let output = Arc::clone(shown.aggregation().output());
        let remove_when = condition::compile(self.remove_when.as_deref(), &output, "remove_when")?;
        let remove_when = remove_when.map(|condition| (condition, self.on_error));
        let initial = self.initial(shown.aggregation())?;
        let spec = match time.filter(|_| ageing.is_some() && closing.is_none()) {
            Some(time) => self.with_last_time(&input.schema, time)?,
            None => shown,
        };
        let wrong = |error: crate::aggregate::AggregateError| vec![Diagnostic::error(error.0).param("aggregates")];
        let mut operator = RunningGroups::new(spec, Arc::clone(&output), self.emit).map_err(wrong)?;
        operator.start_from(initial).map_err(wrong)?;
        operator.remove_by(remove_when, ageing, time);
        operator.close_by(closing);
        let late = LinkType::plain(Arc::clone(&input.schema));
        let results = LinkType::plain(Arc::clone(&output));
        let results = if self.emit == Emit::Close { results } else { results.revised() };
        let outputs = vec![results, LinkType::plain(output), late];
        let mut planned = Planned::new(outputs, Stage::Operator(Box::new(operator)));
        planned.warnings.extend(input.counted_again());
        let is_per_window = self.by.iter().any(|name| name.eq_ignore_ascii_case(WINDOW_END));
        if input.schema.field_with_name(WINDOW_END).is_ok() && !is_per_window {
            planned.warnings.push(
                Diagnostic::warning(
                    "its input comes once per window: what is in several windows is counted in each; \
                     group by `window_end` too, or connect it before the window",
                )
                .param("by"),
            );
        }
        Ok(planned)
    }
}

impl Running {
    fn request<'a>(&'a self, aggregates: &'a [AggregateRow]) -> Request<'a> {
        Request { by: &self.by, aggregates, on_error: self.on_error, is_windowed: false }
    }

    fn refuse_keyless(&self) -> Result<(), Vec<Diagnostic>> {
        if !self.by.is_empty() {
            return Ok(());
        }
        let entered = [
            ("initial", self.initial.is_some()),
            ("expire_after", self.expire_after.is_some()),
            ("remove_when", self.remove_when.is_some()),
        ];
        let problems = entered.iter().filter(|(_, is_entered)| *is_entered).map(|(param, _)| {
            Diagnostic::error("without key columns there is one group, which always exists; group by a column")
                .param(*param)
        });
        let problems: Vec<_> = problems.collect();
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    /// How groups close, if they are to.
    fn closing(&self, input: &SchemaRef, time: Option<EventColumn>) -> Result<Option<Closing>, Vec<Diagnostic>> {
        if self.emit != Emit::Close {
            return Ok(None);
        }
        if self.expire_after.is_some() {
            let sentence = "a group that is emitted on close leaves then; leave this empty";
            return Err(vec![Diagnostic::error(sentence).param("expire_after")]);
        }
        Closing::new(&self.by, input, time).map(Some).map_err(|problem| vec![problem])
    }

    /// The grouping with one more column: when each group's last row happened.
    fn with_last_time(&self, input: &SchemaRef, time: EventColumn) -> Result<Arc<GroupSpec>, Vec<Diagnostic>> {
        let column = input.field(time.index).name();
        let mut name = "last event time".to_owned();
        let is_taken = |name: &str| {
            let of_keys = self.by.iter().any(|key| key.eq_ignore_ascii_case(name));
            of_keys || self.aggregates.iter().any(|row| row.is_called(name))
        };
        while is_taken(&name) {
            name.push('_');
        }
        let mut aggregates = self.aggregates.clone();
        aggregates.push(AggregateRow::new(AggregateFunction::Max, column, &name));
        resolve(&self.request(&aggregates), input)
    }

    /// The groups that are there before the first row.
    fn initial(&self, aggregation: &Arc<Aggregation>) -> Result<Option<Grouped>, Vec<Diagnostic>> {
        if self.initial.is_none() {
            return Ok(None);
        }
        let refuse = |sentence: String| vec![Diagnostic::error(sentence).param("initial")];
        let values = aggregation.calls().iter().map(|call| {
            let data_type = seed_type(call).map_err(|error| refuse(error.0))?;
            Ok(Field::new(call.field().name(), data_type.clone(), true))
        });
        let values = values.collect::<Result<Vec<_>, Vec<Diagnostic>>>()?;
        let keys = aggregation.keys().fields().iter().map(|field| field.as_ref().clone());
        let fields: Vec<Field> = keys.chain(values).collect();
        let Some(mut columns) = initial::columns(self.initial.as_deref(), &fields)? else { return Ok(None) };
        let values: Vec<ArrayRef> = columns.split_off(aggregation.keys().fields().len());
        let rows = columns.first().map_or(0, |column| column.len());
        seeded(aggregation, columns, &values, rows).map(Some).map_err(|error| refuse(error.0))
    }
}
