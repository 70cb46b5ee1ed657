//! `state-timeline`: when each series was in which state, as blocks in one lane a series.
//!
//! A state is what the series' mappings and thresholds make of its values; it lasts from its first sample to the next
//! one of another state, or to the next missing sample. Where a column has several, the rarest of the lane is shown.
//! When room is short the legend goes first, then the axis of time, then the names.

use super::states::{self, Style};
use super::{Asks, PanelKind};
use crate::chart::lanes::Hold;

/// The type.
pub static KIND: PanelKind = PanelKind {
    name: "state-timeline",
    about: "which state each series was in, and when",
    options: &["merge_values"],
    min_size: (16, 3),
    natural_height: 8,
    asks: |_| Asks { instant: false, range: true },
    draw: |view, area, buffer| {
        let merge = !view.panel.options.keep_equal_values_apart;
        states::draw(view, Style { hold: Hold::UntilNext, merge }, area, buffer);
    },
    values: states::values,
    at: Some(states::values_at),
};

#[cfg(test)]
mod tests {
    use ratatui::style::Color;

    use super::super::range_fixture::Fixture;
    use super::*;
    use crate::field::{Mapping, MappingMatch, ThresholdStep};
    use crate::series::ABSENT;
    use crate::theme::{ColorDepth, Marker, Rgb, Theme};

    const GREEN: Rgb = Rgb(115, 191, 105);
    const RED: Rgb = Rgb(242, 73, 92);

    fn up_and_down() -> Fixture {
        let mut api = [1.0; 30];
        api[10..14].fill(0.0);
        let mut web = [1.0; 30];
        web[0] = 0.0;
        web[20..26].fill(ABSENT);
        let mut fixture = Fixture::new(&KIND, 60, &[("api", &api), ("web", &web)]);
        let mapping = |value: f64, text: &str, color| Mapping {
            when: MappingMatch::Value(value),
            text: Some(text.to_owned()),
            color: Some(color),
        };
        fixture.panel.field.mappings = vec![mapping(0.0, "DOWN", RED), mapping(1.0, "UP", GREEN)];
        fixture
    }

    #[test]
    fn states_are_told_without_colour() {
        insta::assert_snapshot!(up_and_down().at(&[(72, 12), (40, 8)]));
    }

    #[test]
    fn the_legend_goes_first_then_the_axis_then_the_names() {
        insta::assert_snapshot!(up_and_down().at(&[(40, 5), (40, 3), (40, 2), (40, 1), (10, 2), (5, 2)]));
    }

    #[test]
    fn states_at_a_time_are_told() {
        let fixture = up_and_down();
        let at = KIND.at.expect("time is its axis");
        let start_ms = fixture.frame.grid.start_ms;
        let texts = |minutes: i64| -> Vec<String> {
            at(&fixture.view(), start_ms + minutes * 60_000).into_iter().map(|shown| shown.text).collect()
        };
        assert_eq!([texts(0), texts(12), texts(22)], [["UP", "DOWN"], ["DOWN", "UP"], ["UP", "-"]]);
    }

    #[test]
    fn ascii_has_patterns_of_its_own() {
        let mut fixture = up_and_down();
        fixture.theme.marker = Marker::Ascii;
        insta::assert_snapshot!(fixture.at(&[(40, 6)]));
    }

    #[test]
    fn blocks_have_the_colour_of_their_state_and_text_that_can_be_read() {
        for depth in [ColorDepth::Ansi16, ColorDepth::Ansi256, ColorDepth::True] {
            let mut fixture = up_and_down();
            fixture.theme = Theme { depth, ..Theme::TRUE_COLOR };
            let buffer = fixture.buffer(40, 2);
            let (text, block) = (&buffer[(6, 0)], &buffer[(9, 0)]);
            assert_eq!((text.symbol(), block.symbol()), ("P", "█"));
            assert_eq!((text.bg, block.fg), (fixture.theme.color(GREEN), fixture.theme.color(GREEN)));
            assert_ne!(text.fg, text.bg);
            assert_eq!(buffer[(18, 0)].bg, fixture.theme.color(RED));
            // No sample, no colour.
            assert_eq!((buffer[(31, 1)].symbol(), buffer[(31, 1)].bg), (" ", Color::Reset));
        }
    }

    #[test]
    fn bands_between_thresholds_are_states() {
        let values: Vec<f64> = (0..30).map(|index| f64::from(index) * 4.0).collect();
        let mut fixture = Fixture::new(&KIND, 60, &[("cpu", &values)]);
        fixture.panel.field.decimals = None;
        let step = |at, color| ThresholdStep { at, color };
        fixture.panel.field.thresholds.steps = vec![step(f64::NEG_INFINITY, GREEN), step(80.0, RED)];
        assert_eq!(fixture.drawn(36, 1), ["█ < 80 █████████████████░ 80+ ░░░░░░"]);
        fixture.panel.field.thresholds.percent = true;
        assert_eq!(fixture.drawn(36, 1), ["█ < 80% █████████████████████ 80%+ ░"]);
        let values = (KIND.values)(&fixture.view());
        assert_eq!((values[0].text.as_str(), values[0].value), ("80%+", Some(116.0)));
    }

    #[test]
    fn equal_values_are_kept_apart_on_demand() {
        let fixture = Fixture::new(&KIND, 60, &[("x", &[7.0, 7.0, 7.0, 8.0, f64::NAN])]);
        assert_eq!(fixture.drawn(36, 1), ["█ 7.00 ███████████████████░ 8.00 ░░▒"]);
        let apart = fixture.options(|options| options.keep_equal_values_apart = true);
        assert_eq!(apart.drawn(36, 1), ["█ 7.00 █ █ 7.00 █ █ 7.00 █░ 8.00 ░░▒"]);
    }

    #[test]
    fn series_without_a_lane_are_counted_and_reached_by_scrolling() {
        let names: Vec<String> = (0..9).map(|index| format!("s{index}")).collect();
        let series: Vec<(&str, &[f64])> = names.iter().map(|name| (name.as_str(), &[1.0, 1.0][..])).collect();
        let fixture = Fixture::new(&KIND, 60, &series);
        assert_eq!(
            fixture.drawn(24, 4)[..3],
            ["s0 █ 1.00 ██████████████", "s1 █ 1.00 ██████████████", "+7 more"]
        );
        let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 24, 4));
        let view = crate::panel::PanelView { scroll: 99, ..fixture.view() };
        (KIND.draw)(&view, buffer.area, &mut buffer);
        assert_eq!(
            crate::chart::picture(&buffer)[..2],
            ["s7 █ 1.00 ██████████████", "s8 █ 1.00 ██████████████"]
        );
    }
}
