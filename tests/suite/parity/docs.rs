//! `docs/parity.md`: what is compared with Spark, the cases that are meant to differ, and what Weir says to the programs
//! that Spark refuses.

use std::fmt::Write as _;

use super::case::Case;
use super::listed::Listed;
use super::refused::{Program, Verdict, counts};

const HEAD: &str = "\
# Weir and Spark

<!-- Generated from tests/parity; do not edit. WEIR_BLESS=1 cargo test -p weir-tests docs -->

Weir means by a stream what Spark means by it. Its test suite holds it to recorded behaviour of Apache Spark 4.3: every
recorded program is built as a pipeline and run on the virtual clock, and the rows of each batch, whether it fired, the
watermarks and the late rows must be the same. Where Spark's behaviour is an accident that nobody would expect, Weir
does what a person expects; those cases are listed here with the reason, and with what Weir gives instead
(`tests/parity/listed.json`).
";

const REFUSED: &str = "\
## Programs that Spark refuses

And some that it accepts to one's surprise. *Refused* means: the designer says so while the pipeline is drawn, with the
words that are quoted.
";

/// The whole page.
pub fn markdown(cases: &[Case], listed: &Listed, table: &[(Program, Verdict)]) -> String {
    let mut page = HEAD.to_owned();
    let held = cases.len() - listed.cases.len();
    line(
        &mut page,
        &format!("\nOf {} recorded programs {held} hold and {} are listed.", cases.len(), listed.cases.len()),
    );
    line(&mut page, "\n## Where Weir differs\n");
    for (name, accident) in &listed.accidents {
        line(&mut page, &format!("### {name}\n\n{accident}\n\n| Case | What differs |\n|---|---|"));
        for (id, case) in listed.cases.iter().filter(|(_, case)| case.accident == *name) {
            line(&mut page, &format!("| `{id}` | {} |", case.differs));
        }
        line(&mut page, "");
    }
    page.push_str(REFUSED);
    let counts: Vec<String> = counts(table).into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    line(&mut page, &format!("Of {} programs: {}.", table.len(), counts.join(", ")));
    let mut section = "";
    for (program, verdict) in table {
        let (file, name) = program.id.split_once(": ").unwrap_or(("", &program.id));
        if file != section {
            line(&mut page, &format!("\n### {file}\n\n| Case | Spark | Weir |\n|---|---|---|"));
            section = file;
        }
        let spark = if program.error.is_some() { "refused" } else { "accepted" };
        line(&mut page, &format!("| `{name}` | {spark} | {} |", said(verdict)));
    }
    page
}

fn said(verdict: &Verdict) -> String {
    let text = match verdict {
        Verdict::Refused { says, .. } => format!("refused: \"{says}\""),
        Verdict::Accepted { because: Some(because), .. } => format!("accepted: {because}"),
        Verdict::Accepted { because: None, .. } => "accepted".to_owned(),
        Verdict::NotExpressible { because } => format!("not expressible: {because}"),
    };
    text.replace('|', "\\|")
}

fn line(page: &mut String, text: &str) {
    writeln!(page, "{text}").expect("a text takes all");
}
