//! The kind, its parameters and its operator.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use regex::RegexBuilder;
use serde::Deserialize;

use super::explode::explode;
use super::generate::{self, names};
use super::split::{self, Separator, split};
use super::subject::Subject;
use crate::expr::Generator;
use crate::nodes::transforms::on_error::{self, ON_ERROR, OnError, REJECTED, Rest, Sieve, Tally, rejected_link};
use crate::nodes::transforms::refusal::regex_sentence;
use crate::plan::{
    BatchContext, Category, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext, Planned,
    Presents, Stage, WindowUse,
};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, PortSpec, Yields};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "flat_map",
    title: "Flat map",
    summary: "Makes several rows of one: splits text, or unfolds a list.",
    doc: "Each row gives as many rows as there are pieces in its text, or items in its list. The text or list is a column \
          or computed on the way: `lower(value)`.\n\n\
          Splitting `value` at a space:\n\n\
          | value | | word |\n|---|---|---|\n| `to be or` | | `to` |\n| | | `be` |\n| | | `or` |\n\n\
          *Empty pieces*: two separators in a row have an empty piece between them, and an empty line is one empty \
          piece, as in Spark. *trailing* drops those at the end of a line (what Scala's and Java's `split` does), \
          *all* drops every one.\n\n\
          *Unfolding* takes a list, or a generator: `posexplode(list)` adds the place from 0, `explode_outer(list)` keeps a \
          row whose list is null or empty, `explode(map)` gives key and value, `inline(structures)` a column for each \
          field, `stack(2, a, b, c, d)` cuts values into rows, `json_tuple(json, 'a', 'b')` takes fields of a JSON text. \
          Where it gives several columns, name as many: `pos, word`.\n\n\
          A null gives no rows. A row on which the expression fails goes to `rejected` with the `reason`; *on error* \
          chooses null, which gives no rows, or a stop instead. Spark: `DStream.flatMap`, `explode(split(value, ' '))`.",
    category: Category::Transform,
    icon: "M 2 8 L 14 8 M 6 8 L 10 3.5 L 14 3.5 M 6 8 L 10 12.5 L 14 12.5",
    base_name: "words",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "One row for each piece or item.", ..PortSpec::OUT }, REJECTED],
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
        "The text to split or the list to unfold: a column, an expression, or a generator such as `posexplode(list)`.",
        ParamKind::Expression { yields: Yields::Any },
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
    ParamSpec::new(
        "as",
        "Result column",
        "What the pieces or items are called; several columns with commas.",
        ParamKind::Text,
    )
    .default(Default::Text("word")),
    ParamSpec::new(
        "keep",
        "Keep other columns",
        "Repeats the row's other columns beside each piece; the column that was split goes.",
        ParamKind::Toggle,
    )
    .default(Default::Toggle(false)),
    ON_ERROR,
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
    on_error: OnError,
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
    Generate(Generator),
}

impl Node for FlatMap {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let input = &context.input()?.schema;
        let (subject, results, way) = self.source(input)?;
        let others = (0..input.fields().len()).filter(|index| Some(*index) != subject.column);
        let kept: Vec<usize> = if self.keep { others.collect() } else { Vec::new() };
        let is_taken = |name: &str| kept.iter().any(|index| input.field(*index).name().eq_ignore_ascii_case(name));
        if let Some(field) = results.iter().find(|field| is_taken(field.name())) {
            let message = format!("the input already has a column `{}`; choose another name", field.name());
            return Err(vec![Diagnostic::error(message).param("as")]);
        }
        let fields = kept.iter().map(|index| input.field(*index).clone()).chain(results);
        let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let rejected = rejected_link(input);
        let operator = FlatMapOperator {
            schema: Arc::clone(&schema),
            rejects: Arc::clone(&rejected.schema),
            subject,
            result: self.r#as.clone(),
            kept,
            way,
            on_error: self.on_error,
            tally: Tally::default(),
        };
        Ok(Planned::new(vec![LinkType::plain(schema), rejected], Stage::Operator(Box::new(operator))))
    }
}

impl FlatMap {
    /// What is flattened, the columns it becomes, and how.
    fn source(&self, input: &SchemaRef) -> Result<(Subject, Vec<Field>, Way), Vec<Diagnostic>> {
        let generator = (self.mode == Mode::Explode).then(|| generate::read(&self.column, input)).flatten();
        if let Some(generator) = generator {
            let generator = generator.map_err(|problem| vec![problem])?;
            let results = names(&generator, &self.r#as).map_err(|problem| vec![problem])?;
            let expression = generator.list().clone();
            let field = expression.field().clone();
            return Ok((Subject { expression, field, column: None }, results, Way::Generate(generator)));
        }
        let subject = Subject::read(&self.column, input).map_err(|problem| vec![problem])?;
        match (self.result_field(&subject.field), self.way()) {
            (Ok(result), Ok(way)) => Ok((subject, vec![result], way)),
            (result, way) => Err(result.err().into_iter().chain(way.err()).collect()),
        }
    }

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
    rejects: SchemaRef,
    subject: Subject,
    result: String,
    kept: Vec<usize>,
    way: Way,
    on_error: OnError,
    tally: Tally,
}

impl FlatMapOperator {
    fn flatten(&self, rows: &RecordBatch, context: &BatchContext) -> Result<(RecordBatch, Rest), NodeError> {
        let mut sieve = Sieve::new(rows, self.on_error, context);
        sieve.compute(&self.result, &self.subject.expression)?;
        let sifted = sieve.finish();
        let Some(source) = sifted.columns.first() else {
            return Err(NodeError::weir("what is to be flattened was not computed"));
        };
        let (results, parents) = match &self.way {
            Way::Explode => {
                let (items, parents) = explode(source)?;
                (vec![items], UInt32Array::from(parents))
            }
            Way::Generate(generator) => {
                let made = generator.unfold(source)?;
                (made.columns, made.parents)
            }
            Way::Split(separator, drop) => {
                let mut parents = Vec::new();
                let wanted = (!self.kept.is_empty()).then_some(&mut parents);
                let pieces = split(source.as_string_view(), separator, *drop, wanted);
                (vec![Arc::new(pieces) as ArrayRef], UInt32Array::from(parents))
            }
        };
        let mut columns = Vec::with_capacity(self.kept.len() + results.len());
        for index in &self.kept {
            columns.push(take(sifted.rows.column(*index), &parents, None)?);
        }
        columns.extend(results);
        Ok((RecordBatch::try_new(Arc::clone(&self.schema), columns)?, sifted.rest))
    }
}

impl Operator for FlatMapOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        self.tally = Tally::default();
        let this = &*self;
        let (outputs, tally) =
            on_error::sift(inputs, context, &this.rejects, |chunk| this.flatten(&chunk.rows, context))?;
        self.tally = tally;
        Ok(outputs)
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        self.tally.counters()
    }
}
