//! How alike texts are, and codes for their sound: `levenshtein`, `soundex`, `luhn_check`.

use crate::expr::functions::prelude::*;

pub(super) const ENTRIES: &[Entry] = &[
    Entry::own(
        "levenshtein",
        "levenshtein(a, b[, most])",
        "How many characters have to be inserted, left out or replaced to make one of the other; -1 where it is more than the most.",
        Takes::these(&[Param::Text, Param::Text]).or(&[Param::Int]),
        Gives::Int,
        levenshtein,
    )
    .total(),
    Entry::own("soundex", "soundex(text)", "A letter and three digits for the sound of an English word.",
        Takes::these(&[Param::Text]), Gives::Text, soundex).total(),
    Entry::own("luhn_check", "luhn_check(digits)", "Whether the digits pass the check of card numbers.",
        Takes::these(&[Param::Text]), Gives::Boolean, luhn_check).total(),
];

fn levenshtein(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let (a, b) = (args.text(0)?, args.text(1)?);
    let most = (args.len() > 2).then(|| args.numbers::<Int32Type>(2)).transpose()?;
    numbers::<Int32Type>(args, |row| {
        let most = most.as_ref().map_or(Some(i32::MAX), |most| most.get(row));
        let (Some(a), Some(b), Some(most)) = (a.get(row), b.get(row), most) else { return Ok(None) };
        let distance = distance(a, b);
        Ok(Some(if distance > most { -1 } else { distance }))
    })
}

/// The rows of the usual table, one after the other.
fn distance(a: &str, b: &str) -> i32 {
    let b: Vec<char> = b.chars().collect();
    let mut last: Vec<i32> = (0..).take(b.len() + 1).collect();
    for c in a.chars() {
        let mut corner = last[0];
        last[0] += 1;
        for (at, other) in b.iter().enumerate() {
            let replaced = corner + i32::from(c != *other);
            corner = last[at + 1];
            last[at + 1] = replaced.min(corner + 1).min(last[at] + 1);
        }
    }
    last.last().copied().unwrap_or(0)
}

fn soundex(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    texts(args.rows(), |row| Ok(text.get(row).map(sound_of)))
}

/// How a letter sounds, after Russell's index of names (1918): vowels part letters that sound the same, `h` and `w` do
/// not.
enum Sound {
    Digit(char),
    Parts,
    Silent,
}

fn letter_sound(letter: u8) -> Sound {
    match letter.to_ascii_uppercase() {
        b'B' | b'F' | b'P' | b'V' => Sound::Digit('1'),
        b'C' | b'G' | b'J' | b'K' | b'Q' | b'S' | b'X' | b'Z' => Sound::Digit('2'),
        b'D' | b'T' => Sound::Digit('3'),
        b'L' => Sound::Digit('4'),
        b'M' | b'N' => Sound::Digit('5'),
        b'R' => Sound::Digit('6'),
        b'H' | b'W' => Sound::Silent,
        _ => Sound::Parts,
    }
}

/// The code of a word; what does not begin with a letter has none and stays as it is.
fn sound_of(word: &str) -> String {
    let Some((first, rest)) = word.as_bytes().split_first().filter(|(first, _)| first.is_ascii_alphabetic()) else {
        return word.to_owned();
    };
    let mut code = String::from(char::from(first.to_ascii_uppercase()));
    let mut last = match letter_sound(*first) {
        Sound::Digit(digit) => Some(digit),
        Sound::Parts | Sound::Silent => None,
    };
    for letter in rest {
        match letter_sound(*letter) {
            Sound::Digit(digit) if last != Some(digit) && code.len() < 4 => {
                code.push(digit);
                last = Some(digit);
            }
            Sound::Digit(_) | Sound::Silent => {}
            Sound::Parts => last = None,
        }
    }
    format!("{code:0<4}")
}

fn luhn_check(args: &Args<'_>) -> Result<ArrayRef, ExprError> {
    let text = args.text(0)?;
    booleans(args.rows(), |row| Ok(text.get(row).map(passes_luhn)))
}

/// Every second digit from the right is doubled, of which the digits count; all together make whole tens (ISO 7812).
fn passes_luhn(digits: &str) -> bool {
    let mut sum = 0;
    for (place, digit) in digits.bytes().rev().enumerate() {
        if !digit.is_ascii_digit() {
            return false;
        }
        let value = u32::from(digit - b'0') << (place % 2);
        sum = (sum + value / 10 + value % 10) % 10;
    }
    !digits.is_empty() && sum == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the index's own description, and places where it is easily got wrong.
    #[test]
    fn words_that_sound_alike_have_one_code() {
        for (word, code) in [
            ("Robert", "R163"),
            ("Rupert", "R163"),
            ("Rubin", "R150"),
            ("Ashcraft", "A261"),
            ("Ashcroft", "A261"),
            ("Tymczak", "T522"),
            ("Pfister", "P236"),
            ("Honeyman", "H555"),
            ("lee", "L000"),
            ("a-b", "A100"),
            ("", ""),
            ("1a", "1a"),
            ("文b", "文b"),
        ] {
            assert_eq!(sound_of(word), code, "{word}");
        }
    }

    #[test]
    fn card_numbers_are_checked() {
        for (digits, passes) in [
            ("4111111111111111", true),
            ("4111111111111112", false),
            ("79927398713", true),
            ("79927398710", false),
            ("0", true),
            ("", false),
            ("7992 7398713", false),
            ("4111111111111111x", false),
        ] {
            assert_eq!(passes_luhn(digits), passes, "{digits}");
        }
    }
}
