//! `docs/oracles.md`: the laws that are tried with random inputs, with how many each run of the tests takes. It is
//! gathered from the tests themselves.

use std::fmt::Write as _;

use crate::files::{below, must_be_fresh, root, text_of};

/// What proptest takes where nothing else is said.
const DEFAULT_CASES: u32 = 256;

const HEAD: &str = "\
# Laws and oracles

Each line is a law that the tests try with random inputs, and how many of them every run takes. An oracle goes through \
the rows one by one and shares no code with what it checks. A failing input is made as small as possible before it is \
shown. `PROPTEST_CASES` raises the numbers of those that name none of their own (256).

Beside these stand the recorded runs of Spark ([parity](parity.md)) and the fuzz targets under `engine/fuzz`.
";

/// A test that takes random inputs.
#[derive(Debug, PartialEq, Eq)]
struct Law {
    name: String,
    cases: u32,
}

/// The laws of a file. A block `proptest! { ... }` may say how many cases its tests take.
fn laws(text: &str) -> Vec<Law> {
    let mut laws = Vec::new();
    let mut block: Option<(&str, u32)> = None;
    for line in text.lines() {
        let (indent, bare) = line.split_at(line.len() - line.trim_start().len());
        match &mut block {
            None if bare == "proptest! {" => block = Some((indent, DEFAULT_CASES)),
            Some((start, _)) if bare == "}" && indent == *start => block = None,
            Some((start, cases)) if indent.len() == start.len() + 4 => {
                if bare.starts_with("#![proptest_config(") {
                    *cases = cases_of(bare).unwrap_or(DEFAULT_CASES);
                } else if let Some((name, _)) = bare.strip_prefix("fn ").and_then(|rest| rest.split_once('(')) {
                    laws.push(Law { name: name.replace('_', " "), cases: *cases });
                }
            }
            None | Some(_) => {}
        }
    }
    laws
}

/// The number in `with_cases(96)`, `cases: 96` or `config(96)`.
fn cases_of(line: &str) -> Option<u32> {
    let after = ["with_cases(", "cases: ", "(config("].into_iter().find_map(|word| line.split_once(word))?.1;
    let digits: String = after.chars().filter(|c| *c != '_').take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// What a file is about: the paragraph it opens with, on one line.
fn about(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    lines.map(str::trim).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

fn markdown() -> String {
    let files = ["app/src", "engine/src", "tests/suite"].into_iter().flat_map(|folder| below(folder, ".rs"));
    let (mut body, mut count, mut cases) = (String::new(), 0, 0);
    for path in files {
        let text = text_of(&root().join(&path));
        let laws = laws(&text);
        if laws.is_empty() {
            continue;
        }
        let _ = write!(body, "\n## `{}`\n\n{}\n\n| law | cases |\n|---|--:|\n", path.display(), about(&text));
        for law in &laws {
            let _ = writeln!(body, "| {} | {} |", law.name, law.cases);
            cases += law.cases;
        }
        count += laws.len();
    }
    format!("{HEAD}\n{count} laws, {cases} cases in all.\n{body}")
}

#[test]
fn the_list_of_laws_is_fresh() {
    must_be_fresh("docs/oracles.md", &markdown());
}

#[test]
fn laws_are_found_with_their_cases() {
    let text = "proptest! {\n    #![proptest_config(ProptestConfig { cases: 1_500, ..x() })]\n\n    #[test]\n    fn a_b(\n        \
                x in 0..3,\n    ) {\n        let f = 1;\n    }\n\n    #[test]\n    fn c(x in 0..3) {}\n}\n\nfn d() {}\n\n    \
                proptest! {\n        #[test]\n        fn e(x in 0..3) {}\n    }\n";
    let law = |name: &str, cases| Law { name: name.to_owned(), cases };
    assert_eq!(laws(text), [law("a b", 1_500), law("c", 1_500), law("e", 256)]);
}
