//! The list of what Prometheus 2 and 3 answer differently.
//!
//! A line `## reason` opens a section; below it stand queries, one a line. A line that starts with `=> ` says what
//! the query before it must give here at the first of the times.

/// A query that the two versions answer differently.
pub(crate) struct Difference<'a> {
    pub(crate) reason: &'a str,
    pub(crate) query: String,
    /// Our answer, as `Outcome` is written.
    pub(crate) ours: Option<&'a str>,
}

pub(crate) fn parse(text: &str) -> Vec<Difference<'_>> {
    let mut reason = "";
    let mut out: Vec<Difference<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("//")) {
        if let Some(title) = line.strip_prefix("## ") {
            reason = title;
        } else if let Some(expected) = line.strip_prefix("=> ") {
            out.last_mut().expect("a query before what it gives").ours = Some(expected);
        } else {
            out.push(Difference { reason, query: line.replace('⏎', "\n"), ours: None });
        }
    }
    out
}
