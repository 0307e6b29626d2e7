//! Secrets: a pipeline only names the environment variable, and it is read when the connection is made.

use crate::plan::NodeError;

/// What `${env:NAME}` stands for now.
pub(in crate::nodes) fn resolve(stored: &str) -> Result<String, NodeError> {
    let name = stored.strip_prefix("${env:").and_then(|rest| rest.strip_suffix('}'));
    let name = name.ok_or_else(|| NodeError::pipeline("a secret is stored as `${env:NAME}` only; name a variable"))?;
    std::env::var(name).map_err(|_| {
        NodeError::pipeline(format!("the environment variable {name} is not set; set it and start Weir again"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_variable_that_is_set_gives_a_secret() {
        assert!(resolve("${env:CARGO_PKG_NAME}").is_ok(), "cargo sets it");
        assert!(resolve("hunter2").unwrap_err().message.contains("name a variable"));
        assert!(resolve("${env:WEIR_NO_SUCH_VARIABLE}").unwrap_err().message.contains("is not set"));
    }
}
