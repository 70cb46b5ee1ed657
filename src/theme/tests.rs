//! Names to colours, and that every theme can be read and told apart, by figures.

use super::contrast::{contrast, light, luminance, oklab};
use super::*;

/// The least difference in `OKLab` of two series; a step that anyone sees beside each other is about 0.02.
const SERIES_DIFFERENCE: f64 = 0.09;
/// The same where one receptor is missing.
const SERIES_DIFFERENCE_BLIND: f64 = 0.07;

/// Machado, Oliveira and Fernandes (2009), severity 1.
const PROTANOPIA: [[f64; 3]; 3] = [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998],
];
const DEUTERANOPIA: [[f64; 3]; 3] = [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_820, 0.042_940, 0.968_881],
];
const NORMAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];

/// What is seen of `color` by a person with these receptors, in `OKLab`.
fn seen(color: Rgb, receptors: &[[f64; 3]; 3]) -> [f64; 3] {
    let light = light(color);
    oklab(receptors.map(|row| row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0)))
}

fn difference(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

fn least_difference(colors: &[Rgb], receptors: &[[f64; 3]; 3]) -> f64 {
    let seen: Vec<_> = colors.iter().map(|color| seen(*color, receptors)).collect();
    let pairs = (0..seen.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
    pairs.map(|(i, j)| difference(seen[i], seen[j])).fold(f64::INFINITY, f64::min)
}

#[test]
fn colours_are_read_by_name_and_by_hex() {
    assert_eq!(parse_color("red"), Some(Rgb(242, 73, 92)));
    assert_eq!(parse_color("grey"), parse_color("gray"));
    assert_eq!(parse_color("#fff"), Some(Rgb(255, 255, 255)));
    assert_eq!(parse_color("#1a2B3c"), Some(Rgb(26, 43, 60)));
    for bad in ["", "#", "#12", "#gggggg", "#日本", "reddish"] {
        assert_eq!(parse_color(bad), None, "{bad}");
    }
    let named: std::collections::HashSet<_> =
        DARK.named.iter().map(|color| (color.0, color.1, color.2)).collect();
    assert_eq!(named.len(), COLOR_NAMES.len(), "a name is known again by its colour");
}

#[test]
fn all_that_is_read_has_the_contrast_of_text_and_all_that_is_drawn_that_of_graphics() {
    for palette in PALETTES {
        let least = if palette.name == "high-contrast" { 7.0 } else { TEXT_CONTRAST };
        let check = |what: &str, color: Rgb, background: Rgb, least: f64| {
            let found = contrast(color, background);
            assert!(found >= least, "{}: {what} {color:?} has {found:.2}:1, not {least}:1", palette.name);
        };
        let roles = [
            ("dim", palette.dim),
            ("focus", palette.focus),
            ("error", palette.error),
            ("warning", palette.warning),
            ("good", palette.good),
            ("code", palette.code),
        ];
        for (what, role) in roles {
            check(what, role.rgb, palette.background, least);
        }
        check("foreground", palette.foreground, palette.background, 7.0);
        check("rule", palette.rule.rgb, palette.background, 3.0);
        check("banner", palette.banner.rgb, palette.banner_background.rgb, TEXT_CONTRAST);
        // Legends have figures in the colour of the series, so that these are text too.
        for color in palette.series {
            check("series", color, palette.background, least);
            let theme = Theme { depth: ColorDepth::Ansi256, marker: Marker::Braille, palette };
            let Color::Indexed(index) = theme.exact(color) else { panic!("an index") };
            check("series of 256", indexed(index), palette.background, least.min(4.0));
        }
        for (name, color) in COLOR_NAMES.iter().zip(palette.named) {
            // The dark theme has Grafana's own colours, of which some are dark.
            check(name, color, palette.background, if palette.name == "dark" { 2.5 } else { least });
        }
    }
}

#[test]
fn twelve_series_are_told_apart_at_every_depth() {
    for palette in PALETTES {
        let found = least_difference(&palette.series, &NORMAL);
        let is_blind = palette.name.starts_with("color-blind");
        let least = if is_blind { SERIES_DIFFERENCE_BLIND } else { SERIES_DIFFERENCE };
        assert!(found >= least, "{}: {found:.3}", palette.name);
        for depth in [ColorDepth::Ansi16, ColorDepth::Ansi256, ColorDepth::True] {
            let theme = Theme { depth, marker: Marker::Braille, palette };
            let colors: std::collections::HashSet<_> = (0..12).map(|index| theme.series(index)).collect();
            assert_eq!(colors.len(), 12, "{} {depth:?}", palette.name);
        }
    }
}

#[test]
fn the_colour_blind_themes_are_told_apart_without_a_receptor() {
    for palette in PALETTES {
        for (what, receptors) in [("protanopia", &PROTANOPIA), ("deuteranopia", &DEUTERANOPIA)] {
            let found = least_difference(&palette.series, receptors);
            let is_blind = palette.name.starts_with("color-blind");
            assert_eq!(is_blind, found >= SERIES_DIFFERENCE_BLIND, "{} {what}: {found:.3}", palette.name);
            if is_blind {
                let signals = [palette.error.rgb, palette.warning.rgb, palette.good.rgb];
                let found = least_difference(&signals, receptors);
                assert!(found >= 0.1, "{} {what}, signals: {found:.3}", palette.name);
            }
        }
    }
}

#[test]
fn heat_grows_away_from_the_background() {
    for palette in PALETTES {
        let far = palette.heat.map(|color| contrast(color, palette.background));
        assert!(far.is_sorted(), "{}: {far:?}", palette.name);
        assert!(far[0] > 1.1 && far[6] > 7.0, "{}: {far:?}", palette.name);
        assert!(contrast(palette.track, palette.background) < far[0].max(1.6), "{}", palette.name);
    }
}

#[test]
fn a_dashboards_colours_can_be_read_on_white() {
    let theme = Theme { palette: &LIGHT, ..Theme::TRUE_COLOR };
    let green = parse_color("green").expect("a name");
    assert_eq!(theme.rgb(green), LIGHT.named[0]);
    for given in [Rgb(255, 255, 0), Rgb(255, 255, 255), Rgb(1, 2, 3)] {
        assert!(contrast(theme.rgb(given), LIGHT.background) >= TEXT_CONTRAST);
    }
    // Dark ones on the dark ground, as old dashboards have them; what can be read stays as it is.
    for given in [Rgb(1, 2, 3), Rgb(0x05, 0x2b, 0x51), Rgb(0x89, 0x0f, 0x02)] {
        assert!(
            contrast(Theme::TRUE_COLOR.rgb(given), Theme::TRUE_COLOR.palette.background) >= TEXT_CONTRAST
        );
    }
    assert_eq!(Theme::TRUE_COLOR.rgb(Rgb(250, 200, 3)), Rgb(250, 200, 3));
    let weak = |theme: Theme| match theme.weaker(Rgb(100, 100, 100), 0.5) {
        Color::Rgb(r, ..) => r,
        other => panic!("{other:?}"),
    };
    assert_eq!((weak(theme), weak(Theme::TRUE_COLOR)), (177, 50));
    assert!(luminance(theme.palette.background) > luminance(Theme::TRUE_COLOR.palette.background));
}

#[test]
fn no_colour_means_none() {
    let theme = Theme::PLAIN;
    assert_eq!(theme.series(3), Color::Reset);
    assert_eq!(theme.error().fg, None);
    assert_eq!(theme.heat(f64::NAN), Color::Reset);
    assert_eq!(theme.color(Rgb(1, 2, 3)), Color::Reset);
    assert_eq!(
        [0, 25, 26, 51, 52, 300].map(letter),
        [Some('a'), Some('z'), Some('A'), Some('Z'), None, None]
    );
}

#[test]
fn sixteen_colours_on_white_are_none_of_the_pale_ones() {
    let theme = Theme { depth: ColorDepth::Ansi16, marker: Marker::Braille, palette: &LIGHT };
    for color in [Rgb(255, 255, 150), Rgb(229, 229, 229), Rgb(150, 255, 255)] {
        assert!(!matches!(
            theme.color(color),
            Color::Gray | Color::White | Color::LightYellow | Color::LightCyan | Color::LightGreen
        ));
    }
}
