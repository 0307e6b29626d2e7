//! Where the table to look up in comes from: a file, or a table in an SQLite database. Both are read as a whole.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, OpenFlags};

use crate::nodes::sources::content::{InferredField, MAX_ROW_BYTES, Stamp, WholeFile, WholeRows, too_large};
use crate::nodes::sources::rows::{Cell, FieldParam, FieldType, RowBuilder};
use crate::plan::NodeError;

/// How long to wait for a program that writes to the database.
const BUSY_WAIT: Duration = Duration::from_millis(500);

/// Where the rows come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// A file.
    File(WholeFile),
    /// A table in a database.
    Sqlite(SqliteTable),
}

/// A table in an SQLite database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqliteTable {
    pub(super) path: PathBuf,
    pub(super) table: String,
    pub(super) fields: Vec<FieldParam>,
}

/// The state of an origin: of a database also that of its log, where changes stand first.
pub(super) type Stamps = (Stamp, Option<Stamp>);

impl Origin {
    /// The state it is in.
    pub(super) fn stamp(&self) -> Result<Stamps, NodeError> {
        match self {
            Self::File(file) => Ok((file.stamp()?, None)),
            Self::Sqlite(table) => table.stamp(),
        }
    }

    /// All rows, and the state before they were read.
    pub(super) fn read(&self) -> Result<(WholeRows, Stamps), NodeError> {
        let stamps = self.stamp()?;
        let rows = match self {
            Self::File(file) => file.read()?,
            Self::Sqlite(table) => table.read()?,
        };
        Ok((rows, stamps))
    }
}

impl SqliteTable {
    fn stamp(&self) -> Result<Stamps, NodeError> {
        let facts = std::fs::metadata(&self.path).map_err(|error| {
            let path = self.path.display();
            NodeError::environment(if error.kind() == std::io::ErrorKind::NotFound {
                format!("the database {path} does not exist; put it there or choose another")
            } else {
                format!("the database {path} cannot be read: {error}")
            })
        })?;
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        Ok((Stamp::of(&facts), std::fs::metadata(log).ok().map(|facts| Stamp::of(&facts))))
    }

    fn read(&self) -> Result<WholeRows, NodeError> {
        let (rows, rejected) = self.rows().map_err(|error| match error {
            Failed::Told(error) => error,
            Failed::Sqlite(error) => self.failure(&error),
        })?;
        Ok(WholeRows { rows, rejected })
    }

    fn rows(&self) -> Result<(arrow::record_batch::RecordBatch, u64), Failed> {
        let connection = open(&self.path)?;
        self.check(&connection)?;
        let columns: Vec<_> = self.fields.iter().map(|field| quoted(field.path())).collect();
        let sql = format!("SELECT {} FROM {}", columns.join(", "), quoted(&self.table));
        let mut query = connection.prepare(&sql)?;
        let mut found = query.query([])?;
        let (mut builder, mut rejected, mut bytes) = (RowBuilder::new(&self.fields), 0, 0u64);
        while let Some(row) = found.next()? {
            let mut cells = Vec::with_capacity(self.fields.len());
            for (at, field) in self.fields.iter().enumerate() {
                let value = row.get_ref(at)?;
                bytes += 16 + value.as_str().map_or(0, |text| text.len() as u64);
                cells.extend(cell(field.kind, value));
            }
            if bytes > MAX_ROW_BYTES {
                return Err(Failed::Told(too_large(&self.path)));
            }
            if cells.len() == self.fields.len() {
                builder.push(cells);
            } else {
                rejected += 1;
            }
        }
        let rows = builder.finish().map_err(|error| Failed::Told(error.into()))?;
        Ok((rows, rejected))
    }

    /// SQLite takes a quoted name of no column for a text; so the columns are looked for first.
    fn check(&self, connection: &Connection) -> Result<(), Failed> {
        let columns = columns(connection, &self.table)?;
        if columns.is_empty() {
            let path = self.path.display();
            let sentence = format!("the database {path} has no table `{}`; correct the name", self.table);
            return Err(Failed::Told(NodeError::environment(sentence)));
        }
        let is_there = |field: &&FieldParam| columns.iter().any(|(name, _)| name.eq_ignore_ascii_case(field.path()));
        let Some(missing) = self.fields.iter().find(|field| !is_there(field)) else { return Ok(()) };
        let list: Vec<_> = columns.iter().take(12).map(|(name, _)| format!("`{name}`")).collect();
        Err(Failed::Told(NodeError::environment(format!(
            "the table `{}` has no column `{}`; it has {}. Correct the field",
            self.table,
            missing.path(),
            list.join(", ")
        ))))
    }

    fn failure(&self, error: &Error) -> NodeError {
        let path = self.path.display();
        NodeError::environment(match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => format!("{path} is no SQLite database; choose another file"),
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                format!("the database {path} is locked by another program; it is tried again")
            }
            Some(_) | None => format!("the database {path} cannot be read: {error}"),
        })
    }

    /// The fields that its columns' declared types suggest.
    pub(super) fn infer(path: &Path, table: &str) -> Result<Vec<InferredField>, String> {
        let found = open(path).and_then(|connection| columns(&connection, table));
        let columns = found.map_err(|error| format!("the database {} cannot be read: {error}", path.display()))?;
        if columns.is_empty() {
            return Err(format!("the database {} has no table `{table}`; enter its name first", path.display()));
        }
        Ok(columns.iter().map(|(name, declared)| InferredField::new(name, kind_of(declared))).collect())
    }
}

/// Why the rows were not read.
enum Failed {
    Sqlite(Error),
    Told(NodeError),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

fn open(path: &Path) -> Result<Connection, Error> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_WAIT)?;
    Ok(connection)
}

/// The columns of a table or view, with their declared types.
fn columns(connection: &Connection, table: &str) -> Result<Vec<(String, String)>, Error> {
    let mut query = connection.prepare("SELECT name, type FROM pragma_table_info(?1)")?;
    query.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// SQLite's rules of affinity, with the types it does not have itself.
fn kind_of(declared: &str) -> FieldType {
    let declared = declared.to_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    if has(&["BOOL"]) {
        FieldType::Boolean
    } else if has(&["TIMESTAMP", "DATETIME"]) {
        FieldType::Timestamp
    } else if has(&["DATE"]) {
        FieldType::Date
    } else if has(&["INT"]) {
        FieldType::Bigint
    } else if has(&["REAL", "FLOA", "DOUB"]) {
        FieldType::Double
    } else {
        FieldType::String
    }
}

/// A value as a field's type; `None` if it is none. SQLite's own types are few: truth is 0 or 1, times are text.
fn cell<'a>(kind: FieldType, value: ValueRef<'_>) -> Option<Cell<'a>> {
    let text = match value {
        ValueRef::Null => return Some(Cell::Null),
        ValueRef::Integer(number @ (0 | 1)) if kind == FieldType::Boolean => return Some(Cell::Boolean(number == 1)),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(_) => return None,
    };
    Some(match Cell::from_text(kind, &text).ok()? {
        Cell::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
        Cell::Null => Cell::Null,
        Cell::Int(number) => Cell::Int(number),
        Cell::Bigint(number) => Cell::Bigint(number),
        Cell::Double(number) => Cell::Double(number),
        Cell::Boolean(is) => Cell::Boolean(is),
        Cell::Timestamp(micros) => Cell::Timestamp(micros),
        Cell::Date(days) => Cell::Date(days),
        Cell::Decimal(unscaled) => Cell::Decimal(unscaled),
        // Text holds no list.
        Cell::List(_) => return None,
    })
}
