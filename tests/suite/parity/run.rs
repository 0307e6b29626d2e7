//! Runs a translated case on the virtual clock, tick by tick, and says where it differs from what was recorded.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use weir_engine::runtime::Presented;
use weir_engine::spec::Timestamp;

use super::case::{Case, Interface, Output, Progress};
use super::translate::{Counted, Late, Program, Shown};
use super::values::{rows_of, same, same_type, sort, type_on_links};
use crate::support::{Batch, VirtualRun, id_of};

/// Two suffice: that their number makes no difference is tested elsewhere.
const THREADS: usize = 2;

/// One place where Weir and Spark differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// `batch 3 of counts`.
    pub place: String,
    pub spark: Value,
    pub weir: Value,
}

impl Difference {
    /// What to read of it in a line.
    pub fn line(&self) -> String {
        let (missing, extra) = (without(&self.spark, &self.weir), without(&self.weir, &self.spark));
        format!("{}: Spark has {missing}, Weir has {extra}", self.place)
    }
}

/// Runs a case to its end. The error says why it could not run at all.
pub fn run(case: &Case, program: &Program) -> Result<Vec<Difference>, String> {
    let mut run = VirtualRun::try_start(&program.pipeline, THREADS).map_err(|problems| {
        let messages: Vec<String> = problems.into_iter().map(|problem| problem.message).collect();
        format!("the pipeline is refused: {}", messages.join("; "))
    })?;
    let mut found = Vec::new();
    for tick in 0..case.ticks() {
        let batch = run.step();
        if let Some((node, message)) = batch.failures.first() {
            return Err(format!("batch {tick}: `{node}` failed: {message}"));
        }
        for shown in &program.results {
            found.extend(compare_rows(case, shown, &batch, tick)?);
        }
        if let Some(progress) = case.progress.get(tick) {
            found.extend(compare_watermark(program, progress, &batch, tick));
            found.extend(compare_late(case, program, progress, &batch, tick)?);
        }
    }
    Ok(found)
}

fn compare_rows(case: &Case, shown: &Shown, batch: &Batch, tick: usize) -> Result<Option<Difference>, String> {
    let output = case.outputs.iter().find(|output| output.name == shown.output).ok_or("an output is missing")?;
    let mut spark = output.batches.get(tick).cloned().flatten();
    let mut weir = match presented(batch, &shown.sink) {
        Some(presented) => Some(rows_of(&presented.rows, &places(output, shown, presented)?)?),
        // A query has no batch in which nothing fires.
        None if case.interface == Interface::Structured => Some(Vec::new()),
        None => None,
    };
    for rows in [&mut spark, &mut weir].into_iter().flatten().filter(|_| !output.is_ordered) {
        // The values of a group come in any order with DStreams.
        sort(rows, case.interface == Interface::DStream);
    }
    let (spark, weir) = (spark.map_or(Value::Null, Value::Array), weir.map_or(Value::Null, Value::Array));
    let place = format!("batch {tick} of {}", output.name);
    Ok((!same(&spark, &weir)).then_some(Difference { place, spark, weir }))
}

/// Where the columns of an output stand in a sink, once their types were checked.
fn places(output: &Output, shown: &Shown, presented: &Presented) -> Result<Vec<usize>, String> {
    let place = |(name, column): (&String, &super::case::Column)| {
        let index = presented.schema.index_of(name).map_err(|error| error.to_string())?;
        let found = presented.schema.field(index).data_type();
        match type_on_links(&column.kind) {
            Some(wanted) if !same_type(&wanted, found) => {
                Err(format!("column `{name}` of {} is {found}, not {wanted}", output.name))
            }
            Some(_) => Ok(index),
            None if column.kind == "any" => Ok(index),
            None => Err(format!("the corpus has no type `{}`", column.kind)),
        }
    };
    shown.columns.iter().zip(&output.columns).map(place).collect()
}

fn presented<'a>(batch: &'a Batch, sink: &str) -> Option<&'a Arc<Presented>> {
    batch.presented.iter().find(|presented| presented.name == sink)
}

/// The watermark a batch ran with. Spark's starts at the epoch, ours before any time.
fn compare_watermark(program: &Program, progress: &Progress, batch: &Batch, tick: usize) -> Option<Difference> {
    let spark = progress.watermark.as_ref()?;
    let of = |name: &String| batch.report.node(id_of(&program.pipeline, name))?.watermark;
    let weir = program.watermarks.iter().map(of).min().flatten().map(|time| time.max(Timestamp(0)).to_string());
    let place = format!("watermark of batch {tick}");
    (weir.as_ref() != Some(spark)).then(|| Difference { place, spark: json!(spark), weir: json!(weir) })
}

fn compare_late(
    case: &Case,
    program: &Program,
    progress: &Progress,
    batch: &Batch,
    tick: usize,
) -> Result<Option<Difference>, String> {
    if !case.has_late_rows() {
        return Ok(None);
    }
    if program.late.len() != progress.dropped.len() {
        let (ours, theirs) = (program.late.len(), progress.dropped.len());
        return Err(format!("{ours} steps of the translation can drop late rows, {theirs} of Spark's"));
    }
    let weir = program.late.iter().map(|late| count_late(late, batch)).collect::<Result<Vec<u64>, _>>()?;
    let place = format!("late rows of batch {tick}");
    Ok((weir != progress.dropped).then(|| Difference { place, spark: json!(progress.dropped), weir: json!(weir) }))
}

/// Late rows as Spark counts them: where it has put rows together before, the different keys.
fn count_late(late: &Late, batch: &Batch) -> Result<u64, String> {
    let Some(presented) = presented(batch, &late.sink) else { return Ok(0) };
    let (Counted::Rows { times: columns } | Counted::Per(columns)) = &late.counted;
    let place = |name: &String| presented.schema.index_of(name).map_err(|error| error.to_string());
    let places: Vec<usize> = columns.iter().map(place).collect::<Result<_, _>>()?;
    let rows = rows_of(&presented.rows, &places)?;
    let count = match &late.counted {
        Counted::Per(_) => rows.iter().map(Value::to_string).collect::<BTreeSet<_>>().len(),
        Counted::Rows { times } if times.is_empty() => rows.len(),
        Counted::Rows { .. } => rows.iter().filter(|row| !is_all_null(row)).count(),
    };
    Ok(count as u64)
}

fn is_all_null(row: &Value) -> bool {
    row.as_array().is_some_and(|cells| cells.iter().all(Value::is_null))
}

/// The rows of one side that the other lacks; values that are no rows as they are.
fn without(rows: &Value, other: &Value) -> Value {
    let (Value::Array(rows), Value::Array(other)) = (rows, other) else {
        return if rows.is_null() { json!("not fired") } else { rows.clone() };
    };
    let mut rest: Vec<&Value> = other.iter().collect();
    let mut lacking = Vec::new();
    for row in rows {
        match rest.iter().position(|candidate| same(row, candidate)) {
            Some(index) => drop(rest.remove(index)),
            None => lacking.push(row.clone()),
        }
    }
    Value::Array(lacking)
}
