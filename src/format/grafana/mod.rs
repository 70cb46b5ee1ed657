//! Grafana's JSON to the YAML format, and back ([`export`]).
//!
//! An import writes the YAML that a person would write, and the YAML reader makes the dashboard of it, so that opening
//! a JSON file and importing it are one thing. What has no equivalent is an [`ImportNote`] with its JSON path; only
//! what a terminal has no picture for at all (tooltips, widths of lines, ids) goes without a word.
//!
//! The migrations of old panels, the places of old rows and the meaning of options follow Grafana's source
//! (`DashboardMigrator.ts`, `timeseries/migrations.ts`, `SingleStatBaseOptions.ts`), Copyright Grafana Labs, in words
//! of our own.

mod annotation;
mod classic;
mod colors;
mod conform;
mod context;
mod export;
mod field;
mod html;
mod inputs;
mod json;
mod kinds;
mod layout;
mod legacy;
mod mapping;
mod mend;
mod node;
mod options;
mod out;
mod own;
mod panel;
pub mod plausible;
mod query;
mod source;
mod time;
mod transform;
mod v2;
mod variable;
mod wrapped;

use chrono_tz::Tz;

use self::context::Context;
use self::layout::Section;
use self::node::{Node, Notes};
use self::out::{Out, OutMap};
use self::plausible::Plausible;
use super::{FILE_LIMIT_BYTES, LoadProblem, yaml};
use crate::dashboard::{Dashboard, Note, PANELS_LIMIT, Panel};
use crate::panel::unsupported;
pub use export::export;
pub use json::JSON_LIMIT_BYTES;
pub use node::ImportNote;

/// Where the format is described for editors.
const SCHEMA: &str = "https://raw.githubusercontent.com/promscope/promscope/main/docs/dashboard.schema.json";
/// Notes on one panel that stand above it in the file.
const COMMENTS_LIMIT: usize = 8;
/// Kinds of notes that are no news to who reads the file: nothing is shown otherwise than in Grafana, or it is plain
/// to see.
const QUIET_CODES: &[&str] = &[
    "ignored-option",
    "resolution",
    "no-expr",
    "nothing-asked",
    "repeat-clone",
    "not-yet",
    "both",
    "conditional",
    "more",
    "duplicate-key",
    "tabs",
    "link",
    "timezone",
];

/// A dashboard of Grafana's in our words.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The dashboard as YAML.
    pub yaml: String,
    /// What that is the text of.
    tree: OutMap,
    /// What its reader makes of it, times in UTC; nothing where only the text can be read.
    read: Option<Dashboard>,
    /// Its title.
    pub title: String,
    /// `39`, or `v2`.
    pub schema: String,
    /// What could not be taken over as it is, in the order of the file.
    pub notes: Vec<ImportNote>,
    /// Panels of the file, rows not counted.
    pub panels: usize,
    /// Panels for which a placeholder stands, or that found no place.
    pub placeholders: usize,
    /// PromQL of its panels and annotations, as it stands in the file, each behind its JSON path.
    pub exprs: Vec<(String, String)>,
    /// What may stand for its variables.
    pub values: Vec<Plausible>,
    /// Variables of the file.
    pub variables: usize,
    /// Those that were taken over.
    pub supported_variables: usize,
}

/// Reads a dashboard in any of Grafana's schemas; `name` is its title where it has none.
pub fn import(text: &str, name: &str) -> Result<Imported, LoadProblem> {
    let mut read = json::read(text)?;
    let notes = Notes::default();
    wrapped::unfold(&mut read.root, &notes);
    inputs::fill(&mut read.root);
    for path in &read.duplicates {
        notes.add(path.clone(), "duplicate-key", "the key is given twice; the last one counts");
    }
    let root = Node::root(&read.root, &notes);
    let mut imported = dashboard(&wrapped::dashboard(&root)?, name, wrapped::uid(&root));
    drop(root);
    imported.notes = notes.finish();
    Ok(imported)
}

/// The map that an import of `text` writes.
fn tree_of(text: &str, name: &str) -> Result<OutMap, LoadProblem> {
    let mut read = json::read(text)?;
    inputs::fill(&mut read.root);
    let notes = Notes::default();
    Ok(tree(&wrapped::dashboard(&Node::root(&read.root, &notes))?, name, None).0)
}

fn dashboard(node: &Node<'_>, name: &str, uid: Option<&str>) -> Imported {
    let (out, imported) = tree(node, name, uid);
    Imported { yaml: out::write(&out, SCHEMA), tree: out, ..imported }
}

/// The map that is written, and what is to be said of it; `uid` is the dashboard's where it does not say it itself.
fn tree(node: &Node<'_>, name: &str, uid: Option<&str>) -> (OutMap, Imported) {
    let is_v2 = node.get("elements").is_map();
    let mut context = Context::default();
    if is_v2 {
        v2::prepare(node, &mut context);
    } else {
        classic::prepare(node, &mut context);
    }
    let context = context;
    let mut out = OutMap { origin: "$".to_owned(), ..OutMap::default() };
    let title = node
        .get("title")
        .value_text()
        .map(str::trim)
        .filter(|title| !title.is_empty())
        .unwrap_or(name)
        .to_owned();
    out.set_text("title", title.as_str());
    if let Some(description) = node.get("description").value_text().filter(|text| !text.trim().is_empty()) {
        out.set_text("description", description.trim());
    }
    if let Some(uid) = node.get("uid").value_text().or(uid).filter(|uid| !uid.trim().is_empty()) {
        out.set_text("uid", uid.trim());
    }
    let tags = node.get("tags").items_or_none();
    let tags = tags.iter().filter_map(Node::value_text).map(str::trim).filter(|tag| !tag.is_empty());
    out.set_list("tags", tags.map(Out::text).collect());
    time::time(node, is_v2, &mut out);
    let sources = if is_v2 { v2::variables(node, &context) } else { classic::variables(node, &context) };
    let mut supported = 0;
    let variables: Vec<OutMap> = sources
        .iter()
        .filter_map(|source| {
            let own = variable::variable(source);
            supported += usize::from(own.is_some());
            let mut out = own.or_else(|| variable::saved(source))?;
            if let Some(name) = &out.source {
                context.count_other_source(name);
            }
            own::apply(&source.spec, &mut out);
            Some(out)
        })
        .collect();
    let variable_count = sources.len();
    if let Some(list) = v2::list(variables) {
        out.set("variables", list);
    }
    let annotations = if is_v2 { node.get("annotations") } else { node.dig(&["annotations", "list"]) };
    let annotations = annotations.items_or_none();
    let annotations = annotations
        .iter()
        .filter_map(|one| {
            let mut out = annotation::annotation(one, is_v2, &context)?;
            own::apply(one, &mut out);
            Some(out)
        })
        .collect();
    if let Some(list) = v2::list(annotations) {
        out.set("annotations", list);
    }
    out.set_list("links", panel::links(&node.get("links")));
    own::apply(node, &mut out);
    let sections = if is_v2 { v2::sections(node, &context) } else { classic::sections(node, &context) };
    let left_out = rows(sections, node, &mut out);
    data_sources(&mut out, node, &context);
    conform::conform(&mut out, node);
    let (read, unreadable) = mend::mend(&mut out, node);
    comments(&mut out, node);
    let schema = if is_v2 {
        "v2".to_owned()
    } else {
        node.get("schemaVersion").word().map(std::borrow::Cow::into_owned).unwrap_or_default()
    };
    let imported = Imported {
        yaml: String::new(),
        tree: OutMap::default(),
        title,
        schema,
        notes: Vec::new(),
        panels: context.panels.get(),
        placeholders: context.placeholders.get() + left_out + unreadable,
        read,
        exprs: context.exprs.into_inner(),
        values: sources.iter().filter_map(plausible::plausible).collect(),
        variables: variable_count,
        supported_variables: supported,
    };
    (out, imported)
}

/// The rows with their panels, as many as a dashboard may have; how many panels it may not have.
fn rows(sections: Vec<Section>, node: &Node<'_>, out: &mut OutMap) -> usize {
    let mut room = PANELS_LIMIT;
    let mut left_out = 0;
    let mut rows = Vec::new();
    for mut section in sections {
        if section.panels.len() > room {
            left_out += section.panels.len() - room;
            section.panels.truncate(room);
        }
        room -= section.panels.len();
        rows.extend(section.out().map(Out::Map));
    }
    if left_out > 0 {
        node.note(
            "too-many",
            format!("a dashboard has at most {PANELS_LIMIT} panels; {left_out} are left out"),
        );
    }
    if rows.is_empty() {
        // A dashboard has rows, and an empty one of Grafana's is a dashboard all the same.
        let mut panel = OutMap::default();
        panel.set_text("type", "text");
        panel.set_text("content", "This dashboard has no panels.");
        let mut row = OutMap::default();
        row.set("panels", Out::List(vec![Out::Map(panel)]));
        rows.push(Out::Map(row));
    }
    out.set("rows", Out::List(rows));
    left_out
}

/// Names of data sources: the most usual of the queries is said once for all, and the others where they are asked. One that
/// all agree on and that is no variable is not said at all: a uid of somebody else's Grafana is no news where there is
/// nothing to tell apart.
fn data_sources(out: &mut OutMap, node: &Node<'_>, context: &Context<'_>) {
    let (queries, others) = (context.query_sources.borrow(), context.other_sources.borrow());
    let usual = queries.iter().max_by_key(|(_, count)| *count).map(|(name, _)| name.as_str());
    let differs = |usual: &str| queries.len() > 1 || others.iter().any(|other| other != usual);
    if let Some(usual) = usual.filter(|usual| usual.starts_with('$') || differs(usual)) {
        let mut say = |asker: &mut OutMap| {
            if let Some(name) = asker.source.take().filter(|name| name != usual)
                && asker.get("datasource").is_none()
            {
                asker.set_text("datasource", name);
            }
        };
        each_query(out, &mut say);
        each_other_asker(out, &mut say);
        if out.get("datasource").is_none() && !own::drops(node, "datasource") {
            let of_whole = |key: &str| matches!(key, "variables" | "annotations" | "links" | "rows");
            let at = out.entries.iter().position(|(key, _)| of_whole(key)).unwrap_or(out.entries.len());
            out.entries.insert(at, ("datasource".to_owned(), Out::Text(usual.to_owned())));
        }
    }
    shorten(out);
}

/// Annotations, and the variables that ask.
fn each_other_asker(out: &mut OutMap, with: &mut impl FnMut(&mut OutMap)) {
    for (key, list) in &mut out.entries {
        let Out::List(list) = list else { continue };
        if !matches!(key.as_str(), "variables" | "annotations") {
            continue;
        }
        for one in list {
            if let Out::Map(one) = one {
                with(one);
            }
        }
    }
}

fn each_panel(out: &mut OutMap, with: &mut impl FnMut(&mut OutMap)) {
    let Some((_, Out::List(rows))) = out.entries.iter_mut().find(|(key, _)| key == "rows") else { return };
    for row in rows {
        let Out::Map(row) = row else { continue };
        let Some((_, Out::List(panels))) = row.entries.iter_mut().find(|(key, _)| key == "panels") else {
            continue;
        };
        for panel in panels {
            if let Out::Map(panel) = panel {
                with(panel);
            }
        }
    }
}

fn each_query(out: &mut OutMap, with: &mut impl FnMut(&mut OutMap)) {
    each_panel(out, &mut |panel| {
        let Some((_, Out::List(queries))) = panel.entries.iter_mut().find(|(key, _)| key == "queries") else {
            return;
        };
        for query in queries {
            if let Out::Map(query) = query {
                with(query);
            }
        }
    });
}

/// `query` where `queries` has become one without options.
fn shorten(out: &mut OutMap) {
    each_panel(out, &mut |panel| {
        let Some(entry) = panel.entries.iter_mut().find(|(key, _)| key == "queries") else { return };
        let short = match &entry.1 {
            Out::List(queries) => match queries.as_slice() {
                [Out::Map(query)] => match query.entries.as_slice() {
                    [(key, expr)] if key == "expr" => Some(expr.clone()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        if let Some(expr) = short {
            *entry = ("query".to_owned(), expr);
        }
    });
}

/// Notes that a reader of the file wants to know, above what they are about.
fn comments(out: &mut OutMap, node: &Node<'_>) {
    let notes = node.notes();
    let mut told: Vec<bool> = notes.iter().map(|note| QUIET_CODES.contains(&note.code)).collect();
    let mut take = |origin: &str| {
        let mut lines: Vec<String> = Vec::new();
        for (note, is_told) in notes.iter().zip(&mut told) {
            let rest =
                note.path.strip_prefix(origin).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            if !origin.is_empty() && !*is_told && rest.is_some() {
                *is_told = true;
                let line = match rest.unwrap_or_default().trim_start_matches('.') {
                    // What is meant by "here" is nowhere else to be seen.
                    key if note.code == "wrong-type" && !key.is_empty() => {
                        format!("`{key}`: {}", note.message)
                    }
                    _ => note.message.clone(),
                };
                if lines.len() < COMMENTS_LIMIT && !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines
    };
    each_panel(out, &mut |panel| {
        let mut lines = take(&panel.origin.clone());
        // What an earlier import has said of it need not be said again.
        lines.retain(|line| !panel.comments.contains(line));
        panel.comments.extend(lines);
    });
    if let Some((_, Out::List(list))) = out.entries.iter_mut().find(|(key, _)| key == "variables") {
        for one in list {
            if let Out::Map(map) = one {
                let lines = take(&map.origin.clone());
                map.comments.extend(lines);
            }
        }
    }
    for (note, is_told) in notes.iter().zip(told) {
        if !is_told && out.comments.len() < COMMENTS_LIMIT {
            out.comments.push(note.to_string());
        }
    }
}

/// Opens a dashboard of Grafana's: what an import writes, read as any file; `zone` is that of times without one.
pub fn open(text: &str, name: &str, zone: Tz) -> Result<Dashboard, LoadProblem> {
    let imported = import(text, name)?;
    let mut dashboard = read_back(&imported, zone)?;
    let told = imported.notes.iter().filter(|note| !QUIET_CODES.contains(&note.code));
    let told: Vec<Note> =
        told.map(|note| Note { line: None, column: None, message: note.to_string() }).collect();
    for note in &mut dashboard.notes {
        // Lines of a file that nobody has.
        (note.line, note.column) = (None, None);
    }
    dashboard.notes.splice(0..0, told);
    dashboard.notes.dedup();
    Ok(dashboard)
}

/// The dashboard that the YAML of an import means.
pub fn read_back(imported: &Imported, zone: Tz) -> Result<Dashboard, LoadProblem> {
    yaml::parse(&imported.yaml, zone).map_err(|problem| {
        LoadProblem::whole_file(format!("the dashboard cannot be read once it is imported: {problem}"))
    })
}

/// [`read_back`] without the way through the text, which takes longer than the rest of an import.
pub fn read_tree(imported: &Imported, zone: Tz) -> Result<Dashboard, LoadProblem> {
    if let Some(dashboard) = imported.read.as_ref().filter(|_| zone == Tz::UTC) {
        return Ok(dashboard.clone());
    }
    let is_readable = imported.yaml.len() <= FILE_LIMIT_BYTES;
    let node = is_readable.then(|| out::read(&imported.tree)).flatten();
    match node.and_then(|node| yaml::parse_tree(&node, zone)) {
        Some(dashboard) => Ok(dashboard),
        // What is wrong has its place in the text.
        None => read_back(imported, zone),
    }
}

/// How many panels of the import this version has no picture for.
pub fn unsupported_panels(imported: &Imported) -> Result<usize, LoadProblem> {
    let count = |dashboard: &Dashboard| {
        let is_unsupported = |panel: &&Panel| std::ptr::eq(panel.kind, &raw const unsupported::KIND);
        dashboard.panels.iter().filter(is_unsupported).count()
    };
    match &imported.read {
        Some(dashboard) => Ok(count(dashboard)),
        None => read_back(imported, Tz::UTC).map(|dashboard| count(&dashboard)),
    }
}

/// Whether a file of this name holds JSON.
pub fn is_json_name(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// Keys that stand between quotation marks in every dashboard of Grafana, and in no file of ours.
const TELLING_KEYS: &[&str] = &[
    "\"schemaVersion\"",
    "\"gridPos\"",
    "\"templating\"",
    "\"fieldConfig\"",
    "\"__inputs\"",
    "\"elements\"",
];

/// Whether the file at `path` holds a dashboard of Grafana: by its name, or because its text is JSON with Grafana's keys.
pub fn is_json(path: &str, text: &str) -> bool {
    let begins = || text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
    is_json_name(path) || begins() && TELLING_KEYS.iter().any(|key| text.contains(key))
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod unusual;
