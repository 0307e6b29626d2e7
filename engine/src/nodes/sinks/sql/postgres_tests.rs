//! The same on a real PostgreSQL server, which the test starts for itself from the system's package. Where there is
//! none, the test says so and has nothing to check.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Decimal128Array, Float64Array, ListArray, TimestampMicrosecondArray};
use arrow::datatypes::Int64Type;
use arrow::record_batch::RecordBatch;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_postgres::NoTls;

use super::tests::{counts, plan, write};
use crate::nodes::testing::io_on;
use crate::plan::{Fault, Sink};

/// A server of the test's own, on a socket in its folder.
struct TestServer {
    programs: PathBuf,
    folder: TempDir,
    runtime: Runtime,
}

/// The newest installed server's programs.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path()).collect();
    versions.sort();
    versions.into_iter().rev().map(|path| path.join("bin")).find(|path| path.join("initdb").is_file())
}

impl TestServer {
    /// Started, or `None` where it is not installed.
    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("SKIPPED: PostgreSQL is not installed here (Debian: apt install postgresql)");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("weir-pg").tempdir_in("/tmp").unwrap();
        let server = Self { programs, folder, runtime: Runtime::new().unwrap() };
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(server.folder.path()).status().unwrap().success());
        }
        server.run("initdb", &["-D", &server.data(), "-U", "weir", "-A", "trust", "-N"]);
        server.launch();
        Some(server)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_string_lossy().into_owned()
    }

    fn launch(&self) {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let options = format!("-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off");
        let log = self.folder.path().join("log").to_string_lossy().into_owned();
        self.run("pg_ctl", &["-D", &self.data(), "-l", &log, "-w", "-t", "120", "-o", &options, "start"]);
    }

    fn stop(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-w", "-m", "immediate", "stop"]);
    }

    /// The server refuses to run as root.
    fn run(&self, program: &str, args: &[&str]) {
        let path = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null());
        let status = command.status().unwrap();
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        assert!(status.success(), "{program} {args:?}: {status}\n{log}");
    }

    fn sink(&self, rows: &RecordBatch, more: &[(&str, Value)]) -> Box<dyn Sink> {
        let mut params = json!({
            "database": "postgres", "host": self.folder.path().to_string_lossy(), "name": "postgres", "user": "weir",
            "table": "counts"
        });
        more.iter().for_each(|(name, value)| params[*name] = value.clone());
        let mut sink = plan(Path::new("."), rows, params).unwrap();
        sink.start(&io_on(self.runtime.handle(), 1_000)).unwrap();
        sink
    }

    /// Everything a query gives, as text.
    fn ask(&self, sql: &str) -> Vec<String> {
        self.runtime.block_on(async {
            let settings = format!("host={} user=weir dbname=postgres", self.folder.path().display());
            let (client, connection) = tokio_postgres::connect(&settings, NoTls).await.unwrap();
            tokio::spawn(connection);
            let rows = client.simple_query(sql).await.unwrap();
            let line = |message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => Some(
                    (0..row.len()).map(|at| row.get(at).unwrap_or("null").to_owned()).collect::<Vec<_>>().join("|"),
                ),
                _ => None,
            };
            rows.into_iter().filter_map(line).collect()
        })
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        let mut stop = Command::new(if is_root() { "setpriv" } else { "env" });
        if is_root() {
            stop.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
        }
        stop.arg(self.programs.join("pg_ctl")).args(["-D", &self.data(), "-m", "immediate", "stop"]);
        let _ = stop.current_dir(self.folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.starts_with(b"0\n"))
}

/// One server for all of it: starting one takes seconds.
#[test]
fn a_real_server_gets_each_batch_exactly_once() {
    let Some(server) = TestServer::start() else { return };
    appended_and_repeated(&server);
    upserted(&server);
    every_type(&server);
    refusals(&server);
    a_server_that_goes_away(&server);
}

fn appended_and_repeated(server: &TestServer) {
    let mut sink = server.sink(&counts(&[]), &[]);
    write(&mut *sink, 0, &counts(&[(Some("it's"), 1), (None, 2), (Some("a\\\tb\0"), 3)])).unwrap();
    assert_eq!(sink.counters(), [("repaired", 1)]);
    write(&mut *sink, 0, &counts(&[(Some("it's"), 1)])).unwrap();
    drop(sink);
    let mut again = server.sink(&counts(&[]), &[]);
    again.recover().unwrap();
    write(&mut *again, 0, &counts(&[(Some("it's"), 1)])).unwrap();
    write(&mut *again, 1, &counts(&[(Some("c"), 4)])).unwrap();
    let found = server.ask("SELECT word, count FROM counts ORDER BY count");
    assert_eq!(found, ["it's|1", "null|2", "a\\\tb\u{FFFD}|3", "c|4"]);
    let mut anew = server.sink(&counts(&[]), &[]);
    write(&mut *anew, 0, &counts(&(0..2_500).map(|n| (Some("n"), n + 10)).collect::<Vec<_>>())).unwrap();
    assert_eq!(server.ask("SELECT count(*), sum(count) FROM counts WHERE word = 'n'"), ["2500|3148750"]);
}

fn upserted(server: &TestServer) {
    let more = [("table", json!("public.latest")), ("mode", json!("upsert")), ("key", json!(["word"]))];
    let mut sink = server.sink(&counts(&[]), &more);
    write(&mut *sink, 0, &counts(&[(Some("a"), 1), (Some("b"), 1), (Some("a"), 2), (None, 0)])).unwrap();
    write(&mut *sink, 1, &counts(&[(Some("b"), 5)])).unwrap();
    assert_eq!(server.ask("SELECT word, count FROM latest ORDER BY word"), ["a|2", "b|5"]);
    drop(sink);
    let mut shorter = server.sink(&counts(&[]), &more);
    write(&mut *shorter, 0, &counts(&[(Some("a"), 7)])).unwrap();
    write(&mut *shorter, 0, &counts(&[(Some("a"), 8)])).unwrap();
    assert_eq!(server.ask("SELECT word, count FROM latest ORDER BY word"), ["a|7", "b|5"], "a new run, and once");
}

fn every_type(server: &TestServer) {
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None])]);
    let rows = RecordBatch::try_from_iter([
        ("ok", Arc::new(BooleanArray::from(vec![true])) as ArrayRef),
        ("x", Arc::new(Float64Array::from(vec![f64::NAN])) as ArrayRef),
        ("At", Arc::new(TimestampMicrosecondArray::from(vec![1_500_000]).with_timezone("UTC")) as ArrayRef),
        ("price", Arc::new(Decimal128Array::from(vec![120]).with_precision_and_scale(10, 2).unwrap()) as ArrayRef),
        ("list", Arc::new(list) as ArrayRef),
    ])
    .unwrap();
    write(&mut *server.sink(&rows, &[("table", json!("odd \"types\""))]), 0, &rows).unwrap();
    let sql = "SET timezone = 'UTC'; SELECT ok, x, \"At\", price, list->0, pg_typeof(price) FROM \"odd \"\"types\"\"\"";
    assert_eq!(server.ask(sql), ["t|NaN|1970-01-01 00:00:01.5+00|1.20|1|numeric"]);
}

fn refusals(server: &TestServer) {
    let told = |more: &[(&str, Value)]| {
        let error = write(&mut *server.sink(&counts(&[]), more), 0, &counts(&[(Some("a"), 1)])).unwrap_err();
        (error.fault, error.message)
    };
    let (fault, message) = told(&[("name", json!("nowhere"))]);
    assert!(fault == Fault::Environment && message.contains("has no database `nowhere`"), "{message}");
    let (fault, message) = told(&[("table", json!("absent")), ("create", json!(false))]);
    assert!(fault == Fault::Environment && message.contains("there is no table `absent`"), "{message}");
    server.ask("CREATE TABLE small (word text, count smallint CHECK (count > 5))");
    let (fault, message) = told(&[("table", json!("small"))]);
    assert!(fault == Fault::Data && message.contains("refuses a row of this batch"), "{message}");
    let (_, message) = told(&[("table", json!("small")), ("mode", json!("upsert")), ("key", json!(["word"]))]);
    assert!(message.contains("no unique index on the key"), "{message}");
    let (_, message) = told(&[("password", json!("${env:WEIR_NO_SUCH_VARIABLE}"))]);
    assert!(message.contains("WEIR_NO_SUCH_VARIABLE is not set"), "{message}");
    assert!(server.ask("SELECT * FROM small").is_empty());
}

fn a_server_that_goes_away(server: &TestServer) {
    let mut sink = server.sink(&counts(&[]), &[("table", json!("after"))]);
    write(&mut *sink, 0, &counts(&[(Some("a"), 1)])).unwrap();
    server.stop();
    let error = write(&mut *sink, 1, &counts(&[(Some("b"), 2)])).unwrap_err();
    assert_eq!(error.fault, Fault::Environment, "{error}");
    server.launch();
    write(&mut *sink, 1, &counts(&[(Some("b"), 2)])).unwrap();
    write(&mut *sink, 1, &counts(&[(Some("b"), 2)])).unwrap();
    assert_eq!(server.ask("SELECT word FROM after ORDER BY 1"), ["a", "b"], "the batch was held, and came once");
}
