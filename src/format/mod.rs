//! Dashboard files: one file a format, each turning text into a [`crate::dashboard::Dashboard`].
//!
//! A format drops nothing silently: what it cannot read is a [`LoadProblem`], what it understands but this version
//! cannot do is a [`crate::dashboard::Note`].

pub mod grafana;
pub mod lint;
mod nearest;
pub mod schema;
#[cfg(test)]
pub(crate) mod testing;
pub mod yaml;
mod zone;

/// Largest dashboard file that is read, in bytes; 500 panels with long queries fit several times.
pub const FILE_LIMIT_BYTES: usize = 1 << 20;

/// Problems, notes and lints of one file that are kept; a file with more of them needs no longer list.
pub const FINDINGS_LIMIT: usize = 100;

/// Keys that no action of a dashboard may take: the program's own, and those that announced features will want.
pub const RESERVED_KEYS: &str = "?qhlkjgGvt+=-<[>]0rp RdnNixyz/:saeVTHLo;$";

/// Why a dashboard could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadProblem {
    /// Line, from 1, where it is known.
    pub line: Option<u32>,
    /// Column in characters, from 1, where it is known.
    pub column: Option<u32>,
    /// What was found and what was expected; one line.
    pub message: String,
}

impl LoadProblem {
    /// A problem of the file as a whole.
    pub fn whole_file(message: impl Into<String>) -> Self {
        Self { line: None, column: None, message: message.into() }
    }
}

/// `line 3, column 7: unknown key ...`
impl std::fmt::Display for LoadProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_keys_are_those_of_the_key_table() {
        for character in (0x20_u8..0x7f).map(char::from) {
            assert_eq!(
                RESERVED_KEYS.contains(character),
                crate::keymap::is_reserved(character),
                "RESERVED_KEYS and the key table disagree on {character:?}"
            );
        }
    }
}
