//! Panels of today's types, and the way to the others.

use super::context::Context;
use super::field;
use super::kinds;
use super::legacy;
use super::node::Node;
use super::options;
use super::out::{Out, OutMap};
use super::own;
use super::query::{self, Draws, Queries, Target};
use super::source::DataSource;
use super::transform::{self, Transformation};
use crate::dashboard::PANELS_LIMIT;
use crate::time_range::parse_duration_ms;

/// A panel as any of Grafana's schemas has it.
pub(super) struct PanelSource<'j> {
    /// The map of the panel, where old types keep their options.
    pub(super) node: Node<'j>,
    pub(super) kind: &'j str,
    pub(super) options: Node<'j>,
    pub(super) field_config: Node<'j>,
    pub(super) source: DataSource,
    pub(super) targets: Vec<Target<'j>>,
    pub(super) transformations: Vec<Transformation<'j>>,
    /// The map with `interval`, `maxDataPoints`, `timeFrom` and `timeShift`.
    pub(super) query_options: Node<'j>,
    pub(super) repeat: Option<&'j str>,
    pub(super) repeat_direction: Option<&'j str>,
    pub(super) max_per_row: Option<f64>,
}

/// Types that ask over time, so that `instant` is worth saying.
const DRAW_TIME: &[&str] = &["timeseries", "heatmap", "histogram", "state-timeline", "status-history"];

/// The panel in the format's keys, its place excluded.
pub(super) fn panel(source: &PanelSource<'_>, context: &Context<'_>) -> OutMap {
    let mut out = translated(source, context);
    own::apply(&source.node, &mut out);
    context.spend(out.text_bytes());
    out
}

/// A panel for which there is no room any more: those beyond a dashboard's limit, which are told together, and what
/// would make a small file an endless one.
pub(super) fn no_room(node: &Node<'_>, context: &Context<'_>) -> Option<OutMap> {
    if !context.is_full() {
        return None;
    }
    let is_within = context.panels.get() < PANELS_LIMIT;
    context.count_panel();
    let mut out = OutMap { origin: node.path(), ..OutMap::default() };
    out.set_text("type", "text");
    let words = "There was no room for this panel.";
    if is_within {
        node.note("too-large", "the panels before this one are too large together; a placeholder is shown");
        placeholder(&mut out, words, context);
    } else {
        out.set_text("content", words);
    }
    Some(out)
}

fn translated(source: &PanelSource<'_>, context: &Context<'_>) -> OutMap {
    context.count_panel();
    let mut out = OutMap { origin: source.node.path(), ..OutMap::default() };
    let Some((kind, is_successor)) = kinds::ours(source.kind) else {
        let name = if source.kind.is_empty() { "without a type" } else { source.kind };
        source.node.note(
            "unsupported-panel",
            format!("the panel type `{name}` has no equivalent; a placeholder is shown"),
        );
        head(source, "text", &mut out);
        placeholder(&mut out, &format!("Grafana's panel type {name} has no equivalent here."), context);
        // Their PromQL is counted all the same.
        count_only(source, context);
        return out;
    };
    if matches!(source.kind, "news" | "dashlist") {
        let says = format!("the panel type `{}` has no equivalent; a placeholder is shown", source.kind);
        source.node.note("unsupported-panel", says);
        head(source, kind, &mut out);
        let words = options::of_other_make(source).unwrap_or_default();
        placeholder(&mut out, &words, context);
        return out;
    }
    if is_successor {
        source.node.note("successor-panel", format!("the panel type `{}` is shown as `{kind}`", source.kind));
    }
    head(source, kind, &mut out);
    if source.node.get("alert").says_something() {
        source
            .node
            .get("alert")
            .note("ignored-option", "alerts of panels have no equivalent; Prometheus has rules for them");
    }
    match kind {
        "text" => {
            options::text(source, &mut out);
            return out;
        }
        "alerts" => {
            source.node.note("ignored-option", "which alerts are listed is not taken over; all are");
            return out;
        }
        _ => {}
    }
    let mut transforms = transform::transforms(&source.transformations);
    // Grafana picks the fields of what the transformations have made.
    transforms.extend(options::fields_filter(source, kind));
    let is_single = matches!(kind, "stat" | "gauge" | "bargauge" | "piechart" | "barchart");
    if is_single && are_tables(source) {
        // The column that an old panel of one value shows.
        if let Some(column) = source.node.get("tableColumn").filled().filter(|_| source.kind == "singlestat")
        {
            transforms.push(options::only(Out::texts([column])));
        }
        if transforms.is_empty() {
            // Its values are those of the columns, each with all series below each other.
            transforms.push(Out::text("merge"));
        }
    }
    let figures = options::figures(source, kind);
    let has_figures = !figures.is_empty();
    if has_figures {
        transforms.push(transform::reduce_to(figures));
    }
    let mut queries = query::queries(
        &source.targets,
        &source.source,
        if kind == "table" || has_figures && !are_tables(source) {
            // Old tables have their figures from the picture, below; they are of series all the same.
            let is_aggregated = is_old_table(source)
                && source.node.get("transform").value_text() == Some("timeseries_aggregations");
            Draws::Table { is_transformed: is_aggregated || !transforms.is_empty() }
        } else if kind == "heatmap" && !options::is_counted(source) {
            Draws::Rows
        } else if DRAW_TIME.contains(&kind) {
            Draws::Time
        } else {
            Draws::Single { is_transformed: !transforms.is_empty() }
        },
        context,
    );
    if queries.list.is_empty() {
        let Some(words) = no_query(source, &queries) else {
            // As in Grafana: the panel as it is, without data.
            source.node.note("nothing-asked", "the panel asks nothing, and so shows no data");
            out.set("queries", Out::List(Vec::new()));
            out.extend(picture(source, kind));
            shorten_usual_mapping(&mut out);
            return out;
        };
        source.node.note("no-query", words.as_str());
        out.set_text("type", "text");
        placeholder(&mut out, &words, context);
        return out;
    }
    let mut picture = picture(source, kind);
    if transforms.is_empty() {
        say_when(kind, &mut queries.list, &mut picture);
    }
    write_queries(queries, &mut out);
    out.set_list("transforms", transforms);
    time_options(source, &mut out);
    out.extend(picture);
    shorten_usual_mapping(&mut out);
    drop_unused_thresholds(&mut out);
    out
}

/// Whether all that is asked comes as tables, with a column a label.
fn are_tables(source: &PanelSource<'_>) -> bool {
    let mut asked = source.targets.iter().filter(|target| !target.hide).peekable();
    asked.peek().is_some() && asked.all(|target| target.spec.get("format").value_text() == Some("table"))
}

/// Single values are those at the end of the window unless a panel says otherwise; Grafana's are the last ones in it,
/// but for queries that ask for one moment. Says so, in as few words as will do.
fn say_when(kind: &str, queries: &mut [OutMap], picture: &mut OutMap) {
    if !matches!(kind, "stat" | "gauge" | "bargauge" | "piechart" | "barchart")
        || picture.get("reduce").is_some()
    {
        return;
    }
    let asked = |query: &&OutMap| query.get("hide").is_none();
    let is_instant = queries.iter().filter(asked).all(|query| query.get("instant").is_some());
    let is_now = is_instant || kind == "barchart" || picture.get("rows").is_some();
    if !is_now {
        picture.set_text("reduce", "last");
    } else if kind != "stat" {
        // That is what they ask by themselves; a stat would ask for its sparkline too.
        for query in queries {
            query.remove("instant");
        }
    }
}

/// Whether it is a table of before Grafana 7.
fn is_old_table(source: &PanelSource<'_>) -> bool {
    source.kind == "table-old"
        || (source.kind == "table" && source.field_config.is_null() && source.node.get("styles").is_list())
}

/// What the panel says of its picture, by the rules of its time.
fn picture(source: &PanelSource<'_>, kind: &str) -> OutMap {
    match source.kind {
        "graph" => legacy::graph(&source.node),
        "singlestat" => legacy::singlestat(&source.node),
        "grafana-piechart-panel" => legacy::piechart(&source.node),
        "heatmap" if options::is_old_heatmap(source) => legacy::heatmap(&source.node),
        _ if is_old_table(source) => legacy::table(&source.node),
        _ => today(source, kind),
    }
}

/// The thresholds that every panel is made with, where nothing shows them.
fn drop_unused_thresholds(out: &mut OutMap) {
    let Some(Out::List(steps)) = out.get("thresholds") else { return };
    let step = |index: usize, at: Option<&str>, color: &str| {
        let map = steps.get(index).and_then(Out::as_map);
        map.is_some_and(|map| {
            map.get("color") == Some(&Out::text(color)) && map.get("at") == at.map(Out::plain).as_ref()
        })
    };
    let is_usual =
        step(0, None, "green") && (steps.len() == 1 || steps.len() == 2 && step(1, Some("80"), "red"));
    let is = |key: &str, value: Out| out.get(key) == Some(&value);
    let is_unused = if is("type", Out::text("stat")) {
        is("color_mode", Out::text("none")) && is("sparkline", Out::plain(false))
    } else {
        let overrides = match out.get("overrides") {
            Some(Out::List(overrides)) => overrides.as_slice(),
            _ => &[],
        };
        let maps = overrides.iter().filter_map(Out::as_map);
        is("type", Out::text("table"))
            && std::iter::once(&*out)
                .chain(maps)
                .all(|map| map.get("cell").is_none() && map.get("color").is_none())
    };
    if is_usual && is_unused {
        out.remove("thresholds");
    }
}

/// Every singlestat of old said `N/A` for no value, by a mapping; that is what `no_value` is for.
fn shorten_usual_mapping(out: &mut OutMap) {
    let is_single = matches!(out.get("type"), Some(Out::Text(kind)) if matches!(kind.as_str(), "stat" | "gauge" | "bargauge"));
    let Some(Out::List(mappings)) = out.get("mappings").filter(|_| is_single) else { return };
    let is_usual = |mapping: &Out| {
        mapping.as_map().is_some_and(|map| {
            map.entries.len() == 2
                && map.get("special") == Some(&Out::plain("null"))
                && map.get("text") == Some(&Out::text("N/A"))
        })
    };
    if !mappings.is_empty() && mappings.iter().all(is_usual) {
        out.remove("mappings");
        // The mapping comes before the words for nothing.
        out.remove("no_value");
        out.set_text("no_value", "N/A");
    }
}

/// Type, title, description, repeat and links.
fn head(source: &PanelSource<'_>, kind: &str, out: &mut OutMap) {
    let node = &source.node;
    out.set_text("type", kind);
    if let Some(title) = node.get("title").filled() {
        out.set_text("title", title.trim());
    }
    if let Some(description) = node.get("description").filled() {
        out.set_text("description", description.trim());
    }
    if let Some(name) = source.repeat {
        out.set_text("repeat", name);
        if source.repeat_direction == Some("v") {
            out.set_text("repeat_direction", "vertical");
        } else if let Some(count) = source.max_per_row.filter(|count| (1.0..=24.0).contains(count)) {
            out.set_plain("max_per_row", count.round());
        }
    }
    out.set_list("links", links(&node.get("links")));
}

/// Links of a panel or dashboard that lead to an address.
pub(super) fn links(node: &Node<'_>) -> Vec<Out> {
    let mut outs = Vec::new();
    for link in node.items_or_none() {
        let written = link.get("url").value_text().filter(|url| !url.trim().is_empty());
        let Some(url) = written.map(str::to_owned).or_else(|| old_address(&link)) else {
            link.note("link", "only links to an address are taken over; this one is left out");
            continue;
        };
        let mut out = OutMap::default();
        let title = link.get("title").value_text().filter(|title| !title.trim().is_empty()).unwrap_or(&url);
        out.set_text("title", title.trim());
        out.set_text("url", url.trim());
        outs.push(Out::Map(out));
    }
    outs
}

/// The address of a dashboard that a link of before version 6 names, as Grafana's migration makes it.
fn old_address(link: &Node<'_>) -> Option<String> {
    let name = link.get("dashboard").value_text();
    let slug = name.map(|name| {
        let name = name.to_lowercase();
        let kept: String =
            name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ' ')).collect();
        kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
    });
    let slug = slug.filter(|slug| !slug.is_empty()).map(|slug| format!("db/{slug}"));
    let path = slug.or_else(|| link.get("dashUri").value_text().map(str::to_owned))?;
    let mut queries = Vec::new();
    if link.get("keepTime").value_flag() {
        queries.push("$__url_time_range");
    }
    if link.get("includeVars").value_flag() {
        queries.push("$__all_variables");
    }
    queries.extend(link.get("params").value_text().filter(|params| !params.is_empty()));
    let query = if queries.is_empty() { String::new() } else { format!("?{}", queries.join("&")) };
    Some(format!("dashboard/{path}{query}"))
}

fn placeholder(out: &mut OutMap, words: &str, context: &Context<'_>) {
    for key in ["repeat", "repeat_direction", "max_per_row"] {
        out.remove(key);
    }
    out.set_text("content", words);
    context.count_placeholder();
}

/// Whom a panel asks that has no query for a Prometheus; nothing, if it asks nobody.
fn no_query(source: &PanelSource<'_>, queries: &Queries) -> Option<String> {
    let kind = source.kind;
    if let Some(name) = queries.foreign.first() {
        return Some(format!("This {kind} panel asks {name}, which is no Prometheus."));
    }
    if let DataSource::ForeignName(name) = &source.source
        && !source.targets.is_empty()
    {
        return Some(format!("This {kind} panel asks {name}, which is no Prometheus."));
    }
    (source.source == DataSource::OtherPanel)
        .then(|| format!("This {kind} panel shows the answers of another panel, which is not there."))
}

fn count_only(source: &PanelSource<'_>, context: &Context<'_>) {
    let _ = query::queries(&source.targets, &source.source, Draws::Time, context);
}

/// `query` for one without options, else `queries`.
fn write_queries(queries: Queries, out: &mut OutMap) {
    if let [query] = queries.list.as_slice()
        && query.source.is_none()
        && let [(_, expr)] = query.entries.as_slice()
    {
        out.set("query", expr.clone());
        return;
    }
    out.set_list("queries", queries.list.into_iter().map(Out::Map).collect());
}

/// The panel's own part of time, and what the queries of a panel have no words for here.
fn time_options(source: &PanelSource<'_>, out: &mut OutMap) {
    let options = &source.query_options;
    query::set_min_step(&options.get("interval"), "min_interval", out);
    for (key, own, code) in
        [("timeFrom", "time_from", "time-from"), ("timeShift", "time_shift", "time-shift")]
    {
        let node = options.get(key);
        match node.text().map(str::trim) {
            Some(duration) if parse_duration_ms(duration).is_ok() => out.set_plain(own, duration),
            Some("") | None => {}
            Some(other) => node.note(
                code,
                format!("`{other}` is no duration such as 1d; the panel shows the dashboard's range"),
            ),
        }
    }
    if options.get("maxDataPoints").says_something() {
        options.get("maxDataPoints").note("resolution", "the number of points goes by the width in columns");
    }
    for key in ["cacheTimeout", "queryCachingTTL"] {
        if options.get(key).says_something() {
            options.get(key).note("resolution", "answers are not kept between refreshes");
        }
    }
}

/// Options of types as they are since version 7.
fn today(source: &PanelSource<'_>, kind: &str) -> OutMap {
    // Version 6 had the fields among the options.
    let before_7 = source.options.get("fieldOptions");
    let (config, calcs) = if source.field_config.is_null() && before_7.is_map() {
        (before_7.clone(), before_7)
    } else {
        (source.field_config.clone(), source.options.get("reduceOptions"))
    };
    let mut out = field::defaults(&config, kind);
    options::of_type(source, kind, &calcs, &mut out);
    out.set_list("overrides", field::overrides(&config, kind));
    out
}
