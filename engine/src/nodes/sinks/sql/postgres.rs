//! PostgreSQL, over the network. Statements carry their values as quoted text: the server reads each as its column's
//! own type, so one way serves all types.

use std::any::Any;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error, NoTls};

use super::sink::{Database, Work};
use super::table::{BATCHES, Dialect, Table};
use super::values::columns;
use crate::nodes::secret;
use crate::plan::{IoContext, NodeError};

/// How long to wait for a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long a batch may take before it is given up and tried again.
const WRITE_WITHIN: Duration = Duration::from_mins(2);
/// Rows and bytes of one statement.
const MAX_ROWS: usize = 1_000;
const MAX_BYTES: usize = 1 << 20;

/// Which server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) name: String,
    pub(super) user: String,
    /// `${env:NAME}`.
    pub(super) password: Option<String>,
}

/// A database on a server.
pub(super) struct Postgres {
    server: Server,
    io: Option<Handle>,
    client: Option<Client>,
    checked: Option<Table>,
}

/// Why something was not done.
enum Failed {
    /// The server or the way to it.
    Server(Error),
    /// Anything else, told already.
    Told(NodeError),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

impl From<NodeError> for Failed {
    fn from(error: NodeError) -> Self {
        Self::Told(error)
    }
}

impl Postgres {
    /// Nothing is connected yet.
    pub(super) fn new(server: Server) -> Self {
        Self { server, io: None, client: None, checked: None }
    }

    /// Does something on a connection that stands. Whatever fails takes the connection with it: the next try begins on
    /// a new one, where nothing is half done.
    fn with_client<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut Client, &mut Option<Table>) -> Result<T, Failed>,
    ) -> Result<T, NodeError> {
        let io = self.io.clone().ok_or_else(|| NodeError::weir("the sink was not started"))?;
        let (server, checked) = (&self.server, &mut self.checked);
        let kept = self.client.take().filter(|client| !client.is_closed());
        let done = io.block_on(async {
            let mut client = match kept {
                Some(client) => client,
                None => {
                    *checked = None;
                    connect(server, &io).await?
                }
            };
            match timeout(WRITE_WITHIN, work(&mut client, checked)).await {
                Ok(done) => done.map(|done| (client, done)),
                Err(_) => Err(Failed::Told(NodeError::environment(format!(
                    "{} does not answer within two minutes; it is tried again",
                    server.place()
                )))),
            }
        });
        match done {
            Ok((client, done)) => {
                self.client = Some(client);
                Ok(done)
            }
            Err(Failed::Told(error)) => Err(error),
            Err(Failed::Server(error)) => Err(self.server.failure(&error)),
        }
    }
}

async fn connect(server: &Server, io: &Handle) -> Result<Client, Failed> {
    let mut config = Config::new();
    config.host(&server.host).port(server.port).user(&server.user).dbname(&server.name);
    config.connect_timeout(CONNECT_WITHIN).application_name("weir");
    if let Some(stored) = &server.password {
        config.password(secret::resolve(stored)?);
    }
    let unreachable =
        || NodeError::environment(format!("no connection to {} within 5 s; it is tried again", server.place()));
    let (client, connection) = timeout(CONNECT_WITHIN, config.connect(NoTls)).await.map_err(|_| unreachable())??;
    // It ends with the client; what goes wrong on it is told to whoever waits for an answer.
    io.spawn(async move {
        let _ = connection.await;
    });
    client.batch_execute("SET standard_conforming_strings = on; SET lock_timeout = '5s'").await?;
    Ok(client)
}

async fn new_run(client: &mut Client, writer: &str, goes_on: bool) -> Result<i64, Failed> {
    let transaction = client.transaction().await?;
    transaction.batch_execute(BATCHES).await?;
    let query = "SELECT max(run) FROM weir_batches WHERE sink = $1";
    let last: Option<i64> = transaction.query_one(query, &[&writer]).await?.try_get(0)?;
    let run = match last {
        Some(last) if goes_on => last,
        Some(last) => last + 1,
        None => 1,
    };
    let insert = "INSERT INTO weir_batches (sink, run, batch) VALUES ($1, $2, -1) ON CONFLICT DO NOTHING";
    transaction.execute(insert, &[&writer, &run]).await?;
    transaction.commit().await?;
    Ok(run)
}

/// Makes sure the table is there and fits.
async fn check(client: &Client, table: &Table, checked: &mut Option<Table>) -> Result<(), Failed> {
    if checked.as_ref() == Some(table) {
        return Ok(());
    }
    let query = "SELECT attname::text FROM pg_attribute
                 WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum";
    let name = table.quoted_name(Dialect::Postgres);
    let mut found = client.query(query, &[&name]).await?;
    if found.is_empty() {
        if !table.creates {
            let sentence = format!("there is no table `{}`; make it, or switch Create on", table.name);
            return Err(NodeError::environment(sentence).into());
        }
        client.batch_execute(&table.create(Dialect::Postgres)).await?;
        found = client.query(query, &[&name]).await?;
    }
    let columns = found.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    if let Some(wrong) = table.refusal(&columns, Dialect::Postgres) {
        return Err(NodeError::environment(wrong).into());
    }
    *checked = Some(table.clone());
    Ok(())
}

async fn write_batch(client: &mut Client, work: &Work<'_>) -> Result<u64, Failed> {
    let transaction = client.transaction().await?;
    let query = "SELECT batch FROM weir_batches WHERE sink = $1 AND run = $2 FOR UPDATE";
    let last = transaction.query_opt(query, &[&work.writer, &work.run]).await?;
    let last: Option<i64> = last.map(|row| row.try_get(0)).transpose()?;
    if last.is_some_and(|last| last >= work.batch) {
        return Ok(0);
    }
    let mut repaired = 0;
    for statement in statements(work, &mut repaired)? {
        transaction.batch_execute(&statement).await?;
    }
    let done = "INSERT INTO weir_batches (sink, run, batch) VALUES ($1, $2, $3)
                ON CONFLICT (sink, run) DO UPDATE SET batch = excluded.batch";
    transaction.execute(done, &[&work.writer, &work.run, &work.batch]).await?;
    transaction.commit().await?;
    Ok(repaired)
}

/// The rows as statements of bounded length.
fn statements(work: &Work<'_>, repaired: &mut u64) -> Result<Vec<String>, NodeError> {
    let (begin, end) = (work.table.insert(Dialect::Postgres), work.table.on_conflict());
    let mut all = Vec::new();
    for rows in work.rows {
        let columns = columns(rows)?;
        let mut statement = String::new();
        let mut count = 0;
        for row in 0..rows.num_rows() {
            statement.push_str(if count == 0 { &begin } else { ", " });
            for (at, column) in columns.iter().enumerate() {
                statement.push_str(if at == 0 { "(" } else { ", " });
                *repaired += column.get(row).write_literal(&mut statement);
            }
            statement.push(')');
            count += 1;
            if count == MAX_ROWS || statement.len() > MAX_BYTES || row + 1 == rows.num_rows() {
                all.push(std::mem::take(&mut statement) + &end);
                count = 0;
            }
        }
    }
    Ok(all)
}

impl Server {
    fn place(&self) -> String {
        format!("PostgreSQL at {}:{}", self.host, self.port)
    }

    /// The sentence for an error, and whether waiting can help.
    fn failure(&self, error: &Error) -> NodeError {
        let place = self.place();
        let wait = NodeError::environment;
        let Some(told) = error.as_db_error() else {
            let mut reason = error.to_string();
            let mut source = std::error::Error::source(error);
            while let Some(inner) = source {
                reason = inner.to_string();
                source = inner.source();
            }
            return wait(format!("no connection to {place} ({reason}); it is tried again"));
        };
        let (code, text) = (told.code(), told.message());
        if *code == SqlState::INVALID_PASSWORD || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION {
            wait(format!("{place} refuses the user `{}`: {text}; check user and password", self.user))
        } else if *code == SqlState::INVALID_CATALOG_NAME {
            wait(format!("{place} has no database `{}`; create it or choose another", self.name))
        } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
            wait(format!("the user `{}` may not do that at {place}: {text}; grant it", self.user))
        } else if *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::T_R_DEADLOCK_DETECTED {
            wait(format!("the table is locked by another program at {place}; it is tried again"))
        } else if *code == SqlState::DISK_FULL {
            wait(format!("the disk is full at {place}; free some space there"))
        } else if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
            wait(format!("{place} is read-only; choose the server that can be written"))
        } else if *code == SqlState::INVALID_COLUMN_REFERENCE {
            wait(format!("the table at {place} has no unique index on the key; create one, or append"))
        } else if code.code().starts_with("22") || code.code().starts_with("23") {
            let sentence = "change the table or the rows before they come here";
            NodeError::data(format!("the table refuses a row of this batch: {text}; {sentence}"))
        } else {
            wait(format!("{place} answers: {text}"))
        }
    }
}

impl Database for Postgres {
    fn start(&mut self, io: &IoContext) {
        self.io = Some(io.io.clone());
    }

    fn run(&mut self, writer: &str, goes_on: bool) -> Result<i64, NodeError> {
        self.with_client(async |client, _| new_run(client, writer, goes_on).await)
    }

    fn write(&mut self, work: &Work<'_>) -> Result<u64, NodeError> {
        self.with_client(async |client, checked| {
            check(client, work.table, checked).await?;
            write_batch(client, work).await
        })
    }

    fn stop(&mut self) {
        self.client = None;
    }

    fn is_same(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| other.server == self.server)
    }
}
