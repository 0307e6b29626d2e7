//! From clauses to steps: names are resolved, aggregates taken out of their expressions, and every expression compiled
//! over the columns it meets.

mod from;
mod group;
mod select;

use std::sync::Arc;

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::row::{RowConverter, SortField};

use super::relation::{Relation, Step};
use super::scope::{Scope, same};
use crate::expr::select::{Body, Lookup, OrderBy, Query, Term};
use crate::expr::{ExprError, type_name};
use crate::nodes::transforms::widening::wider;

/// An input.
pub(super) struct Table {
    /// The name of the node it comes from.
    pub(super) name: String,
    /// Its columns.
    pub(super) schema: SchemaRef,
}

/// A relation with the names by which its columns can be named.
#[derive(Debug, Clone)]
struct Scoped {
    relation: Relation,
    scope: Scope,
}

/// Plans a query over these inputs.
pub(super) fn plan(query: &Query, tables: &[Table]) -> Result<Relation, ExprError> {
    let planner = Planner { tables, named: Vec::new() };
    let planned = planner.query(query)?;
    planned.check_names()?;
    Ok(planned.relation.renamed(planned.scope.columns.iter().map(|column| column.name.clone())))
}

struct Planner<'a> {
    tables: &'a [Table],
    /// The queries of WITH clauses, the innermost last.
    named: Vec<(String, Scoped)>,
}

impl Planner<'_> {
    fn query(&self, query: &Query) -> Result<Scoped, ExprError> {
        let mut planner = Planner { tables: self.tables, named: self.named.clone() };
        for (name, query) in &query.named {
            let planned = planner.query(query)?;
            planned.check_names()?;
            planner.named.push((name.clone(), planned));
        }
        let mut planned = match &query.body {
            Body::Select(select) => planner.select(select, &query.order)?,
            Body::Query(inner) => planner.query(inner)?.ordered(&query.order)?,
            Body::Union { .. } => planner.body(&query.body)?.ordered(&query.order)?,
        };
        if query.skip > 0 || query.limit.is_some() {
            let step = Step::Limit { from: planned.relation.clone(), skip: query.skip, limit: query.limit };
            planned.relation = planned.relation.then(step);
        }
        // What was only there to be sorted by goes.
        let width = planned.scope.columns.len();
        if planned.relation.schema.fields().len() > width {
            let names: Vec<_> = planned.scope.columns.iter().map(|column| column.inner.clone()).collect();
            planned.relation = planned.relation.renamed(names);
        }
        Ok(planned)
    }

    fn body(&self, body: &Body) -> Result<Scoped, ExprError> {
        match body {
            Body::Select(select) => self.select(select, &[]),
            Body::Query(query) => self.query(query),
            Body::Union { left, right, keeps_duplicates } => {
                union(self.body(left)?, self.body(right)?, *keeps_duplicates)
            }
        }
    }
}

/// The rows of both, under the names of the first.
fn union(left: Scoped, right: Scoped, keeps_duplicates: bool) -> Result<Scoped, ExprError> {
    left.check_names()?;
    let (own, other) = (left.relation.schema.fields(), right.relation.schema.fields());
    if own.len() != other.len() {
        let sentence =
            format!("UNION joins queries of as many columns, but these have {} and {}", own.len(), other.len());
        return Err(ExprError::new(sentence));
    }
    let mut fields = Vec::with_capacity(own.len());
    for (own, other) in own.iter().zip(other) {
        let Some(data_type) = wider(own.data_type(), other.data_type()) else {
            return Err(ExprError::new(format!(
                "UNION meets `{}` as {} and as {}; cast one of them",
                own.name(),
                type_name(own.data_type()),
                type_name(other.data_type())
            )));
        };
        fields.push(Field::new(own.name(), data_type, own.is_nullable() || other.is_nullable()));
    }
    let schema: SchemaRef = Arc::new(Schema::new(fields));
    let step = Arc::new(Step::Union { parts: vec![left.relation, right.relation] });
    let mut relation = Relation { step, schema };
    if !keeps_duplicates {
        relation = relation.then(Step::Distinct { from: relation.clone() });
    }
    let names = left.scope.columns.iter().map(|column| column.name.clone());
    let mut scope = Scope::of(None, names);
    for (column, field) in scope.columns.iter_mut().zip(relation.schema.fields()) {
        column.inner.clone_from(field.name());
    }
    Ok(Scoped { relation, scope })
}

impl Relation {
    /// A step behind this one that gives the same columns.
    fn then(&self, step: Step) -> Self {
        Self { step: Arc::new(step), schema: Arc::clone(&self.schema) }
    }

    /// The first columns under these names.
    fn renamed(self, names: impl IntoIterator<Item = String>) -> Self {
        let fields = self.schema.fields().iter().zip(names);
        let fields: Vec<_> = fields.map(|(field, name)| field.as_ref().clone().with_name(name)).collect();
        let schema = Arc::new(Schema::new(fields));
        Self { step: Arc::new(Step::Rename { from: self }), schema }
    }
}

impl Scoped {
    /// A column of a link has a name of its own.
    fn check_names(&self) -> Result<(), ExprError> {
        let columns = &self.scope.columns;
        let twice = columns
            .iter()
            .enumerate()
            .find(|(at, column)| columns.iter().take(*at).any(|other| same(&other.name, &column.name)));
        match twice {
            None => Ok(()),
            Some((_, column)) => Err(ExprError::new(format!(
                "two columns are called `{}`; give one another name with AS, or join with USING",
                column.name
            ))),
        }
    }

    fn resolve(&self, term: &Term) -> Result<Term, ExprError> {
        term.resolve(&|table, name| self.scope.find(table, name))
    }

    /// In the order of these terms, which name columns that come out.
    fn ordered(self, order: &[OrderBy]) -> Result<Self, ExprError> {
        let mut keys = Vec::with_capacity(order.len());
        for part in order {
            let at = self.position(&part.term).ok_or_else(|| {
                part.term
                    .refuse(format!("`{}` is no column of this query; sort by one of its columns", part.term.text()))
            })?;
            check_sortable(&part.term, self.relation.schema.field(at).data_type())?;
            keys.push((at, sort_options(part)));
        }
        Ok(if keys.is_empty() { self } else { self.sorted(keys) })
    }

    fn sorted(self, keys: Vec<(usize, SortOptions)>) -> Self {
        let relation = self.relation.then(Step::Sort { from: self.relation.clone(), keys });
        Self { relation, scope: self.scope }
    }

    /// Which of the columns that come out is meant: by its number, its name, or its table and name.
    fn position(&self, term: &Term) -> Option<usize> {
        if let Some(number) = term.ordinal() {
            return number.checked_sub(1).filter(|at| *at < self.scope.columns.len());
        }
        let resolved = self.resolve(term).ok()?;
        let inner = resolved.column()?;
        self.scope.columns.iter().position(|column| column.inner == inner)
    }
}

fn sort_options(part: &OrderBy) -> SortOptions {
    SortOptions { descending: part.is_descending, nulls_first: part.nulls_first }
}

/// Refuses what has no order.
fn check_sortable(term: &Term, data_type: &DataType) -> Result<(), ExprError> {
    if RowConverter::supports_fields(&[SortField::new(data_type.clone())]) {
        return Ok(());
    }
    Err(term.refuse(format!("values of type {} have no order; sort by one of their parts", type_name(data_type))))
}

/// A condition is true or false.
fn check_condition(term: &Term, data_type: &DataType) -> Result<(), ExprError> {
    if *data_type == DataType::Boolean {
        return Ok(());
    }
    Err(term.refuse(format!(
        "a condition is true or false, but this is {}; compare it with something",
        type_name(data_type)
    )))
}

/// The sentence of a name that is not found.
fn missing(found: Lookup) -> ExprError {
    match found {
        Lookup::Missing(sentence) | Lookup::Found(sentence) => ExprError::new(sentence),
    }
}
