//! An object of a case's file, read field by field. It knows what was read, so that nothing is overlooked.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// One object.
pub struct Step<'a> {
    fields: &'a Map<String, Value>,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Step<'a> {
    pub fn new(value: &'a Value) -> Result<Self, String> {
        let fields = value.as_object().ok_or_else(|| format!("{value} is no object"))?;
        Ok(Self { fields, read: RefCell::default() })
    }

    /// A field that need not be there.
    pub fn value(&self, key: &str) -> Option<&'a Value> {
        self.read.borrow_mut().insert(key.to_owned());
        self.fields.get(key)
    }

    pub fn text(&self, key: &str) -> Result<&'a str, String> {
        self.value(key).and_then(Value::as_str).ok_or_else(|| format!("`{key}` is no text in {}", self.shown()))
    }

    pub fn whole(&self, key: &str) -> Result<i64, String> {
        self.value(key).and_then(Value::as_i64).ok_or_else(|| format!("`{key}` is no number in {}", self.shown()))
    }

    pub fn list(&self, key: &str) -> Result<&'a Vec<Value>, String> {
        self.value(key).and_then(Value::as_array).ok_or_else(|| format!("`{key}` is no list in {}", self.shown()))
    }

    /// Whether a field is there and true.
    pub fn flag(&self, key: &str) -> bool {
        self.value(key) == Some(&Value::Bool(true))
    }

    /// A list of texts.
    pub fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let text = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(|| format!("{item} is no text"));
        self.list(key)?.iter().map(text).collect()
    }

    /// A list of pairs of texts.
    pub fn pairs(&self, key: &str) -> Result<Vec<(String, String)>, String> {
        let pair = |item: &Value| match item.as_array().map(Vec::as_slice) {
            Some([Value::String(first), Value::String(second)]) => Ok((first.clone(), second.clone())),
            _ => Err(format!("{item} is no pair of texts")),
        };
        self.list(key)?.iter().map(pair).collect()
    }

    /// Fails if there is a field that nobody read.
    pub fn must_be_read(&self) -> Result<(), String> {
        let read = self.read.borrow();
        match self.fields.keys().find(|key| !read.contains(*key)) {
            Some(key) => Err(format!("`{key}` is not understood in {}", self.shown())),
            None => Ok(()),
        }
    }

    fn shown(&self) -> String {
        let text = Value::Object(self.fields.clone()).to_string();
        text.chars().take(200).collect()
    }
}
