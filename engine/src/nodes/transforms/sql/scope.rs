//! Which columns a clause can name: by the table they come from, or by their name alone where that is enough.

use crate::expr::nearest;
use crate::expr::select::Lookup;

/// A column of a relation: its names for people beside the one it has inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The tables by which it can be named: none for a computed column, two for one that both sides of a join share.
    pub(super) tables: Vec<String>,
    /// What it is called.
    pub(super) name: String,
    /// What it is called inside, which no other column is.
    pub(super) inner: String,
}

/// The columns in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    pub(super) columns: Vec<Named>,
}

impl Scope {
    /// The columns of a table or of a query that is called so.
    pub(super) fn of(table: Option<&str>, names: impl IntoIterator<Item = String>) -> Self {
        let tables: Vec<_> = table.map(str::to_owned).into_iter().collect();
        let column = |name: String| Named { tables: tables.clone(), inner: name.clone(), name };
        Self { columns: names.into_iter().map(column).collect() }
    }

    /// The inner name of the column that is meant.
    pub(super) fn find(&self, table: Option<&str>, name: &str) -> Lookup {
        let in_table = |column: &&Named| table.is_none_or(|table| column.tables.iter().any(|own| same(own, table)));
        let mut fitting = self.columns.iter().filter(in_table).filter(|column| same(&column.name, name));
        match (fitting.next(), fitting.next()) {
            (Some(column), None) => Lookup::Found(column.inner.clone()),
            (Some(one), Some(other)) => {
                let tables: Vec<_> = [one, other].iter().filter_map(|column| column.tables.first()).cloned().collect();
                Lookup::Missing(match tables.as_slice() {
                    [one, other] => format!("`{name}` is a column of `{one}` and of `{other}`; write `{one}.{name}`"),
                    _ => format!("there are two columns `{name}`; give one another name"),
                })
            }
            (None, _) => Lookup::Missing(self.missing(table, name)),
        }
    }

    fn missing(&self, table: Option<&str>, name: &str) -> String {
        if let Some(table) = table
            && !self.has_table(table)
        {
            let tables = self.columns.iter().flat_map(|column| column.tables.iter().map(String::as_str));
            return match nearest(table, tables) {
                Some(near) => format!("no table `{table}` in FROM; did you mean `{near}`?"),
                None => format!("no table `{table}` in FROM"),
            };
        }
        let names = || {
            let fits = |column: &&Named| table.is_none_or(|table| column.tables.iter().any(|own| same(own, table)));
            self.columns.iter().filter(fits).map(|column| column.name.as_str())
        };
        if let Some(near) = nearest(name, names()) {
            return format!("no column `{name}`; did you mean `{near}`?");
        }
        let list: Vec<_> = names().take(8).map(|name| format!("`{name}`")).collect();
        format!("no column `{name}`; there are {}", list.join(", "))
    }

    /// Whether a table is called so.
    pub(super) fn has_table(&self, table: &str) -> bool {
        self.columns.iter().any(|column| column.tables.iter().any(|own| same(own, table)))
    }
}

/// Names are the same whatever their case, as in Spark.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other || one.to_lowercase() == other.to_lowercase()
}

/// An inner name that is not taken yet.
pub(super) fn free_name(wanted: &str, taken: &[String]) -> String {
    let mut name = wanted.replace('`', "'");
    while taken.iter().any(|taken| same(taken, &name)) {
        name.push('_');
    }
    name
}
