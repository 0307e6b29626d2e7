//! The samples that come with the program: part of the binary, so that a bare installation has them too.

use std::io;
use std::path::{Path, PathBuf};

use weir_engine::format;
use weir_engine::pipeline::Pipeline;

use crate::i18n::tr;

/// The sample the program starts with.
pub const FIRST: &str = "word_count";

/// A sample.
pub struct Sample {
    /// Its file's name without suffix.
    pub name: &'static str,
    title: &'static str,
    summary: &'static str,
    text: &'static str,
}

/// All samples, the simplest first.
pub const ALL: &[Sample] = &[
    Sample {
        name: "word_count",
        title: "sample.word_count",
        summary: "sample.word_count.summary",
        text: include_str!("../../samples/word_count.weir.json"),
    },
    Sample {
        name: "network_word_count",
        title: "sample.network_word_count",
        summary: "sample.network_word_count.summary",
        text: include_str!("../../samples/network_word_count.weir.json"),
    },
    Sample {
        name: "windowed_word_count",
        title: "sample.windowed_word_count",
        summary: "sample.windowed_word_count.summary",
        text: include_str!("../../samples/windowed_word_count.weir.json"),
    },
    Sample {
        name: "running_word_count",
        title: "sample.running_word_count",
        summary: "sample.running_word_count.summary",
        text: include_str!("../../samples/running_word_count.weir.json"),
    },
    Sample {
        name: "access_log",
        title: "sample.access_log",
        summary: "sample.access_log.summary",
        text: include_str!("../../samples/access_log.weir.json"),
    },
    Sample {
        name: "sensors",
        title: "sample.sensors",
        summary: "sample.sensors.summary",
        text: include_str!("../../samples/sensors.weir.json"),
    },
    Sample {
        name: "top_tags",
        title: "sample.top_tags",
        summary: "sample.top_tags.summary",
        text: include_str!("../../samples/top_tags.weir.json"),
    },
    Sample {
        name: "late_data",
        title: "sample.late_data",
        summary: "sample.late_data.summary",
        text: include_str!("../../samples/late_data.weir.json"),
    },
    Sample {
        name: "ad_clicks",
        title: "sample.ad_clicks",
        summary: "sample.ad_clicks.summary",
        text: include_str!("../../samples/ad_clicks.weir.json"),
    },
    Sample {
        name: "duplicates",
        title: "sample.duplicates",
        summary: "sample.duplicates.summary",
        text: include_str!("../../samples/duplicates.weir.json"),
    },
    Sample {
        name: "sentiment",
        title: "sample.sentiment",
        summary: "sample.sentiment.summary",
        text: include_str!("../../samples/sentiment.weir.json"),
    },
    Sample {
        name: "sessions",
        title: "sample.sessions",
        summary: "sample.sessions.summary",
        text: include_str!("../../samples/sessions.weir.json"),
    },
    Sample {
        name: "active_users",
        title: "sample.active_users",
        summary: "sample.active_users.summary",
        text: include_str!("../../samples/active_users.weir.json"),
    },
    Sample {
        name: "sql_join",
        title: "sample.sql_join",
        summary: "sample.sql_join.summary",
        text: include_str!("../../samples/sql_join.weir.json"),
    },
    Sample {
        name: "orders_to_database",
        title: "sample.orders_to_database",
        summary: "sample.orders_to_database.summary",
        text: include_str!("../../samples/orders_to_database.weir.json"),
    },
    Sample {
        name: "overload",
        title: "sample.overload",
        summary: "sample.overload.summary",
        text: include_str!("../../samples/overload.weir.json"),
    },
];

/// The data the samples read, by the path they read it from.
const DATA: &[(&str, &[u8])] = &[
    ("data/access.log", include_bytes!("../../samples/data/access.log")),
    ("data/clicks.jsonl.gz", include_bytes!("../../samples/data/clicks.jsonl.gz")),
    ("data/customers.csv", include_bytes!("../../samples/data/customers.csv")),
    ("data/deliveries.arrow", include_bytes!("../../samples/data/deliveries.arrow")),
    ("data/orders.parquet", include_bytes!("../../samples/data/orders.parquet")),
    ("data/sensors.jsonl", include_bytes!("../../samples/data/sensors.jsonl")),
    ("data/sentiment.csv", include_bytes!("../../samples/data/sentiment.csv")),
];

impl Sample {
    /// Its title in the language in force.
    pub fn title(&self) -> &'static str {
        tr(self.title)
    }

    /// What it shows, in the language in force.
    pub fn summary(&self) -> &'static str {
        tr(self.summary)
    }

    /// Its pipeline. The error is a sentence; a test keeps it from ever being seen.
    pub fn load(&self) -> Result<Pipeline, String> {
        format::load(self.text).map(|loaded| loaded.pipeline).map_err(|error| error.to_string())
    }
}

/// The sample of this name.
pub fn find(name: &str) -> Option<&'static Sample> {
    ALL.iter().find(|sample| sample.name == name)
}

/// The folder with the samples' data: that of the sources or of the installation, else a copy made beside the system's
/// other temporary files.
pub fn locate() -> io::Result<PathBuf> {
    let of_sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let of_program = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("samples")));
    let found = std::iter::once(of_sources).chain(of_program).find(|folder| folder.is_dir());
    match found {
        Some(folder) => folder.canonicalize(),
        None => unpack(&std::env::temp_dir().join(concat!("weir-samples-", env!("CARGO_PKG_VERSION")))),
    }
}

fn unpack(folder: &Path) -> io::Result<PathBuf> {
    for (path, bytes) in DATA {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        if !path.is_file() {
            std::fs::write(path, bytes)?;
        }
    }
    Ok(folder.to_path_buf())
}

#[cfg(test)]
mod tests {
    use weir_engine::nodes::kind;
    use weir_engine::spec::{ParamKind, ParamSpec};

    use super::*;

    #[test]
    fn every_sample_loads_and_has_nodes() {
        for sample in ALL {
            let pipeline = sample.load().unwrap_or_else(|why| panic!("{}: {why}", sample.name));
            assert!(pipeline.node_count() >= 3, "{}", sample.name);
        }
        assert!(find(FIRST).is_some());
    }

    #[test]
    fn whatever_file_a_sample_reads_is_part_of_the_program() {
        let mut read = 0;
        for sample in ALL {
            for node in sample.load().unwrap().nodes() {
                let reads = |spec: &ParamSpec| matches!(spec.kind, ParamKind::File { writes: false, .. });
                let spec = kind(&node.kind).and_then(|kind| kind.params.iter().find(|spec| reads(spec)));
                let Some(path) = spec.and_then(|spec| node.params.get(spec.name)?.as_str()) else { continue };
                assert!(DATA.iter().any(|(name, _)| *name == path), "{}: {path} is missing here", sample.name);
                read += 1;
            }
        }
        assert!(read >= 3);
    }

    #[test]
    fn the_data_of_the_samples_is_unpacked_where_nothing_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        unpack(folder.path()).unwrap();
        for (path, bytes) in DATA {
            assert_eq!(std::fs::read(folder.path().join(path)).unwrap(), *bytes);
        }
    }
}
