//! What must hold of parsing: terms keep their text, and hostile input is refused.

use std::sync::Arc;

use arrow::array::{AsArray, StringViewArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;

use super::*;
use crate::expr::Scope;
use crate::spec::Timestamp;

fn first_term(query: &str) -> Term {
    let term = |query: &Query| {
        let Body::Select(select) = &query.body else { panic!("a SELECT") };
        let Some(Item::Term { term, .. }) = select.items.first() else { panic!("a term") };
        Ok(term.clone())
    };
    with_select(query, term).unwrap()
}

proptest! {
    #[test]
    fn a_text_survives_being_taken_apart_and_put_together(text in "[ -~ä漢\\n]{0,12}") {
        let written = text.replace('\\', "\\\\").replace('\'', "\\'");
        let term = first_term(&format!("SELECT concat(x, '{written}')"));
        let resolved = term.resolve(&|_, name| Lookup::Found(name.to_owned())).unwrap();
        let schema = Arc::new(Schema::new(vec![Field::new("x", DataType::Utf8View, true)]));
        let compiled = resolved.compile(&schema).unwrap();
        let rows = RecordBatch::try_new(schema, vec![Arc::new(StringViewArray::from(vec!["x"]))]).unwrap();
        let value = compiled.evaluate(&rows, &Scope { batch: 0, time: Timestamp(0) }).unwrap();
        prop_assert_eq!(value.as_string_view().value(0), format!("x{text}"));
    }
}

#[test]
fn what_nests_without_end_is_refused() {
    for query in [
        format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000)),
        format!("SELECT 1 FROM {}t", "(SELECT 1 FROM ".repeat(800)),
        "SELECT ".repeat(2_000),
        format!("SELECT {}1", "NOT ".repeat(3_000)),
        format!("SELECT 1{}", " UNION SELECT 1".repeat(900)),
        "x".repeat(20_000),
    ] {
        assert!(!with_select(&query, |_| Ok(())).unwrap_err().message.is_empty());
    }
}
