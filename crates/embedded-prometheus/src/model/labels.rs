//! The identity of a series: label names and values, sorted by name, cheap to clone, compare and hash.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::quote;

/// The label that holds the metric's name.
pub const METRIC_NAME: &str = "__name__";

/// One label. Names and values are shared, so that a label set derived from another copies no text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// The label's name.
    pub name: Arc<str>,
    /// The label's value; never empty inside [`Labels`].
    pub value: Arc<str>,
}

#[derive(Debug)]
struct Inner {
    hash: u64,
    pairs: Box<[Label]>,
}

/// A set of labels, the metric's name included as `__name__`: sorted by name, without empty values.
///
/// Cloning copies a pointer; comparing and hashing look at a hash computed once.
#[derive(Debug, Clone)]
pub struct Labels(Arc<Inner>);

impl Labels {
    /// No labels at all.
    #[must_use]
    pub fn empty() -> Self {
        Self::from_sorted(Vec::new())
    }

    /// Labels from names and values in any order. An empty value means "no such label"; of a name given twice
    /// the last one counts.
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut builder = LabelsBuilder::default();
        for (name, value) in pairs {
            builder.set(name.as_ref(), value.as_ref());
        }
        builder.build()
    }

    fn from_sorted(pairs: Vec<Label>) -> Self {
        Self(Arc::new(Inner { hash: hash_of(&pairs), pairs: pairs.into() }))
    }

    /// The value of `name`, or the empty string.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.pairs.iter().find(|label| &*label.name == name).map_or("", |label| &*label.value)
    }

    /// The metric's name, or the empty string.
    #[must_use]
    pub fn metric_name(&self) -> &str {
        self.get(METRIC_NAME)
    }

    /// All labels, sorted by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Label> {
        self.0.pairs.iter()
    }

    /// How many labels there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.pairs.len()
    }

    /// Whether there is no label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.pairs.is_empty()
    }

    /// The labels for whose name `keep` holds.
    #[must_use]
    pub fn filtered(&self, mut keep: impl FnMut(&str) -> bool) -> Self {
        if self.0.pairs.iter().all(|label| keep(&label.name)) {
            return self.clone();
        }
        Self::from_sorted(self.0.pairs.iter().filter(|label| keep(&label.name)).cloned().collect())
    }

    /// Only the labels named.
    #[must_use]
    pub fn keeping(&self, names: &[String]) -> Self {
        self.filtered(|name| names.iter().any(|n| n == name))
    }

    /// All labels but those named, and without the metric's name.
    #[must_use]
    pub fn without(&self, names: &[String]) -> Self {
        self.filtered(|name| name != METRIC_NAME && !names.iter().any(|n| n == name))
    }

    /// Without the labels that describe the metric itself (its name, type and unit): what is left after an
    /// operation whose result is no longer that metric.
    #[must_use]
    pub fn without_metric(&self) -> Self {
        self.filtered(|name| !matches!(name, METRIC_NAME | "__type__" | "__unit__"))
    }

    /// A builder that starts from these labels.
    #[must_use]
    pub fn builder(&self) -> LabelsBuilder {
        LabelsBuilder { pairs: self.0.pairs.to_vec() }
    }
}

/// FNV-1a over names and values with a separator; it only has to be quick and even.
fn hash_of(pairs: &[Label]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut eat = |text: &str| {
        for byte in text.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for label in pairs {
        eat(&label.name);
        eat(&label.value);
    }
    hash
}

impl Default for Labels {
    fn default() -> Self {
        Self::empty()
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || (self.0.hash == other.0.hash && self.0.pairs == other.0.pairs)
    }
}

impl Eq for Labels {}

impl Hash for Labels {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl PartialOrd for Labels {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Labels {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.pairs.cmp(&other.0.pairs)
    }
}

/// `{__name__="up", job="api"}`, as Prometheus writes label sets in its errors.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (i, label) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            if is_plain_name(&label.name) {
                f.write_str(&label.name)?;
            } else {
                f.write_str(&quote(&label.name))?;
            }
            write!(f, "={}", quote(&label.value))?;
        }
        f.write_str("}")
    }
}

/// Whether a label name can be written without quotes.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Puts a label set together, or changes one.
#[derive(Debug, Clone, Default)]
pub struct LabelsBuilder {
    /// Sorted by name.
    pairs: Vec<Label>,
}

impl LabelsBuilder {
    /// Sets a label; an empty value removes it.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        match self.pairs.binary_search_by(|label| (*label.name).cmp(name)) {
            Ok(at) if value.is_empty() => {
                self.pairs.remove(at);
            }
            Ok(at) => self.pairs[at].value = value.into(),
            Err(_) if value.is_empty() => {}
            Err(at) => self.pairs.insert(at, Label { name: name.into(), value: value.into() }),
        }
        self
    }

    /// Removes a label.
    pub fn remove(&mut self, name: &str) -> &mut Self {
        self.set(name, "")
    }

    /// The label set.
    #[must_use]
    pub fn build(self) -> Labels {
        Labels::from_sorted(self.pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_without_empty_values_last_one_counts() {
        let labels = Labels::from_pairs([("z", "1"), ("a", "2"), ("m", ""), ("a", "3")]);
        assert_eq!(labels.to_string(), r#"{a="3", z="1"}"#);
        assert_eq!(labels, Labels::from_pairs([("a", "3"), ("z", "1")]));
        assert_eq!(labels.get("m"), "");
    }

    #[test]
    fn names_that_need_quotes_get_them() {
        let labels = Labels::from_pairs([("service.name", "a\"b")]);
        assert_eq!(labels.to_string(), r#"{"service.name"="a\"b"}"#);
    }

    #[test]
    fn separators_keep_names_and_values_apart() {
        assert_ne!(Labels::from_pairs([("ab", "c")]), Labels::from_pairs([("a", "bc")]));
    }

    #[test]
    fn derived_sets() {
        let labels = Labels::from_pairs([(METRIC_NAME, "x"), ("job", "a"), ("le", "1")]);
        assert_eq!(labels.without_metric().to_string(), r#"{job="a", le="1"}"#);
        assert_eq!(labels.without(&["le".into()]).to_string(), r#"{job="a"}"#);
        assert_eq!(labels.keeping(&["le".into(), "nope".into()]).to_string(), r#"{le="1"}"#);
        assert_eq!(labels.builder().set("job", "b").remove("le").clone().build().get("job"), "b");
    }
}
