//! Patterns as Spark's documentation describes them, at the places where they are easily got wrong.

use super::Pattern;

fn written(pattern: &str, micros: i64) -> String {
    let mut out = String::new();
    Pattern::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).write(micros, &mut out);
    out
}

fn read(pattern: &str, text: &str) -> Result<String, String> {
    let micros = Pattern::new(pattern).unwrap().read(text).map_err(|error| error.message)?;
    Ok(written("yyyy-MM-dd HH:mm:ss.SSSSSS", micros))
}

/// 2024-01-05 00:07:08.012345 UTC, a Friday.
const MOMENT: i64 = 1_704_413_228_012_345;

#[test]
fn fields_are_written_in_their_widths() {
    for (pattern, text) in [
        ("y yy yyy yyyy yyyyy", "2024 24 2024 2024 02024"),
        ("M MM MMM MMMM L", "1 01 Jan January 1"),
        ("d dd D DDD", "5 05 5 005"),
        ("E EEEE Q QQ QQQ QQQQ", "Fri Friday 1 01 Q1 1st quarter"),
        ("H HH k kk K h hh a", "0 00 24 24 0 12 12 AM"),
        ("m mm s ss S SSS SSSSSSSSS", "7 07 8 08 0 012 012345000"),
        ("VV z zzzz O X XXX x xxx Z ZZZZ ZZZZZ", "UTC UTC Coordinated Universal Time GMT Z Z +00 +00:00 +0000 GMT Z"),
        ("G GGGG", "AD Anno Domini"),
        ("'it''s' yyyy''MM[-dd]", "it's 2024'01-05"),
    ] {
        assert_eq!(written(pattern, MOMENT), text, "{pattern}");
    }
    assert_eq!(written("yyyy yy SSS", -1), "1969 69 999");
    assert_eq!(written("yyyy-MM-dd", 253_402_300_800_000_000), "+10000-01-01");
}

#[test]
fn what_is_not_named_is_that_of_the_first_day() {
    for (pattern, text, time) in [
        ("yyyy", "2024", "2024-01-01 00:00:00.000000"),
        ("HH:mm", "23:59", "1970-01-01 23:59:00.000000"),
        ("MM-dd", "02-03", "1970-02-03 00:00:00.000000"),
        ("yyyy D", "2024 60", "2024-02-29 00:00:00.000000"),
        ("yyyyMMdd", "20240229", "2024-02-29 00:00:00.000000"),
        ("yyyyMMddHHmmss", "20240229010203", "2024-02-29 01:02:03.000000"),
        ("yy-M-d", "69-1-05", "2069-01-05 00:00:00.000000"),
        ("hh a", "12 am", "1970-01-01 00:00:00.000000"),
        ("h a", "12 PM", "1970-01-01 12:00:00.000000"),
        ("ss.SSS", "01.5", "1970-01-01 00:00:01.500000"),
        ("yyyy[-MM[-dd]]", "2024-03", "2024-03-01 00:00:00.000000"),
        ("yyyy-MM-dd HH:mmXXX", "2024-01-01 00:00+05:30", "2023-12-31 18:30:00.000000"),
        ("yyyy-MM-dd HH:mm VV", "2024-07-01 00:00 Europe/Berlin", "2024-06-30 22:00:00.000000"),
        ("EEE, d MMM yyyy", "fri, 5 JAN 2024", "2024-01-05 00:00:00.000000"),
        ("yyyy", "+12345", "+12345-01-01 00:00:00.000000"),
    ] {
        assert_eq!(read(pattern, text).as_deref(), Ok(time), "{pattern} {text}");
    }
}

#[test]
fn texts_must_fit_to_the_letter() {
    for (pattern, text) in [
        ("yyyy", "24"),
        ("yyyy", "20245"),
        ("yyyy-MM-dd", "2024-1-05"),
        ("yyyy-MM-dd", "2024-02-30"),
        ("yyyy-MM-dd", "2024-01-05x"),
        ("yyyy-MM-dd", " 2024-01-05"),
        ("HH", "24"),
        ("mm", "60"),
        ("EEE yyyy-MM-dd", "Mon 2024-01-05"),
        ("HH a", "13 AM"),
        ("yyyy D", "2023 366"),
        ("SSS", "1234"),
        ("MMM", "Janu"),
        ("yyyy", ""),
        ("yyyy", "２０２４"),
    ] {
        assert!(read(pattern, text).is_err(), "{pattern} {text}: {:?}", read(pattern, text));
    }
}

#[test]
fn letters_without_a_meaning_are_refused() {
    for pattern in [
        "YYYY",
        "ww",
        "u",
        "e",
        "n",
        "A",
        "MMMMM",
        "ddd",
        "HHH",
        "SSSSSSSSSS",
        "V",
        "aa",
        "'open",
        "[yyyy",
        "yyyy]",
        "{",
        "b",
    ] {
        assert!(Pattern::new(pattern).is_err(), "{pattern}");
    }
}
