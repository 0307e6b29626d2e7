//! The kind: what a person enters, and what it is checked against.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use serde::Deserialize;

use super::super::ageing::{Ageing, EXPIRE_AFTER};
use super::super::columns::positions;
use super::super::condition;
use super::super::event_time::EventColumn;
use super::super::initial::{self, INITIAL};
use super::operator::{Emit, Fold, Shape};
use super::program::{Program, Typed};
use crate::aggregate::key_schema;
use crate::nodes::grouping::find;
use crate::nodes::sources::rows::{FieldType, TYPE};
use crate::nodes::transforms::on_error::{ON_ERROR, OnError, REJECTED, rejected_link};
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Arity, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec, Yields};

/// `fold`.
pub const KIND: NodeKind = NodeKind {
    id: "fold",
    title: "Fold",
    summary: "Keeps columns of state per key, updated by your own expressions.",
    doc: DOC,
    category: Category::State,
    icon: "M 2.5 4 L 8 4 L 8 12 L 13.5 12 M 2.5 8 L 5 8 M 11 9.5 L 13.5 12 L 11 14.5 M 2.5 12 L 5 12",
    base_name: "state",
    inputs: &[PortSpec::IN],
    outputs: &[
        PortSpec { doc: "The state, as `emit` says.", ..PortSpec::OUT },
        PortSpec {
            name: "removed",
            doc: "The keys that expired or for which the removal condition held, with their last state.",
            arity: Arity::Many,
        },
        REJECTED,
    ],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new("by", "Key", "The columns that make up a key.", ParamKind::Columns { accepts: Accepts::Any }),
    ParamSpec::new(
        "state",
        "State",
        "The columns that are kept for each key.",
        ParamKind::Rows {
            fields: &[
                ParamSpec::new("name", "Column", "What the column is called.", ParamKind::Text),
                TYPE,
                ParamSpec::new(
                    "initial",
                    "Initially",
                    "What a new key starts with, over the columns of its first row: `0`, or `amount`.",
                    ParamKind::Expression { yields: Yields::Any },
                )
                .default(Default::Text("null")),
                ParamSpec::new(
                    "update",
                    "For each row",
                    "The column's new value, over the state as it was and the row's columns: `total + amount`.",
                    ParamKind::Expression { yields: Yields::Any },
                ),
                ParamSpec::new(
                    "idle",
                    "Without rows",
                    "The new value for a key that has no row in the batch, over its state and key: `idle + 1`. Empty: \
                     unchanged.",
                    ParamKind::Expression { yields: Yields::Any },
                )
                .default(Default::Absent),
            ],
        },
    ),
    ParamSpec::new(
        "emit",
        "Emit",
        "What each batch gives.",
        ParamKind::Choice {
            options: &[
                Choice::new("keys", "every key", "Each known key with its state, also those without rows."),
                Choice::new("changed", "changed keys", "Each key that had rows, with its state after the batch."),
                Choice::new("rows", "every row", "Each row, with the state after it."),
            ],
        },
    )
    .default(Default::Text("keys")),
    INITIAL,
    EXPIRE_AFTER,
    ParamSpec::new(
        "remove_when",
        "Remove when",
        "Removes a key as soon as this holds after an update, over its key and state: `idle > 2`.",
        ParamKind::Expression { yields: Yields::Boolean },
    )
    .default(Default::Absent),
    ON_ERROR,
];

const DOC: &str = "\
Keeps columns of your own per key. For every row, each column's *for each row* gives its new value from the state as it \
was and the row; all columns are updated at once. A key without rows in a batch runs *without rows* instead.

By `user`, with `total` = `total + amount` and `idle` = `0`, without rows `idle + 1`, removed when `idle > 1`:

| batch | in: `user`, `amount` | out: `user`, `total`, `idle` | removed |
|---|---|---|---|
| 0 | `a` 1, `b` 1, `a` 2 | `a` 3 0, `b` 1 0 | |
| 1 | `a` 1 | `a` 4 0, `b` 1 1 | |
| 2 | `a` 5 | `a` 9 0 | `b` 1 2 |

Rows of a key are taken in the order in which they arrived. *Every key* gives the whole state at every batch, as \
`updateStateByKey` does; *every row* gives each row with the state after it, as `mapWithState` does. A removed key goes \
to `removed` with its last state, and begins anew should it come again; expiry is looked for at every tick, after the \
batch's rows.

A row on which an expression fails changes nothing: it goes to `rejected` with the `reason`, and its key keeps the state \
it had. *On error* chooses null, which becomes the column's value, or a stop instead.

**Initial rows** give keys with their state before the first row. State columns may be added, removed and changed while \
it runs: those whose name and type stay keep their values, a new one is null for the keys that are there, and one that \
is taken away is set aside, so that an undo finds its values.

Spark: `updateStateByKey`, `mapWithState`.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FoldParams {
    by: Vec<String>,
    state: Vec<StateRow>,
    emit: Emit,
    initial: Option<String>,
    expire_after: Option<String>,
    remove_when: Option<String>,
    on_error: OnError,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StateRow {
    name: String,
    #[serde(rename = "type")]
    kind: FieldType,
    initial: String,
    update: String,
    idle: Option<String>,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: FoldParams = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Node for FoldParams {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = context.input()?;
        let keys = self.keys(&input.schema)?;
        let state = self.state_fields(&input.schema)?;
        let time = EventColumn::of(input);
        let ageing = Ageing::new(self.expire_after.as_deref(), time.is_some())?;
        let key_fields = key_schema(&input.schema, &keys);
        let keyed = joined(key_fields.fields().iter().map(AsRef::as_ref), &state);
        let remove_when = condition::compile(self.remove_when.as_deref(), &keyed, "remove_when")?;
        let program = self.program(&input.schema, &state, &keyed)?;
        let initial = initial::columns(self.initial.as_deref(), &fields_of(&keyed))?;
        let wide = joined(input.schema.fields().iter().map(AsRef::as_ref), &state);
        let output = match self.emit {
            Emit::Keys | Emit::Changed => Arc::clone(&keyed),
            Emit::Rows => wide,
        };
        let shown = LinkType::plain(Arc::clone(&output));
        let shown = if self.emit == Emit::Rows { shown } else { shown.revised() };
        let rejected = rejected_link(&input.schema);
        let rejects = Arc::clone(&rejected.schema);
        let outputs = vec![shown, LinkType::plain(Arc::clone(&keyed)), rejected];
        let shape = Shape { input: Arc::clone(&input.schema), keys, key_schema: key_fields, keyed, output, rejects };
        let operator = Fold::new(shape, program, self.emit, self.on_error)
            .map_err(|error| vec![Diagnostic::error(format!("these keys cannot be compared: {error}")).param("by")])?;
        let operator = operator
            .removing(remove_when, ageing, time)
            .starting_from(initial)
            .map_err(|error| vec![Diagnostic::error(error.0).param("initial")])?;
        let mut planned = Planned::new(outputs, Stage::Operator(Box::new(operator)));
        planned.warnings.extend(input.counted_again());
        Ok(planned)
    }
}

impl FoldParams {
    fn keys(&self, input: &SchemaRef) -> Result<Vec<usize>, Vec<Diagnostic>> {
        if self.by.is_empty() {
            let sentence = "the state belongs to keys; choose the columns that make up a key";
            return Err(vec![Diagnostic::error(sentence).param("by")]);
        }
        positions(input, &self.by, "by")
    }

    fn state_fields(&self, input: &SchemaRef) -> Result<Vec<Field>, Vec<Diagnostic>> {
        if self.state.is_empty() {
            return Err(vec![Diagnostic::error("there is no state; add a column").param("state")]);
        }
        let mut problems = Vec::new();
        for (index, row) in self.state.iter().enumerate() {
            let is_twice = self.state.iter().take(index).any(|other| other.name.eq_ignore_ascii_case(&row.name));
            let sentence = if find(input, &row.name).is_some() {
                format!("the input has a column `{}` too; give the state another name", row.name)
            } else if is_twice {
                format!("there are two columns `{}`; rename one", row.name)
            } else {
                continue;
            };
            problems.push(Diagnostic::error(sentence).param(format!("state[{index}].name")));
        }
        let fields = self.state.iter().map(|row| Field::new(&row.name, row.kind.data_type(), true)).collect();
        if problems.is_empty() { Ok(fields) } else { Err(problems) }
    }

    fn program(&self, input: &SchemaRef, state: &[Field], keyed: &SchemaRef) -> Result<Program, Vec<Diagnostic>> {
        let step = joined(state.iter(), &fields_of(input));
        let mut problems = Vec::new();
        let mut program = Program::new(Arc::clone(&step));
        for (index, (row, field)) in self.state.iter().zip(state).enumerate() {
            let mut typed = |text: &str, over: &SchemaRef, param: &str| {
                let compiled = Typed::compile(text, over, field, &format!("state[{index}].{param}"));
                compiled.map_err(|problem| problems.push(problem)).ok()
            };
            let initial = typed(&row.initial, input, "initial");
            let update = typed(&row.update, &step, "update");
            let idle = row.idle.as_deref().filter(|idle| !idle.trim().is_empty());
            let idle = idle.map(|idle| typed(idle, keyed, "idle"));
            if let (Some(initial), Some(update)) = (initial, update) {
                program.push(initial, update, idle.flatten());
            }
        }
        if problems.is_empty() { Ok(program) } else { Err(problems) }
    }
}

fn fields_of(schema: &SchemaRef) -> Vec<Field> {
    schema.fields().iter().map(|field| field.as_ref().clone()).collect()
}

fn joined<'a>(first: impl Iterator<Item = &'a Field>, then: &[Field]) -> SchemaRef {
    Arc::new(Schema::new(first.cloned().chain(then.iter().cloned()).collect::<Vec<_>>()))
}
