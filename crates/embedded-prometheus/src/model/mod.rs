//! What everything else is made of: labels, samples, and the marker of a series that has ended.

mod labels;
mod quote;
mod sample;

pub(crate) use labels::is_plain_name;
pub use labels::{Label, Labels, LabelsBuilder, METRIC_NAME};
pub use quote::{format_g, quote};
pub use sample::{STALE_NAN, Sample, is_stale};
