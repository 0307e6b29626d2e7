//! `docs/expressions.md`: how much of Spark's recorded expressions is equal, and what is refused.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Found, Listed, Verdict};

const HEAD: &str = "\
# Expressions and Spark

<!-- Generated from tests/parity/expressions.json; do not edit. WEIR_BLESS=1 cargo test -p weir-tests expressions -->

Expressions mean what they mean in Spark SQL 4.3 with ANSI mode on. Weir's test suite evaluates every recorded expression
row by row: *equal* are those with Spark's value and type on every row, or a failure where Spark fails; *refused* are those
that the designer does not take while editing, with the reason. None may differ silently; the few that are meant to
differ are listed. Aggregates and generators are compared as they are written with the group, map and flat map nodes.
";

/// How many of a group are what.
#[derive(Debug, Default, Clone, Copy)]
pub struct Shares {
    pub equal: usize,
    pub refused: usize,
    pub different: usize,
}

impl Shares {
    pub fn percent(self) -> usize {
        self.equal * 100 / (self.equal + self.refused + self.different).max(1)
    }
}

pub fn shares(found: &[Found]) -> BTreeMap<&str, Shares> {
    let mut shares: BTreeMap<&str, Shares> = BTreeMap::new();
    for entry in found {
        let share = shares.entry(&entry.group).or_default();
        match entry.verdict {
            Verdict::Equal => share.equal += 1,
            Verdict::Refused(_) => share.refused += 1,
            Verdict::Different(_) => share.different += 1,
        }
    }
    shares
}

pub fn markdown(found: &[Found], listed: &Listed) -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n| Group | Recorded | Equal | Refused | Listed | |\n|---|---|---|---|---|---|\n");
    let mut all = Shares::default();
    for (group, share) in shares(found) {
        let recorded = share.equal + share.refused + share.different;
        let percent = share.percent();
        let _ = writeln!(
            page,
            "| {group} | {recorded} | {} | {} | {} | {percent} % |",
            share.equal, share.refused, share.different
        );
        all.equal += share.equal;
        all.refused += share.refused;
        all.different += share.different;
    }
    let recorded = all.equal + all.refused + all.different;
    let _ = writeln!(
        page,
        "| **all** | {recorded} | {} | {} | {} | {} % |",
        all.equal,
        all.refused,
        all.different,
        all.percent()
    );
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    page.push_str("\n## Meant to differ\n\n| Expression | Why |\n|---|---|\n");
    for (key, reason) in &listed.differs {
        let _ = writeln!(page, "| `{}` | {} |", cell(key), cell(reason));
    }
    page.push_str("\n## Refused\n\n| Expression | What Weir says |\n|---|---|\n");
    for (key, reason) in &listed.refused {
        let _ = writeln!(page, "| `{}` | {} |", cell(key), cell(reason));
    }
    page
}
