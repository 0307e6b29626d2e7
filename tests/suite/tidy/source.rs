//! Source files as the tidy tests see them: production code without comments, and what stands in it.

use std::path::{Path, PathBuf};

use crate::files::{below, root, text_of};

/// One source file.
pub struct Source {
    /// From the root.
    pub path: PathBuf,
    /// As it is.
    pub text: String,
}

impl Source {
    /// All source files of a crate, without those that are tests only.
    pub fn of(folder: &str) -> Vec<Self> {
        let all = below(folder, ".rs").into_iter();
        all.map(|path| Self { text: text_of(&root().join(&path)), path }).collect()
    }

    /// Whether the whole file is compiled for tests only, going by its name.
    pub fn is_test(&self) -> bool {
        let is_named_so = |name: &str| name == "tests" || name == "testing" || name.ends_with("_tests");
        self.path
            .iter()
            .any(|part| is_named_so(Path::new(part).file_stem().and_then(|stem| stem.to_str()).unwrap_or("")))
    }

    /// The lines that ship: numbered from 1, without comments and without the tests at the end of the file.
    pub fn shipped_lines(&self) -> Vec<(usize, &str)> {
        if self.is_test() { Vec::new() } else { shipped(&self.text) }
    }
}

/// The lines of a text that ship.
fn shipped(text: &str) -> Vec<(usize, &str)> {
    let lines: Vec<&str> = text.lines().collect();
    let tests_at = lines
        .windows(2)
        .position(|pair| pair[0].trim() == "#[cfg(test)]" && pair[1].contains("mod ") && pair[1].ends_with('{'))
        .unwrap_or(lines.len());
    let code = lines.into_iter().take(tests_at).enumerate();
    code.map(|(index, line)| (index + 1, without_comment(line))).filter(|(_, line)| !line.trim().is_empty()).collect()
}

/// A line up to its comment. Slashes inside text are left alone.
fn without_comment(line: &str) -> &str {
    let mut in_text = false;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match c {
            '"' if before != '\\' => in_text = !in_text,
            '/' if !in_text && before == '/' => return &line[..at - 1],
            _ => {}
        }
        before = c;
    }
    line
}

/// The top-level modules a line of code names after `crate::`.
pub fn modules_named(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            None => found.push(first_word(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut starts = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => starts = true,
                        c if starts && c.is_alphabetic() => {
                            found.push(first_word(&group[at..]));
                            starts = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[test]
fn comments_and_tests_do_not_ship() {
    let text = "//! docs\nuse a; // why\nlet url = \"http://x\";\n#[cfg(test)]\nmod helpers;\n#[cfg(test)]\nmod tests {\nx\n}\n";
    let lines: Vec<_> = shipped(text);
    assert_eq!(lines, [(2, "use a; "), (3, "let url = \"http://x\";"), (4, "#[cfg(test)]"), (5, "mod helpers;")]);
}

#[test]
fn imports_are_found_however_they_are_written() {
    assert_eq!(modules_named("use crate::plan::{Node, NodeKind};"), ["plan"]);
    assert_eq!(modules_named("let x = crate::spec::NodeId(crate::expr::one());"), ["spec", "expr"]);
    assert_eq!(modules_named("use crate::{plan::{A, B}, spec::C};"), ["plan", "spec"]);
    assert_eq!(modules_named("pub(crate) fn f() {}"), Vec::<String>::new());
}
