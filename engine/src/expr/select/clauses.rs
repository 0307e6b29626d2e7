//! The clauses of a query as plain data.

use std::ops::Range;

use super::Term;

/// A query, with what stands around its body.
#[derive(Debug, Clone)]
pub struct Query {
    /// `WITH name AS (query)`, in order.
    pub named: Vec<(String, Query)>,
    /// What gives the rows.
    pub body: Body,
    /// `ORDER BY`.
    pub order: Vec<OrderBy>,
    /// `OFFSET`.
    pub skip: usize,
    /// `LIMIT`.
    pub limit: Option<usize>,
}

/// What gives the rows of a query.
#[derive(Debug, Clone)]
pub enum Body {
    /// One `SELECT`.
    Select(Box<Select>),
    /// A query in parentheses.
    Query(Box<Query>),
    /// `UNION`.
    Union {
        /// The rows of this one,
        left: Box<Body>,
        /// then of that.
        right: Box<Body>,
        /// `UNION ALL`.
        keeps_duplicates: bool,
    },
}

/// One `SELECT`.
#[derive(Debug, Clone)]
pub struct Select {
    /// `DISTINCT`.
    pub is_distinct: bool,
    /// The columns.
    pub items: Vec<Item>,
    /// `FROM`.
    pub from: Option<Source>,
    /// `WHERE`.
    pub filter: Option<Term>,
    /// `GROUP BY`.
    pub group: Vec<Term>,
    /// `HAVING`.
    pub having: Option<Term>,
}

/// A column, or several.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a query has few of them, and they are short-lived")]
pub enum Item {
    /// `*`
    All,
    /// `name.*`
    AllOf(String),
    /// An expression.
    Term {
        /// The expression.
        term: Term,
        /// What it is called.
        alias: Option<String>,
    },
}

/// Where rows come from.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a query has few of them, and they are short-lived")]
pub enum Source {
    /// A table.
    Table {
        /// Its name.
        name: String,
        /// What it is called here.
        alias: Option<String>,
        /// Where the name stands.
        at: Option<Range<usize>>,
    },
    /// A query in parentheses.
    Query {
        /// The query.
        query: Box<Query>,
        /// What it is called here.
        alias: Option<String>,
    },
    /// Two sources joined.
    Join {
        /// The left one.
        left: Box<Source>,
        /// The right one.
        right: Box<Source>,
        /// How.
        kind: JoinKind,
        /// On what.
        on: On,
    },
}

/// How two sources are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// Pairs.
    Inner,
    /// Pairs, and left rows without a partner.
    Left,
    /// Pairs, and right rows without a partner.
    Right,
    /// Pairs, and all rows without a partner.
    Full,
    /// Left rows that have a partner.
    Semi,
    /// Left rows that have none.
    Anti,
}

/// What two sources are joined on.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a query has few of them, and they are short-lived")]
pub enum On {
    /// Every row meets every row.
    Nothing,
    /// `USING (columns)`.
    Columns(Vec<String>),
    /// `ON condition`.
    Condition(Term),
}

/// One part of `ORDER BY`.
#[derive(Debug, Clone)]
pub struct OrderBy {
    /// What to sort by.
    pub term: Term,
    /// From the greatest down.
    pub is_descending: bool,
    /// Whether nulls stand first. As in Spark, they do when nothing is said and it goes up.
    pub nulls_first: bool,
}
