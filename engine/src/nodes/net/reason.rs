//! Why a connection failed, in words that say what to look at.

use std::io::{Error, ErrorKind};

/// Whether the error concerns one peer that wanted to connect, not listening itself.
pub(in crate::nodes) fn is_about_one_peer(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}

/// The reason in a few plain words.
pub(in crate::nodes) fn reason_of(error: &Error) -> String {
    if error.kind() == ErrorKind::ConnectionRefused {
        "refused: no program listens there".to_owned()
    } else if error.kind() == ErrorKind::AddrInUse {
        "another program uses this port".to_owned()
    } else if error.kind() == ErrorKind::AddrNotAvailable {
        "this computer does not have that address".to_owned()
    } else if error.kind() == ErrorKind::PermissionDenied {
        "not permitted; ports below 1024 usually need an administrator".to_owned()
    } else if error.kind() == ErrorKind::ConnectionReset {
        "the other side broke it off".to_owned()
    } else {
        error.to_string()
    }
}
