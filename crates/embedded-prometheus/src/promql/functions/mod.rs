//! The functions by name: what they return, and which of the families computes them.

pub(crate) mod counter;
pub(crate) mod date;
pub(crate) mod histogram;
mod hyperbolic;
pub(crate) mod labels;
pub(crate) mod natural;
pub(crate) mod over_time;
pub(crate) mod regression;
pub(crate) mod window;

use super::ast::ValueType;
use window::WindowFn;

/// What a call does. Each variant is one shape of evaluation; the formulas are in the families' files.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Function {
    /// A number to a number, series by series.
    Map(fn(f64) -> f64),
    /// A part of a date, of the argument's values as Unix seconds or of the step's time.
    Date(fn(i64) -> f64),
    /// A range of samples to a number.
    Window {
        compute: WindowFn,
        keeps_name: bool,
        wants_resets: bool,
    },
    Absent,
    AbsentOverTime,
    Clamp,
    ClampMax,
    ClampMin,
    HistogramFraction,
    HistogramQuantile,
    LabelJoin,
    LabelReplace,
    /// Of native histograms only: no float sample has an answer.
    NativeHistogram,
    Pi,
    Round,
    Scalar,
    Sort {
        descending: bool,
    },
    SortByLabel {
        descending: bool,
    },
    Time,
    Timestamp,
    Vector,
}

impl PartialEq for Function {
    /// Whether it is the same shape; formulas are not compared.
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Function {
    pub(crate) fn returns(self) -> ValueType {
        match self {
            Self::Pi | Self::Scalar | Self::Time => ValueType::Scalar,
            _ => ValueType::Vector,
        }
    }

    /// Whether it answers differently at each step even if its arguments do not.
    pub(crate) fn depends_on_time(self) -> bool {
        match self {
            Self::Date(_) | Self::Time | Self::Timestamp => true,
            Self::Window { compute, .. } => {
                std::ptr::fn_addr_eq(compute, regression::predict_linear as WindowFn)
            }
            _ => false,
        }
    }

    /// Whether its scalars must be checked at each step.
    pub(crate) fn is_smoothing(self) -> bool {
        let smoothing = regression::double_exponential_smoothing as WindowFn;
        matches!(self, Self::Window { compute, .. } if std::ptr::fn_addr_eq(compute, smoothing))
    }
}

/// The function of that name.
pub(crate) fn lookup(name: &str) -> Option<Function> {
    use Function::{
        Absent, AbsentOverTime, Clamp, ClampMax, ClampMin, Date, HistogramFraction, HistogramQuantile,
        LabelJoin, LabelReplace, Map, NativeHistogram, Pi, Round, Scalar, Sort, Time, Timestamp, Vector,
    };
    let window = |compute: WindowFn| Function::Window { compute, keeps_name: false, wants_resets: false };
    let keeping = |compute: WindowFn| Function::Window { compute, keeps_name: true, wants_resets: false };
    let counting = |compute: WindowFn| Function::Window { compute, keeps_name: false, wants_resets: true };
    let function = match name {
        "abs" => Map(f64::abs),
        "absent" => Absent,
        "absent_over_time" => AbsentOverTime,
        "acos" => Map(f64::acos),
        "acosh" => Map(hyperbolic::acosh),
        "asin" => Map(f64::asin),
        "asinh" => Map(hyperbolic::asinh),
        "atan" => Map(f64::atan),
        "atanh" => Map(f64::atanh),
        "avg_over_time" => window(over_time::avg),
        "ceil" => Map(f64::ceil),
        "changes" => window(counter::changes),
        "clamp" => Clamp,
        "clamp_max" => ClampMax,
        "clamp_min" => ClampMin,
        "cos" => Map(f64::cos),
        "cosh" => Map(f64::cosh),
        "count_over_time" => window(over_time::count),
        "day_of_month" => Date(date::day_of_month),
        "day_of_week" => Date(date::day_of_week),
        "day_of_year" => Date(date::day_of_year),
        "days_in_month" => Date(date::days_in_month),
        "deg" => Map(|v| v * 180.0 / std::f64::consts::PI),
        "delta" => window(counter::delta),
        "deriv" => window(regression::deriv),
        "exp" => Map(f64::exp),
        "floor" => Map(f64::floor),
        "histogram_avg" | "histogram_count" | "histogram_sum" | "histogram_stddev" | "histogram_stdvar" => {
            NativeHistogram
        }
        "histogram_fraction" => HistogramFraction,
        "histogram_quantile" => HistogramQuantile,
        "hour" => Date(date::hour),
        "idelta" => window(counter::idelta),
        "increase" => counting(counter::increase),
        "irate" => window(counter::irate),
        "label_join" => LabelJoin,
        "label_replace" => LabelReplace,
        "last_over_time" => keeping(over_time::last),
        "ln" => Map(f64::ln),
        "log10" => Map(f64::log10),
        "log2" => Map(f64::log2),
        "max_over_time" => window(over_time::max),
        "min_over_time" => window(over_time::min),
        "minute" => Date(date::minute),
        "month" => Date(date::month),
        "pi" => Pi,
        "predict_linear" => window(regression::predict_linear),
        "present_over_time" => window(over_time::present),
        "quantile_over_time" => window(over_time::quantile),
        "rad" => Map(|v| v * std::f64::consts::PI / 180.0),
        "rate" => counting(counter::rate),
        "resets" => window(counter::resets),
        "round" => Round,
        "scalar" => Scalar,
        "sgn" => Map(sgn),
        "sin" => Map(f64::sin),
        "sinh" => Map(f64::sinh),
        "sort" => Sort { descending: false },
        "sort_desc" => Sort { descending: true },
        "sqrt" => Map(f64::sqrt),
        "stddev_over_time" => window(over_time::stddev),
        "stdvar_over_time" => window(over_time::stdvar),
        "sum_over_time" => window(over_time::sum),
        "tan" => Map(f64::tan),
        "tanh" => Map(f64::tanh),
        "time" => Time,
        "timestamp" => Timestamp,
        "vector" => Vector,
        "year" => Date(date::year),
        _ => return experimental(name),
    };
    Some(function)
}

/// Functions that Prometheus has behind `--enable-feature=promql-experimental-functions`.
fn experimental(name: &str) -> Option<Function> {
    let window = |compute: WindowFn| Function::Window { compute, keeps_name: false, wants_resets: false };
    Some(match name {
        "double_exponential_smoothing" => window(regression::double_exponential_smoothing),
        "mad_over_time" => window(over_time::mad),
        "sort_by_label" => Function::SortByLabel { descending: false },
        "sort_by_label_desc" => Function::SortByLabel { descending: true },
        "ts_of_last_over_time" => window(over_time::time_of_last),
        "ts_of_max_over_time" => window(over_time::time_of_max),
        "ts_of_min_over_time" => window(over_time::time_of_min),
        _ => return None,
    })
}

/// The sign; NaN and both zeros stay as they are.
fn sgn(value: f64) -> f64 {
    if value < 0.0 {
        -1.0
    } else if value > 0.0 {
        1.0
    } else {
        value
    }
}
