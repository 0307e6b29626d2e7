//! Keys and aggregates as a person enters them, and how they become a checked grouping.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use serde::Deserialize;

use super::nearest::{find, missing};
use crate::aggregate::{AggregateCall, AggregateFunction, GroupSpec, Input, Key};
use crate::expr::Expression;
use crate::nodes::transforms::on_error::OnFailure;
use crate::plan::{WINDOW_END, WINDOW_START};
use crate::spec::{Choice, Default, Diagnostic, ParamKind, ParamSpec, Yields};

/// The parameter `aggregates`.
pub(in crate::nodes) const AGGREGATES: ParamSpec = ParamSpec::new(
    "aggregates",
    "Aggregates",
    "What to compute of the rows. Each gives one column.",
    ParamKind::Rows {
        fields: &[
            ParamSpec::new(
                "function",
                "Function",
                "What to compute.",
                ParamKind::Choice { options: AggregateFunction::CHOICES },
            )
            .default(Default::Text("count")),
            ParamSpec::new(
                "argument",
                "Of",
                "A column or an expression. `count` without one counts rows. What becomes of a row on which it fails, \
                 *on error* says.",
                ParamKind::Expression { yields: Yields::Any },
            )
            .default(Default::Absent),
            ParamSpec::new(
                "percent",
                "Percent",
                "Which part of all values lies below the result: 50 is the median, 99 leaves one in a hundred above.",
                ParamKind::Number { min: 0.0, max: 100.0, unit: "%" },
            )
            .default(Default::Number(50.0))
            .when("function", &["percentile"]),
            ParamSpec::new(
                "name",
                "Column",
                "The name of the result; `sum_amount`, say, if left empty.",
                ParamKind::Text,
            )
            .default(Default::Absent),
        ],
    },
)
.default(Default::Json(r#"[{"function":"count"}]"#));

/// The parameter `on_error` of kinds that aggregate: there is no row to reject in the middle of a sum.
pub(in crate::nodes) const ON_FAILING: ParamSpec = ParamSpec::new(
    "on_error",
    "On error",
    "What becomes of a row on which the expression of an aggregate fails: a division by zero, a text that is no number.",
    ParamKind::Choice {
        options: &[
            Choice::new("stop", "stop the node", "The node stops and says which row it was."),
            Choice::new("null", "null", "The aggregate takes null for the row, as if it had no value; it is counted."),
        ],
    },
)
.default(Default::Text("stop"));

/// How many arguments became null, as a count; none where none did.
pub(in crate::nodes) fn nulled(spec: &GroupSpec) -> Option<(&'static str, u64)> {
    Some(("nulled", spec.take_nulled())).filter(|(_, count)| *count > 0)
}

/// One row of [`AGGREGATES`].
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::nodes) struct AggregateRow {
    function: AggregateFunction,
    argument: Option<String>,
    percent: f64,
    name: Option<String>,
}

impl AggregateRow {
    /// A function of a column.
    pub(in crate::nodes) fn new(function: AggregateFunction, column: &str, name: &str) -> Self {
        Self { function, argument: Some(column.to_owned()), percent: 50.0, name: Some(name.to_owned()) }
    }

    /// Whether its result is given this name.
    pub(in crate::nodes) fn is_called(&self, name: &str) -> bool {
        self.name.as_deref().is_some_and(|own| own.trim().eq_ignore_ascii_case(name))
    }
}

/// What a grouping node asks for.
pub(in crate::nodes) struct Request<'a> {
    /// The key columns.
    pub(in crate::nodes) by: &'a [String],
    /// The aggregates.
    pub(in crate::nodes) aggregates: &'a [AggregateRow],
    /// What becomes of a row on which one fails.
    pub(in crate::nodes) on_error: OnFailure,
    /// Whether the result carries the window's columns.
    pub(in crate::nodes) is_windowed: bool,
}

/// Checks a request against its input. All problems at once.
pub(in crate::nodes) fn resolve(request: &Request<'_>, schema: &SchemaRef) -> Result<Arc<GroupSpec>, Vec<Diagnostic>> {
    let mut problems = Vec::new();
    let mut names = Names::new(request.is_windowed);
    let keys = keys_of(request, schema, &mut names, &mut problems);
    let calls = calls_of(request, schema, &mut names, &mut problems);
    if request.aggregates.is_empty() && request.by.is_empty() {
        problems.push(Diagnostic::error("there is nothing to compute; add an aggregate").param("aggregates"));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let spec = GroupSpec::new(keys, calls, schema).map(|spec| match request.on_error {
        OnFailure::Stop => spec,
        OnFailure::Null => spec.nulling(),
    });
    spec.map(Arc::new).map_err(|wrong| {
        let say = |(index, error): (usize, crate::aggregate::AggregateError)| {
            Diagnostic::error(error.0).param(format!("aggregates[{index}].argument"))
        };
        wrong.into_iter().map(say).collect()
    })
}

fn keys_of(request: &Request<'_>, schema: &SchemaRef, names: &mut Names, problems: &mut Vec<Diagnostic>) -> Vec<Key> {
    let mut keys = Vec::with_capacity(request.by.len());
    for name in request.by {
        match find(schema, name) {
            None => problems.push(Diagnostic::error(missing(schema, name)).param("by")),
            Some(index) => {
                let name = schema.field(index).name().clone();
                if let Some(clash) = names.take(&name) {
                    problems.push(Diagnostic::error(clash).param("by"));
                }
                keys.push(Key { name, input: Input::Column(index) });
            }
        }
    }
    keys
}

fn calls_of(
    request: &Request<'_>,
    schema: &SchemaRef,
    names: &mut Names,
    problems: &mut Vec<Diagnostic>,
) -> Vec<AggregateCall> {
    let mut calls = Vec::with_capacity(request.aggregates.len());
    for (index, row) in request.aggregates.iter().enumerate() {
        let text = row.argument.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let text = text.filter(|text| *text != "*" || row.function.needs_argument());
        let argument = match text.map(|text| input_of(text, schema)).transpose() {
            Ok(argument) => argument,
            Err(problem) => {
                problems.push(problem.param(format!("aggregates[{index}].argument")));
                continue;
            }
        };
        if argument.is_none() && row.function.needs_argument() {
            let sentence = format!("{} needs a column or an expression to work on; enter one", row.function);
            problems.push(Diagnostic::error(sentence).param(format!("aggregates[{index}].argument")));
            continue;
        }
        let name = row.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| default_name(row, text), str::to_owned);
        if let Some(clash) = names.take(&name) {
            problems.push(Diagnostic::error(clash).param(format!("aggregates[{index}].name")));
        }
        calls.push(AggregateCall { function: row.function, argument, percent: row.percent, name });
    }
    calls
}

/// A plain column is read as it is; anything else is an expression.
fn input_of(text: &str, schema: &SchemaRef) -> Result<Input, Diagnostic> {
    if let Some(index) = find(schema, text) {
        return Ok(Input::Column(index));
    }
    if text.chars().all(|letter| letter.is_alphanumeric() || letter == '_') && text.starts_with(char::is_alphabetic) {
        return Err(Diagnostic::error(missing(schema, text)));
    }
    Expression::compile(text, schema).map(Input::Expression).map_err(|error| {
        let problem = Diagnostic::error(error.message);
        match error.at {
            Some(at) => problem.at(at),
            None => problem,
        }
    })
}

/// `sum_amount` for the sum of `amount`, `p95_amount` for a percentile; other characters become underscores.
fn default_name(row: &AggregateRow, argument: Option<&str>) -> String {
    let function = row.function;
    let Some(argument) = argument else { return function.id().to_owned() };
    let is_percentile = function == AggregateFunction::Percentile;
    let text = if is_percentile { format!("p{}_{argument}", row.percent) } else { format!("{function}_{argument}") };
    let mut name = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_plain = letter.is_alphanumeric();
        if is_plain {
            name.push(letter);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    name.trim_end_matches('_').to_owned()
}

/// The names of the result so far, to find clashes.
struct Names(Vec<String>);

impl Names {
    fn new(is_windowed: bool) -> Self {
        Self(if is_windowed { vec![WINDOW_START.to_owned(), WINDOW_END.to_owned()] } else { Vec::new() })
    }

    /// Notes a name; gives the sentence that says it is taken.
    fn take(&mut self, name: &str) -> Option<String> {
        let lower = name.to_lowercase();
        let clash = self
            .0
            .contains(&lower)
            .then(|| format!("two columns of the result would be called `{name}`; give one of them another name"));
        self.0.push(lower);
        clash
    }
}
