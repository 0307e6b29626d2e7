//! Ten usual expressions over a million rows, each beside the same computation written by hand over Arrow arrays.

#![allow(missing_docs, clippy::panic, clippy::expect_used, reason = "a benchmark")]

use std::sync::{Arc, LazyLock};

use arrow::array::StringViewBuilder;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, Int64Array, StringViewArray};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{Float64Type, Int32Type, Int64Type};
use arrow::record_batch::RecordBatch;
use divan::{Bencher, black_box};
use weir_engine::expr::{Expression, Scope};
use weir_engine::spec::Timestamp;

/// As in the program; what is written by hand has it as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROWS: usize = 1_000_000;

/// `n` int, `big` bigint, `x` double, `word` text; every tenth `big` is null.
static TABLE: LazyLock<RecordBatch> = LazyLock::new(|| {
    let words = ["alpha", "Beta", "a word longer than twelve bytes", "GET /index.html 200", ""];
    let rows = || 0..i32::try_from(ROWS).unwrap_or(i32::MAX);
    let columns: [(&str, ArrayRef); 4] = [
        ("n", Arc::new(rows().map(|row| row % 1_000).collect::<Int32Array>())),
        ("big", Arc::new(rows().map(|row| (row % 10 != 0).then(|| i64::from(row) * 7)).collect::<Int64Array>())),
        ("x", Arc::new(rows().map(|row| f64::from(row) * 0.25).collect::<Float64Array>())),
        ("word", Arc::new((0..ROWS).map(|row| words.get(row % words.len()).copied()).collect::<StringViewArray>())),
    ];
    RecordBatch::try_from_iter(columns).unwrap_or_else(|error| panic!("{error}"))
});

fn main() {
    divan::main();
}

fn evaluate(bencher: Bencher<'_, '_>, source: &str) {
    let table = &*TABLE;
    let expression = Expression::compile(source, &table.schema()).unwrap_or_else(|error| panic!("{error}"));
    let scope = Scope { batch: 0, time: Timestamp(0) };
    bencher.bench(|| black_box(expression.evaluate(table, &scope)));
}

fn by_hand<T>(bencher: Bencher<'_, '_>, compute: impl Fn(&RecordBatch) -> T + Sync) {
    let table = &*TABLE;
    bencher.bench(|| black_box(compute(table)));
}

fn ints(table: &RecordBatch) -> &Int32Array {
    table.column(0).as_primitive::<Int32Type>()
}

fn longs(table: &RecordBatch) -> &Int64Array {
    table.column(1).as_primitive::<Int64Type>()
}

fn doubles(table: &RecordBatch) -> &Float64Array {
    table.column(2).as_primitive::<Float64Type>()
}

fn words(table: &RecordBatch) -> &StringViewArray {
    table.column(3).as_string_view()
}

mod add {
    use super::{Bencher, Int32Array, by_hand, evaluate, ints};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "n + 1");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| {
            ints(table).values().iter().map(|n| n.checked_add(1)).collect::<Option<Vec<i32>>>().map(Int32Array::from)
        });
    }
}

mod linear {
    use super::{Bencher, Float64Array, by_hand, doubles, evaluate};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "x * 1.2D + 3");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| doubles(table).values().iter().map(|x| x * 1.2 + 3.0).collect::<Float64Array>());
    }
}

mod quotient {
    use super::{Bencher, Float64Array, by_hand, evaluate, ints};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "n / 3");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| ints(table).values().iter().map(|n| f64::from(*n) / 3.0).collect::<Float64Array>());
    }
}

mod compare {
    use super::{Bencher, BooleanArray, BooleanBuffer, by_hand, doubles, evaluate};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "x > 1000.0D");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| {
            let values = doubles(table).values();
            BooleanArray::new(BooleanBuffer::collect_bool(values.len(), |row| values[row] > 1000.0), None)
        });
    }
}

mod both {
    use super::{Bencher, BooleanArray, BooleanBuffer, by_hand, doubles, evaluate, ints};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "n > 500 AND x < 200000.0D");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| {
            let (ints, doubles) = (ints(table).values(), doubles(table).values());
            let holds = |row: usize| ints[row] > 500 && doubles[row] < 200_000.0;
            BooleanArray::new(BooleanBuffer::collect_bool(ints.len(), holds), None)
        });
    }
}

mod coalesce {
    use super::{Array, Bencher, Int64Array, by_hand, evaluate, longs};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "coalesce(big, 0L)");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| {
            let longs = longs(table);
            let value = |row| if longs.is_valid(row) { longs.value(row) } else { 0 };
            (0..longs.len()).map(value).collect::<Vec<i64>>().into_iter().collect::<Int64Array>()
        });
    }
}

mod choose {
    use super::{Bencher, Int32Array, by_hand, evaluate, ints};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "CASE WHEN n > 500 THEN 1 ELSE 0 END");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| ints(table).values().iter().map(|n| i32::from(*n > 500)).collect::<Int32Array>());
    }
}

mod upper {
    use super::{Bencher, StringViewBuilder, by_hand, evaluate, words};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "upper(word)");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| {
            let mut builder = StringViewBuilder::new();
            words(table).iter().flatten().for_each(|word| builder.append_value(word.to_uppercase()));
            builder.finish()
        });
    }
}

mod like {
    use super::{Bencher, BooleanArray, by_hand, evaluate, words};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "word LIKE '%index%'");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| {
            words(table).iter().map(|word| word.map(|word| word.contains("index"))).collect::<BooleanArray>()
        });
    }
}

mod substring {
    use super::{Bencher, StringViewBuilder, by_hand, evaluate, words};

    #[divan::bench]
    fn expression(bencher: Bencher<'_, '_>) {
        evaluate(bencher, "substring(word, 2, 5)");
    }

    #[divan::bench]
    fn hand(bencher: Bencher<'_, '_>) {
        by_hand(bencher, |table| {
            let mut builder = StringViewBuilder::new();
            for word in words(table).iter().flatten() {
                let start = word.char_indices().nth(1).map_or(word.len(), |(at, _)| at);
                let rest = &word[start..];
                let end = rest.char_indices().nth(5).map_or(rest.len(), |(at, _)| at);
                builder.append_value(&rest[..end]);
            }
            builder.finish()
        });
    }
}
