//! `sink.sql`: rows into a table of a database, batch by batch, each batch exactly once.
//!
//! A batch's rows and its number are written in one transaction. So a batch that is written again, because nobody knows
//! whether the first time succeeded, finds its number there and changes nothing.

mod postgres;
#[cfg(test)]
mod postgres_tests;
mod sink;
mod sqlite;
mod table;
#[cfg(test)]
mod tests;
mod values;

use serde::Deserialize;

use crate::plan::{Category, Node, NodeKind, PlanContext, Planned, Presents, Reach, Stage, WindowUse};
use crate::spec::{Accepts, Choice, Default, Diagnostic, ParamKind, ParamSpec, Params, PortSpec};
use postgres::{Postgres, Server};
use sink::{Database, SqlSink};
use sqlite::Sqlite;
use table::Table;

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sink.sql",
    title: "Database",
    summary: "Writes rows into a table of SQLite or PostgreSQL, appended or updated by key, each batch exactly once.",
    doc: DOC,
    category: Category::Sink,
    icon: "M 3 4 L 13 4 L 13 12.5 L 3 12.5 Z M 3 7 L 13 7 M 3 9.8 L 13 9.8 M 6.5 4 L 6.5 12.5",
    base_name: "database",
    inputs: &[PortSpec::IN],
    outputs: &[],
    params: PARAMS,
    presents: Presents::None,
    windows: WindowUse::Rows,
    build,
};

const DOC: &str = "\
Writes the rows of each batch into a table. **SQLite** is built in: the database is one file, made if it is missing. \
**PostgreSQL** is a server that is there.

**Append** adds every row. **Upsert** has one row per key: it replaces the row with the same key, or adds it; of several \
rows with one key in a batch the last counts, and rows without a key are left out and counted. Counts per word, with the \
key `word`, keep the table at the newest counts:

```sql
SELECT word, count FROM counts ORDER BY count DESC LIMIT 10;
```

**Exactly once**: rows and the batch's number go into the database in one transaction (the numbers into a small table \
`weir_batches`). A batch that is written again changes nothing. When the database is locked, full, read-only or cannot \
be reached, the batch is held and written later; sources are held back meanwhile.

**Create** makes the table if it is missing, with these types, and the key as its primary key:

| column | SQLite | PostgreSQL |
|---|---|---|
| string | `TEXT` | `text` |
| tinyint, smallint, int, bigint | `INTEGER`, `BIGINT` | `smallint`, `integer`, `bigint` |
| float, double | `DOUBLE` | `real`, `double precision` |
| boolean | `BOOLEAN` (0 or 1) | `boolean` |
| timestamp | `TEXT`: `2026-01-01T00:00:00Z` | `timestamptz` |
| date | `TEXT`: `2026-01-01` | `date` |
| decimal | `TEXT`, exact | `numeric` |
| binary | `BLOB` | `bytea` |
| list, structure | `TEXT`, as JSON | `jsonb` |

A table that is there already must have all columns of the input by name, and for *upsert* a unique index on the key; it \
may have others. SQLite has no NaN: it becomes null. PostgreSQL has no character 0 in text: it is replaced and counted \
as *repaired*. Batches are counted per run: a new run appends behind what former runs wrote, or replaces their rows by key. The password is never stored in the file; the \
connection is not encrypted.";

const SQLITE: &[&str] = &["sqlite"];
const POSTGRES: &[&str] = &["postgres"];

const PARAMS: &[ParamSpec] = &[
    ParamSpec::new(
        "database",
        "Database",
        "Where the table is.",
        ParamKind::Choice {
            options: &[
                Choice::new("sqlite", "SQLite", "One file on this machine, without a server."),
                Choice::new("postgres", "PostgreSQL", "A server."),
            ],
        },
    )
    .default(Default::Text("sqlite")),
    ParamSpec::new(
        "path",
        "File",
        "The database's file, made if it is missing; a relative path counts from the pipeline's folder.",
        ParamKind::File { writes: true, extensions: &["db", "sqlite", "sqlite3"] },
    )
    .when("database", SQLITE),
    ParamSpec::new("host", "Host", "The server's name or address.", ParamKind::Text)
        .default(Default::Text("localhost"))
        .when("database", POSTGRES),
    ParamSpec::new("port", "Port", "The port it listens on.", ParamKind::Port)
        .default(Default::Integer(5_432))
        .when("database", POSTGRES),
    ParamSpec::new("name", "Database name", "The database on the server.", ParamKind::Text).when("database", POSTGRES),
    ParamSpec::new("user", "User", "The user to write as.", ParamKind::Text).when("database", POSTGRES),
    ParamSpec::new(
        "password",
        "Password",
        "The environment variable that holds the password; empty where none is needed.",
        ParamKind::Secret,
    )
    .default(Default::Absent)
    .when("database", POSTGRES),
    ParamSpec::new(
        "table",
        "Table",
        "The table's name, in PostgreSQL perhaps behind a schema's: `sales.orders`.",
        ParamKind::Text,
    ),
    ParamSpec::new(
        "mode",
        "Mode",
        "What a row does to the table.",
        ParamKind::Choice {
            options: &[
                Choice::new("append", "Append", "Every row is added."),
                Choice::new("upsert", "Upsert", "A row replaces the one with the same key, or is added."),
            ],
        },
    )
    .default(Default::Text("append")),
    ParamSpec::new("key", "Key", "The columns that tell rows apart.", ParamKind::Columns { accepts: Accepts::Any })
        .when("mode", &["upsert"]),
    ParamSpec::new("create", "Create", "Makes the table if it is missing.", ParamKind::Toggle)
        .default(Default::Toggle(true)),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sql {
    database: Choices,
    #[serde(default)]
    path: Option<String>,
    host: String,
    port: u16,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    password: Option<String>,
    table: String,
    mode: Mode,
    #[serde(default)]
    key: Vec<String>,
    create: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choices {
    Sqlite,
    Postgres,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Append,
    Upsert,
}

fn build(params: Params) -> Result<Box<dyn Node>, String> {
    let node: Sql = serde_json::from_value(params.into()).map_err(|error| error.to_string())?;
    Ok(Box::new(node))
}

impl Sql {
    fn database(&self, context: &PlanContext<'_>) -> Box<dyn Database> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        match self.database {
            Choices::Sqlite => Box::new(Sqlite::new(context.folder.join(text(&self.path)))),
            Choices::Postgres => Box::new(Postgres::new(Server {
                host: self.host.clone(),
                port: self.port,
                name: text(&self.name),
                user: text(&self.user),
                password: self.password.clone(),
            })),
        }
    }
}

impl Node for Sql {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = &context.input()?.schema;
        let mut problems = Vec::new();
        let key = match self.mode {
            Mode::Append => Vec::new(),
            Mode::Upsert if self.key.is_empty() => {
                problems.push(Diagnostic::error("choose the columns that tell rows apart").param("key"));
                Vec::new()
            }
            Mode::Upsert => self.key.clone(),
        };
        match Table::new(&self.table, &key, self.create, schema) {
            Ok(table) if problems.is_empty() => {
                let sink = SqlSink::new(table, context.name, self.database(context));
                Ok(Planned::new(Vec::new(), Stage::Sink(Box::new(sink))))
            }
            Ok(_) => Err(problems),
            Err(wrong) => {
                problems.extend(wrong);
                Err(problems)
            }
        }
    }

    fn reaches(&self) -> Vec<Reach> {
        match self.database {
            Choices::Sqlite => Vec::new(),
            Choices::Postgres => vec![Reach::Connects(format!("{}:{}", self.host, self.port))],
        }
    }
}
