//! Underlines the places in a text that a diagnostic points at.

use std::ops::Range;
use std::sync::Arc;

use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{Color32, FontId, Galley, Stroke, TextBuffer, Ui};

/// A place to underline, in bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) range: Range<usize>,
    pub(super) color: Color32,
}

/// A layouter for `TextEdit` that underlines the marks. `wraps` is false for single lines.
pub(super) fn layouter(
    marks: Vec<Mark>,
    font: FontId,
    color: Color32,
    wraps: bool,
) -> impl FnMut(&Ui, &dyn TextBuffer, f32) -> Arc<Galley> {
    move |ui, buffer, wrap_width| {
        let plain = TextFormat { font_id: font.clone(), color, ..TextFormat::default() };
        let mut job = LayoutJob { keep_trailing_whitespace: true, ..LayoutJob::default() };
        job.break_on_newline = wraps;
        job.wrap.max_width = if wraps { wrap_width } else { f32::INFINITY };
        let text = buffer.as_str();
        for (range, mark) in pieces(text, &marks) {
            let underline = mark.map_or(Stroke::NONE, |color| Stroke::new(1.5, color));
            job.append(&text[range], 0.0, TextFormat { underline, ..plain.clone() });
        }
        if text.is_empty() {
            job.append("", 0.0, plain);
        }
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    }
}

/// Cuts a text into pieces that are marked or not. Marks may be stale, so they are fitted to the text: to its length,
/// to whole characters, and to at least one character each.
fn pieces(text: &str, marks: &[Mark]) -> Vec<(Range<usize>, Option<Color32>)> {
    let mut marks = marks.to_vec();
    marks.sort_by_key(|mark| mark.range.start);
    let mut pieces = Vec::new();
    let mut done = 0;
    for mark in marks {
        let fitted = fit(text, &mark.range);
        let start = fitted.start.max(done);
        if start >= fitted.end {
            continue;
        }
        if done < start {
            pieces.push((done..start, None));
        }
        pieces.push((start..fitted.end, Some(mark.color)));
        done = fitted.end;
    }
    if done < text.len() {
        pieces.push((done..text.len(), None));
    }
    pieces
}

fn fit(text: &str, range: &Range<usize>) -> Range<usize> {
    let mut start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.ceil_char_boundary(range.end.min(text.len()).max(start));
    if end > start {
        return start..end;
    }
    // Nothing to underline here: take the next character, or the last one where the text ends.
    if start == text.len() {
        start = text.floor_char_boundary(start.saturating_sub(1));
    }
    start..text.ceil_char_boundary((start + 1).min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Color32 = Color32::RED;

    fn mark(range: Range<usize>) -> Mark {
        Mark { range, color: RED }
    }

    #[test]
    fn the_marked_word_alone_is_underlined() {
        let pieces = pieces("a + bad + c", &[mark(4..7)]);
        assert_eq!(pieces, [(0..4, None), (4..7, Some(RED)), (7..11, None)]);
    }

    #[test]
    fn a_mark_at_the_end_underlines_the_last_character() {
        assert_eq!(pieces("a +", &[mark(3..3)]), [(0..2, None), (2..3, Some(RED))]);
    }

    #[test]
    fn stale_marks_never_cut_a_character_or_leave_the_text() {
        for text in ["", "a", "词数", "a词b"] {
            for start in 0..8 {
                for end in 0..8 {
                    let pieces = pieces(text, &[mark(start..end), mark(1..2)]);
                    let joined: String = pieces.iter().map(|(range, _)| &text[range.clone()]).collect();
                    assert_eq!(joined, text);
                }
            }
        }
    }
}
