//! `status-history`: the state of each series at each sample, as one cell a sample.
//!
//! As `state-timeline`, but equal neighbours stay cells of their own, with the value in each where there is room.

use super::states::{self, Style};
use super::{Asks, PanelKind};
use crate::chart::lanes::Hold;

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "status-history",
    about: "the state of each series at each sample",
    options: &[],
    min_size: (16, 3),
    natural_height: 8,
    asks: |_| Asks { instant: false, range: true },
    draw: |view, area, buffer| {
        states::draw(view, Style { hold: Hold::Around, merge: false }, area, buffer);
    },
    values: states::values,
    at: Some(states::values_at),
};

#[cfg(test)]
mod tests {
    use super::super::range_fixture::Fixture;
    use super::*;
    use crate::field::ThresholdStep;
    use crate::series::ABSENT;
    use crate::theme::{Marker, Rgb, Theme};

    const GREEN: Rgb = Rgb(115, 191, 105);
    const RED: Rgb = Rgb(242, 73, 92);

    fn loads() -> Fixture {
        let one = [10.0, 20.0, 90.0, 95.0, ABSENT, 30.0];
        let two = [10.0, 10.0, 10.0, 85.0, 10.0, f64::NAN];
        let mut fixture = Fixture::new(&KIND, 60, &[("one", &one), ("two", &two)]);
        fixture.panel.field.decimals = None;
        let step = |at, color| ThresholdStep { at, color };
        fixture.panel.field.thresholds.steps = vec![step(f64::NEG_INFINITY, GREEN), step(80.0, RED)];
        fixture
    }

    #[test]
    fn each_sample_has_a_cell_with_its_value() {
        insta::assert_snapshot!(loads().at(&[(64, 9), (40, 7), (24, 3), (6, 2)]));
    }

    #[test]
    fn ascii_is_enough() {
        let mut fixture = loads();
        fixture.theme.marker = Marker::Ascii;
        insta::assert_snapshot!(fixture.at(&[(40, 6)]));
    }

    #[test]
    fn cells_have_the_colour_of_their_band() {
        let mut fixture = loads();
        fixture.theme = Theme::TRUE_COLOR;
        let buffer = fixture.buffer(40, 2);
        let colors: Vec<_> = [5, 17, 22, 28, 35].map(|x| buffer[(x, 0)].bg).to_vec();
        let (green, red) = (fixture.theme.color(GREEN), fixture.theme.color(RED));
        assert_eq!(colors, [green, red, red, ratatui::style::Color::Reset, green]);
    }
}
