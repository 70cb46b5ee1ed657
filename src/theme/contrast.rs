//! How colours look to a person: contrast by WCAG 2, difference in `OKLab`, and the nearest colour that can be read.

use super::Rgb;

/// Steps of lightness among which a readable colour is looked for; finer than 24 bits tell apart in most hues.
const LIGHTNESS_STEPS: u16 = 256;

/// One part of a colour, 0 to 255, as light: 0 to 1.
fn linear(part: u8) -> f64 {
    let part = f64::from(part) / 255.0;
    if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

fn encoded(light: f64) -> u8 {
    let light = light.clamp(0.0, 1.0);
    let part = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (part * 255.0).round() as u8
}

/// The colour as light: red, green, blue, each 0 to 1.
pub fn light(color: Rgb) -> [f64; 3] {
    [linear(color.0), linear(color.1), linear(color.2)]
}

/// Relative luminance by WCAG 2, from 0 (black) to 1 (white).
pub fn luminance(color: Rgb) -> f64 {
    let [r, g, b] = light(color);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// The contrast ratio by WCAG 2, from 1 to 21. Text needs 4.5, graphics 3.
pub fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Light to what the three receptors take of it, and the cube roots of that to lightness, green to red, blue to yellow;
/// and both ways back. The figures are those of Björn Ottosson, who published `OKLab`.
const LIGHT_TO_RECEPTORS: [[f64; 3]; 3] = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
const ROOTS_TO_LAB: [[f64; 3]; 3] = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];
const LAB_TO_ROOTS: [[f64; 3]; 3] = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];
const RECEPTORS_TO_LIGHT: [[f64; 3]; 3] = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

fn apply(matrix: &[[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}

/// Light to `OKLab`: lightness, green to red, blue to yellow. Equal distances look about equally far.
pub fn oklab(light: [f64; 3]) -> [f64; 3] {
    apply(&ROOTS_TO_LAB, apply(&LIGHT_TO_RECEPTORS, light).map(|part| part.max(0.0).cbrt()))
}

fn from_oklab(lab: [f64; 3]) -> [f64; 3] {
    apply(&RECEPTORS_TO_LIGHT, apply(&LAB_TO_ROOTS, lab).map(|root| root.powi(3)))
}

/// `color`, made darker or lighter in its own hue as far as needed for the contrast `least` on `background`.
pub fn readable(color: Rgb, background: Rgb, least: f64) -> Rgb {
    if contrast(color, background) >= least {
        return color;
    }
    let [lightness, a, b] = oklab(light(color));
    let darker = luminance(background) > 0.18;
    let end = if darker { 0.0 } else { 1.0 };
    let at = |step: u16| {
        let part = f64::from(step) / f64::from(LIGHTNESS_STEPS);
        // Colour fades towards black and white, where there is none.
        let lab = [lightness + (end - lightness) * part, a * (1.0 - part), b * (1.0 - part)];
        let [r, g, b] = from_oklab(lab).map(encoded);
        Rgb(r, g, b)
    };
    // The contrast grows with every step.
    let (mut short, mut enough) = (0, LIGHTNESS_STEPS);
    while enough - short > 1 {
        let middle = u16::midpoint(short, enough);
        if contrast(at(middle), background) >= least {
            enough = middle;
        } else {
            short = middle;
        }
    }
    match enough {
        LIGHTNESS_STEPS if darker => Rgb(0, 0, 0),
        LIGHTNESS_STEPS => Rgb(255, 255, 255),
        enough => at(enough),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((contrast(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
        // The grey that WCAG's own examples name as just enough for text on white.
        assert!((contrast(Rgb(118, 118, 118), Rgb(255, 255, 255)) - 4.54).abs() < 0.01);
    }

    #[test]
    fn oklab_goes_there_and_back() {
        for color in [Rgb(12, 200, 99), Rgb(255, 255, 255), Rgb(1, 2, 250)] {
            let [r, g, b] = from_oklab(oklab(light(color))).map(encoded);
            assert_eq!(Rgb(r, g, b), color);
        }
        assert!((oklab([1.0, 1.0, 1.0])[0] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn any_colour_becomes_readable_and_keeps_its_hue() {
        let (white, black) = (Rgb(255, 255, 255), Rgb(0, 0, 0));
        for color in [Rgb(255, 255, 0), Rgb(0, 255, 0), Rgb(255, 255, 255), Rgb(128, 128, 255), Rgb(0, 0, 90)]
        {
            for background in [white, black] {
                let found = readable(color, background, 4.5);
                assert!(contrast(found, background) >= 4.5, "{color:?} on {background:?}: {found:?}");
            }
        }
        assert_eq!(readable(Rgb(0, 0, 90), white, 4.5), Rgb(0, 0, 90));
        let Rgb(red, green, blue) = readable(Rgb(255, 255, 0), white, 4.5);
        assert!(red > 2 * blue && green > 2 * blue, "still yellow");
    }
}
