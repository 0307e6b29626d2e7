//! Sentences of the engine in Chinese: nested, joined, unknown, hostile.

use weir_engine::plan::Fault;
use weir_engine::runtime::Event;
use weir_engine::spec::NodeId;

use super::*;
use crate::i18n::set_language;
use crate::live::Live;

/// The sentence as a window in Chinese shows it.
fn shown(text: &str) -> String {
    set_language(Language::Chinese);
    spoken(text).into_owned()
}

#[test]
fn english_costs_nothing() {
    set_language(Language::English);
    assert!(matches!(spoken("division by zero"), Cow::Borrowed("division by zero")));
}

#[test]
fn what_the_engine_put_in_is_kept_and_what_it_says_is_translated() {
    for (english, chinese) in [
        ("no column `wrod`; did you mean `word`?", "没有列 `wrod`；是不是 `word`？"),
        ("no column `x`; the input has `a`, `b`", "没有列 `x`；输入的列：`a`、`b`"),
        ("“Points kept” is missing; enter it", "缺少“保留点数”；请填写"),
        ("“Points kept” must be between 10ms and 1d", "“保留点数”必须在 10ms 与 1d 之间"),
        (
            "“Points kept” cannot be read: `10` has no unit; write it like `500ms`, `10s` or `1m 30s`",
            "“保留点数”无法读取：`10` 没有单位；请写成 `500ms`、`10s` 或 `1m 30s` 的形式",
        ),
        ("division by zero; guard it with `nullif(divisor, 0)`", "除数为零；可用 `nullif(divisor, 0)` 避免"),
        ("Look up has no input `rows`", "查表没有输入 `rows`"),
        (
            "`substring` takes two to three arguments: `substring(text, start[, length])`",
            "`substring` 需要两到三个参数：`substring(text, start[, length])`",
        ),
        (
            "sum works on numbers, but `word` is Utf8View; convert it with CAST first",
            "sum 作用于数字，但 `word` 是 Utf8View；请先用 CAST 转换",
        ),
        (
            "the results are string and int, which have no type in common; convert one with CAST",
            "各个结果的类型是 string 和 int，没有共同类型；请用 CAST 转换其中一个",
        ),
        (
            "a time range goes by event time, and there is no watermark upstream of `left` and `right`; put a Watermark there, or match at any distance",
            "时间范围以事件时间为准，而 `left` 和 `right` 的上游没有水位线；请在该处放一个水位线节点，或按任意距离匹配",
        ),
    ] {
        assert_eq!(shown(english), chinese);
    }
}

#[test]
fn sentences_joined_by_the_engine_are_each_translated() {
    for (english, chinese) in [
        (
            "`n`: division by zero; guard it with `nullif(divisor, 0)`; first in the row price = 0",
            "`n`：除数为零；可用 `nullif(divisor, 0)` 避免；首次出现在这一行：price = 0",
        ),
        (
            "`sum_a`, `avg_b` counts only what follows; `max_c` is set aside for undo; the rest goes on",
            "`sum_a`、`avg_b` 只统计之后到来的行；`max_c` 已为撤销搁置；其余保持不变",
        ),
        ("Group waits: there is no file a.log yet; waiting for it", "Group 正在等待：还没有文件 a.log；正在等待"),
        (
            "no connection to db:5432 (refused: no program listens there); trying again in 1s",
            "无法连接 db:5432（连接被拒绝：没有程序在该处监听）；1s 后重试",
        ),
        ("events: 3 files read; 2 wait", "events：已读取 3 个文件；2 个等待中"),
        ("Counts added, Filter removed", "添加了 Counts，移除了 Filter"),
        ("Counts: rows 3 to 5", "Counts：rows 由 3 改为 5"),
    ] {
        assert_eq!(shown(english), chinese);
    }
}

#[test]
fn what_is_not_the_engines_stays_as_it_is() {
    for text in ["", " ", "No such file or directory (os error 2)", "word", "a; b: c", "decimal(10, 2)", "已保存 a"]
    {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn names_and_code_are_never_translated() {
    assert_eq!(shown("no column `a value`; did you mean `the keys`?"), "没有列 `a value`；是不是 `the keys`？");
    assert_eq!(
        shown("'a number' is no int; use `try_cast` to get null instead"),
        "'a number' 不是 int；改用 `try_cast` 可得到 null"
    );
}

#[test]
fn a_switch_of_the_language_turns_the_same_sentence() {
    assert_eq!(shown("the text is null"), "文本为 null");
    set_language(Language::English);
    assert_eq!(spoken("the text is null"), "the text is null");
    assert_eq!(shown("the text is null"), "文本为 null");
}

#[test]
fn a_failure_in_the_log_is_told_in_the_language_in_force() {
    let mut live = Live::default();
    let (name, message) = ("Rates".to_owned(), "division by zero".to_owned());
    live.absorb(Event::Failed { node: NodeId(1), name, batch: 3, fault: Fault::Data, message });
    let line = live.log.back().unwrap();
    assert_eq!((line.name.as_deref(), line.batch), (Some("Rates"), Some(3)));
    set_language(Language::Chinese);
    assert!(line.contains("除数为零") && line.contains("rates") && !line.contains("division"));
    set_language(Language::English);
    assert!(line.contains("division by zero") && !line.contains("除数为零"));
}

#[test]
fn hostile_text_is_given_back() {
    let pieces = ["; ", ": ", ", ", " to ", "`", "{", "}", "a ", "the file ", " cannot be read: ", "，", "\u{0}"];
    for piece in pieces {
        for length in [MAX_BYTES - 8, MAX_BYTES, 1 << 20] {
            let text = piece.repeat(length / piece.len());
            let told = shown(&text);
            assert!(told.len() <= 4 * text.len() + 64, "{piece:?} grows to {}", told.len());
            if text.len() > MAX_BYTES {
                assert_eq!(told, text);
            }
        }
    }
}

#[test]
fn memory_of_what_was_asked_is_bounded() {
    for number in 0..3 * MAX_KNOWN {
        assert_eq!(
            shown(&format!("`c{number}` is already a field; give this one another name")),
            format!("`c{number}` 已是字段；请给这个字段换个名称")
        );
    }
    assert!(KNOWN.with_borrow(HashMap::len) <= MAX_KNOWN);
}

#[test]
fn every_area_is_read() {
    for text in AREAS {
        let area: HashMap<String, String> = serde_json::from_str(text).unwrap();
        assert!(area.len() > 20);
    }
}
