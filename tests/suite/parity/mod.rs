//! Weir against the recorded behaviour of Spark: every case of `tests/parity` as a pipeline on the virtual clock.
//!
//! Compared are the rows of each batch, whether it fired at all, the watermark, and the late rows. A case holds, or it
//! is listed with what Weir gives instead and the reason why. With `WEIR_PARITY_DIR` set, the cases of that folder are
//! run as well; with `--nocapture` every case is a line; with `WEIR_BLESS=1` what the listed cases give is written anew.

mod case;
mod docs;
mod listed;
mod refused;
mod run;
mod step;
mod translate;
pub mod values;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use case::Case;
use listed::Listed;
use run::Difference;

use crate::files::{must_be_fresh, root, text_of};

/// The folder with the recorded cases.
fn corpus() -> PathBuf {
    root().join("tests/parity")
}

fn listed() -> Listed {
    Listed::read(&text_of(&corpus().join("listed.json"))).unwrap_or_else(|error| panic!("listed.json: {error}"))
}

/// Runs a case; whatever goes wrong is told of this case alone.
fn differences(case: &Case) -> Result<Vec<Difference>, String> {
    let attempt = catch_unwind(AssertUnwindSafe(|| run::run(case, &translate::translate(case)?)));
    attempt.unwrap_or_else(|_| Err("it panicked".to_owned()))
}

/// What to print of a case, and whether it is as it should be.
fn verdict(id: &str, found: &Result<Vec<Difference>, String>, listed: &Listed) -> (bool, String) {
    let failed = |why: &str| (false, format!("FAIL    {id}: {why}"));
    match (found, listed.cases.get(id)) {
        (Err(why), _) => failed(why),
        (Ok(found), None) => match found.first() {
            None => (true, format!("pass    {id}")),
            Some(first) => failed(&first.line()),
        },
        (Ok(found), Some(entry)) => match entry.check(found) {
            Ok(()) => (true, format!("listed  {id} ({})", entry.accident)),
            Err(why) => failed(&why),
        },
    }
}

#[test]
fn every_recorded_case_holds_or_is_listed() {
    let listed = listed();
    let own = Case::all(&corpus());
    for id in listed.cases.keys() {
        assert!(own.iter().any(|case| case.id == *id), "{id} is listed, but there is no such case");
    }
    let others = std::env::var_os("WEIR_PARITY_DIR").map(|folder| Case::all(&PathBuf::from(folder)));
    let (mut failed, mut found) = (Vec::new(), BTreeMap::new());
    for case in own.iter().chain(others.iter().flatten()) {
        let differences = differences(case);
        let (holds, line) = verdict(&case.id, &differences, &listed);
        println!("{line}");
        if !holds {
            failed.push(line);
        }
        if listed.cases.contains_key(&case.id) {
            found.entry(case.id.clone()).or_insert_with(|| differences.unwrap_or_default());
        }
    }
    if std::env::var_os("WEIR_BLESS").is_some_and(|value| value == "1") {
        must_be_fresh("tests/parity/listed.json", &listed.written(&found));
        return;
    }
    assert!(failed.is_empty(), "{} cases differ from Spark:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn what_spark_refuses_is_refused_accepted_or_nothing_to_draw_as_the_table_says() {
    let table = refused::table(&corpus()).unwrap_or_else(|error| panic!("refused.json: {error}"));
    let cases = Case::all(&corpus());
    let mut failed = Vec::new();
    for (program, verdict) in &table {
        if let Err(why) = program.check(verdict, &cases) {
            println!("FAIL    {}: {why}", program.id);
            failed.push(format!("{}: {why}", program.id));
        }
    }
    assert!(failed.is_empty(), "{} programs are not as the table says:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn the_page_about_spark_is_fresh() {
    let table = refused::table(&corpus()).unwrap_or_else(|error| panic!("refused.json: {error}"));
    must_be_fresh("docs/parity.md", &docs::markdown(&Case::all(&corpus()), &listed(), &table));
}
