//! `sink.chart`: shows columns of each batch as a line, bars or a gauge. The designer draws it from the parameters;
//! here they are checked against the columns there are.

use arrow::datatypes::Schema;
use serde::Deserialize;

use super::shown::ShownSink;
use crate::expr::type_name;
use crate::nodes::transforms::refusal::find_column;
use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Accepts, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sink.chart",
    title: "Chart",
    summary: "Shows numbers of each batch as a line, as bars or as a gauge.",
    doc: DOC,
    category: Category::Sink,
    icon: "M 2 2 L 2 14 L 14 14 M 4 11 L 7 7 L 10 9 L 13.5 4",
    base_name: "chart",
    inputs: &[PortSpec::IN],
    outputs: &[],
    params: PARAMS,
    presents: Presents::Chart,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str =
    "Draws columns of the rows, live. For example, behind a count per word and window, with `y` = `count` \
and `by` = `word`, the rows

| `window_end` | `word` | `count` |
|---|---|---|
| 12:00:10 | `a` | 2 |
| 12:00:10 | `b` | 1 |
| 12:00:20 | `a` | 5 |

give two lines, `a` from 2 to 5 and `b` with one point.

**Line**: `x` is a number or a time; without one it is `window_end` where there is such a column, else the time of the \
batch. **Bars**: `x` may be text too; each batch replaces the bars of the one before. **Gauge**: the newest value of \
each `y`; `x` has no meaning.

With several columns `y`, and for every value of `by`, there is a line of its own. Each keeps its newest points, as \
many as *points kept* says. Null is no point. On the command line the rows are printed as a table. To chart something \
else than a column, compute it with a *Map* in front.";

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "type",
        "Type",
        "How the numbers are drawn.",
        ParamKind::Choice {
            options: &[
                Choice::new("line", "Line", "A line over time or over a number."),
                Choice::new("bar", "Bars", "A bar for each row of the newest batch."),
                Choice::new("gauge", "Gauge", "The newest value."),
            ],
        },
    )
    .default(Default::Text("line")),
    ParamSpec::new(
        "x",
        "X",
        "What lies along the axis; without it `window_end`, else the time of the batch.",
        ParamKind::Column { accepts: Accepts::Any },
    )
    .default(Default::Absent)
    .when("type", &["line", "bar"]),
    ParamSpec::new("y", "Y", "The numbers to draw.", ParamKind::Columns { accepts: Accepts::Number }),
    ParamSpec::new(
        "by",
        "By",
        "Draws one series for each value of this column.",
        ParamKind::Column { accepts: Accepts::Any },
    )
    .default(Default::Absent),
    ParamSpec::new(
        "keep",
        "Points kept",
        "How many points of each series to keep.",
        ParamKind::Integer { min: 1, max: 10_000 },
    )
    .default(Default::Integer(200)),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chart {
    #[serde(rename = "type")]
    kind: ChartType,
    #[serde(default)]
    x: Option<String>,
    y: Vec<String>,
    #[serde(default)]
    by: Option<String>,
    #[expect(dead_code, reason = "read by whoever draws the chart, from the raw parameters")]
    keep: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChartType {
    Line,
    Bar,
    Gauge,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Chart = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Chart {
    fn check_x(&self, schema: &Schema) -> Option<String> {
        let name = self.x.as_deref().filter(|_| self.kind != ChartType::Gauge)?;
        let data_type = match find_column(schema, name) {
            Ok(column) => schema.field(column).data_type(),
            Err(missing) => return Some(missing),
        };
        let fits = match self.kind {
            ChartType::Line => Accepts::Number.fits(data_type) || Accepts::Time.fits(data_type),
            ChartType::Bar | ChartType::Gauge => !data_type.is_nested(),
        };
        let wants = match self.kind {
            ChartType::Line => "a line needs a number or a time; choose another column, or bars",
            ChartType::Bar | ChartType::Gauge => "bars need a plain value; choose another column",
        };
        (!fits).then(|| format!("`{name}` is of type {}, but {wants}", type_name(data_type)))
    }

    fn check_y(&self, schema: &Schema) -> Vec<Diagnostic> {
        if self.y.is_empty() {
            return vec![
                Diagnostic::error("there is nothing to draw; choose at least one column of numbers").param("y"),
            ];
        }
        let mut problems = Vec::new();
        for (index, name) in self.y.iter().enumerate() {
            let is_again = self.y.iter().take(index).any(|other| other.to_lowercase() == name.to_lowercase());
            let wrong = match find_column(schema, name).map(|column| schema.field(column).data_type()) {
                Err(missing) => Some(missing),
                Ok(_) if is_again => Some(format!("`{name}` is drawn already; leave it out here")),
                Ok(data_type) if !Accepts::Number.fits(data_type) => Some(format!(
                    "`{name}` is of type {}, but only numbers can be drawn; choose another column, or cast it with a \
                     Map",
                    type_name(data_type)
                )),
                Ok(_) => None,
            };
            problems.extend(wrong.map(|wrong| Diagnostic::error(wrong).param("y")));
        }
        problems
    }

    fn check_by(&self, schema: &Schema) -> Option<String> {
        let name = self.by.as_deref()?;
        if self.y.iter().any(|y| y.eq_ignore_ascii_case(name)) {
            return Some(format!("`{name}` is drawn itself; choose a column that tells the series apart"));
        }
        match find_column(schema, name).map(|column| schema.field(column).data_type()) {
            Err(missing) => Some(missing),
            Ok(data_type) if data_type.is_nested() => Some(format!(
                "`{name}` is of type {}, which cannot name a series; choose a plain column",
                type_name(data_type)
            )),
            Ok(_) => None,
        }
    }
}

impl Node for Chart {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = &context.input()?.schema;
        let mut problems = self.check_y(schema);
        problems.extend(self.check_x(schema).map(|wrong| Diagnostic::error(wrong).param("x")));
        problems.extend(self.check_by(schema).map(|wrong| Diagnostic::error(wrong).param("by")));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Planned::new(Vec::new(), Stage::Sink(Box::new(ShownSink { rows: None }))))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{DataType, Field, SchemaRef};
    use serde_json::{Value, json};

    use super::*;
    use crate::nodes::testing::{plan, problems};
    use crate::plan::LinkType;

    fn schema() -> SchemaRef {
        let list = DataType::List(Arc::new(Field::new("item", DataType::Int64, true)));
        Arc::new(Schema::new(vec![
            Field::new("window_end", LinkType::timestamp(), false),
            Field::new("word", LinkType::TEXT, true),
            Field::new("count", DataType::Int64, true),
            Field::new("price", DataType::Decimal128(10, 2), true),
            Field::new("list", list, true),
        ]))
    }

    #[test]
    fn what_can_be_drawn_is_planned() {
        for params in [
            json!({"y": ["count"]}),
            json!({"y": ["Count", "price"], "x": "window_end", "by": "word", "keep": 10}),
            json!({"type": "bar", "y": ["price"], "x": "word"}),
            json!({"type": "gauge", "y": ["count"], "x": "no such column"}),
        ] {
            let planned = plan(&KIND, params.clone(), &[schema()]);
            let Ok(Stage::Sink(sink)) = planned.map(|planned| planned.stage) else { panic!("{params}") };
            assert_eq!(sink.shown_rows(), None);
        }
    }

    #[test]
    fn what_cannot_be_drawn_says_what_to_choose() {
        let cases: &[(Value, &str, &str)] = &[
            (json!({"y": []}), "y", "choose at least one column of numbers"),
            (json!({"y": ["cuont"]}), "y", "did you mean `count`?"),
            (json!({"y": ["word"]}), "y", "`word` is of type string, but only numbers can be drawn"),
            (json!({"y": ["count", "COUNT"]}), "y", "drawn already"),
            (json!({"y": ["count"], "x": "word"}), "x", "a line needs a number or a time"),
            (json!({"y": ["count"], "type": "bar", "x": "list"}), "x", "bars need a plain value"),
            (json!({"y": ["count"], "by": "count"}), "by", "tells the series apart"),
            (json!({"y": ["count"], "by": "list"}), "by", "cannot name a series"),
        ];
        for (params, param, says) in cases {
            let found = problems(&KIND, params.clone(), &schema());
            assert_eq!(found.len(), 1, "{params}: {found:?}");
            assert_eq!(found[0].param.as_deref(), Some(*param), "{params}");
            assert!(found[0].message.contains(says), "{params}: {}", found[0].message);
        }
        let all = problems(&KIND, json!({"y": ["word"], "x": "word", "by": "word2"}), &schema());
        assert_eq!(all.len(), 3, "all at once");
    }
}
