use super::super::fixture::{Fixture, GREEN, RED};
use super::*;
use crate::field::{Mapping, MappingMatch, Ramp, SeriesColor};
use crate::reduce::Reduce;
use crate::series::ABSENT;
use crate::theme::{Marker, Rgb};

const BLUE: Rgb = Rgb(0x57, 0x94, 0xf2);
const RAMP: [f64; 12] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0];

fn one() -> Fixture {
    Fixture::new(&KIND).unit("reqps").instant(&[(&[], 1234.5)]).range(&[(&[], &RAMP)])
}

fn jobs() -> Fixture {
    Fixture::new(&KIND).unit("bytes").legend("{{job}}").instant(&[
        (&[("job", "api")], 1.5e9),
        (&[("job", "prometheus")], 3.2e8),
        (&[("job", "cat-facts")], 9.1e6),
        (&[("job", "node-exporter-with-long-name")], 12e6),
    ])
}

#[test]
fn one_value_is_as_large_as_its_panel_allows() {
    assert_eq!(one().lines(18, 1), ["   1.23K req/s"]);
    assert_eq!(one().lines(8, 1), ["1K req/s"]);
    assert_eq!(one().lines(18, 3), ["   1.23K req/s", "        ⢀⣀⣀⣤⣤⣤⣶⣶⣶⣾", "⢠⣤⣤⣴⣶⣶⣾⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿"]);
    assert_eq!(
        one().lines(38, 5),
        [
            "         ▄    ▄▄▄ ▄▄▄",
            "        ▀█    ▄▄█ ▄▄█",
            "        ▄█▄ ▄ █▄▄ ▄▄█ K req/s",
            "             ⢀⣀⣀⣀⣀⣤⣤⣤⣤⣤⣶⣶⣶⣶⣶⣿ 12 req/s",
            " ⣤⣤⣤⣤⣤⣶⣶⣶⣶⣶⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿ 0 req/s",
        ]
    );
    assert_eq!(
        one().lines(78, 8)[..5],
        [
            "                        ██        ██████  ██████",
            "                      ████            ██      ██",
            "                        ██        ██████  ██████",
            "                        ██        ██          ██",
            "                      ██████  ██  ██████  ██████ K req/s",
        ]
    );
}

#[test]
fn several_values_are_named() {
    assert_eq!(
        jobs().lines(18, 4),
        ["api       1.40 GiB", "prometheus 305 MiB", "cat-facts 8.68 MiB", "node-exp… 11.4 MiB"]
    );
    assert_eq!(
        jobs().lines(38, 4),
        [
            "       api              prometheus",
            "     1.40 GiB            305 MiB",
            "    cat-facts       node-exporter-wit…",
            "     8.68 MiB            11.4 MiB",
        ]
    );
    assert_eq!(
        jobs().lines(78, 4),
        [
            "       api              prometheus          cat-facts       node-exporter-wit…",
            " ▄    ▄ ▄ ▄▄▄        ▄▄▄ ▄▄▄ ▄▄▄        ▄▄▄   ▄▄▄ ▄▄▄        ▄   ▄    ▄ ▄",
            "▀█    █▄█ █ █        ▄▄█ █ █ █▄▄        █▄█   █▄▄ █▄█       ▀█  ▀█    █▄█",
            "▄█▄ ▄   █ █▄█ GiB    ▄▄█ █▄█ ▄▄█ MiB    █▄█ ▄ █▄█ █▄█ MiB   ▄█▄ ▄█▄ ▄   █ MiB",
        ]
    );
}

#[test]
fn what_does_not_fit_is_announced() {
    assert_eq!(jobs().lines(18, 3), ["api       1.40 GiB", "prometheus 305 MiB", "+2 more"]);
    assert_eq!(jobs().lines(18, 1), ["api   1.40 GiB  +3"]);
}

#[test]
fn a_value_that_is_missing_or_no_number_says_so() {
    let nothing = Fixture::new(&KIND).instant(&[]).range(&[(&[], &[5.0, 5.0, ABSENT, ABSENT])]);
    assert_eq!(nothing.lines(8, 2), ["no data", " ⣶⣶⣶⣶"]);
    let nan = Fixture::new(&KIND).unit("bytes").instant(&[(&[], f64::NAN)]);
    assert_eq!(nan.lines(8, 1), ["  NaN"]);
    // As Grafana, whose figure of NaN is none: the words for nothing, if there are any and none for NaN.
    let words = |when, text: &str| Mapping { when, text: Some(text.to_owned()), color: None };
    let told = |no_value: Option<&str>, mappings: &[Mapping]| {
        let mut nan = Fixture::new(&KIND).instant(&[(&[], f64::NAN)]);
        nan.panel.field.no_value = no_value.map(str::to_owned);
        nan.panel.field.mappings = mappings.to_vec();
        nan.lines(8, 1).join("").trim().to_owned()
    };
    let (null, not_a_number) = (words(MappingMatch::Null, "N/A"), words(MappingMatch::Nan, "odd"));
    assert_eq!(told(None, std::slice::from_ref(&null)), "N/A");
    assert_eq!(told(Some("none"), &[]), "none");
    assert_eq!(told(Some("none"), &[null, not_a_number]), "odd");
    let reduced = {
        let mut fixture = Fixture::new(&KIND).range(&[(&[], &[1.0, f64::NAN, 3.0])]);
        fixture.panel.field.reduce = Reduce::Mean;
        fixture
    };
    assert_eq!(reduced.lines(5, 1), ["  2"]);
}

#[test]
fn a_mapped_text_is_written_large_if_the_font_has_it() {
    let mut up = Fixture::new(&KIND).instant(&[(&[], 1.0)]);
    let mapping = |text: &str| Mapping {
        when: MappingMatch::Value(1.0),
        text: Some(text.to_owned()),
        color: Some(RED),
    };
    up.panel.field.mappings = vec![mapping("UP")];
    assert_eq!(up.lines(18, 3), ["     ▄ ▄ ▄▄▄", "     █ █ █▄█", "     █▄█ █"]);
    up.panel.field.mappings = vec![mapping("healthy")];
    assert_eq!(up.lines(18, 3)[1], "     healthy");
    up.theme = Theme::TRUE_COLOR;
    assert_eq!(up.buffer(18, 3)[(6, 1)].fg, up.theme.color(RED));
}

#[test]
fn value_and_sparkline_have_the_colour_of_the_threshold() {
    let mut stat = Fixture::new(&KIND).thresholds().instant(&[(&[], 10.0)]).range(&[(&[], &RAMP)]);
    stat.theme = Theme::TRUE_COLOR;
    let buffer = stat.buffer(8, 2);
    assert_eq!(buffer[(3, 0)].fg, stat.theme.color(GREEN));
    assert_eq!(buffer[(7, 1)].fg, stat.theme.weaker(GREEN, SPARK_STRENGTH));
}

#[test]
fn the_colour_that_the_dashboard_names_comes_before_the_thresholds() {
    let mut stat =
        Fixture::new(&KIND).thresholds().instant(&[(&[("job", "a")], 10.0), (&[("job", "b")], 90.0)]);
    stat.theme = Theme::TRUE_COLOR;
    stat.panel.options.hide_sparkline = true;
    stat.panel.options.text_mode = TextMode::Value;
    // Two values side by side, each in the middle of its half.
    let colors = |stat: &Fixture| {
        let buffer = stat.buffer(20, 1);
        let inked = |range: std::ops::Range<u16>| {
            range.map(|x| &buffer[(x, 0)]).find(|cell| cell.symbol() != " ").expect("a value").fg
        };
        (inked(0..10), inked(11..20))
    };
    let theme = stat.theme;
    stat.panel.field.color = SeriesColor::Fixed(BLUE);
    assert_eq!(colors(&stat), (theme.color(BLUE), theme.color(BLUE)));
    stat.panel.field.color = SeriesColor::Palette;
    assert_eq!(colors(&stat), (theme.color(theme.series_rgb(0)), theme.color(theme.series_rgb(1))));
    // Between the least and the largest value, unless min and max are given.
    stat.panel.field.color = SeriesColor::Continuous(Ramp::parse("continuous-GrYlRd").expect("a scheme"));
    let ramp = Ramp::parse("continuous-GrYlRd").expect("a scheme");
    assert_eq!(colors(&stat), (theme.color(ramp.at(0.0)), theme.color(ramp.at(1.0))));
    (stat.panel.field.min, stat.panel.field.max) = (Some(0.0), Some(100.0));
    assert_eq!(colors(&stat), (theme.color(ramp.at(0.1)), theme.color(ramp.at(0.9))));
    let mapping = Mapping { when: MappingMatch::Value(10.0), text: None, color: Some(RED) };
    stat.panel.field.mappings = vec![mapping];
    assert_eq!(colors(&stat).0, theme.color(RED), "a mapping comes before all");
}

#[test]
fn the_last_number_of_the_window_is_shown_however_old_and_now_is_now() {
    let ended = [1.0, 2.0, 3.0, f64::NAN, ABSENT, ABSENT];
    let mut stat = Fixture::new(&KIND).instant(&[]).range(&[(&[], &ended)]);
    stat.panel.options.hide_sparkline = true;
    stat.panel.options.text_mode = TextMode::Value;
    assert_eq!(stat.lines(9, 1), [" no data"], "the series has ended");
    stat.panel.field.reduce = Reduce::Last;
    assert_eq!(stat.lines(9, 1), ["    3"]);
    assert_eq!(asks(&stat.panel), Asks { instant: false, range: true });
    let mut nan = Fixture::new(&KIND).instant(&[(&[], f64::NAN)]).range(&[(&[], &ended)]);
    nan.panel.options = stat.panel.options.clone();
    assert_eq!(nan.lines(9, 1), ["   NaN"]);
    nan.panel.field.reduce = Reduce::Last;
    assert_eq!(nan.lines(9, 1), ["    3"]);
}

#[test]
fn it_asks_for_what_it_shows() {
    let mut panel = one().panel;
    assert_eq!(asks(&panel), Asks { instant: true, range: true });
    panel.options.hide_sparkline = true;
    assert_eq!(asks(&panel), Asks { instant: true, range: false });
    panel.field.reduce = Reduce::Max;
    assert_eq!(asks(&panel), Asks { instant: false, range: true });
}

#[test]
fn ascii_is_enough() {
    let mut stat = Fixture::new(&KIND).instant(&[(&[], 7.0)]).range(&[(&[], &RAMP)]);
    stat.theme.marker = Marker::Ascii;
    assert_eq!(
        stat.lines(12, 7),
        ["   ######", "       ##", "       ##", "       ##", "       ##", "      ######", " ###########"]
    );
}

#[test]
fn values_are_told_as_they_are_written() {
    let shown = item::shown_values(&jobs().view());
    assert_eq!(
        (shown[0].name.as_str(), shown[0].value, shown[0].text.as_str()),
        ("api", Some(1.5e9), "1.40 GiB")
    );
    assert_eq!(shown.len(), 4);
}

fn with(mut fixture: Fixture, text: TextMode, color: ColorMode) -> Fixture {
    (fixture.panel.options.text_mode, fixture.panel.options.color_mode) = (text, color);
    fixture
}

#[test]
fn the_text_is_what_the_dashboard_asks_for() {
    let value = |text| with(jobs(), text, ColorMode::Value).lines(18, 4);
    assert_eq!(value(TextMode::Value), ["     1.40 GiB", "     305 MiB", "     8.68 MiB", "     11.4 MiB"]);
    assert_eq!(
        value(TextMode::Name),
        ["       api", "    prometheus", "    cat-facts", "node-exporter-wit…"]
    );
    assert_eq!(value(TextMode::None), ["", "", "", ""]);
    let one = one().legend("all of it");
    let named = with(one, TextMode::ValueAndName, ColorMode::Value);
    assert_eq!(named.lines(18, 2), ["    all of it", "   1.23K req/s"]);
}

#[test]
fn the_ground_has_the_colour_of_the_threshold_and_text_can_be_read_on_it() {
    for depth in [ColorDepth::Ansi16, ColorDepth::Ansi256, ColorDepth::True] {
        let stat = Fixture::new(&KIND).thresholds().instant(&[(&[], 90.0)]).range(&[(&[], &RAMP)]);
        let mut stat = with(stat, TextMode::Auto, ColorMode::Background);
        stat.theme = Theme { depth, ..Theme::TRUE_COLOR };
        let buffer = stat.buffer(9, 3);
        assert!(buffer.content.iter().all(|cell| cell.bg == stat.theme.color(RED)), "{buffer:?}");
        assert!(buffer.content.iter().all(|cell| cell.symbol() == " " || cell.fg != cell.bg), "{buffer:?}");
    }
    // Without colours it reads as ever.
    let plain = Fixture::new(&KIND).thresholds().instant(&[(&[], 90.0)]);
    assert_eq!(with(plain, TextMode::Auto, ColorMode::Background).lines(9, 1), ["   90"]);
}

#[test]
fn no_colour_is_no_colour() {
    let stat = Fixture::new(&KIND).thresholds().instant(&[(&[], 90.0)]);
    let mut stat = with(stat, TextMode::Auto, ColorMode::None);
    stat.theme = Theme::TRUE_COLOR;
    assert!(stat.buffer(9, 1).content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
}

#[test]
fn the_window_is_asked_for_where_a_colour_refers_to_it() {
    let mut panel = one().panel;
    panel.options.hide_sparkline = true;
    let asked = |panel: &Panel| (asks(panel).instant, asks(panel).range);
    assert_eq!(asked(&panel), (true, false));
    panel.field.thresholds.percent = true;
    assert_eq!(asked(&panel), (true, true));
    panel.field.min = Some(0.0);
    assert_eq!(asked(&panel), (true, true));
    panel.field.max = Some(10.0);
    assert_eq!(asked(&panel), (true, false));
}
