//! The sentences in the engine's sources: every text that a person may be shown, as a template.

use std::path::Path;

use crate::files::{below, root, text_of};

/// Files without sentences, and why.
const NO_SENTENCES: &[(&str, &str)] = &[
    ("aggregate/function.rs", "titles and docs of parameters, which `nodes.json` translates"),
    ("expr/cast/shown.rs", "how values are written"),
    ("expr/functions/catalogue.rs", "the generated page of functions"),
    ("expr/functions/time/pattern/names.rs", "names of months and days in data"),
    ("nodes/catalogue.rs", "the generated page of nodes"),
    ("nodes/sources/generator/records.rs", "made-up data"),
    ("nodes/testdrive.rs", "compiled for tests only"),
];

/// Parts of paths that are compiled for tests only.
const TESTS: &[&str] = &["tests", "testing", "parity", "properties", "oracle"];

/// Calls whose texts are docs: of parameters and ports (`nodes.json` translates them) and of functions.
const DOCS: &[&str] = &[
    "ParamSpec::new",
    "Choice::new",
    "Entry::own",
    "Entry::form",
    "Entry::written",
    "Entry::library",
    "of_one",
    "of_two",
    "of_date",
    "of_batch",
    "shift",
];

/// Fields whose texts are docs.
const DOC_FIELDS: &[&str] = &["doc:", "summary:", "title:", "icon:", "glyph:"];

/// Methods that look for a text, or tell it to nobody.
const READERS: &[&str] = &[
    ".starts_with",
    ".ends_with",
    ".strip_prefix",
    ".strip_suffix",
    ".find",
    ".rfind",
    ".split_once",
    ".rsplit_once",
    ".contains",
    ".expect",
    ".name",
    "schemars",
    "panic!",
];

/// How statements of SQL begin.
const SQL: &[&str] = &["SELECT ", "INSERT ", "CREATE ", "SET ", "PRAGMA "];

/// A text in the sources.
#[derive(Debug)]
struct Literal {
    /// As it stands there, escapes resolved.
    text: String,
    line: usize,
    /// What the brackets around it belong to, outermost first: `format!`, `ExprError::new`.
    calls: Vec<String>,
    /// The code right before it.
    before: String,
}

/// A text that a person may be shown.
#[derive(Debug)]
pub struct Sentence {
    /// As a template: `{}` is `{0}`, `{name:?}` is `{name}`.
    pub template: String,
    /// Where it stands.
    pub place: String,
}

/// All sentences of the engine.
pub fn sentences() -> Vec<Sentence> {
    let shown = shipped().into_iter().filter(|(file, _)| !NO_SENTENCES.iter().any(|(other, _)| file == other));
    let mut found = Vec::new();
    for (file, literals) in shown {
        for literal in literals.iter().filter(|literal| literal.is_shown()) {
            let template = literal.template(literal.is_format());
            if is_sentence(&template) {
                found.push(Sentence { template, place: format!("{file}:{}", literal.line) });
            }
        }
    }
    found
}

/// All texts of the engine as templates, whatever they are for.
pub fn all_templates() -> Vec<String> {
    let literals = shipped().into_iter().flat_map(|(_, literals)| literals);
    literals.flat_map(|literal| [literal.template(true), literal.template(false)]).collect()
}

/// The texts of each file that ships, by its path within the engine's sources.
fn shipped() -> Vec<(String, Vec<Literal>)> {
    let is_test = |path: &Path| {
        path.iter()
            .filter_map(|part| Path::new(part).file_stem()?.to_str())
            .any(|stem| TESTS.contains(&stem) || stem.ends_with("_tests"))
    };
    let files = below("engine/src", ".rs").into_iter().filter(|path| !is_test(path));
    files
        .map(|path| {
            let text = text_of(&root().join(&path));
            let name = path.strip_prefix("engine/src").expect("it lies there").display().to_string();
            (name, literals(without_tests(&text)))
        })
        .collect()
}

/// A source up to the tests at its end.
fn without_tests(source: &str) -> &str {
    let mut at = 0;
    let mut was_marked = false;
    for line in source.split_inclusive('\n') {
        if was_marked && line.contains("mod ") && line.trim_end().ends_with('{') {
            return &source[..at];
        }
        was_marked = line.trim() == "#[cfg(test)]";
        at += line.len();
    }
    source
}

impl Literal {
    /// Whether a person may be shown it, going by what it is for.
    fn is_shown(&self) -> bool {
        let is_doc = self.calls.iter().any(|call| DOCS.contains(&call.trim_start_matches('.')))
            || DOC_FIELDS.iter().any(|field| self.before.ends_with(field))
            || self.before.ends_with('=') && (self.before.contains(" DOC:") || self.before.starts_with("reason"));
        let is_read = self.calls.last().is_some_and(|call| READERS.iter().any(|reader| call.ends_with(reader)));
        !is_doc && !is_read
    }

    /// Whether its braces are places.
    fn is_format(&self) -> bool {
        self.calls.last().is_some_and(|call| {
            ["format!", "write!", "writeln!", "error"].contains(&call.as_str()) || call.ends_with("_err!")
        })
    }

    fn template(&self, is_format: bool) -> String {
        if !is_format {
            return self.text.replace('{', "{{").replace('}', "}}");
        }
        let mut template = String::new();
        let mut count = 0;
        let mut chars = self.text.chars().peekable();
        while let Some(c) = chars.next() {
            template.push(c);
            if matches!(c, '{' | '}') && chars.next_if_eq(&c).is_some() {
                template.push(c);
            } else if c == '{' {
                let inside: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let name = inside.split(':').next().unwrap_or_default().trim();
                if name.is_empty() {
                    template.push_str(&count.to_string());
                    count += 1;
                } else {
                    template.push_str(name);
                }
                template.push('}');
            }
        }
        template
    }
}

/// Whether a text has words of its own: lower-case ones outside of code and places, and more than one word.
fn is_sentence(template: &str) -> bool {
    let pieces: Vec<&str> = template.split('`').collect();
    let is_code = |index: usize| index % 2 == 1 && index + 1 < pieces.len();
    let bare: String =
        pieces.iter().enumerate().filter(|(index, _)| !is_code(*index)).map(|(_, piece)| *piece).collect();
    let mut words = String::new();
    let mut depth = 0usize;
    for c in bare.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => words.push(c),
            _ => {}
        }
    }
    let has_word = words
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .any(|word| word.chars().take_while(char::is_ascii_lowercase).count() >= 2);
    template.trim().contains(' ') && has_word && !SQL.iter().any(|start| template.starts_with(start))
}

/// All texts in a source.
fn literals(source: &str) -> Vec<Literal> {
    let mut found = Vec::new();
    let (mut calls, mut code, mut at) = (Vec::<String>::new(), String::new(), 0);
    while let Some(c) = source[at..].chars().next() {
        let rest = &source[at..];
        let mut skip = c.len_utf8();
        if rest.starts_with("//") {
            skip = rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            skip = rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if let Some((text, length)) = text_at(rest, &code) {
            let line = source[..at].matches('\n').count() + 1;
            let before = code.trim().trim_end_matches(['b', 'r', '#']).trim_end().to_owned();
            found.push(Literal { text, line, calls: calls.clone(), before });
            code.push_str(" _ ");
            skip = length;
        } else if c == '\'' {
            skip = character_at(rest);
        } else if "([{".contains(c) {
            calls.push(called(&code).to_owned());
            code.clear();
        } else if ")]}".contains(c) {
            calls.pop();
            if c == '}' { code.clear() } else { code.push(c) }
        } else if ",;".contains(c) {
            code.clear();
        } else {
            code.push(c);
        }
        at += skip;
    }
    found
}

/// What a bracket behind this code belongs to.
fn called(code: &str) -> &str {
    let code = code.trim_end();
    let is_part = |c: char| c.is_alphanumeric() || "_:!.#".contains(c);
    &code[code.trim_end_matches(is_part).len()..]
}

/// The text that begins here, escapes resolved, and how long it is in the source.
fn text_at(rest: &str, code: &str) -> Option<(String, usize)> {
    if let Some(inside) = rest.strip_prefix('"') {
        let mut is_escaped = false;
        let end = inside.find(|c: char| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        })?;
        return Some((unescaped(&inside[..end]), end + 2));
    }
    let hashes: String = rest.strip_prefix('r')?.chars().take_while(|c| *c == '#').collect();
    let inside = rest[1 + hashes.len()..].strip_prefix('"')?;
    let is_name = code.ends_with(|c: char| c.is_alphanumeric() || c == '_') && !code.ends_with('b');
    let end = inside.find(&format!("\"{hashes}")).filter(|_| !is_name)?;
    Some((inside[..end].to_owned(), 1 + hashes.len() + 1 + end + 1 + hashes.len()))
}

/// How long a character in quotes is; a lifetime is only its quote.
fn character_at(rest: &str) -> usize {
    let mut chars = rest[1..].char_indices();
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let behind = 1 + at + escaped.len_utf8();
            rest[behind..].find('\'').map_or(1, |end| behind + end + 1)
        }
        (Some((_, _)), Some((at, '\''))) => at + 2,
        _ => 1,
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            Some('\n') => while chars.next_if(|c| c.is_whitespace()).is_some() {},
            Some('n') => plain.push('\n'),
            Some('t') => plain.push('\t'),
            Some('r') => plain.push('\r'),
            Some('0') => plain.push('\0'),
            Some('u') => {
                let digits: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                plain.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

#[test]
fn texts_are_found_with_what_they_are_for() {
    let source = r##"
        // "a comment" in it
        fn f<'a>(x: &'a str) -> String { let c = '"'; let d = '\''; g(format!("no {x:?} {}; {{", 1), "a \
            b\u{2014}") }
        const A: &str = r#"raw "\n" text"#;
    "##;
    let found = literals(source);
    let texts: Vec<_> = found.iter().map(|literal| literal.text.as_str()).collect();
    assert_eq!(texts, ["no {x:?} {}; {{", "a b\u{2014}", "raw \"\\n\" text"]);
    assert_eq!(found[0].template(found[0].is_format()), "no {x} {0}; {{");
    assert_eq!(found[0].calls.last().map(String::as_str), Some("format!"));
    assert_eq!(found[1].calls.last().map(String::as_str), Some("g"));
    assert_eq!(found[2].line, 5);
}

#[test]
fn a_sentence_has_words_of_its_own() {
    for text in ["no column `{0}`", "a number", "ROLLUP and CUBE", "; the year is `yyyy`"] {
        assert!(is_sentence(text), "{text}");
    }
    for text in ["`a b`", "text", "{0}: {error}", "LATERAL VIEW", "SELECT a FROM b", "{a b}"] {
        assert!(!is_sentence(text), "{text}");
    }
}
