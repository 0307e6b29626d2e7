//! `repartition`: cuts each batch into pieces of equal size. The rows stay what they are.

use std::sync::Arc;

use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;
use serde::Deserialize;

use crate::plan::{
    BatchContext, Category, Chunk, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext,
    Planned, Presents, Stage, WindowUse, rows_of,
};
use crate::spec::{Default, Diagnostic, ParamKind, ParamSpec, PortSpec, Timestamp};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "repartition",
    title: "Repartition",
    summary: "Cuts each batch into pieces of equal size; the rows stay as they are.",
    doc: "Here, on one machine, this changes no result: the rows pass in their order, cut into so many pieces of equal \
          size (a row more or less; a batch of fewer rows has fewer pieces). Weir spreads its work over the processor by \
          itself, so the node is of use only for pipelines that go to a cluster: there Spark shuffles the rows so that so \
          many tasks share the work that follows, which helps after a source with few partitions and costs a shuffle.\n\n\
          With `pieces` = 2, a batch of the chunks `a b c` and `d` becomes `a b` and `c d`. Rows that arrived at \
          different times are not put into one chunk, so that windows behind still find them. Spark: \
          `DStream.repartition`, `DataFrame.repartition`.",
    category: Category::Transform,
    icon: "M 2.5 3 L 13.5 3 L 13.5 13 L 2.5 13 Z M 6.2 3 L 6.2 13 M 9.8 3 L 9.8 13",
    base_name: "pieces",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "The same rows.", ..PortSpec::OUT }],
    params: &[ParamSpec::new(
        "pieces",
        "Pieces",
        "How many pieces; on a cluster, how many tasks.",
        ParamKind::Integer { min: 1, max: 10_000 },
    )
    .default(Default::Integer(8))],
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build: |params| {
        serde_json::from_value::<Repartition>(params.into())
            .map(|node| Box::new(node) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repartition {
    pieces: u64,
}

impl Node for Repartition {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let schema = Arc::clone(&context.input()?.schema);
        let operator = RepartitionOperator { schema: Arc::clone(&schema), pieces: self.pieces.max(1) };
        Ok(Planned::new(vec![LinkType::plain(schema)], Stage::Operator(Box::new(operator))))
    }
}

struct RepartitionOperator {
    schema: SchemaRef,
    pieces: u64,
}

/// Rows of one piece that arrived together, not yet put together.
struct Open {
    arrived: Timestamp,
    parts: Vec<RecordBatch>,
}

impl RepartitionOperator {
    fn close(&self, open: Option<Open>, closed: &mut Vec<Chunk>) -> Result<(), NodeError> {
        let Some(Open { arrived, parts }) = open else { return Ok(()) };
        let rows = match parts.as_slice() {
            [single] => single.clone(),
            several => concat_batches(&self.schema, several)?,
        };
        closed.push(Chunk::new(rows, arrived));
        Ok(())
    }

    /// One past the last row of a piece.
    fn end_of(&self, piece: u64, rows: u64) -> u64 {
        let end = u128::from(rows) * u128::from(piece + 1) / u128::from(self.pieces);
        u64::try_from(end).unwrap_or(rows)
    }
}

impl Operator for RepartitionOperator {
    fn process(&mut self, inputs: Inputs, _context: &BatchContext) -> Result<Outputs, NodeError> {
        let flow = inputs.into_iter().flatten().next().unwrap_or_default();
        let Flow::Fired(chunks) = flow else { return Ok(vec![Flow::Idle]) };
        let total = rows_of(&chunks);
        let mut closed = Vec::new();
        let mut open: Option<Open> = None;
        let (mut piece, mut place) = (0, 0);
        for chunk in &chunks {
            let mut first = 0;
            while first < chunk.rows.num_rows() {
                while self.end_of(piece, total) <= place {
                    piece += 1;
                    self.close(open.take(), &mut closed)?;
                }
                let room = usize::try_from(self.end_of(piece, total) - place).unwrap_or(usize::MAX);
                let len = room.min(chunk.rows.num_rows() - first);
                let part = chunk.rows.slice(first, len);
                if open.as_ref().is_some_and(|open| open.arrived != chunk.arrived) {
                    self.close(open.take(), &mut closed)?;
                }
                open.get_or_insert_with(|| Open { arrived: chunk.arrived, parts: Vec::new() }).parts.push(part);
                first += len;
                place += len as u64;
            }
        }
        self.close(open, &mut closed)?;
        Ok(vec![Flow::Fired(closed)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nodes::testdrive::{Driver, ints, operator, shown};

    fn pieces(pieces: u64, chunks: Vec<(f64, RecordBatch)>) -> Vec<Vec<String>> {
        let link = LinkType::plain(ints(&[]).schema());
        let mut node = operator(&KIND, &format!(r#"{{"pieces":{pieces}}}"#), &link);
        let out = Driver::new(1.0).feed(&mut *node, chunks);
        assert!(out.fired());
        out.chunks().iter().map(|chunk| shown(&Flow::Fired(vec![chunk.clone()]))).collect()
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        assert_eq!(pieces(2, vec![(0.0, ints(&[1, 2, 3])), (0.0, ints(&[4]))]), [["1", "2"], ["3", "4"]]);
    }

    #[test]
    fn rows_of_different_arrival_stay_apart() {
        let out = pieces(2, vec![(0.0, ints(&[1, 2, 3])), (0.5, ints(&[4]))]);
        assert_eq!(out, [vec!["1", "2"], vec!["3"], vec!["4"]]);
    }

    #[test]
    fn the_rows_of_a_batch_stay_as_they_are() {
        // dstream/repartition of the recorded behaviour.
        let batches: [&[i64]; 6] = [&[1, 2, 3], &[10], &[], &[-5, -5, 0], &[7, -2], &[4, 4, 4, 4]];
        for batch in batches {
            let out: Vec<_> = pieces(4, vec![(0.0, ints(batch))]).concat();
            assert_eq!(out, batch.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
        assert_eq!(pieces(4, vec![(0.0, ints(&[1, 2, 3]))]).len(), 3);
        assert!(pieces(4, Vec::new()).is_empty());
    }
}
