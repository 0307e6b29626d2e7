//! `GROUP BY`: the aggregates of all clauses in one grouping, and the clauses over what it gives.

use std::sync::Arc;

use super::Scoped;
use crate::aggregate::{AggregateCall, AggregateFunction, GroupSpec, Input, Key};
use crate::expr::ExprError;
use crate::expr::select::{AggregateTerm, Term};
use crate::nodes::transforms::sql::relation::{Relation, Step};
use crate::nodes::transforms::sql::scope::{Named, Scope, free_name};

/// The aggregates' names in SQL where they differ from the functions' own.
const ALIASES: [(&str, AggregateFunction); 10] = [
    ("mean", AggregateFunction::Avg),
    ("std", AggregateFunction::Stddev),
    ("stddev_samp", AggregateFunction::Stddev),
    ("var_samp", AggregateFunction::Variance),
    ("var_pop", AggregateFunction::VariancePop),
    ("first_value", AggregateFunction::First),
    ("last_value", AggregateFunction::Last),
    ("array_agg", AggregateFunction::CollectList),
    ("any_value", AggregateFunction::First),
    ("approx_percentile", AggregateFunction::PercentileApprox),
];

/// The aggregate function of this name.
fn function_of(name: &str) -> Option<AggregateFunction> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, function)| *function);
    alias.or_else(|| AggregateFunction::from_id(name))
}

/// Whether a function of this name, in lower case, is an aggregate.
pub(super) fn is_aggregate(name: &str) -> bool {
    function_of(name).is_some()
}

/// A grouping of rows.
pub(super) struct Grouping {
    spec: Arc<GroupSpec>,
    /// What stands for each key and call behind the grouping: by its text, the column.
    known: Vec<(String, String)>,
    scope: Scope,
}

impl Grouping {
    /// The grouping that these keys and the aggregates in these terms ask for; `None` if there is neither. All terms
    /// are resolved over the rows.
    pub(super) fn of<'a>(
        keys: &[Term],
        terms: impl Iterator<Item = &'a Term>,
        rows: &Scoped,
    ) -> Result<Option<Self>, ExprError> {
        let mut calls: Vec<AggregateTerm> = Vec::new();
        for term in terms {
            for call in term.aggregates(&is_aggregate)? {
                if !calls.iter().any(|other| other.text == call.text) {
                    calls.push(call);
                }
            }
        }
        if keys.is_empty() && calls.is_empty() {
            return Ok(None);
        }
        let schema = &rows.relation.schema;
        let (mut taken, mut known, mut scope, mut inputs) = (Vec::new(), Vec::new(), Scope::default(), Vec::new());
        for key in keys {
            if let Some(call) = key.aggregates(&is_aggregate)?.first() {
                return Err(key.refuse(format!("`{}` is computed of groups; it cannot make them", call.text)));
            }
            if known.iter().any(|(text, _)| *text == key.key()) {
                continue;
            }
            let meant = key.column().and_then(|inner| rows.scope.columns.iter().find(|column| column.inner == inner));
            let name = free_name(meant.map_or(&key.text(), |column| &column.inner), &taken);
            let expression = key.compile(schema)?;
            taken.push(name.clone());
            known.push((key.key(), name.clone()));
            let (tables, shown) =
                meant.map_or((Vec::new(), key.text()), |column| (column.tables.clone(), column.name.clone()));
            scope.columns.push(Named { tables, name: shown, inner: name.clone() });
            inputs.push(Key { name, input: Input::Expression(expression) });
        }
        let mut computed = Vec::new();
        for call in &calls {
            let name = free_name(&call.text, &taken);
            taken.push(name.clone());
            known.push((call.text.clone(), name.clone()));
            scope.columns.push(Named { tables: Vec::new(), name: call.text.clone(), inner: name.clone() });
            computed.push(aggregate(call, name, rows)?);
        }
        let spec = GroupSpec::new(inputs, computed, schema).map_err(|problems| {
            let (at, error) = problems.into_iter().next().map_or((0, String::new()), |(at, error)| (at, error.0));
            ExprError::new(error).at(calls.get(at).and_then(|call| call.at.clone()))
        })?;
        Ok(Some(Self { spec: Arc::new(spec), known, scope }))
    }

    /// A term over what the grouping gives.
    pub(super) fn rewritten(&self, term: &Term) -> Result<Term, ExprError> {
        let rewritten = term.replaced(&self.known);
        let is_there = |column: &String| self.scope.columns.iter().any(|own| own.inner == *column);
        match rewritten.columns().into_iter().find(|column| !is_there(column)) {
            None => Ok(rewritten),
            Some(column) => Err(term.refuse(format!(
                "`{column}` is neither grouped by nor aggregated; add it to GROUP BY, or take first({column})"
            ))),
        }
    }

    /// The groups.
    pub(super) fn into_rows(self, rows: Scoped) -> Scoped {
        let schema = Arc::clone(self.spec.aggregation().output());
        let step = Arc::new(Step::Group { from: rows.relation, spec: self.spec });
        Scoped { relation: Relation { step, schema }, scope: self.scope }
    }
}

fn aggregate(call: &AggregateTerm, name: String, rows: &Scoped) -> Result<AggregateCall, ExprError> {
    let refuse = |sentence: String| ExprError::new(sentence).at(call.at.clone());
    let mut function =
        function_of(&call.function).ok_or_else(|| refuse(format!("`{}` is no aggregate", call.function)))?;
    if call.is_distinct {
        function = match function {
            AggregateFunction::Count => AggregateFunction::CountDistinct,
            AggregateFunction::Min | AggregateFunction::Max => function,
            other => {
                return Err(refuse(format!("`{other}` takes no DISTINCT; compute it over a SELECT DISTINCT")));
            }
        };
    }
    let compiled = |term: &Term| term.compile(&rows.relation.schema).map(Input::Expression);
    let mut percent = 50.0;
    let (argument, second) = match call.arguments.as_slice() {
        [] if function == AggregateFunction::Count => (None, None),
        [] => return Err(refuse(format!("`{function}` needs what to compute it of, in parentheses"))),
        [first, part] if function.needs_percent() => {
            let part = part.number().filter(|part| (0.0..=1.0).contains(part)).ok_or_else(|| {
                part.refuse(format!("`{function}` takes one number from 0 to 1 here; call it once for each"))
            })?;
            percent = part * 100.0;
            (Some(compiled(first)?), None)
        }
        [_] if function.needs_percent() => {
            return Err(refuse(format!("say which part lies below: `{function}(x, 0.95)`")));
        }
        [first, second] if function.needs_two() => (Some(compiled(first)?), Some(compiled(second)?)),
        [_] if function.needs_two() => return Err(refuse(format!("`{function}` is computed of two expressions"))),
        [first] => (Some(compiled(first)?), None),
        [_, second, ..] => {
            let takes =
                if function.needs_two() || function.needs_percent() { "two arguments" } else { "one expression" };
            return Err(second.refuse(format!("`{function}` takes {takes}")));
        }
    };
    Ok(AggregateCall { function, argument, second, percent, name })
}
