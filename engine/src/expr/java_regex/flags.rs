//! The flags of a Java pattern: `(?i)`, `(?s-m:...)`.

use crate::expr::ExprError;

/// What is switched on at a place of the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags {
    /// `i`: ASCII letters match in both cases.
    pub ignores_case: bool,
    /// `m`: `^` and `$` match at lines.
    pub by_line: bool,
    /// `s`: `.` matches the end of a line too.
    pub dot_takes_all: bool,
}

impl Flags {
    /// The flags after a group of letters such as `is-m`.
    pub(super) fn changed(mut self, letters: &str) -> Result<Self, ExprError> {
        let mut value = true;
        for letter in letters.chars() {
            match letter {
                '-' if value => value = false,
                'i' => self.ignores_case = value,
                'm' => self.by_line = value,
                's' => self.dot_takes_all = value,
                other => {
                    let message =
                        format!("the flag `{other}` of a regular expression is not supported; `i`, `m` and `s` are");
                    return Err(ExprError::new(message));
                }
            }
        }
        Ok(self)
    }
}
