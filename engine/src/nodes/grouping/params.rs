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
                "second",
                "And",
                "The second column or expression of functions of two values; in regressions it is x, the first is y.",
                ParamKind::Expression { yields: Yields::Any },
            )
            .default(Default::Absent)
            .when("function", AggregateFunction::OF_TWO),
            ParamSpec::new(
                "percent",
                "Percent",
                "Which part of all values lies below the result: 50 is the median, 99 leaves one in a hundred above.",
                ParamKind::Number { min: 0.0, max: 100.0, unit: "%" },
            )
            .default(Default::Number(50.0))
            .when("function", AggregateFunction::OF_PERCENT),
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
    #[serde(default)]
    second: Option<String>,
    percent: f64,
    name: Option<String>,
}

impl AggregateRow {
    /// A function of a column.
    pub(in crate::nodes) fn new(function: AggregateFunction, column: &str, name: &str) -> Self {
        let (argument, name) = (Some(column.to_owned()), Some(name.to_owned()));
        Self { function, argument, second: None, percent: 50.0, name }
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
        let second = row.second.as_deref().map(str::trim).filter(|text| !text.is_empty() && row.function.needs_two());
        let mut operand = |text: Option<&str>, param: &str, is_needed: bool, missing: String| {
            let found = text.map(|text| input_of(text, schema)).transpose();
            let param = format!("aggregates[{index}].{param}");
            match found {
                Ok(None) if is_needed => problems.push(Diagnostic::error(missing).param(param)),
                Ok(found) => return Some(found),
                Err(problem) => problems.push(problem.param(param)),
            }
            None
        };
        let function = row.function;
        let missing = format!("{function} needs a column or an expression to work on; enter one");
        let argument = operand(text, "argument", function.needs_argument(), missing);
        let missing = format!("{function} works on two values; enter the second one too");
        let second_input = operand(second, "second", function.needs_two(), missing);
        let (Some(argument), Some(second_input)) = (argument, second_input) else { continue };
        let name = row.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| default_name(row, text, second), str::to_owned);
        if let Some(clash) = names.take(&name) {
            problems.push(Diagnostic::error(clash).param(format!("aggregates[{index}].name")));
        }
        calls.push(AggregateCall { function, argument, second: second_input, percent: row.percent, name });
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
fn default_name(row: &AggregateRow, argument: Option<&str>, second: Option<&str>) -> String {
    let function = row.function;
    let Some(argument) = argument else { return function.id().to_owned() };
    let text = match second {
        Some(second) => format!("{function}_{argument}_{second}"),
        None if function.needs_percent() => format!("p{}_{argument}", row.percent),
        None => format!("{function}_{argument}"),
    };
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
