//! The kind, its parameters and its operator.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use regex::RegexBuilder;
use serde::Deserialize;

use super::explode::explode;
use super::split::{self, Separator, split};
use crate::nodes::transforms::refusal::{find_column, regex_sentence};
use crate::nodes::transforms::rowwise;
use crate::plan::{
    BatchContext, Category, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext, Planned,
    Presents, Stage, WindowUse,
};
use crate::spec::{Accepts, Choice, Default, Diagnostic, ParamKind, ParamSpec, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "flat_map",
    title: "Flat map",
    summary: "Makes several rows of one: splits text, or unfolds a list.",
    doc: "Each row gives as many rows as there are pieces in its text, or items in its list.\n\n\
          Splitting `value` at a space:\n\n\
          | value | | word |\n|---|---|---|\n| `to be or` | | `to` |\n| | | `be` |\n| | | `or` |\n\n\
          *Empty pieces*: two separators in a row have an empty piece between them, and an empty line is one empty \
          piece, as in Spark. *trailing* drops those at the end of a line (what Scala's and Java's `split` does), \
          *all* drops every one.\n\n\
          A null gives no rows. Spark: `DStream.flatMap`, `explode(split(value, ' '))`.",
    category: Category::Transform,
    icon: "M 2 8 L 14 8 M 6 8 L 10 3.5 L 14 3.5 M 6 8 L 10 12.5 L 14 12.5",
    base_name: "words",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "One row for each piece or item.", ..PortSpec::OUT }],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build: |params| {
        serde_json::from_value::<FlatMap>(params.into())
            .map(|node| Box::new(node) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "mode",
        "Makes rows by",
        "How one row becomes several.",
        ParamKind::Choice {
            options: &[
                Choice::new("split", "splitting text", "One row for each piece between separators."),
                Choice::new("explode", "unfolding a list", "One row for each item of a list."),
            ],
        },
    )
    .default(Default::Text("split")),
    ParamSpec::new(
        "column",
        "Column",
        "The text to split or the list to unfold.",
        ParamKind::Column { accepts: Accepts::Any },
    )
    .default(Default::Text("value")),
    ParamSpec::new("separator", "Separator", "Where to cut; it is in none of the pieces.", ParamKind::Text)
        .default(Default::Text(" "))
        .when("mode", &["split"]),
    ParamSpec::new(
        "pattern",
        "Separator is",
        "How the separator is read.",
        ParamKind::Choice {
            options: &[
                Choice::new("plain", "plain text", "The separator stands for itself."),
                Choice::new("regex", "a regular expression", "Cut at every match: `\\s+` for any blanks."),
            ],
        },
    )
    .default(Default::Text("plain"))
    .when("mode", &["split"]),
    ParamSpec::new(
        "drop",
        "Drop empty pieces",
        "Which empty pieces to leave out.",
        ParamKind::Choice {
            options: &[
                Choice::new("none", "none", "Every piece is kept; an empty line is one empty piece."),
                Choice::new("trailing", "trailing", "Those at the end of a line go, as with Java's split."),
                Choice::new("all", "all", "No piece is empty."),
            ],
        },
    )
    .default(Default::Text("none"))
    .when("mode", &["split"]),
    ParamSpec::new("as", "Result column", "What the pieces or items are called.", ParamKind::Text)
        .default(Default::Text("word")),
    ParamSpec::new(
        "keep",
        "Keep other columns",
        "Repeats the row's other columns beside each piece; the column that was split goes.",
        ParamKind::Toggle,
    )
    .default(Default::Toggle(false)),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FlatMap {
    mode: Mode,
    column: String,
    separator: String,
    pattern: Pattern,
    drop: Drop,
    r#as: String,
    keep: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Split,
    Explode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pattern {
    Plain,
    Regex,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Drop {
    None,
    Trailing,
    All,
}

/// How an operator makes rows.
enum Way {
    Split(Separator, split::Drop),
    Explode,
}

impl Node for FlatMap {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = &context.input()?.schema;
        let column =
            find_column(input, &self.column).map_err(|message| vec![Diagnostic::error(message).param("column")])?;
        let result = self.result_field(input.field(column));
        let (result, way) = match (result, self.way()) {
            (Ok(result), Ok(way)) => (result, way),
            (result, way) => return Err(result.err().into_iter().chain(way.err()).collect()),
        };
        let kept: Vec<usize> =
            if self.keep { (0..input.fields().len()).filter(|index| *index != column).collect() } else { Vec::new() };
        let wanted = self.r#as.to_lowercase();
        if kept.iter().any(|index| input.field(*index).name().to_lowercase() == wanted) {
            let message = format!("the input already has a column `{}`; choose another name", self.r#as);
            return Err(vec![Diagnostic::error(message).param("as")]);
        }
        let fields = kept.iter().map(|index| input.field(*index).clone()).chain([result]);
        let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let operator = FlatMapOperator { schema: Arc::clone(&schema), column, kept, way };
        Ok(Planned::new(vec![LinkType::plain(schema)], Stage::Operator(Box::new(operator))))
    }
}

impl FlatMap {
    fn result_field(&self, column: &Field) -> Result<Field, Diagnostic> {
        let wrong = |wants: &str, instead: &str| {
            let (name, data_type) = (column.name(), column.data_type());
            let message = format!("`{name}` must be {wants}, but it is {data_type}; {instead}");
            Err(Diagnostic::error(message).param("column"))
        };
        match (self.mode, column.data_type()) {
            (Mode::Split, DataType::Utf8View) => Ok(Field::new(&self.r#as, LinkType::TEXT, false)),
            (Mode::Split, DataType::List(_)) => wrong("text to be split", "unfold the list instead"),
            (Mode::Split, _) => wrong("text to be split", "cast it to a string in a map node before"),
            (Mode::Explode, DataType::List(item)) => {
                Ok(Field::new(&self.r#as, item.data_type().clone(), item.is_nullable()))
            }
            (Mode::Explode, DataType::Utf8View) => wrong("a list to be unfolded", "split the text instead"),
            (Mode::Explode, _) => wrong("a list to be unfolded", "choose a column that is one"),
        }
    }

    fn way(&self) -> Result<Way, Diagnostic> {
        let drop = match self.drop {
            Drop::None => split::Drop::None,
            Drop::Trailing => split::Drop::Trailing,
            Drop::All => split::Drop::All,
        };
        match (self.mode, self.pattern) {
            (Mode::Explode, _) => Ok(Way::Explode),
            (Mode::Split, Pattern::Plain) => Ok(Way::Split(Separator::plain(&self.separator), drop)),
            (Mode::Split, Pattern::Regex) => {
                let pattern = RegexBuilder::new(&self.separator).size_limit(1 << 20).build();
                let pattern = pattern.map_err(|error| Diagnostic::error(regex_sentence(&error)).param("separator"))?;
                Ok(Way::Split(Separator::Pattern(pattern), drop))
            }
        }
    }
}

struct FlatMapOperator {
    schema: SchemaRef,
    column: usize,
    kept: Vec<usize>,
    way: Way,
}

impl Operator for FlatMapOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let flow = rowwise::map_chunks(inputs, context, |chunk| {
            let source = chunk.rows.column(self.column);
            let (result, parents) = match &self.way {
                Way::Explode => explode(source)?,
                Way::Split(separator, drop) => {
                    let mut parents = Vec::new();
                    let wanted = (!self.kept.is_empty()).then_some(&mut parents);
                    let pieces = split(source.as_string_view(), separator, *drop, wanted);
                    (Arc::new(pieces) as ArrayRef, parents)
                }
            };
            let mut columns = Vec::with_capacity(self.kept.len() + 1);
            if !self.kept.is_empty() {
                let parents = UInt32Array::from(parents);
                for index in &self.kept {
                    columns.push(take(chunk.rows.column(*index), &parents, None)?);
                }
            }
            columns.push(result);
            Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
        })?;
        Ok(vec![flow])
    }
}
