//! The table that is written: its columns as both databases type them, and the statements over it.

use arrow::datatypes::{DataType, SchemaRef};

use crate::expr::type_name;
use crate::nodes::transforms::refusal::find_column;
use crate::spec::Diagnostic;

/// Whose words a statement is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's.
    Postgres,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// As the person wrote it.
    pub(super) name: String,
    /// The columns of the input.
    pub(super) schema: SchemaRef,
    /// The positions of the columns that tell rows apart; none: every row is added.
    pub(super) key: Vec<usize>,
    /// Whether it is made if it is missing.
    pub(super) creates: bool,
}

/// Where the numbers of batches are kept.
pub(super) const BATCHES: &str = "CREATE TABLE IF NOT EXISTS weir_batches (sink VARCHAR(400) NOT NULL, \
                                  run BIGINT NOT NULL, batch BIGINT NOT NULL, PRIMARY KEY (sink, run))";

impl Table {
    /// Checked against the input's columns.
    pub(super) fn new(name: &str, key: &[String], creates: bool, schema: &SchemaRef) -> Result<Self, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        if name.split('.').any(|part| part.trim().is_empty()) || name.contains('\0') || name.len() > 200 {
            problems.push(Diagnostic::error(format!("`{name}` is no name of a table")).param("table"));
        }
        if name.eq_ignore_ascii_case("weir_batches") {
            let sentence = "in `weir_batches` Weir keeps the numbers of the batches; choose another table";
            problems.push(Diagnostic::error(sentence).param("table"));
        }
        let mut positions = Vec::new();
        for (index, column) in key.iter().enumerate() {
            match find_column(schema, column) {
                Err(wrong) => problems.push(Diagnostic::error(wrong).param(format!("key[{index}]"))),
                Ok(at) if schema.field(at).data_type().is_nested() => {
                    let wrong = format!("`{column}` is a list or structure, which is no key; choose another column");
                    problems.push(Diagnostic::error(wrong).param(format!("key[{index}]")));
                }
                Ok(at) if positions.contains(&at) => {}
                Ok(at) => positions.push(at),
            }
        }
        for field in schema.fields() {
            if matches!(field.data_type(), DataType::Union(_, _) | DataType::Interval(_) | DataType::Duration(_)) {
                let word = type_name(field.data_type());
                let wrong = format!("a table has no place for the column `{}` of type {word}; cast it", field.name());
                problems.push(Diagnostic::error(wrong).port("in"));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self { name: name.to_owned(), schema: SchemaRef::clone(schema), key: positions, creates })
    }

    /// The name in a statement.
    pub(super) fn quoted_name(&self, dialect: Dialect) -> String {
        match dialect {
            Dialect::Sqlite => quoted(&self.name),
            Dialect::Postgres => self.name.split('.').map(quoted).collect::<Vec<_>>().join("."),
        }
    }

    /// Makes the table.
    pub(super) fn create(&self, dialect: Dialect) -> String {
        let column = |(at, field): (usize, &std::sync::Arc<arrow::datatypes::Field>)| {
            let not_null = if self.key.contains(&at) { " NOT NULL" } else { "" };
            format!("{} {}{not_null}", quoted(field.name()), column_type(field.data_type(), dialect))
        };
        let mut parts: Vec<_> = self.schema.fields().iter().enumerate().map(column).collect();
        if !self.key.is_empty() {
            parts.push(format!("PRIMARY KEY ({})", self.key_columns()));
        }
        format!("CREATE TABLE IF NOT EXISTS {} ({})", self.quoted_name(dialect), parts.join(", "))
    }

    /// The beginning of a statement that adds rows, up to their values.
    pub(super) fn insert(&self, dialect: Dialect) -> String {
        let columns: Vec<_> = self.schema.fields().iter().map(|field| quoted(field.name())).collect();
        format!("INSERT INTO {} ({}) VALUES ", self.quoted_name(dialect), columns.join(", "))
    }

    /// Its end, which says what happens to rows whose key is there.
    pub(super) fn on_conflict(&self) -> String {
        if self.key.is_empty() {
            return String::new();
        }
        let others = self.schema.fields().iter().enumerate().filter(|(at, _)| !self.key.contains(at));
        let sets: Vec<_> =
            others.map(|(_, field)| quoted(field.name())).map(|c| format!("{c} = excluded.{c}")).collect();
        let what = if sets.is_empty() { "DO NOTHING".to_owned() } else { format!("DO UPDATE SET {}", sets.join(", ")) };
        format!(" ON CONFLICT ({}) {what}", self.key_columns())
    }

    /// The columns of the key, quoted.
    pub(super) fn key_columns(&self) -> String {
        self.key.iter().map(|at| quoted(self.schema.field(*at).name())).collect::<Vec<_>>().join(", ")
    }

    /// What is wrong with a table that has these columns; `None` if nothing is. SQLite ignores the case of names.
    pub(super) fn refusal(&self, columns: &[String], dialect: Dialect) -> Option<String> {
        let same = |name: &str, other: &str| match dialect {
            Dialect::Sqlite => name.eq_ignore_ascii_case(other),
            Dialect::Postgres => name == other,
        };
        let missing: Vec<_> = self
            .schema
            .fields()
            .iter()
            .filter(|field| !columns.iter().any(|column| same(column, field.name())))
            .map(|field| format!("`{}`", field.name()))
            .collect();
        if missing.is_empty() {
            return None;
        }
        let there: Vec<_> = columns.iter().take(12).map(|column| format!("`{column}`")).collect();
        Some(format!(
            "the table `{}` has no column {}; it has {}. Add the column, rename it with a Map, or choose another table",
            self.name,
            missing.join(", "),
            there.join(", ")
        ))
    }
}

/// A name in a statement, whatever it holds.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn column_type(data_type: &DataType, dialect: Dialect) -> String {
    let (sqlite, postgres) = match data_type {
        DataType::Boolean => ("BOOLEAN", "boolean"),
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => ("INTEGER", "smallint"),
        DataType::Int32 | DataType::UInt16 => ("INTEGER", "integer"),
        DataType::Int64 | DataType::UInt32 | DataType::UInt64 => ("BIGINT", "bigint"),
        DataType::Float16 | DataType::Float32 => ("DOUBLE", "real"),
        DataType::Float64 => ("DOUBLE", "double precision"),
        DataType::Timestamp(_, _) => ("TEXT", "timestamptz"),
        DataType::Date32 | DataType::Date64 => ("TEXT", "date"),
        DataType::Decimal128(precision, scale) | DataType::Decimal256(precision, scale) => {
            return match dialect {
                Dialect::Sqlite => "TEXT".to_owned(),
                Dialect::Postgres => format!("numeric({precision},{scale})"),
            };
        }
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            ("BLOB", "bytea")
        }
        nested if nested.is_nested() => ("TEXT", "jsonb"),
        _ => ("TEXT", "text"),
    };
    match dialect {
        Dialect::Sqlite => sqlite,
        Dialect::Postgres => postgres,
    }
    .to_owned()
}
