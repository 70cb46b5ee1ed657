//! Overrides: field options for some of a panel's series, picked by name, pattern or query.
//!
//! The rules are Grafana's (`matchers/nameMatcher.ts`): a name is the one that the series would have without any
//! override, patterns are those of `stringToJsRegex` (see [`TextPattern`]), and later overrides win.

use super::{
    Align, AxisScale, AxisSide, CellMode, Draw, FieldOptions, Gaps, Interpolation, Mapping, SeriesColor,
    Stack, TextPattern, Thresholds, ThresholdsStyle,
};
use crate::unit::Unit;

/// Options for the series that a matcher picks.
#[derive(Clone, Debug, PartialEq)]
pub struct Override {
    /// Which series.
    pub when: SeriesMatch,
    /// What holds for them.
    pub set: FieldPatch,
}

/// Which series an override is for.
#[derive(Clone, Debug)]
pub enum SeriesMatch {
    /// Those with exactly this name.
    Name(String),
    /// Those with one of these names; with `true`, those with none of them.
    Names(Vec<String>, bool),
    /// Those in whose name the pattern is found.
    Pattern(TextPattern),
    /// Those of the query with this ref.
    Query(String),
}

impl SeriesMatch {
    /// Whether the series called `name` of the query `ref_id` is meant.
    pub fn matches(&self, name: &str, ref_id: &str) -> bool {
        match self {
            Self::Name(wanted) => wanted == name,
            Self::Names(wanted, except) => wanted.iter().any(|wanted| wanted == name) != *except,
            Self::Pattern(pattern) => pattern.is_match(name),
            Self::Query(wanted) => wanted == ref_id,
        }
    }
}

impl PartialEq for SeriesMatch {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(other)) | (Self::Query(one), Self::Query(other)) => one == other,
            (Self::Names(one, except), Self::Names(other, other_except)) => {
                one == other && except == other_except
            }
            (Self::Pattern(one), Self::Pattern(other)) => one.as_str() == other.as_str(),
            _ => false,
        }
    }
}

/// Field options of which only some are said.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FieldPatch {
    /// [`FieldOptions::unit`]
    pub unit: Option<Unit>,
    /// [`FieldOptions::decimals`]
    pub decimals: Option<u8>,
    /// [`FieldOptions::min`]
    pub min: Option<f64>,
    /// [`FieldOptions::max`]
    pub max: Option<f64>,
    /// [`FieldOptions::soft_min`]
    pub soft_min: Option<f64>,
    /// [`FieldOptions::soft_max`]
    pub soft_max: Option<f64>,
    /// [`FieldOptions::no_value`]
    pub no_value: Option<String>,
    /// [`FieldOptions::thresholds`]
    pub thresholds: Option<Thresholds>,
    /// [`FieldOptions::mappings`]
    pub mappings: Option<Vec<Mapping>>,
    /// [`FieldOptions::display_name`]
    pub display_name: Option<String>,
    /// [`FieldOptions::color`]
    pub color: Option<SeriesColor>,
    /// [`super::SeriesStyle::draw`]
    pub draw: Option<Draw>,
    /// [`super::SeriesStyle::fill`]
    pub fill: Option<bool>,
    /// [`super::SeriesStyle::stack`]
    pub stack: Option<Stack>,
    /// [`super::SeriesStyle::gaps`]
    pub gaps: Option<Gaps>,
    /// [`super::SeriesStyle::axis`]
    pub axis: Option<AxisSide>,
    /// [`FieldOptions::axis_label`]
    pub axis_label: Option<String>,
    /// [`super::SeriesStyle::negative_y`]
    pub negative_y: Option<bool>,
    /// [`super::SeriesStyle::scale`]
    pub scale: Option<AxisScale>,
    /// [`super::SeriesStyle::interpolation`]
    pub interpolation: Option<Interpolation>,
    /// [`super::SeriesStyle::thresholds`]
    pub thresholds_style: Option<ThresholdsStyle>,
    /// [`super::SeriesStyle::hidden`]
    pub hidden: Option<bool>,
    /// [`super::ColumnStyle::width`]
    pub column_width: Option<u16>,
    /// [`super::ColumnStyle::align`]
    pub align: Option<Align>,
    /// [`super::ColumnStyle::cell`]
    pub cell: Option<CellMode>,
}

impl FieldPatch {
    /// Writes what is said into `field`.
    pub fn apply(&self, field: &mut FieldOptions) {
        fn set<T: Clone>(said: Option<&T>, place: &mut T) {
            if let Some(value) = said {
                place.clone_from(value);
            }
        }
        fn set_some<T: Clone>(said: Option<&T>, place: &mut Option<T>) {
            if said.is_some() {
                *place = said.cloned();
            }
        }
        set(self.unit.as_ref(), &mut field.unit);
        set_some(self.decimals.as_ref(), &mut field.decimals);
        set_some(self.min.as_ref(), &mut field.min);
        set_some(self.max.as_ref(), &mut field.max);
        set_some(self.soft_min.as_ref(), &mut field.soft_min);
        set_some(self.soft_max.as_ref(), &mut field.soft_max);
        set_some(self.no_value.as_ref(), &mut field.no_value);
        set(self.thresholds.as_ref(), &mut field.thresholds);
        set(self.mappings.as_ref(), &mut field.mappings);
        set_some(self.display_name.as_ref(), &mut field.display_name);
        set(self.color.as_ref(), &mut field.color);
        set(self.draw.as_ref(), &mut field.style.draw);
        set(self.fill.as_ref(), &mut field.style.fill);
        set(self.stack.as_ref(), &mut field.style.stack);
        set(self.gaps.as_ref(), &mut field.style.gaps);
        set(self.axis.as_ref(), &mut field.style.axis);
        set_some(self.axis_label.as_ref(), &mut field.axis_label);
        set(self.negative_y.as_ref(), &mut field.style.negative_y);
        set(self.scale.as_ref(), &mut field.style.scale);
        set(self.interpolation.as_ref(), &mut field.style.interpolation);
        set(self.thresholds_style.as_ref(), &mut field.style.thresholds);
        set(self.hidden.as_ref(), &mut field.style.hidden);
        set_some(self.column_width.as_ref(), &mut field.column.width);
        set_some(self.align.as_ref(), &mut field.column.align);
        set(self.cell.as_ref(), &mut field.column.cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_picked_by_name_pattern_or_query() {
        let names = || vec!["a".to_owned(), "b".to_owned()];
        for (when, name, matches) in [
            (SeriesMatch::Name("a".into()), "a", true),
            (SeriesMatch::Name("a".into()), "ab", false),
            (SeriesMatch::Names(names(), false), "b", true),
            (SeriesMatch::Names(names(), false), "c", false),
            (SeriesMatch::Names(names(), true), "b", false),
            (SeriesMatch::Names(names(), true), "c", true),
            (SeriesMatch::Pattern(TextPattern::new("/b$/").expect("a pattern")), "ab", true),
            (SeriesMatch::Pattern(TextPattern::new("b").expect("a pattern")), "ab", false),
            (SeriesMatch::Pattern(TextPattern::new("/^(?!a)/").expect("a pattern")), "ab", false),
            (SeriesMatch::Pattern(TextPattern::new("/^(?!A)/i").expect("a pattern")), "b", true),
            (SeriesMatch::Query("Q".into()), "whatever", true),
            (SeriesMatch::Query("A".into()), "A", false),
        ] {
            assert_eq!(when.matches(name, "Q"), matches, "{when:?} {name}");
        }
    }

    #[test]
    fn a_patch_changes_what_it_says_and_nothing_else() {
        let before = FieldOptions { decimals: Some(1), max: Some(9.0), ..FieldOptions::default() };
        let mut after = before.clone();
        FieldPatch::default().apply(&mut after);
        assert_eq!(after, before);
        let patch = FieldPatch { max: Some(5.0), axis: Some(AxisSide::Right), ..FieldPatch::default() };
        patch.apply(&mut after);
        assert_eq!((after.max, after.decimals, after.style.axis), (Some(5.0), Some(1), AxisSide::Right));
    }
}
