//! From the text to clauses. What a query over a batch cannot be is refused here, with its place.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use datafusion_expr::sqlparser::ast::{
    Distinct, Expr, GroupByExpr, JoinConstraint, JoinOperator, LimitClause, ObjectName, OrderByExpr, OrderByKind,
    Query as SqlQuery, Select as SqlSelect, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, SetOperator,
    SetQuantifier, Spanned, TableFactor, TableWithJoins, Value, WildcardAdditionalOptions,
};
use datafusion_expr::sqlparser::parser::Parser;
use datafusion_expr::sqlparser::tokenizer::{Token, Tokenizer};

use super::clauses::{Body, Item, JoinKind, On, OrderBy, Query, Select, Source};
use super::term::Term;
use crate::expr::compile::parse_error;
use crate::expr::dialect::Spark;
use crate::expr::hints::sentence;
use crate::expr::{ExprError, limits, place};

/// The stack of the thread that parses and plans. It is reserved, not used.
const STACK_BYTES: usize = 64 << 20;
/// How deep queries may stand within queries.
const MAX_QUERIES: usize = 16;

/// Parses one `SELECT`, perhaps behind `WITH`, perhaps several joined by `UNION`, and gives it to `plan`. Both run where
/// there is stack enough to walk whatever the limits let through.
pub fn with_select<T: Send>(
    source: &str,
    plan: impl FnOnce(&Query) -> Result<T, ExprError> + Send,
) -> Result<T, ExprError> {
    limits::check_source(source)?;
    if source.trim().is_empty() {
        return Err(ExprError::new("a query is missing; write SELECT ... FROM ..."));
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().name("weir-sql".to_owned()).stack_size(STACK_BYTES);
        let guarded = || catch_unwind(AssertUnwindSafe(|| plan(&Reader::new(source).read()?)));
        let failed = || ExprError::new("the query cannot be read: the parser failed on it; write it in another way");
        match builder.spawn_scoped(scope, guarded).map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(Ok(result))) => result,
            Ok(Ok(Err(_)) | Err(_)) => Err(failed()),
            Err(error) => Err(ExprError::new(format!("no thread could be started to read the query: {error}"))),
        }
    })
}

struct Reader<'a> {
    source: &'a str,
    shared: Arc<str>,
}

/// The refusal of what is asked for somewhere in the query.
fn unsupported(what: &str, instead: &str) -> ExprError {
    ExprError::new(format!("{what} is not supported in a query over batches; {instead}"))
}

impl<'a> Reader<'a> {
    fn new(source: &'a str) -> Self {
        Self { source, shared: Arc::from(source) }
    }

    fn read(&self) -> Result<Query, ExprError> {
        let tokens = Tokenizer::new(&Spark, self.source).tokenize_with_location().map_err(|error| {
            let at = place::offset(self.source, error.location).map(|start| start..self.source.len());
            ExprError::new(sentence(&error.message)).at(at)
        })?;
        limits::check_depth(&tokens)?;
        let parser = Parser::new(&Spark).with_recursion_limit(limits::MAX_NESTING);
        let mut parser = parser.with_tokens_with_locations(tokens);
        let query = parser.parse_query().map_err(|error| parse_error(self.source, &error))?;
        while parser.consume_token(&Token::SemiColon) {}
        let next = parser.peek_token();
        if next.token != Token::EOF {
            let message = format!("`{}` is not expected here; one SELECT is all that can be asked", next.token);
            return Err(ExprError::new(message).at(place::range(self.source, next.span)));
        }
        self.query(*query, 0)
    }

    fn term(&self, expr: Expr) -> Term {
        let at = place::range(self.source, expr.span());
        Term::new(expr, Arc::clone(&self.shared), at)
    }

    fn query(&self, query: SqlQuery, depth: usize) -> Result<Query, ExprError> {
        if depth > MAX_QUERIES {
            return Err(ExprError::new("queries stand too deep within queries; name them with WITH"));
        }
        if query.fetch.is_some() || !query.locks.is_empty() || !query.pipe_operators.is_empty() {
            return Err(unsupported("FETCH, FOR or a pipe", "use LIMIT"));
        }
        let mut named = Vec::new();
        if let Some(with) = query.with {
            if with.recursive {
                return Err(unsupported("WITH RECURSIVE", "a batch has no recursion; use a Fold"));
            }
            for cte in with.cte_tables {
                if !cte.alias.columns.is_empty() {
                    return Err(unsupported("a list of columns behind a name", "name them with AS in its SELECT"));
                }
                named.push((cte.alias.name.value, self.query(*cte.query, depth + 1)?));
            }
        }
        let order = match query.order_by.map(|order| order.kind) {
            None => Vec::new(),
            Some(OrderByKind::Expressions(parts)) => parts.into_iter().map(|part| self.order(part)).collect(),
            Some(OrderByKind::All(_)) => return Err(unsupported("ORDER BY ALL", "name the columns")),
        };
        let (limit, skip) = match query.limit_clause {
            None => (None, 0),
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => (
                limit.map(|limit| self.count(&limit)).transpose()?,
                offset.map(|offset| self.count(&offset.value)).transpose()?.unwrap_or(0),
            ),
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => (Some(self.count(&limit)?), self.count(&offset)?),
            Some(LimitClause::LimitOffset { .. }) => return Err(unsupported("LIMIT BY", "use LIMIT")),
        };
        Ok(Query { named, body: self.body(*query.body, depth)?, order, skip, limit })
    }

    fn order(&self, part: OrderByExpr) -> OrderBy {
        let is_descending = part.options.asc == Some(false);
        let nulls_first = part.options.nulls_first.unwrap_or(!is_descending);
        OrderBy { term: self.term(part.expr), is_descending, nulls_first }
    }

    fn count(&self, expr: &Expr) -> Result<usize, ExprError> {
        let number = match expr {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => digits.parse().ok(),
                _ => None,
            },
            _ => None,
        };
        let at = place::range(self.source, expr.span());
        number.ok_or_else(|| ExprError::new(format!("`{expr}` is no number of rows; write one, like 10")).at(at))
    }

    fn body(&self, body: SetExpr, depth: usize) -> Result<Body, ExprError> {
        match body {
            SetExpr::Select(select) => Ok(Body::Select(Box::new(self.select(*select, depth)?))),
            SetExpr::Query(query) => Ok(Body::Query(Box::new(self.query(*query, depth + 1)?))),
            SetExpr::SetOperation { left, op: SetOperator::Union, set_quantifier, right } => {
                let keeps_duplicates = match set_quantifier {
                    SetQuantifier::All => true,
                    SetQuantifier::None | SetQuantifier::Distinct => false,
                    _ => return Err(unsupported("UNION BY NAME", "put the columns in the same order")),
                };
                let (left, right) = (self.body(*left, depth)?, self.body(*right, depth)?);
                Ok(Body::Union { left: Box::new(left), right: Box::new(right), keeps_duplicates })
            }
            SetExpr::SetOperation { op, .. } => {
                Err(unsupported(&op.to_string(), "use a LEFT SEMI JOIN or a LEFT ANTI JOIN"))
            }
            SetExpr::Values(_) | SetExpr::Table(_) => Err(unsupported("VALUES", "use a Rows source and a wire")),
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Err(ExprError::new("a query only reads; to write rows use a sink"))
            }
        }
    }

    fn select(&self, select: SqlSelect, depth: usize) -> Result<Select, ExprError> {
        let refused = [
            (!select.lateral_views.is_empty(), "LATERAL VIEW", "use a Flat map before"),
            (select.qualify.is_some(), "QUALIFY", "sort and limit instead"),
            (!select.named_window.is_empty(), "WINDOW", "windows are nodes of their own"),
            (!select.cluster_by.is_empty() || !select.distribute_by.is_empty(), "CLUSTER BY", "use a Repartition"),
            (!select.sort_by.is_empty(), "SORT BY", "use ORDER BY"),
            (select.top.is_some(), "TOP", "use LIMIT"),
            (select.into.is_some(), "INTO", "use a sink"),
            (!select.connect_by.is_empty(), "CONNECT BY", "a batch has no recursion"),
            (select.exclude.is_some() || select.prewhere.is_some(), "this clause", "name the columns"),
        ];
        if let Some((_, what, instead)) = refused.into_iter().find(|(is_there, _, _)| *is_there) {
            return Err(unsupported(what, instead));
        }
        let is_distinct = match select.distinct {
            None | Some(Distinct::All) => false,
            Some(Distinct::Distinct) => true,
            Some(Distinct::On(_)) => return Err(unsupported("DISTINCT ON", "use GROUP BY with first()")),
        };
        let group = match select.group_by {
            GroupByExpr::Expressions(terms, modifiers) if modifiers.is_empty() => terms,
            GroupByExpr::Expressions(..) => return Err(unsupported("ROLLUP and CUBE", "union several queries")),
            GroupByExpr::All(_) => return Err(unsupported("GROUP BY ALL", "name the columns")),
        };
        let mut from = None;
        for table in select.from {
            let right = self.joined(table, depth)?;
            from = Some(match from {
                None => right,
                Some(left) => Source::Join {
                    left: Box::new(left),
                    right: Box::new(right),
                    kind: JoinKind::Inner,
                    on: On::Nothing,
                },
            });
        }
        Ok(Select {
            is_distinct,
            items: select.projection.into_iter().map(|item| self.item(item)).collect::<Result<_, _>>()?,
            from,
            filter: select.selection.map(|filter| self.term(filter)),
            group: group.into_iter().map(|term| self.term(term)).collect(),
            having: select.having.map(|having| self.term(having)),
        })
    }

    fn item(&self, item: SelectItem) -> Result<Item, ExprError> {
        let plain = |options: &WildcardAdditionalOptions| {
            let has_more = options.opt_ilike.is_some()
                || options.opt_exclude.is_some()
                || options.opt_except.is_some()
                || options.opt_replace.is_some()
                || options.opt_rename.is_some();
            if has_more { Err(unsupported("a part of `*`", "name the columns")) } else { Ok(()) }
        };
        match item {
            SelectItem::UnnamedExpr(expr) => Ok(Item::Term { term: self.term(expr), alias: None }),
            SelectItem::ExprWithAlias { expr, alias } => {
                Ok(Item::Term { term: self.term(expr), alias: Some(alias.value) })
            }
            SelectItem::Wildcard(options) => plain(&options).map(|()| Item::All),
            SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                plain(&options)?;
                Ok(Item::AllOf(single(&name)?))
            }
            SelectItem::QualifiedWildcard(..) | SelectItem::ExprWithAliases { .. } => {
                Err(unsupported("several columns of one expression", "name each of them"))
            }
        }
    }

    fn joined(&self, table: TableWithJoins, depth: usize) -> Result<Source, ExprError> {
        let mut left = self.table(table.relation, depth)?;
        for join in table.joins {
            let right = self.table(join.relation, depth)?;
            let (kind, constraint) = match join.join_operator {
                JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::CrossJoin(on) => (JoinKind::Inner, on),
                JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => (JoinKind::Left, on),
                JoinOperator::Right(on) | JoinOperator::RightOuter(on) => (JoinKind::Right, on),
                JoinOperator::FullOuter(on) => (JoinKind::Full, on),
                JoinOperator::Semi(on) | JoinOperator::LeftSemi(on) => (JoinKind::Semi, on),
                JoinOperator::Anti(on) | JoinOperator::LeftAnti(on) => (JoinKind::Anti, on),
                _ => {
                    return Err(unsupported(
                        "this kind of join",
                        "use INNER, LEFT, RIGHT, FULL, LEFT SEMI or LEFT ANTI",
                    ));
                }
            };
            let on = match constraint {
                JoinConstraint::None => On::Nothing,
                JoinConstraint::On(condition) => On::Condition(self.term(condition)),
                JoinConstraint::Using(names) => On::Columns(names.iter().map(single).collect::<Result<_, _>>()?),
                JoinConstraint::Natural => return Err(unsupported("NATURAL JOIN", "name the columns with USING")),
            };
            left = Source::Join { left: Box::new(left), right: Box::new(right), kind, on };
        }
        Ok(left)
    }

    fn table(&self, table: TableFactor, depth: usize) -> Result<Source, ExprError> {
        match table {
            TableFactor::Table { name, alias, args: None, .. } => {
                let at = place::range(self.source, name.span());
                let name = single(&name).map_err(|error| error.at(at.clone()))?;
                Ok(Source::Table { name, alias: alias.map(|alias| alias.name.value), at })
            }
            TableFactor::Table { name, .. } => {
                let at = place::range(self.source, name.span());
                Err(unsupported("a function that gives a table", "use a Flat map before").at(at))
            }
            TableFactor::Derived { lateral: false, subquery, alias, .. } => {
                let alias = alias.map(|alias| alias.name.value);
                Ok(Source::Query { query: Box::new(self.query(*subquery, depth + 1)?), alias })
            }
            TableFactor::NestedJoin { table_with_joins, alias: None } => self.joined(*table_with_joins, depth + 1),
            _ => Err(unsupported("this in FROM", "use the names of the inputs, joins, and queries in parentheses")),
        }
    }
}

/// A name without a part before it.
fn single(name: &ObjectName) -> Result<String, ExprError> {
    match name.0.as_slice() {
        [part] => part.as_ident().map(|ident| ident.value.clone()),
        _ => None,
    }
    .ok_or_else(|| ExprError::new(format!("`{name}` is not the name of an input; those have one part")))
}
