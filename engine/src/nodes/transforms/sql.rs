//! `sql`: one `SELECT` over the rows of each batch, with the inputs as tables by their nodes' names.
//!
//! The query is parsed and planned once, over the engine's own pieces: expressions, hash aggregation and the joining of
//! `joining`. Nothing of a batch stays behind.

mod operator;
mod planner;
mod relation;
mod scope;
mod steps;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use super::refusal::refused;
use crate::expr::select::with_select;
use crate::plan::{Category, LinkType, Node, NodeKind, PlanContext, Planned, Presents, Stage, WindowUse};
use crate::spec::{Arity, Diagnostic, Language, ParamKind, ParamSpec, PortSpec};
use operator::SqlOperator;
use planner::{Table, plan};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sql",
    title: "SQL",
    summary: "Answers each batch with one SELECT over the inputs, which are tables by their nodes' names.",
    doc: DOC,
    category: Category::Transform,
    icon: "M 2.5 4 L 13.5 4 L 13.5 12 L 2.5 12 Z M 4.5 6.5 L 6.5 8 L 4.5 9.5 M 7.5 10 L 10.5 10",
    base_name: "query",
    inputs: &[PortSpec {
        doc: "The tables, each called as the node it comes from.",
        arity: Arity::Many,
        ..PortSpec::IN
    }],
    outputs: &[PortSpec { doc: "The rows of the answer.", ..PortSpec::OUT }],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Rows,
    build: |params| {
        serde_json::from_value::<Sql>(params.into())
            .map(|sql| Box::new(sql) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

const DOC: &str = "\
Runs a query over the rows of each batch; behind a window, over the rows of the window at every slide. Every input is a \
table with the name of the node it comes from (of another port than the first, `name_port`: `parse_rejected`). With the \
inputs `orders` and `customers`:

```sql
SELECT c.city, count(*) AS orders, sum(o.amount) AS total
FROM orders o JOIN customers c ON o.customer = c.id
WHERE o.amount > 0
GROUP BY c.city
HAVING count(*) > 1
ORDER BY total DESC
LIMIT 3
```

There are `SELECT [DISTINCT]`, `FROM` with inner, left, right, full, `LEFT SEMI` and `LEFT ANTI` joins (`ON` or \
`USING`), queries in parentheses, `WITH`, `WHERE`, `GROUP BY`, `HAVING`, `UNION [ALL]`, `ORDER BY`, `LIMIT` and `OFFSET`. \
Expressions are those of all nodes, the aggregates those of *Group*. What a batch cannot answer (window functions with \
`OVER`, queries within expressions, recursion) is refused in its place while you type.

Each batch is answered on its own, and nothing is remembered: to count over all batches, put *Running* behind it. A \
query without rows to read still answers: `SELECT count(*) FROM orders` gives one row with every batch. A row on which \
an expression fails stops the node and is named; guard it with `try_cast` or `nullif`.";

const PARAMS: &[ParamSpec] = &[ParamSpec::new(
    "query",
    "Query",
    "One SELECT over the inputs by their nodes' names.",
    ParamKind::Code { language: Language::Sql },
)];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sql {
    query: String,
}

impl Node for Sql {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let names = context.input_names.iter().flatten();
        let links = context.inputs.iter().flatten();
        let table = |(name, link): (&String, &LinkType)| Table {
            name: name.clone(),
            schema: std::sync::Arc::clone(&link.schema),
        };
        let tables: Vec<_> = names.zip(links).map(table).collect();
        let relation =
            with_select(&self.query, |query| plan(query, &tables)).map_err(|error| vec![refused("query", error)])?;
        let output = LinkType::plain(std::sync::Arc::clone(&relation.schema));
        Ok(Planned::new(vec![output], Stage::Operator(Box::new(SqlOperator::new(relation)))))
    }
}
