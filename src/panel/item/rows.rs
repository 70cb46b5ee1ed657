//! Each row of the data as a value of its own (Grafana's `reduceOptions.values`).
//!
//! A row is named by its texts, and by its column where there are several columns of numbers or no text
//! (`getSmartDisplayNameForRow`).

use super::{Item, reduced};
use crate::panel::PanelView;
use crate::series::is_absent;
use crate::template;
use crate::transform::{Cell, DataFrame, Naming};

/// Values that are made of rows at most; what has no room on the screen is counted by the panel.
const VALUES_LIMIT: usize = 10_000;

/// One item a row and column of numbers, in the order of the queries; none without data.
pub(super) fn items<'a>(view: &'a PanelView<'a>) -> Vec<Item<'a>> {
    let limit = view.panel.options.rows_limit.unwrap_or(VALUES_LIMIT).min(VALUES_LIMIT);
    match view.frames {
        Some(frames) => of_frames(view, frames, limit),
        None => of_answers(view, limit),
    }
}

/// Without transforms a row is a sample: of values over time each, else the one that each series has now.
fn of_answers<'a>(view: &'a PanelView<'a>, limit: usize) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    for target in &view.targets {
        let of_range = target.range.iter().flat_map(|frame| &frame.series);
        let of_range = of_range.map(|series| (&series.labels, series.values.as_slice()));
        let of_instant = target.instant.iter().flat_map(|vector| &vector.samples);
        let of_instant = of_instant.map(|sample| (&sample.labels, std::slice::from_ref(&sample.value)));
        // What is asked for both is a row only once.
        let is_over_time = target.range.is_some();
        for (labels, values) in of_range.chain(of_instant.filter(|_| !is_over_time)) {
            let room = limit - items.len();
            if room == 0 {
                return items;
            }
            let (name, field) = view.name_of(target, labels);
            if field.style.hidden {
                continue;
            }
            let field = reduced(field);
            let there = values.iter().copied().filter(|value| !is_absent(*value));
            items.extend(there.take(room).map(|value| Item {
                name: name.clone(),
                shared: 0,
                number: 0,
                field: field.clone(),
                value: Some(value),
                text: None,
                history: None,
            }));
        }
    }
    items
}

fn of_frames<'a>(view: &'a PanelView<'a>, frames: &[DataFrame], limit: usize) -> Vec<Item<'a>> {
    let naming = Naming::of(frames);
    let mut items = Vec::new();
    for frame in frames {
        let names = naming.names(frame);
        let is_number = |column: &usize| frame.fields()[*column].values.numbers().is_some();
        let numbers: Vec<usize> = (0..frame.fields().len()).filter(is_number).collect();
        for column in &numbers {
            let field = &frame.fields()[*column];
            let options = view.panel.field_of(&names[*column], &frame.ref_id);
            if options.style.hidden {
                continue;
            }
            let column_name = match options.display_name.as_deref() {
                Some(wanted) => template::display_name(wanted, &names[*column], &field.labels),
                None => names[*column].clone(),
            };
            for row in 0..frame.rows() {
                if items.len() >= limit {
                    return items;
                }
                let mut name: Vec<String> = frame
                    .fields()
                    .iter()
                    .filter_map(|field| match field.values.cell(row) {
                        Cell::Text(text) if !text.is_empty() => Some(text.to_string()),
                        _ => None,
                    })
                    .collect();
                if numbers.len() > 1 || name.is_empty() {
                    name.push(column_name.clone());
                }
                let value = field.values.cell(row).number().filter(|value| !is_absent(*value));
                items.push(Item {
                    name: name.join(" "),
                    shared: 0,
                    number: 0,
                    field: reduced(options.clone()),
                    value,
                    text: None,
                    history: None,
                });
            }
        }
    }
    items
}

/// The texts of frames that have no numbers at all, such as the label that a panel is to show: those of all rows, or of
/// the last one where `last` is 1.
pub(super) fn texts<'a>(view: &'a PanelView<'a>, last: usize) -> Vec<Item<'a>> {
    let limit = view.panel.options.rows_limit.unwrap_or(VALUES_LIMIT).min(VALUES_LIMIT);
    let frames = view.frames.unwrap_or_default();
    let naming = Naming::of(frames);
    let mut items = Vec::new();
    for frame in frames {
        let names = naming.names(frame);
        let fields = frame.fields();
        if fields.iter().any(|field| field.values.numbers().is_some()) {
            return Vec::new();
        }
        for (field, name) in fields.iter().zip(&names) {
            let options = view.panel.field_of(name, &frame.ref_id);
            let first = if last == 1 { frame.rows().saturating_sub(1) } else { 0 };
            let texts = (first..frame.rows()).filter_map(|row| match field.values.cell(row) {
                Cell::Text(text) if !text.is_empty() => Some(text.to_string()),
                _ => None,
            });
            if options.style.hidden {
                continue;
            }
            let name = match options.display_name.as_deref() {
                Some(wanted) => template::display_name(wanted, name, &field.labels),
                None => name.clone(),
            };
            let room = limit.saturating_sub(items.len());
            items.extend(texts.take(room).map(|text| Item {
                name: name.clone(),
                shared: 0,
                number: 0,
                field: reduced(options.clone()),
                value: None,
                text: Some(text),
                history: None,
            }));
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::Fixture;
    use crate::panel::{bargauge, gauge, piechart, stat};
    use crate::transform::{LabelsToFields, Transform};

    fn teams(kind: &'static crate::panel::PanelKind) -> Fixture {
        let mut fixture = Fixture::new(kind)
            .instant(&[(&[("team", "api"), ("zone", "eu")], 5.0), (&[("team", "web"), ("zone", "us")], 3.0)]);
        fixture.panel.transforms =
            vec![Transform::LabelsToFields(LabelsToFields::default()), Transform::Merge];
        fixture.panel.options.rows = true;
        fixture
    }

    fn told(fixture: &Fixture) -> Vec<String> {
        let values = (fixture.panel.kind.values)(&fixture.view());
        values.into_iter().map(|one| format!("{}={}", one.name, one.text)).collect()
    }

    #[test]
    fn a_row_is_named_by_its_texts() {
        for kind in [&stat::KIND, &gauge::KIND, &bargauge::KIND, &piechart::KIND] {
            let mut fixture = teams(kind);
            let all = told(&fixture);
            assert!(all[0].starts_with("api eu=5") && all[1].starts_with("web us=3"), "{all:?}");
            fixture.panel.options.rows_limit = Some(1);
            assert_eq!(told(&fixture).len(), 1);
        }
    }

    #[test]
    fn of_values_over_time_each_sample_is_a_row() {
        let mut fixture = Fixture::new(&stat::KIND)
            .legend("{{job}}")
            .range(&[(&[("job", "a")], &[1.0, crate::series::ABSENT, 3.0]), (&[("job", "b")], &[f64::NAN])]);
        fixture.panel.options.rows = true;
        assert_eq!(told(&fixture), ["a=1", "a=3", "b=NaN"]);
        let mut nothing = Fixture::new(&stat::KIND).instant(&[]);
        let reduced = told(&nothing);
        nothing.panel.options.rows = true;
        assert_eq!(told(&nothing), reduced, "one without a value, as it would be without rows");
    }

    #[test]
    fn texts_are_shown_where_there_are_no_numbers() {
        let mut build = Fixture::new(&stat::KIND).instant(&[
            (&[("job", "a"), ("version", "2.41.0")], 1.0),
            (&[("job", "b"), ("version", "2.42.0")], 1.0),
        ]);
        build.panel.options.hide_sparkline = true;
        build.panel.queries[0].format = Some(crate::dashboard::QueryFormat::Table);
        let include = Some(crate::transform::FieldMatch::Names(vec!["version".to_owned()]));
        build.panel.transforms = vec![Transform::Filter(crate::transform::Filter { include, exclude: None })];
        assert_eq!(build.lines(10, 1), ["  2.42.0"], "the last row's");
        build.panel.options.rows = true;
        assert_eq!(build.lines(10, 2).len(), 2);
        assert!(build.lines(24, 2).concat().contains("2.41.0"));
        let mapping = crate::field::Mapping {
            when: crate::field::MappingMatch::Text("2.42.0".to_owned()),
            text: Some("new".to_owned()),
            color: None,
        };
        build.panel.field.mappings = vec![mapping];
        build.panel.options.rows = false;
        assert_eq!(build.lines(10, 1), ["   new"]);
    }
}
