//! Grafana's colours in the words of the format.

use crate::theme;

/// A colour that the format has: a name, or `#rrggbb` without transparency; `None` where it says nothing
/// (`transparent`, `text`), an error with the words where it cannot be read.
pub(super) fn color(text: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "" | "transparent" | "text" | "inherit" | "none" | "panel-bg" | "dark-bg") {
        return Ok(None);
    }
    if theme::parse_color(text).is_some() {
        return Ok(Some(text.to_owned()));
    }
    if theme::parse_color(&lower).is_some() {
        return Ok(Some(lower));
    }
    if let Some(hex) = lower.strip_prefix('#') {
        // The last digits are how opaque it is.
        let opaque = match hex.len() {
            4 => hex.get(..3),
            8 => hex.get(..6),
            _ => None,
        };
        if let Some(opaque) =
            opaque.map(|hex| format!("#{hex}")).filter(|hex| theme::parse_color(hex).is_some())
        {
            return Ok(Some(opaque));
        }
    }
    if let Some(parts) = lower.strip_prefix("rgb").map(|rest| rest.strip_prefix('a').unwrap_or(rest)) {
        let inner = parts.trim().strip_prefix('(').and_then(|parts| parts.strip_suffix(')'));
        let numbers: Vec<Option<f64>> = inner
            .unwrap_or_default()
            .split([',', '/', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| part.trim().parse().ok())
            .collect();
        if let [Some(red), Some(green), Some(blue), rest @ ..] = numbers.as_slice() {
            if matches!(rest, [Some(alpha)] if *alpha == 0.0) {
                return Ok(None);
            }
            let part = |number: f64| number.clamp(0.0, 255.0).round() as u8;
            return Ok(Some(format!("#{:02x}{:02x}{:02x}", part(*red), part(*green), part(*blue))));
        }
    }
    match CSS_NAMES.iter().find(|(name, _)| *name == lower) {
        Some((_, hex)) => Ok(Some((*hex).to_owned())),
        None => Err(format!("the colour `{}` is not known", crate::text::fit(text, 40))),
    }
}

/// Grafana's names that the palette here lacks, as its dark theme has them, and names that browsers know.
const CSS_NAMES: &[(&str, &str)] = &[
    ("super-light-red", "#ffa6b0"),
    ("super-light-orange", "#ffcb7d"),
    ("super-light-yellow", "#fff899"),
    ("super-light-blue", "#c0d8ff"),
    ("super-light-purple", "#deb6f2"),
    ("light-purple", "#ca95e5"),
    ("semi-dark-purple", "#a352cc"),
    ("white", "#ffffff"),
    ("black", "#000000"),
    ("gray", "#808080"),
    ("grey", "#808080"),
    ("lightgray", "#d3d3d3"),
    ("lightgrey", "#d3d3d3"),
    ("darkgray", "#a9a9a9"),
    ("pink", "#ffc0cb"),
    ("brown", "#a52a2a"),
    ("cyan", "#00ffff"),
    ("magenta", "#ff00ff"),
    ("lime", "#00ff00"),
    ("navy", "#000080"),
    ("teal", "#008080"),
    ("olive", "#808000"),
    ("maroon", "#800000"),
    ("aqua", "#00ffff"),
    ("fuchsia", "#ff00ff"),
    ("silver", "#c0c0c0"),
    ("gold", "#ffd700"),
    ("violet", "#ee82ee"),
    ("indigo", "#4b0082"),
    ("turquoise", "#40e0d0"),
    ("salmon", "#fa8072"),
    ("lightblue", "#add8e6"),
    ("lightgreen", "#90ee90"),
    ("darkgreen", "#006400"),
    ("darkred", "#8b0000"),
    ("darkblue", "#00008b"),
    ("skyblue", "#87ceeb"),
    ("steelblue", "#4682b4"),
    ("tomato", "#ff6347"),
    ("crimson", "#dc143c"),
    ("coral", "#ff7f50"),
    ("khaki", "#f0e68c"),
    ("tan", "#d2b48c"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_lose_their_transparency() {
        for (grafana, ours) in [
            ("dark-red", Ok(Some("dark-red"))),
            ("#F2495C", Ok(Some("#F2495C"))),
            ("#F2495C80", Ok(Some("#f2495c"))),
            ("rgba(237, 129, 40, 0.89)", Ok(Some("#ed8128"))),
            ("rgb(0,0,0)", Ok(Some("#000000"))),
            ("rgba(0,0,0,0)", Ok(None)),
            ("transparent", Ok(None)),
            ("Cyan", Ok(Some("cyan"))),
            ("#zz", Err("the colour `#zz` is not known")),
        ] {
            assert_eq!(
                color(grafana),
                ours.map(|name| name.map(str::to_owned)).map_err(str::to_owned),
                "{grafana}"
            );
        }
    }
}
