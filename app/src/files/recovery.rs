//! What is not saved yet, kept on disk while it is edited, so that no crash and no power cut loses work.
//!
//! Each running program has two files in the recovery folder: `<id>.lock`, locked for as long as it lives (the system
//! lets go when it dies, however it dies), and `<id>.json` with the document as it was after the last change. A clean
//! end removes both; a `json` whose lock is free is work that was lost.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use weir_engine::format;
use weir_engine::pipeline::Pipeline;
use weir_engine::spec::Timestamp;

/// A document with changes that are in no file.
#[derive(Debug, Clone)]
pub struct Journal {
    /// What the window called it.
    pub title: String,
    /// The file it belongs to, if it has one.
    pub file: Option<PathBuf>,
    /// The document.
    pub pipeline: Arc<Pipeline>,
}

/// A document that another run of the program left behind unsaved.
#[derive(Debug, Clone)]
pub struct Lost {
    /// The name it is kept under.
    pub id: String,
    /// The document as it was last.
    pub journal: Journal,
    /// When it was last changed.
    pub changed: Option<Timestamp>,
}

/// The recovery folder, with this program's own place in it.
pub(super) struct Recovery {
    folder: PathBuf,
    /// Removed with its file when dropped; the lock goes with it.
    lock: tempfile::NamedTempFile,
}

impl Recovery {
    /// Where the system keeps what programs need again after a crash.
    pub(super) fn usual_folder() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "weir").map(|dirs| dirs.data_local_dir().join("recovery"))
    }

    /// Takes a place in the folder, which is made if needed.
    pub(super) fn enter(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let lock = tempfile::Builder::new().prefix("weir-").suffix(".lock").tempfile_in(folder)?;
        lock.as_file().try_lock().map_err(io::Error::from)?;
        Ok(Self { folder: folder.to_path_buf(), lock })
    }

    /// Keeps the document in place of what was kept before; `None`: everything is saved.
    pub(super) fn keep(&self, journal: Option<&Journal>) -> io::Result<()> {
        let path = self.lock.path().with_extension("json");
        let Some(journal) = journal else { return remove(&path) };
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(journal.to_text()?.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        Ok(())
    }

    /// What programs that are gone left behind, the newest first. What cannot be read stays where it is, and its
    /// sentence is among the second.
    pub(super) fn lost(&self) -> io::Result<(Vec<Lost>, Vec<String>)> {
        let (mut found, mut unreadable) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|suffix| suffix != "lock") || path == self.lock.path() || is_alive(&path) {
                continue;
            }
            let kept = path.with_extension("json");
            match read(&kept) {
                Ok(Some((journal, changed))) => {
                    let id = path.file_stem().map(|id| id.to_string_lossy().into_owned()).unwrap_or_default();
                    found.push(Lost { id, journal, changed });
                }
                Ok(None) => remove(&path)?,
                Err(why) => unreadable.push(format!("{}: {why}", kept.display())),
            }
        }
        found.sort_by_key(|lost| std::cmp::Reverse(lost.changed));
        Ok((found, unreadable))
    }

    /// Lets go of what was left behind under this id.
    pub(super) fn forget(&self, id: &str) -> io::Result<()> {
        let path = self.folder.join(id);
        // An id is a plain name: nothing outside the folder can be meant by it.
        if path.parent() != Some(&self.folder) {
            return Ok(());
        }
        remove(&path.with_extension("json"))?;
        remove(&path.with_extension("lock"))
    }
}

impl Drop for Recovery {
    fn drop(&mut self) {
        // A clean end: what was to be saved is saved, what was not was given up. What cannot be removed is offered
        // once more at the next start, which does no harm.
        let _ = remove(&self.lock.path().with_extension("json"));
    }
}

impl Journal {
    fn to_text(&self) -> io::Result<String> {
        let document: Value = serde_json::from_str(&format::save(&self.pipeline))?;
        Ok(json!({"title": self.title, "file": self.file, "pipeline": document}).to_string())
    }

    fn from_text(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let loaded = format::load(&value["pipeline"].to_string()).map_err(|error| error.to_string())?;
        Ok(Self {
            title: value["title"].as_str().unwrap_or_default().to_owned(),
            file: value["file"].as_str().map(PathBuf::from),
            pipeline: Arc::new(loaded.pipeline),
        })
    }
}

/// Whether the program that holds this lock still runs. Where that cannot be found out, its work is left alone.
fn is_alive(lock: &Path) -> bool {
    match File::open(lock).map(|file| file.try_lock()) {
        Ok(Ok(())) => false,
        Ok(Err(TryLockError::WouldBlock | TryLockError::Error(_))) => true,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn read(path: &Path) -> Result<Option<(Journal, Option<Timestamp>)>, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let changed = fs::metadata(path).and_then(|about| about.modified()).ok().and_then(|time| {
        let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
        // To the second: nobody remembers more.
        i64::try_from(since.as_secs()).ok()?.checked_mul(1_000_000).map(Timestamp)
    });
    Journal::from_text(&text).map(|journal| Some((journal, changed)))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use weir_engine::pipeline::{Edit, NodeEntry};
    use weir_engine::spec::NodeId;

    use super::*;

    /// Set for the child process that journals until it is killed: the folder.
    const CHILD: &str = "WEIR_TEST_JOURNAL_IN";

    fn journal(nodes: u64) -> Journal {
        let mut pipeline = Pipeline::new();
        for id in 1..=nodes {
            let entry = NodeEntry::new(NodeId(id), "filter", format!("node_{id}"));
            pipeline.apply(&Edit::AddNode(Box::new(entry))).unwrap();
        }
        Journal { title: "words".to_owned(), file: Some("/home/words.weir.json".into()), pipeline: Arc::new(pipeline) }
    }

    /// Leaves work behind as a killed program does: the lock file stays, but nobody holds it.
    fn leave_behind(folder: &Path, name: &str, text: &str) {
        fs::write(folder.join(name).with_extension("lock"), "").unwrap();
        fs::write(folder.join(name).with_extension("json"), text).unwrap();
    }

    #[test]
    fn what_a_dead_program_left_is_found_and_what_a_living_one_edits_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let alive = Recovery::enter(folder.path()).unwrap();
        alive.keep(Some(&journal(3))).unwrap();
        leave_behind(folder.path(), "weir-dead", &journal(2).to_text().unwrap());
        let here = Recovery::enter(folder.path()).unwrap();
        let (lost, unreadable) = here.lost().unwrap();
        assert!(unreadable.is_empty());
        assert_eq!(lost.len(), 1);
        assert_eq!((lost[0].id.as_str(), lost[0].journal.pipeline.node_count()), ("weir-dead", 2));
        assert_eq!(lost[0].journal.file.as_deref(), Some(Path::new("/home/words.weir.json")));
        assert!(lost[0].changed.is_some());
        here.forget("weir-dead").unwrap();
        assert!(here.lost().unwrap().0.is_empty());
    }

    #[test]
    fn a_clean_end_and_a_saved_document_leave_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let first = Recovery::enter(folder.path()).unwrap();
        first.keep(Some(&journal(1))).unwrap();
        drop(first);
        let second = Recovery::enter(folder.path()).unwrap();
        second.keep(Some(&journal(1))).unwrap();
        second.keep(None).unwrap();
        let third = Recovery::enter(folder.path()).unwrap();
        assert!(third.lost().unwrap().0.is_empty());
        drop((second, third));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_cannot_be_read_stays_and_is_told() {
        let folder = tempfile::tempdir().unwrap();
        leave_behind(folder.path(), "weir-odd", "{\"pipeline\": 3");
        let here = Recovery::enter(folder.path()).unwrap();
        let (lost, unreadable) = here.lost().unwrap();
        assert!(lost.is_empty());
        assert_eq!(unreadable.len(), 1);
        assert!(folder.path().join("weir-odd.json").exists());
    }

    #[test]
    fn an_id_with_a_path_in_it_reaches_nothing_outside() {
        let folder = tempfile::tempdir().unwrap();
        let outside = folder.path().join("outside.json");
        fs::write(&outside, "mine").unwrap();
        let here = Recovery::enter(&folder.path().join("recovery")).unwrap();
        here.forget("../outside").unwrap();
        assert!(outside.exists());
    }

    /// No test of its own: what the next one starts as another process and kills.
    #[test]
    fn journals_until_killed() {
        let Some(folder) = std::env::var_os(CHILD) else { return };
        let recovery = Recovery::enter(Path::new(&folder)).unwrap();
        for nodes in 1.. {
            recovery.keep(Some(&journal(nodes))).unwrap();
            writeln!(io::stdout(), "\nkept {nodes}").unwrap();
        }
    }

    #[test]
    fn killed_at_any_moment_nothing_that_was_kept_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        for round in 1..=12u64 {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "files::recovery::tests::journals_until_killed", "--nocapture"])
                .env(CHILD, folder.path())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let kept = lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("kept ")?.parse::<u64>().ok());
            let told = kept.take(usize::try_from(round * 3).unwrap()).last().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            let here = Recovery::enter(folder.path()).unwrap();
            let (lost, unreadable) = here.lost().unwrap();
            assert_eq!(unreadable, Vec::<String>::new());
            assert_eq!(lost.len(), 1, "in round {round}");
            assert!(lost[0].journal.pipeline.node_count() as u64 >= told, "in round {round}");
            here.forget(&lost[0].id).unwrap();
        }
    }
}
