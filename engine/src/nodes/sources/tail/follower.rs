//! Follows a name: reads the file it stands for to its end, and goes over to the next one that gets the name.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::PathBuf;

use serde::Deserialize;

use super::opened::{Identity, Lines, Opened};
use crate::nodes::sources::content::Content;
use crate::plan::NodeError;

/// Where to begin in a file that is there at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Origin {
    Beginning,
    End,
}

/// Follows a file.
#[derive(Debug)]
pub(super) struct Follower {
    path: PathBuf,
    from: Origin,
    pub(super) content: Content,
    opened: Option<Opened>,
    /// Whether the first look is over: a file that appears later is read from its beginning.
    has_begun: bool,
    /// Whether the name stood for another file at the last look already.
    has_successor: bool,
    truncations: u64,
    rotations: u64,
}

/// What one look gave.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) lines: Lines,
    /// What is missing.
    pub(super) waiting: Option<String>,
    /// Whether the next look need not wait.
    pub(super) has_more: bool,
}

impl Follower {
    /// Nothing is touched yet.
    pub(super) fn new(path: PathBuf, from: Origin, content: Content) -> Self {
        Self { path, from, content, opened: None, has_begun: false, has_successor: false, truncations: 0, rotations: 0 }
    }

    /// Reads on, at most so many lines, or sees what became of the file. An error of the data is final: the file's
    /// header does not fit.
    pub(super) fn look(&mut self, lines: usize) -> Result<Look, NodeError> {
        if self.opened.is_none() {
            match Opened::at_beginning(&self.path, &self.content) {
                Ok(mut opened) => {
                    if !self.has_begun && self.from == Origin::End {
                        opened.skip_to_end(&self.path, &self.content)?;
                    }
                    self.opened = Some(opened);
                }
                Err(error) => {
                    // A file that is there but may not be opened is none that appears later.
                    self.has_begun |= error.kind() == ErrorKind::NotFound;
                    return Ok(Look { waiting: Some(self.cannot_open(&error)), ..Look::default() });
                }
            }
        }
        self.has_begun = true;
        let Some(opened) = &mut self.opened else { return Ok(Look::default()) };
        if let Some(lines) = opened.read(&self.path, &self.content, lines)? {
            return Ok(Look { lines, waiting: None, has_more: true });
        }
        if opened.is_truncated() {
            let lines = opened.finish(&self.path, &self.content)?;
            let cannot = |error| NodeError::environment(format!("{} cannot be read: {error}", self.path.display()));
            opened.rewind(&self.content).map_err(cannot)?;
            self.truncations += 1;
            return Ok(Look { lines, waiting: None, has_more: true });
        }
        self.see_successor()
    }

    /// At the end of the file: whether its name stands for another one. A program that still writes to the old one
    /// has until the next look to finish.
    fn see_successor(&mut self) -> Result<Look, NodeError> {
        let Some(opened) = &mut self.opened else { return Ok(Look::default()) };
        match fs::metadata(&self.path) {
            Ok(metadata) if Identity::of(&metadata) == opened.identity => {
                self.has_successor = false;
                Ok(Look::default())
            }
            Ok(_) if !self.has_successor => {
                self.has_successor = true;
                Ok(Look::default())
            }
            Ok(_) => {
                let lines = opened.finish(&self.path, &self.content)?;
                self.opened = None;
                self.has_successor = false;
                self.rotations += 1;
                Ok(Look { lines, waiting: None, has_more: true })
            }
            Err(_) => {
                let name = self.path.display();
                let waiting = Some(format!("{name} is gone; waiting for another file of that name"));
                Ok(Look { waiting, ..Look::default() })
            }
        }
    }

    /// What is followed and what has happened to it.
    pub(super) fn sentence(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy();
        let mut sentence = name.into_owned();
        if self.truncations > 0 {
            sentence = format!("{sentence}; truncated and begun again: {}", self.truncations);
        }
        if self.rotations > 0 {
            sentence = format!("{sentence}; replaced by a new file: {}", self.rotations);
        }
        sentence
    }

    fn cannot_open(&self, error: &Error) -> String {
        let name = self.path.display();
        if error.kind() == ErrorKind::NotFound {
            format!("there is no file {name} yet; waiting for it")
        } else if error.kind() == ErrorKind::PermissionDenied {
            format!("the file {name} may not be read; change its permissions or choose another")
        } else if error.kind() == ErrorKind::IsADirectory {
            format!("{name} is a folder; choose a file in it")
        } else {
            format!("the file {name} cannot be opened: {error}")
        }
    }
}
