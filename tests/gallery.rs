//! The gallery at three sizes: every panel type over arithmetic on time, asked of the embedded engine.

use std::num::NonZero;

use assert_cmd::Command;
use promscope::engine::{Engine, Plan, Sources};

/// 2026-09-21 14:13:20 UTC and an hour later.
const FROM_TO: [&str; 4] = ["--from", "1790000000", "--to", "1790003600"];

/// What `render` prints with these flags, but its last line, which names the port and the time of day.
fn frame(flags: &[&str]) -> String {
    let engine = Engine::start(Plan::new(Sources::Targets { targets: Vec::new(), interval_ms: 5_000 }))
        .expect("the engine starts");
    let mut command = Command::cargo_bin("promscope").expect("the program is built");
    let output = command
        .args([
            "render",
            concat!(env!("CARGO_MANIFEST_DIR"), "/dashboards/gallery.yaml"),
            "--timezone",
            "UTC",
        ])
        .args(FROM_TO)
        .args(flags)
        .env_remove("COLORTERM")
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .arg("--url")
        .arg(format!("http://{}", engine.address()))
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[..lines.len() - 1].join("\n")
}

fn plain(size: &str) -> String {
    frame(&["--color", "never", "--size", size])
}

/// The frame as a terminal shows it, and below it the same cells once more, each with the letter of its style and blank
/// where it has none; then what the letters stand for.
fn with_styles(width: u16, height: u16) -> String {
    let size = format!("{width}x{height}");
    let ansi = frame(&["--format", "ansi", "--color", "always", "--size", &size]);
    let [lines, columns] = [height, width].map(|cells| NonZero::new(cells).expect("not empty"));
    let mut terminal = vt100::Parser::new(lines, columns, 0);
    terminal.process(ansi.replace('\n', "\r\n").as_bytes());
    let screen = terminal.screen();
    let mut styles: Vec<String> = Vec::new();
    let mut letters = String::new();
    for row in 0..height - 1 {
        let mut line = String::new();
        for cell in (0..width).filter_map(|column| screen.cell(row, column)) {
            let style = style(cell);
            let place = styles.iter().position(|known| *known == style);
            let place = place.unwrap_or_else(|| {
                styles.push(style.clone());
                styles.len() - 1
            });
            line.push(if style.is_empty() { ' ' } else { letter(place) });
        }
        letters.push_str(line.trim_end());
        letters.push('\n');
    }
    let stands_for = styles.iter().enumerate().filter(|(_, style)| !style.is_empty());
    let stands_for: Vec<String> =
        stands_for.map(|(place, style)| format!("{} {style}", letter(place))).collect();
    format!("{}\n\n{letters}\n{}", screen.contents(), stands_for.join("\n"))
}

fn letter(place: usize) -> char {
    ('a'..='z')
        .chain('A'..='Z')
        .chain('0'..='9')
        .chain('α'..='ω')
        .chain('А'..='я')
        .nth(place)
        .expect("enough letters")
}

/// What a cell looks like, in words; nothing when it is plain, or blank on the terminal's own ground.
fn style(cell: &vt100::Cell) -> String {
    let color = |color: vt100::Color| match color {
        vt100::Color::Default => None,
        vt100::Color::Idx(index) => Some(index.to_string()),
        vt100::Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
    };
    // Heatmaps and gradients have colours without end: these, roughly; of two halves the upper one. What they are
    // exactly is left to the tests of those panels.
    let is_one = cell.fgcolor() == cell.bgcolor();
    if let (true, vt100::Color::Rgb(red, green, blue)) = (is_one || cell.contents() == "▀", cell.fgcolor())
    {
        let [red, green, blue] = [red, green, blue].map(|part| (u16::from(part) + 25) / 51 * 51);
        return format!("about #{red:02x}{green:02x}{blue:02x}");
    }
    let is_blank = cell.contents().trim().is_empty();
    let foreground = color(cell.fgcolor()).filter(|_| !is_blank);
    let background = color(cell.bgcolor()).map(|color| format!("on {color}"));
    let modifiers = [(cell.bold(), "bold"), (cell.dim(), "dim"), (cell.inverse(), "reversed")];
    let modifiers =
        modifiers.into_iter().filter(|(has, _)| *has && !is_blank).map(|(_, name)| name.to_owned());
    foreground.into_iter().chain(background).chain(modifiers).collect::<Vec<_>>().join(" ")
}

#[test]
fn at_80_columns() {
    insta::assert_snapshot!(plain("80"));
}

#[test]
fn at_120_columns_and_40_lines() {
    insta::assert_snapshot!(plain("120x40"));
}

#[test]
fn at_200_columns_and_60_lines() {
    insta::assert_snapshot!(plain("200x60"));
}

#[test]
fn with_styles_at_80_columns_and_24_lines() {
    insta::assert_snapshot!(with_styles(80, 24));
}

#[test]
fn with_styles_at_120_columns_and_40_lines() {
    insta::assert_snapshot!(with_styles(120, 40));
}

#[test]
fn with_styles_at_200_columns_and_60_lines() {
    insta::assert_snapshot!(with_styles(200, 60));
}
