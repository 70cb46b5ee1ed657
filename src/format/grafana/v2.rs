//! The schema v2: panels are `elements` by name, `layout` says where they stand: grids, rows, automatic grids, tabs.

use std::collections::{HashMap, HashSet};

use super::classic::{PANEL_CHAIN_LIMIT, id};
use super::context::Context;
use super::layout::{COLUMNS, Flow, Place, Section};
use super::node::Node;
use super::out::{Out, OutMap};
use super::panel::{self, PanelSource};
use super::query::Target;
use super::source::DataSource;
use super::transform::Transformation;
use super::variable::VariableSource;

/// Notes which variables choose data sources.
pub(super) fn prepare<'j>(spec: &Node<'j>, context: &mut Context<'j>) {
    for variable in spec.get("variables").items_or_none() {
        let inner = variable.get("spec");
        if variable.get("kind").value_text() == Some("DatasourceVariable")
            && let Some(name) = inner.get("name").value_text()
        {
            context.sources.variable(name, inner.get("pluginId").value_text().unwrap_or("prometheus"));
        }
    }
    for (_, element) in spec.get("elements").entries_or_none() {
        let panel = element.get("spec");
        if let Some(id) = id(&panel.get("id")) {
            context.by_id.entry(id).or_insert(panel);
        }
    }
}

/// The rows of the dashboard with their panels.
pub(super) fn sections<'j>(spec: &Node<'j>, context: &Context<'j>) -> Vec<Section> {
    let elements = spec.get("elements").entries_or_none();
    let by_name = elements.iter().cloned().collect();
    let mut reader = LayoutReader { elements: by_name, context, sections: Vec::new(), used: HashSet::new() };
    let start = Start {
        titles: Vec::new(),
        collapsed: false,
        repeat: None,
        comments: Vec::new(),
        origin: spec.get("layout").path(),
    };
    reader.layout(&spec.get("layout"), &start);
    for (name, element) in elements {
        if !reader.used.contains(name) {
            element.note("unplaced", "the layout has no place for this element; it is left out");
        }
    }
    reader.sections.retain(|section| !section.panels.is_empty());
    reader.sections
}

struct LayoutReader<'a, 'j> {
    elements: HashMap<&'j str, Node<'j>>,
    context: &'a Context<'j>,
    sections: Vec<Section>,
    used: HashSet<&'j str>,
}

/// What holds for the sections of a layout.
struct Start {
    titles: Vec<String>,
    collapsed: bool,
    repeat: Option<String>,
    comments: Vec<String>,
    origin: String,
}

impl Start {
    fn section(&self) -> Section {
        Section {
            title: (!self.titles.is_empty()).then(|| self.titles.join(" / ")),
            collapsed: self.collapsed,
            repeat: self.repeat.clone(),
            comments: self.comments.clone(),
            origin: self.origin.clone(),
            ..Section::default()
        }
    }
}

impl<'j> LayoutReader<'_, 'j> {
    fn layout(&mut self, layout: &Node<'j>, start: &Start) {
        let spec = layout.get("spec");
        match layout.get("kind").text() {
            Some("GridLayout") => self.grid(&spec, start),
            Some("RowsLayout") => self.parts(&spec.get("rows"), start),
            Some("TabsLayout") => {
                spec.get("tabs").note("tabs", "tabs are shown as rows below each other");
                self.parts(&spec.get("tabs"), start);
            }
            Some("AutoGridLayout" | "ResponsiveGridLayout") => self.auto_grid(&spec, start),
            Some(other) => {
                layout.note("layout", format!("the layout `{other}` is not known; its panels are left out"));
            }
            None if layout.is_null() => {}
            None => layout.note("layout", "a layout without a kind is left out"),
        }
    }

    /// Rows and tabs, each with a layout of its own.
    fn parts(&mut self, parts: &Node<'j>, start: &Start) {
        for part in parts.items_if_any() {
            let spec = part.get("spec");
            let mut titles = start.titles.clone();
            let title = spec.get("title").value_text().filter(|title| !title.trim().is_empty());
            if let Some(title) = title.filter(|_| !spec.get("hideHeader").value_flag()) {
                titles.push(title.trim().to_owned());
            }
            let repeat = spec.dig(&["repeat", "value"]).value_text().filter(|name| !name.is_empty());
            let mut comments = start.comments.clone();
            condition(&spec, "row", &mut comments);
            let start = Start {
                titles,
                collapsed: start.collapsed || spec.get("collapse").value_flag(),
                repeat: repeat.map(str::to_owned).or_else(|| start.repeat.clone()),
                comments,
                origin: part.path(),
            };
            self.layout(&spec.get("layout"), &start);
        }
    }

    fn grid(&mut self, spec: &Node<'j>, start: &Start) {
        let mut section = start.section();
        for item in spec.get("items").items_if_any() {
            let inner = item.get("spec");
            if item.get("kind").value_text() == Some("GridLayoutRow") {
                // Version 2alpha1 has rows among the items.
                self.sections.push(std::mem::replace(&mut section, start.section()));
                let title = inner.get("title").value_text().filter(|title| !title.trim().is_empty());
                let mut titles = start.titles.clone();
                titles.extend(title.map(|title| title.trim().to_owned()));
                let repeat = inner.dig(&["repeat", "value"]).value_text();
                section = Start {
                    titles,
                    collapsed: inner.get("collapsed").value_flag(),
                    repeat: repeat.map(str::to_owned),
                    comments: start.comments.clone(),
                    origin: item.path(),
                }
                .section();
                for item in inner.get("elements").items_if_any() {
                    self.grid_item(&item.get("spec"), &mut section);
                }
                self.sections.push(std::mem::replace(&mut section, start.section()));
            } else {
                self.grid_item(&inner, &mut section);
            }
        }
        if !section.panels.is_empty() {
            self.sections.push(section);
        }
    }

    fn grid_item(&mut self, item: &Node<'j>, section: &mut Section) {
        let number = |key, missing: f64| item.get(key).number().unwrap_or(missing);
        let place =
            Place::new(number("x", 0.0), number("y", 0.0), number("width", 12.0), number("height", 8.0));
        if let Some(panel) = self.element(item) {
            section.push(place, panel);
        }
    }

    /// Columns as many as there may be, each row of equal height.
    fn auto_grid(&mut self, spec: &Node<'j>, start: &Start) {
        const LINES: [(&str, i64); 3] = [("short", 5), ("tall", 14), ("standard", 9)];
        const PIXELS_A_LINE: f64 = 38.0;
        let columns = spec.get("maxColumnCount").number().unwrap_or(3.0).clamp(1.0, 12.0) as i64;
        let mode = spec.get("rowHeightMode").value_text().unwrap_or("standard");
        let named = LINES.iter().find(|(name, _)| *name == mode).map(|(_, lines)| *lines);
        let exact = spec
            .get("rowHeight")
            .number_or_none()
            .map(|pixels| (pixels / PIXELS_A_LINE).ceil().clamp(2.0, 60.0) as i64);
        let height = named.or(exact).unwrap_or(9);
        let mut section = start.section();
        let mut flow = Flow::new(0);
        for item in spec.get("items").items_if_any() {
            if let Some(panel) = self.element(&item.get("spec")) {
                section.push(flow.place(COLUMNS / columns, height), panel);
            }
        }
        if !section.panels.is_empty() {
            self.sections.push(section);
        }
    }

    /// The panel that an item of a layout stands for.
    fn element(&mut self, item: &Node<'j>) -> Option<OutMap> {
        let name = item.dig(&["element", "name"]).text()?;
        let Some(element) = self.elements.get(name).filter(|element| element.is_map()).cloned() else {
            item.get("element").note("unplaced", format!("there is no element `{name}`"));
            return None;
        };
        self.used.insert(name);
        let mut comments = Vec::new();
        condition(item, "panel", &mut comments);
        if let Some(stub) = panel::no_room(&element, self.context) {
            return Some(stub);
        }
        let mut panel = panel_of(&element, item, self.context);
        panel.comments.splice(0..0, comments);
        Some(panel)
    }
}

/// Conditional rendering is said, not done.
fn condition(spec: &Node<'_>, what: &str, comments: &mut Vec<String>) {
    let condition = spec.get("conditionalRendering");
    if !condition.dig(&["spec", "items"]).says_something() {
        return;
    }
    let words: Vec<String> = condition
        .dig(&["spec", "items"])
        .items_or_none()
        .iter()
        .map(|item| {
            let spec = item.get("spec");
            let word = |key: &'static str| spec.get(key).word().unwrap_or_default().into_owned();
            match item.get("kind").value_text() {
                Some("ConditionalRenderingVariable") => {
                    format!("${} {} {}", word("variable"), word("operator"), word("value"))
                }
                Some("ConditionalRenderingData") => "there is data".to_owned(),
                Some("ConditionalRenderingTimeRangeSize") => {
                    format!("the time range is below {}", word("value"))
                }
                _ => "another condition holds".to_owned(),
            }
        })
        .collect();
    let verb =
        if condition.dig(&["spec", "visibility"]).value_text() == Some("hide") { "hidden" } else { "shown" };
    let message =
        format!("Grafana has this {what} {verb} only where {}; here it is always shown", words.join(", "));
    condition.note("conditional", &message);
    comments.push(message);
}

fn panel_of<'j>(element: &Node<'j>, item: &Node<'j>, context: &Context<'j>) -> OutMap {
    let spec = element.get("spec");
    let is_lost = element.get("kind").value_text() == Some("LibraryPanel");
    if is_lost {
        spec.note(
            "library-panel",
            "the library panel did not come with the file; export the dashboard with its library panels",
        );
    }
    let viz = spec.get("vizConfig");
    let kind = viz.get("group").value_text().or_else(|| viz.get("kind").value_text());
    let kind = kind.unwrap_or(if is_lost { "library-panel-ref" } else { "" });
    let data = spec.dig(&["data", "spec"]);
    let targets = targets(&spec, context);
    let transformations = data
        .get("transformations")
        .items_if_any()
        .into_iter()
        .filter_map(|one| {
            let inner = one.get("spec");
            let group = one.get("group").value_text();
            let id =
                group.or_else(|| inner.get("id").value_text()).or_else(|| one.get("kind").value_text())?;
            let disabled = inner.get("disabled").value_flag();
            Some(Transformation { id, options: inner.get("options"), disabled, node: one })
        })
        .collect();
    let repeat = item.get("repeat");
    let source = PanelSource {
        kind,
        options: viz.dig(&["spec", "options"]),
        field_config: viz.dig(&["spec", "fieldConfig"]),
        source: DataSource::Unsaid,
        targets,
        transformations,
        query_options: data.get("queryOptions"),
        repeat: repeat.get("value").value_text().filter(|name| !name.is_empty()),
        repeat_direction: repeat.get("direction").value_text(),
        max_per_row: repeat.get("maxPerRow").number(),
        node: spec,
    };
    panel::panel(&source, context)
}

/// The queries of a panel; where it shows the answers of another, those of that one.
fn targets<'j>(spec: &Node<'j>, context: &Context<'j>) -> Vec<Target<'j>> {
    let mut targets = own_targets(spec, context);
    for _ in 0..PANEL_CHAIN_LIMIT {
        let other = targets
            .iter()
            .filter(|target| target.source == DataSource::OtherPanel)
            .find_map(|target| context.by_id.get(&id(&target.spec.get("panelId"))?));
        let Some(other) = other else { break };
        targets = own_targets(other, context);
    }
    targets
}

fn own_targets<'j>(spec: &Node<'j>, context: &Context<'j>) -> Vec<Target<'j>> {
    let target = |query: Node<'j>| {
        let outer = query.get("spec");
        let inner = outer.get("query");
        let group = inner
            .get("group")
            .value_text()
            .or_else(|| inner.get("kind").value_text().filter(|kind| *kind != "DataQuery"));
        let named =
            if inner.get("datasource").is_map() { inner.get("datasource") } else { outer.get("datasource") };
        Target {
            source: context.sources.read(&named, group),
            ref_id: outer.get("refId").value_text(),
            hide: outer.get("hidden").flag(),
            spec: inner.get("spec"),
        }
    };
    spec.dig(&["data", "spec", "queries"]).items_if_any().into_iter().map(target).collect()
}

/// The variables of the schema v2.
pub(super) fn variables<'j>(spec: &Node<'j>, context: &Context<'j>) -> Vec<VariableSource<'j>> {
    const KINDS: [(&str, &str); 9] = [
        ("QueryVariable", "query"),
        ("CustomVariable", "custom"),
        ("IntervalVariable", "interval"),
        ("ConstantVariable", "constant"),
        ("TextVariable", "textbox"),
        ("DatasourceVariable", "datasource"),
        ("AdhocVariable", "adhoc"),
        ("GroupByVariable", "groupby"),
        ("SwitchVariable", "switch"),
    ];
    spec.get("variables")
        .items_if_any()
        .into_iter()
        .map(|variable| {
            let kind = variable.get("kind").value_text().unwrap_or_default();
            let inner = variable.get("spec");
            let query = inner.get("query");
            let group = query.get("group").value_text();
            let source = if query.is_map() {
                context.sources.read(&query.get("datasource"), group)
            } else {
                context.sources.read(&inner.get("datasource"), None)
            };
            VariableSource {
                kind: KINDS.iter().find(|(name, _)| *name == kind).map_or(kind, |(_, classic)| classic),
                source,
                spec: inner,
            }
        })
        .collect()
}

/// Title, time and refresh under v2's names.
pub(super) fn time(spec: &Node<'_>) -> (Option<String>, Option<String>, Option<String>) {
    let settings = spec.get("timeSettings");
    let text = |key| settings.get(key).word().map(std::borrow::Cow::into_owned);
    (text("from"), text("to"), text("autoRefresh"))
}

/// The list of something as a YAML list, if there is any.
pub(super) fn list(outs: Vec<OutMap>) -> Option<Out> {
    (!outs.is_empty()).then(|| Out::List(outs.into_iter().map(Out::Map).collect()))
}
