//! Colours that run on with the value: Grafana's continuous colour schemes.
//!
//! Ids and stops are those of Grafana's registry (`fieldColor.ts`), between stops goes d3's `interpolateRgbBasis`. The
//! schemes of matplotlib (viridis and the like) are given by nine of their stops and straight lines between them.

use crate::theme::Rgb;

/// A continuous colour scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp(&'static Scheme);

#[derive(Debug, PartialEq, Eq)]
struct Scheme {
    name: &'static str,
    stops: &'static [Rgb],
    /// The stops draw a smooth curve to themselves rather than being passed.
    is_basis: bool,
}

const GREEN: Rgb = Rgb(0x73, 0xbf, 0x69);
const YELLOW: Rgb = Rgb(0xfa, 0xde, 0x2a);
const RED: Rgb = Rgb(0xf2, 0x49, 0x5c);
const BLUE: Rgb = Rgb(0x57, 0x94, 0xf2);
const PURPLE: Rgb = Rgb(0xb8, 0x77, 0xd9);
const DARK_BLUE: Rgb = Rgb(0x1f, 0x60, 0xc4);
const DARK_RED: Rgb = Rgb(0xc4, 0x16, 0x2a);
const DARK_GREEN: Rgb = Rgb(0x37, 0x87, 0x2d);
const DARK_PURPLE: Rgb = Rgb(0x8f, 0x3b, 0xb8);
const SUPER_LIGHT_YELLOW: Rgb = Rgb(0xff, 0xf8, 0x99);
/// Grafana's ground of panels, dark.
const PANEL: Rgb = Rgb(0x18, 0x1b, 0x1f);

const fn hex(value: u32) -> Rgb {
    Rgb((value >> 16) as u8, (value >> 8) as u8, value as u8)
}

const fn basis(name: &'static str, stops: &'static [Rgb]) -> Scheme {
    Scheme { name, stops, is_basis: true }
}

const fn straight(name: &'static str, stops: &'static [Rgb]) -> Scheme {
    Scheme { name, stops, is_basis: false }
}

static SCHEMES: &[Scheme] = &[
    basis("continuous-GrYlRd", &[GREEN, YELLOW, RED]),
    basis("continuous-RdYlGr", &[RED, YELLOW, GREEN]),
    basis("continuous-BlYlRd", &[DARK_BLUE, SUPER_LIGHT_YELLOW, DARK_RED]),
    basis("continuous-YlRd", &[SUPER_LIGHT_YELLOW, DARK_RED]),
    basis("continuous-BlPu", &[BLUE, PURPLE]),
    basis("continuous-YlBl", &[SUPER_LIGHT_YELLOW, DARK_BLUE]),
    basis("continuous-blues", &[PANEL, DARK_BLUE]),
    basis("continuous-reds", &[PANEL, DARK_RED]),
    basis("continuous-greens", &[PANEL, DARK_GREEN]),
    basis("continuous-purples", &[PANEL, DARK_PURPLE]),
    straight(
        "continuous-viridis",
        &[
            hex(0x44_0154),
            hex(0x47_2d7b),
            hex(0x3b_528b),
            hex(0x2c_728e),
            hex(0x21_918c),
            hex(0x28_ae80),
            hex(0x5e_c962),
            hex(0xad_dc30),
            hex(0xfd_e725),
        ],
    ),
    straight(
        "continuous-magma",
        &[
            hex(0x00_0004),
            hex(0x1d_1147),
            hex(0x51_127c),
            hex(0x83_2681),
            hex(0xb7_3779),
            hex(0xe7_5263),
            hex(0xfc_8961),
            hex(0xfe_c488),
            hex(0xfc_fdbf),
        ],
    ),
    straight(
        "continuous-plasma",
        &[
            hex(0x0d_0887),
            hex(0x4c_02a1),
            hex(0x7e_03a8),
            hex(0xaa_2395),
            hex(0xcc_4778),
            hex(0xe6_6c5c),
            hex(0xf8_9540),
            hex(0xfd_c527),
            hex(0xf0_f921),
        ],
    ),
    straight(
        "continuous-inferno",
        &[
            hex(0x00_0004),
            hex(0x21_0c4a),
            hex(0x57_106e),
            hex(0x8a_226a),
            hex(0xbc_3754),
            hex(0xe4_5a31),
            hex(0xf9_8e09),
            hex(0xf9_cb35),
            hex(0xfc_ffa4),
        ],
    ),
    straight(
        "continuous-cividis",
        &[hex(0x00_224e), hex(0x41_4d6b), hex(0x7c_7b78), hex(0xbc_ae6c), hex(0xfe_e838)],
    ),
];

impl Ramp {
    /// The scheme of Grafana's id `name`, in any case; `None` for others.
    pub fn parse(name: &str) -> Option<Self> {
        SCHEMES.iter().find(|scheme| scheme.name.eq_ignore_ascii_case(name)).map(Self)
    }

    /// Grafana's id.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The ids of all schemes.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SCHEMES.iter().map(|scheme| scheme.name)
    }

    /// The colour at `ratio`, from 0 for min to 1 for max; what lies beyond has the colour of the end.
    pub fn at(self, ratio: f64) -> Rgb {
        let stops = self.0.stops;
        let last = stops.len() - 1;
        let place = ratio.clamp(0.0, 1.0) * last as f64;
        let index = (place as usize).min(last - 1);
        let part = place - index as f64;
        let channel = |of: fn(Rgb) -> u8| {
            let stop = |index: usize| f64::from(of(stops[index]));
            let (from, to) = (stop(index), stop(index + 1));
            if !self.0.is_basis {
                return (from + (to - from) * part).round() as u8;
            }
            let before = if index > 0 { stop(index - 1) } else { 2.0 * from - to };
            let behind = if index + 2 <= last { stop(index + 2) } else { 2.0 * to - from };
            basis_spline(part, [before, from, to, behind]).round() as u8
        };
        Rgb(channel(|color| color.0), channel(|color| color.1), channel(|color| color.2))
    }
}

/// d3's `basis`: the uniform cubic B-spline of four points at `t` from 0 to 1.
fn basis_spline(t: f64, [before, from, to, behind]: [f64; 4]) -> f64 {
    let (t2, t3) = (t * t, t * t * t);
    ((1.0 - 3.0 * t + 3.0 * t2 - t3) * before
        + (4.0 - 6.0 * t2 + 3.0 * t3) * from
        + (1.0 + 3.0 * t + 3.0 * t2 - 3.0 * t3) * to
        + t3 * behind)
        / 6.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_begins_and_ends_with_its_stops_and_bends_towards_the_middle_one() {
        let ramp = Ramp::parse("continuous-gryLRD").expect("a scheme");
        assert_eq!((ramp.at(0.0), ramp.at(1.0)), (GREEN, RED));
        assert_eq!((ramp.at(-3.0), ramp.at(f64::INFINITY)), (GREEN, RED));
        // d3: rgbBasis(["#73BF69", "#FADE2A", "#F2495C"])(0.5) is (green + 4 yellow + red) / 6.
        assert_eq!(ramp.at(0.5), Rgb(226, 192, 61));
        assert_eq!(Ramp::parse("continuous-BlPu").expect("a scheme").at(0.5), Rgb(136, 134, 230));
        assert_eq!(Ramp::parse("continuous-viridis").expect("a scheme").at(0.5), hex(0x21_918c));
        assert_eq!(Ramp::parse("continuous-of-nobody"), None);
        for name in Ramp::names() {
            let ramp = Ramp::parse(name).expect("its own name");
            assert_eq!(ramp.name(), name);
            for percent in 0..=100 {
                let _ = ramp.at(f64::from(percent) / 100.0);
            }
        }
    }
}
