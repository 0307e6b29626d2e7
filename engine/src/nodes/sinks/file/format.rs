//! Rows as the bytes of a file: text, CSV, JSON lines, Parquet, Arrow, packed or not.

use std::io::{Error, Write};

use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::CompressionType;
use arrow::ipc::writer::{FileWriter, IpcWriteOptions};
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use serde::Deserialize;

use super::csv;
use crate::expr::type_name;
use crate::nodes::sinks::encode::{json_lines, raw_lines};
use crate::nodes::sources::content::CsvDialect;
use crate::plan::{Chunk, LinkType};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    /// One text column, a line per row.
    Text,
    /// Values with a delimiter between, below a header.
    Csv,
    /// An object per line.
    JsonLines,
    /// Columns, as Spark reads them.
    Parquet,
    /// Columns, in an Arrow IPC file.
    Arrow,
}

/// How a file is packed: around its lines, or within its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Compression {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// How the bytes of a file are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Encoding {
    /// How rows are written.
    pub(super) format: Format,
    /// How CSV is.
    pub(super) dialect: CsvDialect,
    /// How that is packed.
    pub(super) compression: Compression,
}

/// The suffixes of all files that are written, without those of packings.
pub(super) const SUFFIXES: [&str; 5] = ["txt", "csv", "jsonl", "parquet", "arrow"];
/// The suffixes of packings.
pub(super) const PACKED_SUFFIXES: [&str; 2] = ["gz", "zst"];

impl Encoding {
    /// Without the first dot: `csv.gz`, `parquet`.
    pub(super) fn suffix(&self) -> &'static str {
        match (self.format, self.compression) {
            (Format::Text, Compression::None) => "txt",
            (Format::Text, Compression::Gzip) => "txt.gz",
            (Format::Text, Compression::Zstd) => "txt.zst",
            (Format::Csv, Compression::None) => "csv",
            (Format::Csv, Compression::Gzip) => "csv.gz",
            (Format::Csv, Compression::Zstd) => "csv.zst",
            (Format::JsonLines, Compression::None) => "jsonl",
            (Format::JsonLines, Compression::Gzip) => "jsonl.gz",
            (Format::JsonLines, Compression::Zstd) => "jsonl.zst",
            (Format::Parquet, _) => "parquet",
            (Format::Arrow, _) => "arrow",
        }
    }

    /// Which parameter is wrong for rows of this schema, and why.
    pub(super) fn check(&self, schema: &SchemaRef) -> Option<(&'static str, String)> {
        if (self.format, self.compression) == (Format::Arrow, Compression::Gzip) {
            let sentence = "Arrow files know no gzip; choose Zstandard, or none";
            return Some(("compression", sentence.to_owned()));
        }
        self.format.check(schema).map(|wrong| ("format", wrong))
    }

    /// Writes the rows of all chunks; a CSV file has its header also without rows. Through memory, so that an error of
    /// the disk is still the disk's own when it gets here.
    pub(super) fn write(&self, chunks: &[Chunk], schema: &SchemaRef, mut out: impl Write) -> Result<(), Error> {
        match self.format {
            Format::Parquet => out.write_all(&self.parquet(chunks, schema).map_err(Error::other)?),
            Format::Arrow => out.write_all(&self.arrow(chunks, schema).map_err(Error::other)?),
            Format::Text | Format::Csv | Format::JsonLines => match self.compression {
                Compression::None => self.write_lines(chunks, schema, &mut out),
                Compression::Gzip => {
                    let mut packed = GzEncoder::new(&mut out, flate2::Compression::default());
                    self.write_lines(chunks, schema, &mut packed)?;
                    packed.finish().map(|_| ())
                }
                Compression::Zstd => {
                    let mut packed = zstd::stream::write::Encoder::new(&mut out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                    self.write_lines(chunks, schema, &mut packed)?;
                    packed.finish().map(|_| ())
                }
            },
        }
    }

    fn write_lines(&self, chunks: &[Chunk], schema: &SchemaRef, out: &mut dyn Write) -> Result<(), Error> {
        if self.format == Format::Csv && self.dialect.has_header {
            csv::header(schema, &self.dialect, out)?;
        }
        let mut bytes = Vec::new();
        for Chunk { rows, .. } in chunks {
            bytes.clear();
            match self.format {
                Format::Text => raw_lines(rows, &mut bytes),
                Format::Csv => csv::rows(rows, &self.dialect, &mut bytes)?,
                Format::JsonLines => json_lines(rows, &mut bytes).map_err(Error::other)?,
                // Columns are not written row by row.
                Format::Parquet | Format::Arrow => {}
            }
            out.write_all(&bytes)?;
        }
        Ok(())
    }

    fn parquet(&self, chunks: &[Chunk], schema: &SchemaRef) -> Result<Vec<u8>, parquet::errors::ParquetError> {
        let compression = match self.compression {
            Compression::None => parquet::basic::Compression::UNCOMPRESSED,
            Compression::Gzip => parquet::basic::Compression::GZIP(GzipLevel::default()),
            Compression::Zstd => parquet::basic::Compression::ZSTD(ZstdLevel::default()),
        };
        let properties = WriterProperties::builder().set_compression(compression).build();
        let mut writer = ArrowWriter::try_new(Vec::new(), SchemaRef::clone(schema), Some(properties))?;
        for chunk in chunks {
            writer.write(&chunk.rows)?;
        }
        writer.into_inner()
    }

    fn arrow(&self, chunks: &[Chunk], schema: &SchemaRef) -> Result<Vec<u8>, ArrowError> {
        let compression = (self.compression == Compression::Zstd).then_some(CompressionType::ZSTD);
        let options = IpcWriteOptions::default().try_with_compression(compression)?;
        let mut writer = FileWriter::try_new_with_options(Vec::new(), schema, options)?;
        for chunk in chunks {
            writer.write(&chunk.rows)?;
        }
        writer.into_inner()
    }
}

impl Format {
    /// Why rows of this schema cannot be written so.
    fn check(self, schema: &SchemaRef) -> Option<String> {
        match self {
            Self::JsonLines | Self::Arrow => None,
            Self::Parquet => {
                let has_no_place = |data_type: &DataType| {
                    matches!(data_type, DataType::Interval(_) | DataType::Duration(_) | DataType::Union(_, _))
                };
                let field = schema.fields().iter().find(|field| has_no_place(field.data_type()))?;
                Some(format!(
                    "Parquet has no place for the column `{}` of type {}; cast it, or choose JSON lines",
                    field.name(),
                    type_name(field.data_type())
                ))
            }
            Self::Csv => {
                let nested = schema.fields().iter().find(|field| field.data_type().is_nested())?;
                Some(format!(
                    "CSV has no place for the column `{}`, a list or structure; choose JSON lines or leave it out with \
                     a Map",
                    nested.name()
                ))
            }
            Self::Text => {
                let kinds: Vec<&DataType> = schema.fields().iter().map(|field| field.data_type()).collect();
                if kinds == [&LinkType::TEXT] {
                    return None;
                }
                let names: Vec<_> = schema.fields().iter().map(|field| format!("`{}`", field.name())).collect();
                Some(format!(
                    "text needs exactly one column of type string, but the input has {}; choose CSV or JSON lines, or \
                     keep one column with a Map",
                    names.join(", ")
                ))
            }
        }
    }
}
