//! `promscope render`: one complete frame, after all panels have answered or failed.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use serde::Serialize;

use super::dashboards;
use crate::app::{Effect, Event, Origin, PanelStatus, Settings, State, update};
use crate::runtime;
use crate::source::Source;
use crate::theme::ColorDepth;
use crate::time_range::TimePoint;
use crate::ui;

/// Widest and tallest frame.
const SIZE_LIMIT: u16 = 1_000;

/// The flags.
#[derive(Args, Clone, Debug)]
pub(super) struct RenderArgs {
    /// Dashboard file, or the name of a shipped one
    #[arg(value_name = "DASHBOARD")]
    dashboard: PathBuf,
    /// Columns and rows of the frame
    #[arg(long, value_name = "WIDTHxHEIGHT", default_value = "120x40")]
    size: String,
    /// What to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// The moment that is taken as now
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Plain text
    Text,
    /// Text with colours as a terminal takes them
    Ansi,
    /// Each panel's title, type, state and the values it shows
    Json,
}

/// Prints the frame. The exit code is 1 when a panel failed.
pub(super) async fn run(
    args: &RenderArgs,
    mut settings: Settings,
    source: &dyn Source,
    now_ms: i64,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    if args.format == Format::Text {
        // Panels must not say by colour what plain text cannot carry.
        settings.theme.depth = ColorDepth::None;
    }
    let size = parse_size(&args.size)?;
    let now_ms = match &args.time {
        None => now_ms,
        Some(text) => time_ms(text, now_ms, &settings)?,
    };
    let named = dashboards::find(std::slice::from_ref(&args.dashboard))?;
    let [origin] = &named.origins[..] else {
        bail!("{}: name one dashboard file, not a folder", args.dashboard.display());
    };
    let dashboard = match runtime::read_dashboard(origin, settings.zone) {
        Ok(dashboard) => dashboard,
        Err(problem) => {
            let place = |number: Option<u32>| number.map(|number| format!(":{number}")).unwrap_or_default();
            bail!(
                "{}{}{}: {}",
                args.dashboard.display(),
                place(problem.line),
                place(problem.column),
                problem.message
            );
        }
    };
    let mut state = State::new(settings, size, now_ms);
    ask_all(&mut state, origin.clone(), dashboard, source, now_ms).await;
    match args.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &describe(&state))?;
            writeln!(out)?;
        }
        format => {
            let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
            ui::render(&state, now_ms, &mut buffer);
            out.write_all(
                if format == Format::Text { to_text(&buffer) } else { to_ansi(&buffer) }.as_bytes(),
            )?;
        }
    }
    out.flush()?;
    Ok(if state.failed_panels() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the core without a person until nothing is open any more.
async fn ask_all(
    state: &mut State,
    origin: Origin,
    dashboard: Arc<crate::dashboard::Dashboard>,
    source: &dyn Source,
    now_ms: i64,
) {
    let mut under_way = FuturesUnordered::new();
    let mut effects = update(state, Event::Loaded(origin, Ok(dashboard)), now_ms);
    loop {
        for effect in effects {
            if let Effect::Ask(id, query) = effect {
                under_way.push(async move { (id, source.ask(&query).await) });
            }
        }
        let Some((id, result)) = under_way.next().await else { return };
        effects = update(state, Event::Answered(id, result.map(Arc::new)), now_ms);
    }
}

fn parse_size(text: &str) -> anyhow::Result<(u16, u16)> {
    let size = text
        .split_once('x')
        .and_then(|(width, height)| Some((width.trim().parse().ok()?, height.trim().parse().ok()?)));
    match size {
        Some((width, height)) if (1..=SIZE_LIMIT).contains(&width) && (1..=SIZE_LIMIT).contains(&height) => {
            Ok((width, height))
        }
        _ => {
            bail!("--size: {text:?} is no size; write WIDTHxHEIGHT such as 120x40, at most {SIZE_LIMIT} each")
        }
    }
}

fn time_ms(text: &str, now_ms: i64, settings: &Settings) -> anyhow::Result<i64> {
    let point = TimePoint::parse(text, settings.zone).context("--time")?;
    Ok(point.resolve(now_ms, settings.zone, false))
}

/// The lines of a frame, without white space at their ends.
fn to_text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut line = String::new();
        let mut x = buffer.area.left();
        while let Some(cell) = buffer.cell((x, y)) {
            line.push_str(cell.symbol());
            x += (crate::text::width(cell.symbol()).max(1)) as u16;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The lines of a frame with SGR sequences where the style changes, each line closed by a reset.
fn to_ansi(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut current = String::new();
        let mut x = buffer.area.left();
        while let Some(cell) = buffer.cell((x, y)) {
            let style = sgr(cell.fg, cell.bg, cell.modifier);
            if style != current {
                text.push_str("\x1b[0");
                text.push_str(&style);
                text.push('m');
                current = style;
            }
            text.push_str(cell.symbol());
            x += (crate::text::width(cell.symbol()).max(1)) as u16;
        }
        text.push_str("\x1b[0m\n");
    }
    text
}

/// The parameters of an SGR sequence, each behind a semicolon.
fn sgr(fg: Color, bg: Color, modifier: Modifier) -> String {
    let mut parameters = String::new();
    for (flag, code) in [
        (Modifier::BOLD, ";1"),
        (Modifier::DIM, ";2"),
        (Modifier::ITALIC, ";3"),
        (Modifier::UNDERLINED, ";4"),
        (Modifier::REVERSED, ";7"),
    ] {
        if modifier.contains(flag) {
            parameters.push_str(code);
        }
    }
    for (color, base) in [(fg, 30_u16), (bg, 40)] {
        let code = match color {
            Color::Reset => continue,
            Color::Rgb(r, g, b) => format!(";{};2;{r};{g};{b}", base + 8),
            Color::Indexed(index) => format!(";{};5;{index}", base + 8),
            Color::Black => format!(";{base}"),
            Color::Red => format!(";{}", base + 1),
            Color::Green => format!(";{}", base + 2),
            Color::Yellow => format!(";{}", base + 3),
            Color::Blue => format!(";{}", base + 4),
            Color::Magenta => format!(";{}", base + 5),
            Color::Cyan => format!(";{}", base + 6),
            Color::Gray => format!(";{}", base + 7),
            Color::DarkGray => format!(";{}", base + 60),
            Color::LightRed => format!(";{}", base + 61),
            Color::LightGreen => format!(";{}", base + 62),
            Color::LightYellow => format!(";{}", base + 63),
            Color::LightBlue => format!(";{}", base + 64),
            Color::LightMagenta => format!(";{}", base + 65),
            Color::LightCyan => format!(";{}", base + 66),
            Color::White => format!(";{}", base + 67),
        };
        parameters.push_str(&code);
    }
    parameters
}

/// A frame for programs.
#[derive(Debug, Serialize)]
struct FrameJson {
    dashboard: String,
    address: String,
    from_ms: i64,
    to_ms: i64,
    panels: Vec<PanelJson>,
}

#[derive(Debug, Serialize)]
struct PanelJson {
    title: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// `ok`, `no data`, `failed`; `loading` for none, as a frame waits for all answers.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    values: Vec<ValueJson>,
}

#[derive(Debug, Serialize)]
struct ValueJson {
    name: String,
    value: NumberJson,
    text: String,
}

/// A number where JSON has one; else the words of Prometheus, `NaN`, `+Inf`, `-Inf`, or null for none.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum NumberJson {
    Number(f64),
    Word(&'static str),
    None,
}

fn number(value: Option<f64>) -> NumberJson {
    match value {
        None => NumberJson::None,
        Some(value) if value.is_nan() => NumberJson::Word("NaN"),
        Some(f64::INFINITY) => NumberJson::Word("+Inf"),
        Some(f64::NEG_INFINITY) => NumberJson::Word("-Inf"),
        Some(value) => NumberJson::Number(value),
    }
}

fn describe(state: &State) -> FrameJson {
    let dashboard = state.dashboard();
    let panels = dashboard.map(|dashboard| dashboard.panels.as_slice()).unwrap_or_default();
    FrameJson {
        dashboard: dashboard.map(|dashboard| dashboard.title.clone()).unwrap_or_default(),
        address: state.settings.address.clone(),
        from_ms: state.tick.span.start_ms,
        to_ms: state.tick.span.end_ms,
        panels: panels
            .iter()
            .enumerate()
            .map(|(index, panel)| {
                let view = state.panel_view(panel, index);
                let (status, error) = match state.panel_status(&view, index) {
                    PanelStatus::Fresh => ("ok", None),
                    PanelStatus::Empty => ("no data", None),
                    PanelStatus::Loading => ("loading", None),
                    PanelStatus::Failed { error, .. } => ("failed", Some(error.to_string())),
                };
                let values = (panel.kind.values)(&view);
                PanelJson {
                    title: panel.title.clone(),
                    kind: panel.kind.name,
                    state: status,
                    error,
                    warnings: state.panel_warnings(index),
                    values: values
                        .into_iter()
                        .map(|shown| ValueJson {
                            name: shown.name,
                            value: number(shown.value),
                            text: shown.text,
                        })
                        .collect(),
                }
            })
            .collect(),
    }
}
