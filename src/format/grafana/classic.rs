//! The classic schema: `panels` in a grid with rows among them, or the `rows` of before version 16.

use super::context::Context;
use super::layout::{Flow, Place, Section};
use super::node::Node;
use super::out::OutMap;
use super::own;
use super::panel::{self, PanelSource};
use super::query::Target;
use super::source::DataSource;
use super::transform::Transformation;
use super::variable::VariableSource;

/// Panels that show the answers of each other in turn.
pub(super) const PANEL_CHAIN_LIMIT: usize = 8;

/// Notes which panel has which id, and what came with the file.
pub(super) fn prepare<'j>(dashboard: &Node<'j>, context: &mut Context<'j>) {
    for input in dashboard.get("__inputs").items_or_none() {
        if let (Some(name), Some(plugin)) =
            (input.get("name").value_text(), input.get("pluginId").value_text())
        {
            context.sources.input(name, plugin);
        }
    }
    for variable in dashboard.dig(&["templating", "list"]).items_or_none() {
        if variable.get("type").value_text() == Some("datasource")
            && let Some(name) = variable.get("name").value_text()
        {
            context.sources.variable(name, variable.get("query").value_text().unwrap_or("prometheus"));
        }
    }
    context.library = dashboard.get("__elements").entries_or_none().into_iter().collect();
    let rows = dashboard.get("rows").items_or_none();
    let lists = std::iter::once(dashboard.get("panels")).chain(rows.iter().map(|row| row.get("panels")));
    for panel in lists.flat_map(|list| list.items_or_none()) {
        let nested = panel.get("panels").items_or_none();
        for panel in nested.into_iter().chain([panel]) {
            if let Some(id) = id(&panel.get("id")) {
                context.by_id.entry(id).or_insert(panel);
            }
        }
    }
}

/// The rows of the dashboard with their panels.
pub(super) fn sections<'j>(dashboard: &Node<'j>, context: &Context<'j>) -> Vec<Section> {
    let mut sections = grid_sections(&dashboard.get("panels").items_if_any(), context);
    for row in dashboard.get("rows").items_if_any() {
        if row.get("repeatIteration").says_something() {
            row.note("repeat-clone", "a saved copy of a repeated row is left out; copies are made anew");
            continue;
        }
        sections.push(old_row(&row, context));
    }
    // Of untitled rows that follow each other the second needs no line of its own.
    sections.retain(|section| !section.panels.is_empty());
    sections
}

fn is_clone(panel: &Node<'_>) -> bool {
    let is = panel.get("repeatPanelId").number_or_none().is_some() || panel.get("repeatByRow").value_flag();
    // Saved by Grafana for a value of the day; made anew when the dashboard is opened.
    is && panel.get("repeat").value_text().is_none()
}

fn grid_sections<'j>(panels: &[Node<'j>], context: &Context<'j>) -> Vec<Section> {
    let mut placed: Vec<(Option<Place>, &Node<'j>)> =
        panels.iter().map(|panel| (Place::of_panel(panel), panel)).collect();
    // Those without a place stay behind those before them.
    let mut last_y = 0;
    let mut keyed: Vec<(i64, i64, bool, usize)> = Vec::new();
    for (index, (place, panel)) in placed.iter().enumerate() {
        last_y = place.map_or(last_y, |place| place.y);
        let is_row = panel.get("type").value_text() == Some("row");
        keyed.push((last_y, place.map_or(0, |place| place.x), !is_row, index));
    }
    keyed.sort_unstable();
    let order: Vec<usize> = keyed.into_iter().map(|(.., index)| index).collect();
    let mut sections = vec![Section::default()];
    for index in order {
        let (place, panel) = (placed[index].0.take(), placed[index].1);
        if !panel.is_map() {
            panel.note("wrong-type", "a panel is a map; this one is left out");
            continue;
        }
        if is_clone(panel) {
            panel.note("repeat-clone", "a saved copy of a repeated panel is left out; copies are made anew");
            continue;
        }
        if panel.get("type").value_text() == Some("row") {
            let mut section = Section {
                title: panel
                    .get("title")
                    .value_text()
                    .filter(|title| !title.trim().is_empty())
                    .map(|title| title.trim().to_owned()),
                collapsed: panel.get("collapsed").value_flag(),
                repeat: panel.get("repeat").value_text().filter(|name| !name.is_empty()).map(str::to_owned),
                origin: panel.path(),
                comments: own::comments(&panel.dig(&["promscope", "comments"])),
                ..Section::default()
            };
            for inner in flat(panel.get("panels").items_if_any()) {
                push(&inner, Place::of_panel(&inner), &mut section, context);
            }
            sections.push(section);
        } else {
            let own = panel.get("promscope");
            let number = own.get("row").number_or_none().map(|number| number as i64);
            let is_next = |section: &Section| {
                !section.panels.is_empty() && number.is_some() && section.number != number
            };
            if sections.last().is_some_and(is_next) {
                sections.push(Section::default());
            }
            if let Some(section) = sections.last_mut() {
                section.number = number;
                if section.comments.is_empty() {
                    section.comments = own::comments(&own.get("row_comments"));
                }
                push(panel, place, section, context);
            }
        }
    }
    sections
}

/// The panels with those of rows among them in their place: rows have no rows.
fn flat(panels: Vec<Node<'_>>) -> Vec<Node<'_>> {
    panels
        .into_iter()
        .flat_map(|panel| {
            if panel.get("type").value_text() != Some("row") {
                return vec![panel];
            }
            panel.note(
                "nested-row",
                "a row within a row has no equivalent; its panels are shown in the outer one",
            );
            panel.get("panels").items_if_any()
        })
        .collect()
}

fn push<'j>(panel: &Node<'j>, place: Option<Place>, section: &mut Section, context: &Context<'j>) {
    if !panel.is_map() || is_clone(panel) {
        panel.note("repeat-clone", "a saved copy of a repeated panel is left out; copies are made anew");
        return;
    }
    let place = place.unwrap_or_else(|| Flow::new(section.bottom).place(12, 8));
    section.push(place, one(panel, context));
}

/// A panel of the classic schema.
fn one<'j>(node: &Node<'j>, context: &Context<'j>) -> OutMap {
    if let Some(stub) = panel::no_room(node, context) {
        return stub;
    }
    let model = library_model(node, context);
    let node = &model;
    let text = |key| node.get(key).value_text();
    let source = context.sources.read(&node.get("datasource"), None);
    let targets = targets(node, &source, context);
    let transformations = node
        .get("transformations")
        .items_or_none()
        .into_iter()
        .filter_map(|one| {
            let id = one.get("id").value_text()?;
            let disabled = one.get("disabled").value_flag();
            Some(Transformation { id, options: one.get("options"), disabled, node: one })
        })
        .collect();
    let is_lost = node.get("libraryPanel").is_map();
    let panel = PanelSource {
        kind: text("type").unwrap_or(if is_lost { "library-panel-ref" } else { "" }),
        options: node.get("options"),
        field_config: node.get("fieldConfig"),
        source,
        targets,
        transformations,
        query_options: node.clone(),
        repeat: text("repeat").filter(|name| !name.is_empty()),
        repeat_direction: text("repeatDirection"),
        max_per_row: node.get("maxPerRow").number(),
        node: node.clone(),
    };
    panel::panel(&panel, context)
}

/// The panel itself, or what the library holds of it where that came with the file.
fn library_model<'j>(node: &Node<'j>, context: &Context<'j>) -> Node<'j> {
    let library = node.get("libraryPanel");
    if !library.is_map() || node.get("type").value_text().is_some_and(|kind| kind != "library-panel-ref") {
        return node.clone();
    }
    if library.get("model").is_map() {
        return library.get("model");
    }
    let uid = library.get("uid").value_text().unwrap_or_default();
    let inlined = context.library.get(uid).map(|element| element.get("model"));
    if let Some(model) = inlined.filter(Node::is_map) {
        return model;
    }
    library.note(
        "library-panel",
        "the library panel did not come with the file; export the dashboard with its library panels",
    );
    node.clone()
}

/// The id of a panel.
pub(super) fn id(node: &Node<'_>) -> Option<i64> {
    node.word()?.trim().parse().ok()
}

/// The queries of a panel; where it shows the answers of another, those of that one.
fn targets<'j>(node: &Node<'j>, source: &DataSource, context: &Context<'j>) -> Vec<Target<'j>> {
    let (mut panel, mut source) = (node.clone(), source.clone());
    let mut is_other = false;
    for _ in 0..PANEL_CHAIN_LIMIT {
        let shows_other = |target: &Node<'_>| {
            source == DataSource::OtherPanel
                || context.sources.read(&target.get("datasource"), None) == DataSource::OtherPanel
        };
        let targets = panel.get("targets").items_or_none();
        let shown = targets.iter().find(|target| shows_other(target));
        let Some(other) =
            shown.and_then(|target| id(&target.get("panelId"))).and_then(|id| context.by_id.get(&id))
        else {
            break;
        };
        (panel, source, is_other) =
            (other.clone(), context.sources.read(&other.get("datasource"), None), true);
    }
    let of_panel = match source {
        source if is_other && !matches!(source, DataSource::OtherPanel | DataSource::Mixed) => source,
        _ => DataSource::Unsaid,
    };
    panel
        .get("targets")
        .items_or_none()
        .into_iter()
        .map(|target| Target {
            source: match context.sources.read(&target.get("datasource"), None) {
                DataSource::OtherPanel => DataSource::Unsaid,
                DataSource::Unsaid => of_panel.clone(),
                own => own,
            },
            ref_id: target.get("refId").value_text(),
            hide: target.get("hide").flag(),
            spec: target,
        })
        .collect()
}

/// A row of before version 16, by the rules of Grafana's own migration: spans are of 12, heights are in pixels.
fn old_row<'j>(row: &Node<'j>, context: &Context<'j>) -> Section {
    const PIXELS_A_LINE: f64 = 38.0;
    const LEAST_PIXELS: f64 = 90.0;
    const SPAN: f64 = 4.0;
    const HEIGHT: f64 = 250.0;
    let pixels = |node: Node<'_>| {
        let word = node.word()?;
        word.trim()
            .trim_end_matches("px")
            .parse::<f64>()
            .ok()
            .filter(|pixels| pixels.is_finite() && *pixels > 0.0)
    };
    let lines = |pixels: f64| (pixels.max(LEAST_PIXELS) / PIXELS_A_LINE).ceil().min(100.0) as i64;
    let row_height = pixels(row.get("height")).unwrap_or(HEIGHT);
    let title = row.get("title").value_text().filter(|title| !title.trim().is_empty());
    let shows_title = row.get("showTitle").value_flag()
        || row.get("collapse").value_flag()
        || row.get("repeat").says_something();
    let mut section = Section {
        title: title.filter(|_| shows_title).map(|title| title.trim().to_owned()),
        collapsed: row.get("collapse").value_flag(),
        repeat: row.get("repeat").value_text().filter(|name| !name.is_empty()).map(str::to_owned),
        origin: row.path(),
        ..Section::default()
    };
    let mut flow = Flow::new(0);
    for panel in flat(row.get("panels").items_if_any()) {
        if !panel.is_map() || is_clone(&panel) {
            panel.note("repeat-clone", "a saved copy of a repeated panel is left out; copies are made anew");
            continue;
        }
        let span = panel.get("span").number().unwrap_or(SPAN).clamp(1.0, 12.0);
        let height = pixels(panel.get("height")).unwrap_or(row_height);
        let place = flow.place((span.floor() as i64) * 2, lines(height));
        section.push(place, one(&panel, context));
    }
    section
}

/// The variables of the classic schema.
pub(super) fn variables<'j>(dashboard: &Node<'j>, context: &Context<'j>) -> Vec<VariableSource<'j>> {
    dashboard
        .dig(&["templating", "list"])
        .items_if_any()
        .into_iter()
        .map(|spec| VariableSource {
            kind: spec.get("type").value_text().unwrap_or("query"),
            source: context.sources.read(&spec.get("datasource"), None),
            spec,
        })
        .collect()
}
