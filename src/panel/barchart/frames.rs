//! A bar chart of a table: a category a row, named by the table's first column of texts, and a series a column of numbers
//! (Grafana's bar chart of frames).

use std::borrow::Cow;

use super::{Category, Chart};
use crate::panel::PanelView;
use crate::panel::item::{self, Item};
use crate::series::is_absent;
use crate::template;
use crate::transform::{Cell, DataFrame, Naming};

/// Categories that a table has at most; what has no room on the screen is counted there.
const CATEGORIES_LIMIT: usize = 2_000;

/// The chart of the first table that has texts and numbers; `None` where there is none.
pub(super) fn chart<'a>(view: &'a PanelView<'a>) -> Option<Chart<'a>> {
    let frames = view.frames?;
    let is_text = |frame: &DataFrame, column: usize| {
        (0..frame.rows()).any(|row| matches!(frame.fields()[column].values.cell(row), Cell::Text(_)))
    };
    let (frame, texts) = frames.iter().find_map(|frame| {
        let texts = (0..frame.fields().len()).find(|column| is_text(frame, *column))?;
        frame.fields().iter().any(|field| field.values.numbers().is_some()).then_some((frame, texts))
    })?;
    let names = Naming::of(frames).names(frame);
    let mut columns = Vec::new();
    for (field, name) in
        frame.fields().iter().zip(&names).filter(|(field, _)| field.values.numbers().is_some())
    {
        let options = view.panel.field_of(name, &frame.ref_id);
        if options.style.hidden {
            continue;
        }
        let name = match options.display_name.as_deref() {
            Some(wanted) => template::display_name(wanted, name, &field.labels),
            None => name.clone(),
        };
        columns.push((field, name, options));
    }
    let category = |row: usize| {
        let name = match frame.fields()[texts].values.cell(row) {
            Cell::Text(text) => text.to_string(),
            _ => String::new(),
        };
        let bar = |(field, _, options): &(
            &crate::transform::Field,
            String,
            Cow<'a, crate::field::FieldOptions>,
        )| {
            let value = field.values.cell(row).number().filter(|value| !is_absent(*value))?;
            Some(Item {
                name: name.clone(),
                shared: 0,
                number: 0,
                field: options.clone(),
                value: Some(value),
                text: None,
                history: None,
            })
        };
        Category { bars: columns.iter().map(bar).collect(), name: name.clone() }
    };
    let categories: Vec<Category<'_>> = (0..frame.rows().min(CATEGORIES_LIMIT)).map(category).collect();
    let all: Vec<Item<'_>> = categories.iter().flat_map(|one| one.bars.iter().flatten().cloned()).collect();
    Some(Chart {
        range: item::data_range(&all),
        series: columns.iter().map(|(_, name, _)| name.clone()).collect(),
        stack: view.panel.field.style.stack,
        calendar: item::calendar(view),
        categories,
    })
}

#[cfg(test)]
mod tests {
    use crate::panel::barchart::KIND;
    use crate::panel::fixture::Fixture;
    use crate::transform::{LabelsToFields, Transform};

    #[test]
    fn texts_are_categories_and_numbers_are_series() {
        let fixture = Fixture::new(&KIND)
            .instant(&[(&[("team", "api")], 5.0), (&[("team", "web")], 3.0)])
            .query("down", None)
            .instant(&[(&[("team", "web")], 1.0), (&[("team", "data")], 2.0)]);
        let mut fixture = fixture;
        for query in &mut fixture.panel.queries {
            query.format = Some(crate::dashboard::QueryFormat::Table);
        }
        fixture.panel.transforms =
            vec![Transform::LabelsToFields(LabelsToFields::default()), Transform::Merge];
        insta::assert_snapshot!(fixture.at(&[(40, 9)]));
        fixture.panel.options.vertical = true;
        insta::assert_snapshot!(fixture.at(&[(40, 9), (12, 4)]));
    }
}
