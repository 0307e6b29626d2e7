//! `sample`: keeps a random share of the rows.
//!
//! Whether a row stays is a function of the seed, the batch's number and the row's place in the batch alone. So a run
//! that is repeated keeps the same rows, however its rows are cut into chunks and on any number of threads.

use std::sync::Arc;

use arrow::array::BooleanArray;
use serde::Deserialize;

use super::joining::keep_rows;
use crate::plan::{
    BatchContext, Category, Flow, Inputs, LinkType, Node, NodeError, NodeKind, Operator, Outputs, PlanContext, Planned,
    Presents, Stage, WindowUse,
};
use crate::spec::{Default, Diagnostic, ParamKind, ParamSpec, PortSpec};

/// The kind.
pub const KIND: NodeKind = NodeKind {
    id: "sample",
    title: "Sample",
    summary: "Keeps a random share of the rows.",
    doc: "Each row stays with the chance of **share**, independently of the others: of 1,000 rows at 10 % about 100 stay, \
          not exactly 100. The choice depends on the **seed**, the pipeline's seed, the batch's number and the row's place \
          in it, so that a run on the virtual clock keeps the same rows every time. Two nodes with different seeds choose \
          independently; with the same seed they choose the same rows of the same stream.\n\n\
          With a share of `50`:\n\n\
          | word | | word |\n|---|---|---|\n| `to` | | |\n| `be` | | `be` |\n| `or` | | `or` |\n| `not` | | |\n\n\
          Behind a window the stream stays windowed: a row that stays is in all windows that cover it. Spark: \
          `transform(rdd.sample(False, 0.5, seed))`, `DataFrame.sample`.",
    category: Category::Transform,
    icon: "D 4 4 1.3 C 8 4 1.3 C 12 4 1.3 C 4 8 1.3 C 8 8 1.3 D 12 8 1.3 C 4 12 1.3 D 8 12 1.3 C 12 12 1.3",
    base_name: "sampled",
    inputs: &[PortSpec::IN],
    outputs: &[PortSpec { doc: "The rows that were chosen.", ..PortSpec::OUT }],
    params: &[
        ParamSpec::new(
            "share",
            "Share",
            "How much of the stream to keep.",
            ParamKind::Number { min: 0.0, max: 100.0, unit: "%" },
        )
        .default(Default::Number(10.0)),
        ParamSpec::new(
            "seed",
            "Seed",
            "Another seed chooses other rows.",
            ParamKind::Integer { min: 0, max: i64::MAX },
        )
        .default(Default::Integer(0)),
    ],
    presents: Presents::None,
    windows: WindowUse::Keeps,
    build: |params| {
        serde_json::from_value::<Sample>(params.into())
            .map(|sample| Box::new(sample) as Box<dyn Node>)
            .map_err(|error| error.to_string())
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sample {
    share: f64,
    seed: u64,
}

impl Node for Sample {
    fn plan(&self, context: &PlanContext<'_>) -> Result<Planned, Vec<Diagnostic>> {
        let output = LinkType::plain(Arc::clone(&context.input()?.schema));
        let operator = SampleOperator { bound: bound(self.share), seed: self.seed };
        Ok(Planned::new(vec![output], Stage::Operator(Box::new(operator))))
    }
}

/// Of all 64-bit numbers, those below the bound are the share.
fn bound(share: f64) -> u128 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^64")]
    let bound = (share.clamp(0.0, 100.0) / 100.0 * 18_446_744_073_709_551_616.0) as u128;
    bound
}

struct SampleOperator {
    bound: u128,
    seed: u64,
}

impl Operator for SampleOperator {
    fn process(&mut self, inputs: Inputs, context: &BatchContext) -> Result<Outputs, NodeError> {
        let flow = inputs.into_iter().flatten().next().unwrap_or_default();
        let Flow::Fired(chunks) = flow else { return Ok(vec![Flow::Idle]) };
        let batch_seed = mix(mix(mix(context.seed) ^ self.seed) ^ context.batch);
        let mut place = 0u64;
        let mut kept = Vec::with_capacity(chunks.len());
        for chunk in &chunks {
            let end = place + chunk.rows.num_rows() as u64;
            let is_chosen = |place: u64| Some(u128::from(mix(batch_seed ^ mix(place))) < self.bound);
            let mask: BooleanArray = (place..end).map(is_chosen).collect();
            kept.extend(keep_rows(chunk, &mask)?);
            place = end;
        }
        Ok(vec![Flow::Fired(kept)])
    }
}

/// Scatters a number over all 64 bits (the finaliser of SplitMix64, Steele et al., OOPSLA 2014).
fn mix(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::nodes::testing::{batch, chunk, context, context_with, int, ints, operator, table, text};
    use crate::plan::Chunk;

    fn numbers(range: std::ops::Range<i32>) -> arrow::record_batch::RecordBatch {
        batch(vec![("n", int(range))])
    }

    fn sampled(params: serde_json::Value, chunks: Vec<Chunk>, context: &BatchContext) -> Vec<i32> {
        let (mut sample, _) = operator(&KIND, params, &[numbers(0..1).schema()]);
        ints(&sample.process(vec![vec![Flow::Fired(chunks)]], context).unwrap()[0], "n")
    }

    #[test]
    fn the_example_of_the_documentation_holds() {
        let rows = batch(vec![("word", text(["to", "be", "or", "not"]))]);
        let (mut sample, _) = operator(&KIND, json!({"share": 50.0}), &[rows.schema()]);
        let mut chosen = Vec::new();
        for batch in 0..64 {
            let context = BatchContext { batch, ..context() };
            let out = sample.process(vec![vec![Flow::Fired(vec![chunk(rows.clone())])]], &context).unwrap();
            chosen.push(table(&out[0]));
        }
        assert!(chosen.contains(&vec!["be".to_owned(), "or".to_owned()]), "{chosen:?}");
    }

    #[test]
    fn about_the_share_stays_and_all_or_nothing_at_the_ends() {
        let all = || vec![chunk(numbers(0..100_000))];
        let kept = sampled(json!({"share": 10.0}), all(), &context()).len();
        assert!((9_500..10_500).contains(&kept), "{kept}");
        assert_eq!(sampled(json!({"share": 100.0}), all(), &context()).len(), 100_000);
        assert_eq!(sampled(json!({"share": 0}), all(), &context()), [0i32; 0]);
    }

    #[test]
    fn another_seed_another_batch_and_another_run_choose_other_rows() {
        let all = || vec![chunk(numbers(0..1_000))];
        let first = sampled(json!({}), all(), &context());
        assert_eq!(first, sampled(json!({}), all(), &context()));
        assert_ne!(first, sampled(json!({"seed": 1}), all(), &context()));
        assert_ne!(first, sampled(json!({}), all(), &BatchContext { batch: 4, ..context() }));
        assert_ne!(first, sampled(json!({}), all(), &BatchContext { seed: 2, ..context() }));
    }

    proptest! {
        #[test]
        fn neither_cuts_nor_threads_change_the_choice(cut in 1usize..200, threads in 1usize..9) {
            let whole = sampled(json!({"share": 37.5}), vec![chunk(numbers(0..500))], &context());
            let rows = numbers(0..500);
            let cuts = (0..500).step_by(cut).map(|at| chunk(rows.slice(at, cut.min(500 - at)))).collect();
            prop_assert_eq!(whole, sampled(json!({"share": 37.5}), cuts, &context_with(threads)));
        }
    }
}
