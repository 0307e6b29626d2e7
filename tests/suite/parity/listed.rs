//! The cases in which Weir is meant to differ from Spark, each with its reason: `tests/parity/listed.json`.
//!
//! A reason is an accident of Spark that the file names once. What Weir gives instead is listed as well, so that a
//! listed case is held to the letter like any other.

use std::collections::BTreeMap;

use serde_json::Value;

use super::run::Difference;
use super::step::Step;

/// More would be another meaning, not accidents.
pub const AT_MOST: usize = 20;

/// The file.
pub struct Listed {
    /// Their names, and what each is.
    pub accidents: BTreeMap<String, String>,
    /// By the id of the case.
    pub cases: BTreeMap<String, ListedCase>,
}

/// One case that is meant to differ.
pub struct ListedCase {
    /// The accident's name.
    pub accident: String,
    /// What differs, for people.
    pub differs: String,
    /// What Weir gives, by place.
    pub weir: BTreeMap<String, Value>,
}

impl Listed {
    pub fn read(text: &str) -> Result<Self, String> {
        let value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let file = Step::new(&value)?;
        let accidents = texts(&file, "accidents")?;
        let mut cases = BTreeMap::new();
        for (id, case) in file.value("cases").and_then(Value::as_object).ok_or("there are no `cases`")? {
            cases.insert(id.clone(), ListedCase::read(case).map_err(|error| format!("{id}: {error}"))?);
        }
        file.must_be_read()?;
        let listed = Self { accidents, cases };
        listed.check()?;
        Ok(listed)
    }

    /// The file as it is written, with what these cases were found to give.
    pub fn written(&self, found: &BTreeMap<String, Vec<Difference>>) -> String {
        let text = |value: &str| Value::from(value).to_string();
        let accident = |(name, accident): (&String, &String)| format!("    {}: {}", text(name), text(accident));
        let case = |(id, case): (&String, &ListedCase)| {
            let place = |difference: &Difference| format!("        {}: {}", text(&difference.place), difference.weir);
            let places: Vec<String> = found.get(id).into_iter().flatten().map(place).collect();
            format!(
                "    {}: {{\n      \"accident\": {},\n      \"differs\": {},\n      \"weir\": {{\n{}\n      }}\n    }}",
                text(id),
                text(&case.accident),
                text(&case.differs),
                places.join(",\n")
            )
        };
        let accidents: Vec<String> = self.accidents.iter().map(accident).collect();
        let cases: Vec<String> = self.cases.iter().map(case).collect();
        format!(
            "{{\n  \"accidents\": {{\n{}\n  }},\n  \"cases\": {{\n{}\n  }}\n}}\n",
            accidents.join(",\n"),
            cases.join(",\n")
        )
    }

    fn check(&self) -> Result<(), String> {
        if self.cases.len() > AT_MOST {
            return Err(format!("{} cases are listed, at most {AT_MOST} may be", self.cases.len()));
        }
        for (id, case) in &self.cases {
            if !self.accidents.contains_key(&case.accident) {
                return Err(format!("{id}: `{}` is not among the accidents", case.accident));
            }
        }
        let is_used = |accident: &&String| self.cases.values().any(|case| case.accident == **accident);
        match self.accidents.keys().find(|accident| !is_used(accident)) {
            Some(unused) => Err(format!("no case is listed under `{unused}`")),
            None => Ok(()),
        }
    }
}

impl ListedCase {
    fn read(value: &Value) -> Result<Self, String> {
        let case = Step::new(value)?;
        let weir = case.value("weir").and_then(Value::as_object).ok_or("`weir` does not say what it gives")?;
        let read = Self {
            accident: case.text("accident")?.to_owned(),
            differs: case.text("differs")?.to_owned(),
            weir: weir.iter().map(|(place, value)| (place.clone(), value.clone())).collect(),
        };
        case.must_be_read()?;
        Ok(read)
    }

    /// Whether a case differs exactly as listed; if not, where.
    pub fn check(&self, found: &[Difference]) -> Result<(), String> {
        if found.is_empty() {
            return Err("it holds; take it off the list".to_owned());
        }
        for difference in found {
            match self.weir.get(&difference.place) {
                Some(weir) if super::values::same(weir, &difference.weir) => {}
                Some(weir) => return Err(format!("{}; listed is {weir}", difference.line())),
                None => return Err(format!("{}, which is not listed", difference.line())),
            }
        }
        match self.weir.keys().find(|place| !found.iter().any(|difference| difference.place == **place)) {
            Some(place) => Err(format!("{place} holds but is listed")),
            None => Ok(()),
        }
    }
}

fn texts(file: &Step<'_>, key: &str) -> Result<BTreeMap<String, String>, String> {
    let object = file.value(key).and_then(Value::as_object).ok_or_else(|| format!("there are no `{key}`"))?;
    let text = |(name, value): (&String, &Value)| {
        value.as_str().map(|text| (name.clone(), text.to_owned())).ok_or_else(|| format!("{name} is no text"))
    };
    object.iter().map(text).collect()
}

#[test]
fn a_list_with_mistakes_is_refused() {
    let case = r#"{"accident": "a", "differs": "so", "weir": {"batch 0 of out": []}}"#;
    let file =
        |accidents: &str, cases: &str| Listed::read(&format!(r#"{{"accidents": {accidents}, "cases": {cases}}}"#));
    assert!(file(r#"{"a": "x"}"#, &format!(r#"{{"c": {case}}}"#)).is_ok());
    assert!(file("{}", &format!(r#"{{"c": {case}}}"#)).is_err(), "an unknown accident");
    assert!(file(r#"{"a": "x"}"#, "{}").is_err(), "an accident nothing falls under");
    let many: Vec<String> = (0..=AT_MOST).map(|index| format!(r#""c{index}": {case}"#)).collect();
    assert!(file(r#"{"a": "x"}"#, &format!("{{{}}}", many.join(","))).is_err(), "too many");
}

#[test]
fn a_listed_case_differs_as_listed_and_not_otherwise() {
    let listed = ListedCase {
        accident: String::new(),
        differs: String::new(),
        weir: BTreeMap::from([("batch 1 of out".to_owned(), serde_json::json!([[1]]))]),
    };
    let differs = |place: &str, weir: Value| Difference { place: place.to_owned(), spark: Value::Null, weir };
    let expected = differs("batch 1 of out", serde_json::json!([[1]]));
    assert!(listed.check(std::slice::from_ref(&expected)).is_ok());
    assert!(listed.check(&[]).is_err(), "it holds after all");
    assert!(listed.check(&[differs("batch 1 of out", serde_json::json!([[2]]))]).is_err(), "another value");
    assert!(listed.check(&[expected, differs("batch 2 of out", serde_json::json!([]))]).is_err(), "another place");
}
