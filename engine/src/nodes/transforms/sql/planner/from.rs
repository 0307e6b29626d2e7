//! `FROM`: tables, queries in their place, and joins.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};

use super::{Planner, Scoped, check_condition, missing};
use crate::expr::select::{JoinKind, Lookup, On, Source, Term};
use crate::expr::{ExprError, nearest, type_name};
use crate::nodes::transforms::sql::relation::{Join, JoinKey, Origin, Relation, Step};
use crate::nodes::transforms::sql::scope::{Named, Scope, free_name, same};
use crate::nodes::transforms::widening::wider;

impl Planner<'_> {
    pub(super) fn source(&self, source: &Source) -> Result<Scoped, ExprError> {
        match source {
            Source::Table { name, alias, at } => {
                let known = alias.as_deref().unwrap_or(name);
                if let Some((_, planned)) = self.named.iter().rev().find(|(own, _)| same(own, name)) {
                    return Ok(planned.called(Some(known)));
                }
                let found = self.tables.iter().position(|table| same(&table.name, name));
                let input = found.ok_or_else(|| self.no_table(name).at(at.clone()))?;
                let schema: &SchemaRef = &self.tables[input].schema;
                let names = schema.fields().iter().map(|field| field.name().clone());
                let relation = Relation { step: Arc::new(Step::Input(input)), schema: Arc::clone(schema) };
                Ok(Scoped { relation, scope: Scope::of(Some(known), names) })
            }
            Source::Query { query, alias } => {
                let planned = self.query(query)?;
                planned.check_names()?;
                Ok(planned.called(alias.as_deref()))
            }
            Source::Join { left, right, kind, on } => join(self.source(left)?, self.source(right)?, *kind, on),
        }
    }

    fn no_table(&self, name: &str) -> ExprError {
        let names = || self.named.iter().map(|(own, _)| own).chain(self.tables.iter().map(|table| &table.name));
        ExprError::new(match nearest(name, names().map(String::as_str)) {
            Some(near) => format!("no input is called `{name}`; did you mean `{near}`?"),
            None => {
                let list: Vec<_> = names().map(|name| format!("`{name}`")).collect();
                format!("no input is called `{name}`; inputs are called as their nodes: {}", list.join(", "))
            }
        })
    }
}

fn join(left: Scoped, right: Scoped, kind: JoinKind, on: &On) -> Result<Scoped, ExprError> {
    for table in right.scope.columns.iter().flat_map(|column| &column.tables) {
        if left.scope.has_table(table) {
            let sentence = format!("two tables are called `{table}`; give one another name, like `{table} AS other`");
            return Err(ExprError::new(sentence));
        }
    }
    let right = right.beside(&left);
    let mut both = Scope { columns: left.scope.columns.clone() };
    both.columns.extend(right.scope.columns.iter().cloned());
    let fields = |scoped: &Scoped| scoped.relation.schema.fields().iter().cloned().collect::<Vec<_>>();
    let all: SchemaRef = Arc::new(Schema::new([fields(&left), fields(&right)].concat()));
    let mut keys = Vec::new();
    let mut shared = Vec::new();
    let mut rest: Option<Term> = None;
    match on {
        On::Nothing if matches!(kind, JoinKind::Inner) => {}
        On::Nothing => return Err(ExprError::new("a join needs ON or USING, which say what belongs together")),
        On::Columns(names) => {
            for name in names {
                let (own, other) = (left.find(name)?, right.find(name)?);
                keys.push(key(&left.term(own)?, &right.term(other)?, &left, &right)?);
                shared.push((own, other));
            }
        }
        On::Condition(condition) => {
            for part in condition.conjuncts() {
                match sides(&part, &left, &right) {
                    Some((own, other)) => keys.push(key(&own, &other, &left, &right)?),
                    None => rest = Some(rest.map_or_else(|| part.clone(), |rest| rest.and(&part))),
                }
            }
        }
    }
    let condition = rest.map(|rest| {
        let resolved = rest.resolve(&|table, name| both.find(table, name))?;
        let compiled = resolved.compile(&all)?;
        check_condition(&rest, compiled.field().data_type())?;
        Ok::<_, ExprError>((Arc::clone(&all), compiled))
    });
    let (columns, schema, scope) = joined_columns(&left, &right, kind, &shared, &keys);
    let condition = condition.transpose()?;
    let join = Join { left: left.relation, right: right.relation, kind, keys, condition, columns };
    Ok(Scoped { relation: Relation { step: Arc::new(Step::Join(Box::new(join))), schema }, scope })
}

/// What comes out of a join: shared columns first, then the left side's others, then the right side's.
fn joined_columns(
    left: &Scoped,
    right: &Scoped,
    kind: JoinKind,
    shared: &[(usize, usize)],
    keys: &[JoinKey],
) -> (Vec<Origin>, SchemaRef, Scope) {
    let (keeps_left, keeps_right) =
        (matches!(kind, JoinKind::Left | JoinKind::Full), matches!(kind, JoinKind::Right | JoinKind::Full));
    let field = |side: &Scoped, at: usize, may_lack: bool| {
        let field = side.relation.schema.field(at).clone();
        let is_nullable = field.is_nullable() || may_lack;
        field.with_nullable(is_nullable)
    };
    let mut columns = Vec::new();
    for ((own, other), key) in shared.iter().zip(keys) {
        let (one, two) = (&left.scope.columns[*own], &right.scope.columns[*other]);
        let is_nullable =
            field(left, *own, keeps_right).is_nullable() || field(right, *other, keeps_left).is_nullable();
        let mut named = one.clone();
        named.tables.extend(two.tables.iter().cloned());
        let field = Field::new(&one.inner, key.data_type.clone(), is_nullable);
        columns.push((Origin::Shared { left: *own, right: *other }, field, named));
    }
    for (at, named) in left.scope.columns.iter().enumerate() {
        if !shared.iter().any(|(own, _)| *own == at) {
            columns.push((Origin::Left(at), field(left, at, keeps_right), named.clone()));
        }
    }
    let gives_right = !matches!(kind, JoinKind::Semi | JoinKind::Anti);
    for (at, named) in right.scope.columns.iter().enumerate().filter(|_| gives_right) {
        if !shared.iter().any(|(_, other)| *other == at) {
            columns.push((Origin::Right(at), field(right, at, keeps_left), named.clone()));
        }
    }
    if !gives_right {
        // The right side is not there any more: what is shared is the left side's.
        for (origin, _, named) in &mut columns {
            if let Origin::Shared { left: own, .. } = *origin {
                *origin = Origin::Left(own);
                named.tables.clone_from(&left.scope.columns[own].tables);
            }
        }
        for (origin, field, _) in &mut columns {
            if let Origin::Left(at) = *origin {
                *field = left.relation.schema.field(at).clone();
            }
        }
    }
    let (mut origins, mut fields, mut scope) = (Vec::new(), Vec::new(), Scope::default());
    for (origin, field, named) in columns {
        origins.push(origin);
        fields.push(field);
        scope.columns.push(named);
    }
    (origins, Arc::new(Schema::new(fields)), scope)
}

/// The sides of an equality, each of which reads one side of the join only.
fn sides(part: &Term, left: &Scoped, right: &Scoped) -> Option<(Term, Term)> {
    let (one, other) = part.equality()?;
    let of = |term: &Term, side: &Scoped| side.resolve(term).ok().filter(|term| !term.columns().is_empty());
    // A name that both sides have is refused as a part of the whole condition.
    let only = |term: &Term, side: &Scoped, not: &Scoped| of(term, side).filter(|_| of(term, not).is_none());
    match (only(&one, left, right), only(&other, right, left)) {
        (Some(own), Some(theirs)) => Some((own, theirs)),
        _ => Some((only(&other, left, right)?, only(&one, right, left)?)),
    }
}

fn key(own: &Term, other: &Term, left: &Scoped, right: &Scoped) -> Result<JoinKey, ExprError> {
    let (left, right) = (own.compile(&left.relation.schema)?, other.compile(&right.relation.schema)?);
    let types = (left.field().data_type(), right.field().data_type());
    let data_type = wider(types.0, types.1).ok_or_else(|| {
        let sentence = format!("{} cannot equal {}; cast one side", type_name(types.0), type_name(types.1));
        own.refuse(sentence)
    })?;
    Ok(JoinKey { left, right, data_type })
}

impl Scoped {
    /// The same under the name of a table.
    pub(super) fn called(&self, table: Option<&str>) -> Self {
        let mut scoped = self.clone();
        for column in &mut scoped.scope.columns {
            column.tables = table.map(str::to_owned).into_iter().collect();
        }
        scoped
    }

    /// The same with inner names that the other has not.
    fn beside(self, other: &Self) -> Self {
        let mut taken: Vec<_> = other.relation.schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut names = Vec::new();
        for column in &self.scope.columns {
            let wanted = match column.tables.first() {
                Some(table) if taken.iter().any(|taken| same(taken, &column.inner)) => {
                    format!("{table}.{}", column.name)
                }
                Some(_) | None => column.inner.clone(),
            };
            let name = free_name(&wanted, &taken);
            taken.push(name.clone());
            names.push(name);
        }
        let columns = self.scope.columns.into_iter().zip(&names);
        let columns = columns.map(|(column, inner)| Named { inner: inner.clone(), ..column }).collect();
        Self { relation: self.relation.renamed(names), scope: Scope { columns } }
    }

    /// The position of a column by its name.
    fn find(&self, name: &str) -> Result<usize, ExprError> {
        let found = self.scope.find(None, name);
        let Lookup::Found(inner) = &found else { return Err(missing(found)) };
        let position = self.scope.columns.iter().position(|column| column.inner == *inner);
        position.ok_or_else(|| missing(found.clone()))
    }

    /// A column as a term.
    fn term(&self, at: usize) -> Result<Term, ExprError> {
        let column = self.scope.columns.get(at).ok_or_else(|| ExprError::new("a column is missing"))?;
        Ok(Term::of_column(&column.inner))
    }
}
