//! Makes pretty JSON denser: a wire, a position, a short list take one line each, so that a file reads well and one
//! change is one line of a diff.

/// The longest line that is put together.
const MAX_WIDTH: usize = 100;

/// Joins what fits: lists without inner lists or objects, and such objects where they are items of a list. Takes the
/// text `serde_json` calls pretty, in which an opening bracket ends its line, a closing one starts it, and no text
/// spans two lines.
pub(super) fn fold(pretty: &str) -> String {
    let lines: Vec<&str> = pretty.lines().collect();
    let mut folded = String::with_capacity(pretty.len());
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let length = if let Some((joined, length)) = short_block(&lines[at..]) {
            folded.push_str(&joined);
            length
        } else {
            folded.push_str(line);
            1
        };
        folded.push('\n');
        at += length;
    }
    folded
}

/// The block that opens on the first of these lines as one line, and how many lines it takes; if it may be joined.
fn short_block(lines: &[&str]) -> Option<(String, usize)> {
    let (first, rest) = lines.split_first()?;
    let is_item = first.starts_with(' ') && first.trim_start() == "{";
    if !first.ends_with('[') && !is_item {
        return None;
    }
    let mut joined = (*first).to_owned();
    for (count, line) in rest.iter().enumerate() {
        let item = line.trim_start();
        if item.ends_with(['[', '{']) {
            return None;
        }
        let closes = item.starts_with([']', '}']);
        if count > 0 && !closes {
            joined.push(' ');
        }
        joined.push_str(item);
        if joined.chars().count() > MAX_WIDTH {
            return None;
        }
        if closes {
            return Some((joined, count + 2));
        }
    }
    None
}
