//! What each function takes and gives.

use super::super::ast::ValueType::{self, Matrix, Scalar, String, Vector};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static [ValueType],
    pub(crate) more: More,
    pub(crate) returns: ValueType,
    pub(crate) experimental: bool,
}

/// Whether the last argument may be left out or come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum More {
    Exactly,
    /// The last argument may be left out.
    Optional,
    /// The last argument comes any number of times, or not at all.
    Any,
}

const fn plain(name: &'static str, arguments: &'static [ValueType]) -> Signature {
    Signature { name, arguments, more: More::Exactly, returns: Vector, experimental: false }
}

const fn optional(name: &'static str, arguments: &'static [ValueType]) -> Signature {
    Signature { name, arguments, more: More::Optional, returns: Vector, experimental: false }
}

const fn scalar(name: &'static str, arguments: &'static [ValueType]) -> Signature {
    Signature { name, arguments, more: More::Exactly, returns: Scalar, experimental: false }
}

const fn experimental(name: &'static str, arguments: &'static [ValueType], more: More) -> Signature {
    Signature { name, arguments, more, returns: Vector, experimental: true }
}

/// The functions of Prometheus 3.5, sorted by name.
static SIGNATURES: &[Signature] = &[
    plain("abs", &[Vector]),
    plain("absent", &[Vector]),
    plain("absent_over_time", &[Matrix]),
    plain("acos", &[Vector]),
    plain("acosh", &[Vector]),
    plain("asin", &[Vector]),
    plain("asinh", &[Vector]),
    plain("atan", &[Vector]),
    plain("atanh", &[Vector]),
    plain("avg_over_time", &[Matrix]),
    plain("ceil", &[Vector]),
    plain("changes", &[Matrix]),
    plain("clamp", &[Vector, Scalar, Scalar]),
    plain("clamp_max", &[Vector, Scalar]),
    plain("clamp_min", &[Vector, Scalar]),
    plain("cos", &[Vector]),
    plain("cosh", &[Vector]),
    plain("count_over_time", &[Matrix]),
    optional("day_of_month", &[Vector]),
    optional("day_of_week", &[Vector]),
    optional("day_of_year", &[Vector]),
    optional("days_in_month", &[Vector]),
    plain("deg", &[Vector]),
    plain("delta", &[Matrix]),
    plain("deriv", &[Matrix]),
    experimental("double_exponential_smoothing", &[Matrix, Scalar, Scalar], More::Exactly),
    plain("exp", &[Vector]),
    plain("floor", &[Vector]),
    plain("histogram_avg", &[Vector]),
    plain("histogram_count", &[Vector]),
    plain("histogram_fraction", &[Scalar, Scalar, Vector]),
    plain("histogram_quantile", &[Scalar, Vector]),
    plain("histogram_stddev", &[Vector]),
    plain("histogram_stdvar", &[Vector]),
    plain("histogram_sum", &[Vector]),
    optional("hour", &[Vector]),
    plain("idelta", &[Matrix]),
    plain("increase", &[Matrix]),
    experimental("info", &[Vector, Vector], More::Optional),
    plain("irate", &[Matrix]),
    Signature {
        name: "label_join",
        arguments: &[Vector, String, String, String],
        more: More::Any,
        returns: Vector,
        experimental: false,
    },
    plain("label_replace", &[Vector, String, String, String, String]),
    plain("last_over_time", &[Matrix]),
    plain("ln", &[Vector]),
    plain("log10", &[Vector]),
    plain("log2", &[Vector]),
    experimental("mad_over_time", &[Matrix], More::Exactly),
    plain("max_over_time", &[Matrix]),
    plain("min_over_time", &[Matrix]),
    optional("minute", &[Vector]),
    optional("month", &[Vector]),
    scalar("pi", &[]),
    plain("predict_linear", &[Matrix, Scalar]),
    plain("present_over_time", &[Matrix]),
    plain("quantile_over_time", &[Scalar, Matrix]),
    plain("rad", &[Vector]),
    plain("rate", &[Matrix]),
    plain("resets", &[Matrix]),
    optional("round", &[Vector, Scalar]),
    scalar("scalar", &[Vector]),
    plain("sgn", &[Vector]),
    plain("sin", &[Vector]),
    plain("sinh", &[Vector]),
    plain("sort", &[Vector]),
    experimental("sort_by_label", &[Vector, String], More::Any),
    experimental("sort_by_label_desc", &[Vector, String], More::Any),
    plain("sort_desc", &[Vector]),
    plain("sqrt", &[Vector]),
    plain("stddev_over_time", &[Matrix]),
    plain("stdvar_over_time", &[Matrix]),
    plain("sum_over_time", &[Matrix]),
    plain("tan", &[Vector]),
    plain("tanh", &[Vector]),
    scalar("time", &[]),
    plain("timestamp", &[Vector]),
    experimental("ts_of_last_over_time", &[Matrix], More::Exactly),
    experimental("ts_of_max_over_time", &[Matrix], More::Exactly),
    experimental("ts_of_min_over_time", &[Matrix], More::Exactly),
    plain("vector", &[Scalar]),
    optional("year", &[Vector]),
];

/// What the function of that name takes and gives.
pub(super) fn lookup(name: &str) -> Option<&'static Signature> {
    SIGNATURES.binary_search_by(|signature| signature.name.cmp(name)).ok().map(|at| &SIGNATURES[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_found() {
        assert!(SIGNATURES.is_sorted_by(|a, b| a.name < b.name));
        for signature in SIGNATURES {
            assert_eq!(lookup(signature.name), Some(signature));
        }
        assert_eq!(lookup("holt_winters"), None);
    }
}
