//! `promscope render`: one complete frame, after all panels have answered or failed.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use futures::stream::FuturesUnordered;
use futures::{FutureExt as _, StreamExt as _};

use super::{dashboards, terminal_text};
use crate::app::{Effect, Event, Export, ExportFormat, Origin, Settings, State, update};
use crate::dashboard::{Dashboard, Row};
use crate::export;
use crate::runtime;
use crate::source::Sources;
use crate::time_range::TimePoint;

/// Widest and tallest frame.
const SIZE_LIMIT: u16 = 1_000;

/// Least rows of a frame whose height nobody gave.
const HEIGHT_MIN: u16 = 40;

/// The flags.
#[derive(Args, Clone, Debug)]
pub(super) struct RenderArgs {
    /// Dashboard file, or the name of a shipped one
    #[arg(value_name = "DASHBOARD")]
    dashboard: PathBuf,
    /// Columns and rows of the frame; with columns alone, as many rows as the dashboard needs, at least 40
    #[arg(long, value_name = "WIDTH[xHEIGHT]", default_value = "120")]
    size: String,
    /// Only the panel with this title, on the whole frame
    #[arg(long, value_name = "TITLE")]
    panel: Option<String>,
    /// What to print
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    format: ExportFormat,
    /// File to write instead of the standard output; needed for png on a terminal
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Open all rows, those too that the dashboard has collapsed; json and csv always do
    #[arg(long)]
    expand_rows: bool,
    /// The moment that is taken as now
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
}

impl RenderArgs {
    /// Where the frame goes when no file is given.
    pub(super) fn stdout(&self) -> Box<dyn Write> {
        match self.format {
            ExportFormat::Csv => terminal_text::stdout(),
            _ => Box::new(std::io::stdout()),
        }
    }
}

fn formats() -> impl TypedValueParser<Value = ExportFormat> {
    let formats = ExportFormat::ALL.map(|format| PossibleValue::new(format.name()).help(format.about()));
    PossibleValuesParser::new(formats)
        .map(|name| ExportFormat::named(&name).expect("one of the possible values"))
}

/// Prints the frame. The exit code is 1 when a panel failed.
pub(super) async fn run(
    args: &RenderArgs,
    settings: Settings,
    sources: &Sources,
    now_ms: i64,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let (width, height) = parse_size(&args.size)?;
    let now_ms = match &args.time {
        None => now_ms,
        Some(text) => time_ms(text, now_ms, &settings)?,
    };
    let named = dashboards::find(std::slice::from_ref(&args.dashboard), false)?;
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
    if let Some(problem) = settings.variables.problem(&[&*dashboard], 0) {
        bail!(problem);
    }
    for note in settings.variables.notes(&[&*dashboard], &settings.datasources) {
        eprintln!("promscope: {}", crate::text::clean(&note));
    }
    let dashboard = match &args.panel {
        Some(title) => Arc::new(only_panel(&dashboard, title)?),
        // What a program reads has all panels.
        None if args.expand_rows || matches!(args.format, ExportFormat::Json | ExportFormat::Csv) => {
            let mut dashboard = Arc::unwrap_or_clone(dashboard);
            dashboard.rows.iter_mut().for_each(|row| row.collapsed = false);
            Arc::new(dashboard)
        }
        None => dashboard,
    };
    if args.format == ExportFormat::Png && args.output.is_none() && std::io::stdout().is_terminal() {
        bail!("--format png: a terminal cannot show it; give --output FILE, or redirect the output");
    }
    let mut state = State::new(settings, (width, height.unwrap_or(HEIGHT_MIN)), now_ms);
    ask_all(&mut state, origin.clone(), dashboard, sources, now_ms).await;
    if height.is_none() {
        grow(&mut state, now_ms);
    }
    let panel = args.panel.is_some().then_some(0);
    let bytes = export::draft(&state, &Export::new(&state, args.format, panel, now_ms), now_ms).finish()?;
    if let Some(path) = &args.output {
        std::fs::write(path, &bytes).with_context(|| format!("--output {}", path.display()))?;
    } else {
        out.write_all(&bytes)?;
        out.flush()?;
    }
    Ok(if state.failed_panels() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the core without a person until nothing is open any more.
async fn ask_all(
    state: &mut State,
    origin: Origin,
    dashboard: Arc<Dashboard>,
    sources: &Sources,
    now_ms: i64,
) {
    let mut under_way = FuturesUnordered::new();
    let mut effects = update(state, Event::Loaded(origin, Ok(dashboard)), now_ms);
    loop {
        for effect in effects {
            match effect {
                Effect::Ask(id, query) => {
                    let answer = async move { sources.get(query.source)?.ask(&query).await.map(Arc::new) };
                    under_way.push(answer.map(move |answer| Event::Answered(id, answer)).boxed_local());
                }
                Effect::Lookup(id, source, lookup, span) => {
                    let listed = async move { sources.get(source)?.list(&lookup, span).await };
                    under_way.push(listed.map(move |listed| Event::Listed(id, listed)).boxed_local());
                }
                _ => {}
            }
        }
        let Some(event) = under_way.next().await else { return };
        effects = update(state, event, now_ms);
    }
}

/// The dashboard with nothing but the first panel of this title.
fn only_panel(dashboard: &Dashboard, title: &str) -> anyhow::Result<Dashboard> {
    let Some(panel) = dashboard.panels.iter().find(|panel| panel.title == title) else {
        let titles: Vec<String> = dashboard.panels.iter().map(|panel| format!("{:?}", panel.title)).collect();
        bail!("--panel: no panel has the title {title:?}; there are: {}", titles.join(", "));
    };
    let mut dashboard = dashboard.clone();
    dashboard.panels = vec![panel.clone()];
    dashboard.rows = vec![Row { title: None, panels: 0..1, collapsed: false, repeat: None }];
    Ok(dashboard)
}

/// Makes the frame as tall as the dashboard needs. More lines leave more to each panel, never less, and the questions
/// depend on widths alone.
fn grow(state: &mut State, now_ms: i64) {
    let chrome = state.size.1 - state.body().height.min(state.size.1);
    let height = (state.layout.height.saturating_add(chrome)).clamp(HEIGHT_MIN, SIZE_LIMIT);
    let width = state.size.0;
    // Nothing is asked anew: only the height is another one.
    let _ = update(state, Event::Resize(width, height), now_ms);
}

/// Columns and, where they are given, rows.
fn parse_size(text: &str) -> anyhow::Result<(u16, Option<u16>)> {
    let number = |text: &str| text.trim().parse::<u16>().ok().filter(|size| (1..=SIZE_LIMIT).contains(size));
    let size = match text.split_once('x') {
        None => number(text).map(|width| (width, None)),
        Some((width, height)) if height.trim() == "auto" => number(width).map(|width| (width, None)),
        Some((width, height)) => {
            number(width).zip(number(height)).map(|(width, height)| (width, Some(height)))
        }
    };
    size.with_context(|| {
        format!("--size: {text:?} is no size; write WIDTHxHEIGHT such as 120x40, or WIDTH, at most {SIZE_LIMIT} each")
    })
}

fn time_ms(text: &str, now_ms: i64, settings: &Settings) -> anyhow::Result<i64> {
    let point = TimePoint::parse(text, settings.zone).context("--time")?;
    Ok(point.resolve(now_ms, settings.zone, false))
}
