//! One `SELECT`: from its source to its columns, in the order in which its clauses take effect.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema};

use super::group::{Grouping, is_aggregate};
use super::{Planner, Scoped, check_condition, check_sortable, missing, sort_options};
use crate::expr::ExprError;
use crate::expr::select::{Item, Lookup, OrderBy, Select, Term};
use crate::nodes::transforms::sql::relation::{Relation, Step};
use crate::nodes::transforms::sql::scope::{Named, Scope, free_name};

/// A column of the result, over the rows behind FROM and WHERE.
struct Output {
    name: String,
    tables: Vec<String>,
    term: Term,
}

impl Planner<'_> {
    /// The rows of one SELECT in order. Behind the columns of its scope may stand some that were only sorted by.
    pub(super) fn select(&self, select: &Select, order: &[OrderBy]) -> Result<Scoped, ExprError> {
        let mut rows = match &select.from {
            Some(source) => self.source(source)?,
            None => Scoped {
                relation: Relation { step: Arc::new(Step::OneRow), schema: Arc::new(Schema::empty()) },
                scope: Scope::default(),
            },
        };
        if let Some(filter) = &select.filter {
            if let Some(call) = filter.aggregates(&is_aggregate)?.first() {
                let sentence = format!("WHERE comes before `{}` is computed; use HAVING", call.text);
                return Err(filter.refuse(sentence));
            }
            rows = rows.filtered(filter)?;
        }
        let mut outputs = outputs(&select.items, &rows)?;
        let mut sorts = order.iter().map(|part| Sort::of(part, &outputs, &rows)).collect::<Result<Vec<_>, _>>()?;
        let mut having = select.having.as_ref().map(|having| alias_or(having, &outputs, &rows)).transpose()?;
        let grouping = {
            let wanted = outputs.iter().map(|output| &output.term);
            let wanted = wanted.chain(sorts.iter().filter_map(|sort| sort.term.as_ref())).chain(&having);
            Grouping::of(&group_terms(&select.group, &outputs, &rows)?, wanted, &rows)?
        };
        if let Some(grouping) = grouping {
            for output in &mut outputs {
                output.term = grouping.rewritten(&output.term)?;
            }
            for term in sorts.iter_mut().filter_map(|sort| sort.term.as_mut()) {
                *term = grouping.rewritten(term)?;
            }
            having = having.map(|having| grouping.rewritten(&having)).transpose()?;
            rows = grouping.into_rows(rows);
        } else if let Some(having) = &having {
            return Err(having.refuse("HAVING is about groups; use WHERE, or add GROUP BY"));
        }
        if let Some(having) = having {
            rows = rows.filtered_by(&having)?;
        }
        rows.projected(&outputs, sorts, select.is_distinct)
    }
}

/// What a part of ORDER BY sorts by.
struct Sort<'a> {
    part: &'a OrderBy,
    /// A column that comes out, by its position.
    column: Option<usize>,
    /// Else an expression over the rows.
    term: Option<Term>,
}

impl<'a> Sort<'a> {
    fn of(part: &'a OrderBy, outputs: &[Output], rows: &Scoped) -> Result<Self, ExprError> {
        if let Some(number) = part.term.ordinal() {
            let column = number.checked_sub(1).filter(|at| *at < outputs.len());
            let sentence = || part.term.refuse(format!("there is no column number {number} to sort by"));
            return Ok(Self { part, column: Some(column.ok_or_else(sentence)?), term: None });
        }
        let text = part.term.text();
        let is_name = part.term.column().is_some();
        let column = outputs.iter().position(|output| is_name && output.name.eq_ignore_ascii_case(&text));
        let term = if column.is_some() { None } else { Some(alias_or(&part.term, outputs, rows)?) };
        Ok(Self { part, column, term })
    }
}

/// A term in which names may be those of columns that come out.
fn alias_or(term: &Term, outputs: &[Output], rows: &Scoped) -> Result<Term, ExprError> {
    let known: Vec<_> = outputs.iter().map(|output| (output.name.to_lowercase(), &output.term)).collect();
    let find = |table: Option<&str>, name: &str| match rows.scope.find(table, name) {
        Lookup::Missing(_) if table.is_none() && known.iter().any(|(own, _)| *own == name.to_lowercase()) => {
            Lookup::Found(format!("\u{1}{}", name.to_lowercase()))
        }
        found => found,
    };
    let resolved = term.resolve(&find)?;
    Ok(known.iter().fold(resolved, |term, (name, output)| term.substituted(&format!("\u{1}{name}"), output)))
}

/// GROUP BY may name columns that come out, by number or alias.
fn group_terms(terms: &[Term], outputs: &[Output], rows: &Scoped) -> Result<Vec<Term>, ExprError> {
    let term = |term: &Term| match term.ordinal() {
        Some(number) => {
            let output = number.checked_sub(1).and_then(|at| outputs.get(at));
            let sentence = || term.refuse(format!("there is no column number {number} to group by"));
            Ok(output.ok_or_else(sentence)?.term.clone())
        }
        None => alias_or(term, outputs, rows),
    };
    terms.iter().map(term).collect()
}

fn outputs(items: &[Item], rows: &Scoped) -> Result<Vec<Output>, ExprError> {
    let mut outputs = Vec::new();
    let column = |named: &Named| Output {
        name: named.name.clone(),
        tables: named.tables.clone(),
        term: Term::of_column(&named.inner),
    };
    for item in items {
        match item {
            Item::All if rows.scope.columns.is_empty() => {
                return Err(ExprError::new("`*` needs a FROM, which says whose columns are meant"));
            }
            Item::All => outputs.extend(rows.scope.columns.iter().map(column)),
            Item::AllOf(table) => {
                if !rows.scope.has_table(table) {
                    return Err(missing(rows.scope.find(Some(table), "*")));
                }
                let of_table = |named: &&Named| named.tables.iter().any(|own| own.eq_ignore_ascii_case(table));
                outputs.extend(rows.scope.columns.iter().filter(of_table).map(column));
            }
            Item::Term { term, alias } => {
                let resolved = rows.resolve(term)?;
                let meant =
                    resolved.column().and_then(|inner| rows.scope.columns.iter().find(|column| column.inner == inner));
                let tables = match (alias, meant) {
                    (None, Some(named)) => named.tables.clone(),
                    (Some(_), _) | (_, None) => Vec::new(),
                };
                let name = match (alias, meant) {
                    (Some(alias), _) => alias.clone(),
                    (None, Some(named)) => named.name.clone(),
                    (None, None) => term.text(),
                };
                outputs.push(Output { name, tables, term: resolved });
            }
        }
    }
    Ok(outputs)
}

impl Scoped {
    /// The rows for which a condition holds.
    fn filtered(self, condition: &Term) -> Result<Self, ExprError> {
        let resolved = self.resolve(condition)?;
        self.filtered_by(&resolved)
    }

    fn filtered_by(self, resolved: &Term) -> Result<Self, ExprError> {
        let holds = resolved.compile(&self.relation.schema)?;
        check_condition(resolved, holds.field().data_type())?;
        let relation = self.relation.then(Step::Filter { from: self.relation.clone(), holds });
        Ok(Self { relation, scope: self.scope })
    }

    /// The columns that come out, sorted; columns that are only sorted by stand behind them.
    fn projected(self, outputs: &[Output], sorts: Vec<Sort<'_>>, is_distinct: bool) -> Result<Self, ExprError> {
        let (mut taken, mut fields, mut columns, mut scope) = (Vec::new(), Vec::new(), Vec::new(), Scope::default());
        let hidden = sorts.iter().filter_map(|sort| sort.term.as_ref());
        let terms = outputs.iter().map(|output| (output.name.as_str(), &output.term));
        for (wanted, term) in terms.chain(hidden.map(|term| ("\u{1}sort", term))) {
            let column = term.compile(&self.relation.schema)?;
            let inner = free_name(wanted, &taken);
            taken.push(inner.clone());
            fields.push(Field::new(inner, column.field().data_type().clone(), column.field().is_nullable()));
            columns.push(column);
        }
        for (output, inner) in outputs.iter().zip(&taken) {
            scope.columns.push(Named {
                tables: output.tables.clone(),
                name: output.name.clone(),
                inner: inner.clone(),
            });
        }
        let schema = Arc::new(Schema::new(fields));
        let mut relation = Relation { step: Arc::new(Step::Project { from: self.relation, columns }), schema };
        if is_distinct {
            if let Some(sort) = sorts.iter().find(|sort| sort.term.is_some()) {
                let sentence = "behind DISTINCT only the columns that come out can be sorted by";
                return Err(sort.part.term.refuse(sentence));
            }
            relation = relation.then(Step::Distinct { from: relation.clone() });
        }
        let mut keys = Vec::new();
        let mut next_hidden = outputs.len();
        for sort in &sorts {
            let at = sort.column.unwrap_or_else(|| {
                next_hidden += 1;
                next_hidden - 1
            });
            check_sortable(&sort.part.term, relation.schema.field(at).data_type())?;
            keys.push((at, sort_options(sort.part)));
        }
        let planned = Self { relation, scope };
        Ok(if keys.is_empty() { planned } else { planned.sorted(keys) })
    }
}
