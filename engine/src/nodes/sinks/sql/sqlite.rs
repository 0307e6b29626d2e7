//! SQLite, in this process.

use std::any::Any;
use std::path::PathBuf;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Error, ErrorCode, OptionalExtension, ToSql, TransactionBehavior};

use super::sink::{Database, Work};
use super::table::{BATCHES, Dialect, Table};
use super::values::{Value, columns};
use crate::plan::{IoContext, NodeError};

/// How long a batch waits for another program's lock before it is held.
const BUSY_WAIT: Duration = Duration::from_millis(250);

/// A database in a file.
pub(super) struct Sqlite {
    path: PathBuf,
    connection: Option<Connection>,
    /// The table that was found to fit since the connection was made.
    checked: Option<Table>,
}

impl Sqlite {
    /// Nothing is opened yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, connection: None, checked: None }
    }

    /// As if the disk held no more than so many pages.
    #[cfg(test)]
    pub(super) fn limit_pages(&mut self, pages: u32) {
        self.connection().unwrap().execute_batch(&format!("PRAGMA max_page_count = {pages}")).unwrap();
    }

    fn connection(&mut self) -> Result<&mut Connection, NodeError> {
        if self.connection.is_none() {
            let connection = Connection::open(&self.path).map_err(|error| self.failure(&error))?;
            connection.busy_timeout(BUSY_WAIT).map_err(|error| self.failure(&error))?;
            self.checked = None;
            self.connection = Some(connection);
        }
        self.connection.as_mut().ok_or_else(|| NodeError::weir("the database is not open"))
    }

    /// The sentence for an error, and whether waiting can help.
    fn failure(&self, error: &Error) -> NodeError {
        let path = self.path.display();
        let wait = NodeError::environment;
        let text = match error {
            Error::SqliteFailure(_, Some(text)) => text.clone(),
            other => other.to_string(),
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                wait(format!("the database {path} is locked by another program; close it there, it is tried again"))
            }
            Some(ErrorCode::DiskFull) => wait(format!("cannot write into {path}: the disk is full; free some space")),
            Some(ErrorCode::ReadOnly) => {
                wait(format!("the database {path} may not be written; change its permissions or choose another file"))
            }
            Some(ErrorCode::CannotOpen) => wait(format!(
                "the database {path} cannot be opened; make the folder around it, and see that it may be written"
            )),
            Some(ErrorCode::NotADatabase) => wait(format!("{path} is no SQLite database; choose another file")),
            Some(ErrorCode::DatabaseCorrupt) => {
                wait(format!("the database {path} is damaged; restore it, or choose another file"))
            }
            Some(ErrorCode::ConstraintViolation) => NodeError::data(format!(
                "the table refuses a row of this batch: {text}; change the table or the rows before they come here"
            )),
            Some(ErrorCode::TypeMismatch | ErrorCode::TooBig) => {
                NodeError::data(format!("a value does not fit: {text}"))
            }
            Some(_) | None if text.contains("ON CONFLICT clause does not match") => wait(format!(
                "the table in {path} has no unique index on the key; create one with CREATE UNIQUE INDEX, or append"
            )),
            Some(_) | None => wait(format!("the database {path} answers: {text}")),
        }
    }

    /// Makes sure the table is there and fits.
    fn check(&mut self, table: &Table) -> Result<(), NodeError> {
        if self.checked.as_ref() == Some(table) {
            return Ok(());
        }
        let columns_of = |connection: &Connection| -> Result<Vec<String>, Error> {
            let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
            statement.query_map([&table.name], |row| row.get(0))?.collect()
        };
        let connection = self.connection()?;
        let mut found = columns_of(connection);
        if matches!(&found, Ok(columns) if columns.is_empty()) {
            if !table.creates {
                let sentence = format!("there is no table `{}`; make it, or switch Create on", table.name);
                return Err(NodeError::environment(sentence));
            }
            found = connection.execute_batch(&table.create(Dialect::Sqlite)).and_then(|()| columns_of(connection));
        }
        let columns = found.map_err(|error| self.failure(&error))?;
        if let Some(wrong) = table.refusal(&columns, Dialect::Sqlite) {
            return Err(NodeError::environment(wrong));
        }
        self.checked = Some(table.clone());
        Ok(())
    }
}

fn new_run(connection: &mut Connection, writer: &str, goes_on: bool) -> Result<i64, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(BATCHES)?;
    let query = "SELECT max(run) FROM weir_batches WHERE sink = ?1";
    let last: Option<i64> = transaction.query_row(query, [writer], |row| row.get(0))?;
    let run = match last {
        Some(last) if goes_on => last,
        Some(last) => last + 1,
        None => 1,
    };
    let insert = "INSERT INTO weir_batches (sink, run, batch) VALUES (?1, ?2, -1) ON CONFLICT DO NOTHING";
    transaction.execute(insert, (writer, run))?;
    transaction.commit()?;
    Ok(run)
}

fn write_batch(connection: &mut Connection, work: &Work<'_>) -> Result<(), Failed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let query = "SELECT batch FROM weir_batches WHERE sink = ?1 AND run = ?2";
    let last: Option<i64> = transaction.query_row(query, (work.writer, work.run), |row| row.get(0)).optional()?;
    if last.is_some_and(|last| last >= work.batch) {
        return Ok(());
    }
    let places = vec!["?"; work.table.schema.fields().len()].join(", ");
    let sql = format!("{}({places}){}", work.table.insert(Dialect::Sqlite), work.table.on_conflict());
    let mut insert = transaction.prepare_cached(&sql)?;
    for rows in work.rows {
        let columns = columns(rows)?;
        for row in 0..rows.num_rows() {
            for (at, column) in columns.iter().enumerate() {
                insert.raw_bind_parameter(at + 1, column.get(row))?;
            }
            insert.raw_execute()?;
        }
    }
    drop(insert);
    let done = "INSERT INTO weir_batches (sink, run, batch) VALUES (?1, ?2, ?3)
                ON CONFLICT (sink, run) DO UPDATE SET batch = excluded.batch";
    transaction.execute(done, (work.writer, work.run, work.batch))?;
    transaction.commit()?;
    Ok(())
}

/// Why a batch was not written.
enum Failed {
    Database(Error),
    Values(arrow::error::ArrowError),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<arrow::error::ArrowError> for Failed {
    fn from(error: arrow::error::ArrowError) -> Self {
        Self::Values(error)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Whole(number) => ValueRef::Integer(*number),
            Value::Fraction(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl Database for Sqlite {
    fn start(&mut self, _: &IoContext) {}

    fn run(&mut self, writer: &str, goes_on: bool) -> Result<i64, NodeError> {
        new_run(self.connection()?, writer, goes_on).map_err(|error| self.failure(&error))
    }

    fn write(&mut self, work: &Work<'_>) -> Result<u64, NodeError> {
        self.check(work.table)?;
        match write_batch(self.connection()?, work) {
            Ok(()) => Ok(0),
            Err(Failed::Values(error)) => Err(error.into()),
            Err(Failed::Database(error)) => {
                // Perhaps somebody took the table away or put another in its place.
                self.checked = None;
                Err(self.failure(&error))
            }
        }
    }

    fn stop(&mut self) {
        self.connection = None;
    }

    fn is_same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| other.path == self.path)
    }
}
