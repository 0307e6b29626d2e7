//! A sentence with places in it: found in a text by the words between the places, and filled anew in other words.

/// A sentence with places, such as `{0} cannot be read: {error}`. Braces of its own are doubled.
#[derive(Debug)]
pub(super) struct Template {
    /// The words before, between and behind the places: one more than there are places.
    words: Vec<String>,
    places: Vec<Place>,
}

/// Something that is put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Its name, the same on both sides.
    pub(super) name: String,
    /// How it is put in.
    pub(super) form: Form,
    /// Whether it stands in quotes: then it is a name or code, and stays.
    pub(super) is_quoted: bool,
}

/// How a value is put into a translation; written behind the name: `{0:title}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Translated where it is a sentence, else as it is.
    Plain,
    /// The title of a kind of node or of a parameter, in its own translation.
    Title,
    /// A list: its commas and conjunctions are turned too.
    List,
}

impl Template {
    /// Reads a template.
    pub(super) fn new(text: &str) -> Self {
        let (mut words, mut places) = (vec![String::new()], Vec::new());
        let mut is_code = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let is_doubled = matches!(c, '{' | '}') && chars.next_if_eq(&c).is_some();
            if c == '{' && !is_doubled {
                let inside: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let (name, form) = inside.split_once(':').unwrap_or((inside.as_str(), ""));
                let form = match form {
                    "title" => Form::Title,
                    "list" => Form::List,
                    _ => Form::Plain,
                };
                let is_single = words.last().is_some_and(|words| words.ends_with('\'')) && chars.peek() == Some(&'\'');
                places.push(Place { name: name.to_owned(), form, is_quoted: is_code || is_single });
                words.push(String::new());
            } else if let Some(words) = words.last_mut() {
                is_code ^= c == '`';
                words.push(c);
            }
        }
        Self { words, places }
    }

    /// What is put in, in order.
    pub(super) fn places(&self) -> &[Place] {
        &self.places
    }

    /// The words before the first place.
    pub(super) fn beginning(&self) -> &str {
        &self.words[0]
    }

    /// Whether it only puts a name and a colon before another sentence.
    pub(super) fn is_colon(&self) -> bool {
        self.words == ["", ": ", ""]
    }

    /// How much of a text it accounts for.
    pub(super) fn weight(&self) -> usize {
        self.words.iter().map(String::len).sum()
    }

    /// What decides between two that fit: the heavier one; of joints of one length `; ` before `: ` before `, `.
    pub(super) fn rank(&self) -> (usize, &[String]) {
        (self.weight(), &self.words)
    }

    /// How many letters its own words have.
    pub(super) fn letters(&self) -> usize {
        self.words.iter().flat_map(|words| words.chars()).filter(char::is_ascii_alphabetic).count()
    }

    /// What stands in its places if the whole text is this sentence: each as short as can be, from the
    /// left; what stands in several is found by the first.
    pub(super) fn values<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (between, mut rest) = self.within(text)?;
        let mut values: Vec<&str> = Vec::with_capacity(self.places.len());
        for (index, words) in between.iter().enumerate() {
            let known = self.places[..index].iter().position(|place| place.name == self.places[index].name);
            let at = match known.map(|first| values[first]) {
                Some(value) => {
                    rest.strip_prefix(value).filter(|behind| behind.starts_with(words.as_str()))?;
                    value.len()
                }
                None => rest.find(words.as_str())?,
            };
            values.push(&rest[..at]);
            rest = &rest[at + words.len()..];
        }
        values.push(rest);
        self.agrees(&values).then_some(values)
    }

    /// All ways to see the whole text as this sentence, `most` at most.
    pub(super) fn all_values<'a>(&self, text: &'a str, most: usize) -> Vec<Vec<&'a str>> {
        let mut found = Vec::new();
        if let Some((between, rest)) = self.within(text) {
            split(between, rest, &mut Vec::new(), &mut found, most);
        }
        found.retain(|values| self.agrees(values));
        found
    }

    /// The words between the places, and the text without the words before and behind them.
    fn within<'a>(&self, text: &'a str) -> Option<(&[String], &'a str)> {
        let [first, between @ .., last] = &self.words[..] else { return None };
        Some((between, text.strip_prefix(first.as_str())?.strip_suffix(last.as_str())?))
    }

    /// Whether places of one name hold one value.
    fn agrees(&self, values: &[&str]) -> bool {
        let first = |name: &str| self.places.iter().position(|place| place.name == name).map(|at| values[at]);
        self.places.iter().zip(values).all(|(place, value)| first(&place.name) == Some(*value))
    }

    /// The sentence with its places filled. Chinese and Latin letters that meet at a place get one blank between them,
    /// Chinese ones none.
    pub(super) fn filled(&self, value_of: impl Fn(&Place) -> String) -> String {
        let mut text = self.words[0].clone();
        for (place, words) in self.places.iter().zip(&self.words[1..]) {
            let value = value_of(place);
            join(&mut text, &value);
            join(&mut text, words);
        }
        text
    }
}

fn split<'a>(between: &[String], rest: &'a str, before: &mut Vec<&'a str>, found: &mut Vec<Vec<&'a str>>, most: usize) {
    let Some((words, behind)) = between.split_first() else {
        found.push(before.iter().copied().chain([rest]).collect());
        return;
    };
    for (at, _) in rest.match_indices(words.as_str()).take(most) {
        if found.len() >= most {
            return;
        }
        before.push(&rest[..at]);
        split(behind, &rest[at + words.len()..], before, found, most);
        before.pop();
    }
}

fn join(text: &mut String, next: &str) {
    let left = text.trim_end_matches(' ').chars().next_back();
    let trimmed = next.trim_start_matches(' ');
    let (Some(left), Some(right)) = (left, trimmed.chars().next()) else {
        text.push_str(next);
        return;
    };
    let blank = match (is_chinese(left), is_chinese(right)) {
        (true, true) => "",
        (true, false) if is_latin(right) => " ",
        (false, true) if is_latin(left) => " ",
        _ => {
            text.push_str(next);
            return;
        }
    };
    text.truncate(text.trim_end_matches(' ').len());
    text.push_str(blank);
    text.push_str(trimmed);
}

fn is_chinese(c: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&c)
}

/// Whether it stands a little apart from Chinese: a letter, a digit or code.
fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '`'
}
