//! A file as long as it was when it was looked at: what is appended afterwards is not seen, and a place beyond its end
//! is an error before anything is reserved for it.

use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Seek, SeekFrom, Take};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// The file and the length that counts.
#[derive(Debug)]
pub(super) struct BoundedFile {
    file: File,
    len: u64,
}

impl BoundedFile {
    /// Its first `len` bytes.
    pub(super) fn new(file: File, len: u64) -> Self {
        Self { file, len }
    }

    /// Another handle on the same bytes. The two share their position; both seek before they read.
    pub(super) fn try_clone(&self) -> std::io::Result<Self> {
        Ok(Self { file: self.file.try_clone()?, len: self.len })
    }

    /// These bytes, if the file has them.
    pub(super) fn read_at(&self, start: u64, length: u64) -> std::io::Result<Vec<u8>> {
        let size = usize::try_from(length).map_err(|_| Error::from(ErrorKind::UnexpectedEof))?;
        if start.checked_add(length).is_none_or(|end| end > self.len) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::with_capacity(size);
        file.take(length).read_to_end(&mut bytes)?;
        if bytes.len() == size { Ok(bytes) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }
}

impl Length for BoundedFile {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for BoundedFile {
    type T = BufReader<Take<File>>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let mut file = self.file.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(file.take(self.len.saturating_sub(start))))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.read_at(start, length as u64).map(Bytes::from).map_err(ParquetError::from)
    }
}
