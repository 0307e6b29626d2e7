//! `join`: the rows of two streams whose keys are equal, within the same batch or window.

mod cogroup;
mod operator;
#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;

use arrow::datatypes::{DataType, SchemaRef};
use serde::Deserialize;

use super::joining::{JoinKeys, Keeps, NULL_KEYS, NullKeys, OnRow, Shape, Sides};
use super::on_error::{ON_ERROR_OF_CONDITION, OnFailure};
use super::refusal::refused;
use crate::expr::{Expression, type_name};
use crate::plan::{Category, LinkType, Node, NodeKind, Operator, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Choice, Default, Diagnostic, ParamKind, ParamSpec, PortSpec, Yields};
use cogroup::CogroupOperator;
use operator::{JoinOperator, PairCondition, Wanted};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "join",
    title: "Join",
    summary: "Puts rows of two streams together whose keys are equal, batch by batch.",
    doc: DOC,
    category: Category::Transform,
    icon: "M 2.5 4 L 6 4 L 9 8 L 13.5 8 M 2.5 12 L 6 12 L 9 8 M 11.5 6 L 13.5 8 L 11.5 10",
    base_name: "joined",
    inputs: &[
        PortSpec { name: "left", doc: "The rows whose order and columns come first.", ..PortSpec::IN },
        PortSpec { name: "right", doc: "The rows that are looked for.", ..PortSpec::IN },
    ],
    outputs: &[PortSpec { doc: "The rows put together.", ..PortSpec::OUT }],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Rows,
    build: |params| {
        serde_json::from_value::<Join>(params.into())
            .map(|join| Box::new(join) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

const DOC: &str = "\
Finds, for each row of the left stream, the rows of the right stream with the same keys, and gives a row for each such \
pair. Only rows of the same batch meet; to join what comes at different times, put both streams behind windows of the \
same slide.

With **on** `user`, inner:

| left: `user`, `page` | right: `user`, `city` | out: `user`, `page`, `city` |
|---|---|---|
| `ann`, `/a` | `ann`, `Oslo` | `ann`, `/a`, `Oslo` |
| `bob`, `/b` | `cid`, `Rome` | |
| `ann`, `/c` | | `ann`, `/c`, `Oslo` |

A left join also gives `bob`, `/b`, null; a right join also `cid`, null, `Rome`; a full join both. *Left semi* keeps \
the left rows that have a partner, *left anti* those that have none, each once and as they are. *Cogroup* gives one \
row for each key, with a list of the left and a list of the right values: `ann`, `[/a, /c]`, `[Oslo]`. Where a side \
has several columns beside the keys, its list holds structs and is called `left` or `right`.

A key that is called the same on both sides comes out once; otherwise both columns stay, and a right column whose name \
is taken gets `_right`. Keys of different number types meet in the wider one. The rows come in the order of the left \
ones, those of one left row in the order of the right ones, right rows without a partner last.

A **condition** is part of the join: a left join keeps a left row all the same if the condition holds for none of its \
pairs. With the condition alone, and no **on**, every row is compared with every other.

**Behind windows** the rows of both windows meet. If both sides carry `window_start` and `window_end`, only windows \
that end at the same time meet, unless **on** names these columns; `window_start` is then the earlier of the two. The \
join fires when both sides do; rows of a side that fires alone are counted as *unpaired*. A batch may have 50 million \
pairs of equal keys.

Spark: `DStream.join`, `leftOuterJoin`, `cogroup`, `transformWith(subtract)`; `DataFrame.join`.";

/// The ways that give pairs, or left rows: all but cogroup.
const WITH_CONDITION: &[&str] = &["inner", "left", "right", "full", "left_semi", "left_anti"];

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "how",
        "How",
        "Which rows come out.",
        ParamKind::Choice {
            options: &[
                Choice::new("inner", "inner", "Pairs only."),
                Choice::new("left", "left", "Pairs, and left rows without a partner."),
                Choice::new("right", "right", "Pairs, and right rows without a partner."),
                Choice::new("full", "full", "Pairs, and the rows of either side without a partner."),
                Choice::new("left_semi", "left semi", "Left rows that have a partner."),
                Choice::new("left_anti", "left anti", "Left rows that have no partner."),
                Choice::new("cogroup", "cogroup", "One row for each key, with the lists of both sides' values."),
            ],
        },
    )
    .default(Default::Text("inner")),
    ParamSpec::new(
        "on",
        "On",
        "The columns that must be equal, pair by pair.",
        ParamKind::Rows {
            fields: &[
                ParamSpec::new(
                    "left",
                    "Left column",
                    "A column of the left input.",
                    ParamKind::Column { accepts: Accepts::Any },
                ),
                ParamSpec::new(
                    "right",
                    "Right column",
                    "The column of the right input; empty if it is called the same.",
                    ParamKind::Text,
                )
                .default(Default::Absent),
            ],
        },
    )
    .default(Default::Json("[]")),
    ParamSpec::new(
        "condition",
        "Condition",
        "What must hold besides, over the columns of both: `amount < limit_right`.",
        ParamKind::Expression { yields: Yields::Boolean },
    )
    .default(Default::Absent)
    .when("how", WITH_CONDITION),
    NULL_KEYS,
    ON_ERROR_OF_CONDITION.when("how", WITH_CONDITION),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Join {
    how: How,
    on: Vec<OnRow>,
    condition: Option<String>,
    null_keys: NullKeys,
    on_error: OnFailure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Inner,
    Left,
    Right,
    Full,
    LeftSemi,
    LeftAnti,
    Cogroup,
}

impl Node for Join {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let port = |at: usize| context.inputs.get(at).and_then(|links| links.first()).map(|link| &link.schema);
        let (Some(left), Some(right)) = (port(0), port(1)) else {
            return Err(vec![Diagnostic::error("a join needs two streams; draw a wire to `left` and one to `right`")]);
        };
        if self.on.is_empty() && self.condition.is_none() {
            let way_out = if self.how == How::Cogroup {
                "add a pair of columns"
            } else {
                "add a pair of columns, or enter the condition `true` to pair every row with every other"
            };
            return Err(vec![
                Diagnostic::error(format!("nothing says which rows belong together; {way_out}")).param("on"),
            ]);
        }
        let sides = Sides { left, right, right_name: "the right input", meets_windows: true };
        let keys = JoinKeys::resolve(&self.on, self.null_keys, &sides)?;
        let (schema, operator): (SchemaRef, Box<dyn Operator>) = match self.wanted() {
            None => {
                let operator = CogroupOperator::new(keys, left, right);
                (operator.schema(), Box::new(operator))
            }
            Some(wanted) => {
                let condition = self.condition(&keys, left, right)?;
                let operator = JoinOperator::new(wanted, keys, condition, left, right);
                (operator.schema(), Box::new(operator))
            }
        };
        Ok(Planned::new(vec![LinkType::plain(schema)], Stage::Operator(operator)))
    }
}

impl Join {
    /// What comes out; `None` for cogroup.
    fn wanted(&self) -> Option<Wanted> {
        let pairs = |left, right| Some(Wanted::Pairs(Keeps { left, right }));
        match self.how {
            How::Inner => pairs(false, false),
            How::Left => pairs(true, false),
            How::Right => pairs(false, true),
            How::Full => pairs(true, true),
            How::LeftSemi => Some(Wanted::Left { with_partner: true }),
            How::LeftAnti => Some(Wanted::Left { with_partner: false }),
            How::Cogroup => None,
        }
    }

    /// The condition over the columns that an inner join would give, compiled for those that it reads.
    fn condition(
        &self,
        keys: &JoinKeys,
        left: &SchemaRef,
        right: &SchemaRef,
    ) -> Result<Option<PairCondition>, Vec<Diagnostic>> {
        let Some(text) = &self.condition else { return Ok(None) };
        let joined = Shape::new(keys, left, right, Keeps { left: false, right: false });
        let compile = |schema| Expression::compile(text, schema).map_err(|error| vec![refused("condition", error)]);
        let whole = compile(joined.schema())?;
        let data_type = whole.field().data_type();
        if *data_type != DataType::Boolean {
            let word = type_name(data_type);
            let message =
                format!("the condition must be true or false, but it gives {word}; compare it with something");
            return Err(vec![Diagnostic::error(message).param("condition")]);
        }
        let shape = joined.project(whole.reads());
        let expression = compile(shape.schema())?;
        Ok(Some(PairCondition { expression, shape, on_error: self.on_error }))
    }
}
