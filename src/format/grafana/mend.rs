//! The net below an import: what the reader of our format refuses all the same is taken out, and said, so that one panel
//! never costs the others.

use chrono_tz::Tz;

use super::node::Node;
use super::out::{self, Out, OutMap};
use crate::dashboard::Dashboard;
use crate::format::yaml;

/// Parts of a panel that are tried without, the least important first.
const PARTS: &[&str] = &["links", "transforms", "mappings", "thresholds", "overrides"];

/// Takes out of `out` what cannot be read; what the reader makes of it then, where it is not too large to be read but as
/// text, and how many panels became placeholders.
pub(super) fn mend(out: &mut OutMap, node: &Node<'_>) -> (Option<Dashboard>, usize) {
    let Some(read) = out::read(out) else { return (None, 0) };
    let dashboard = yaml::parse_tree(&read, Tz::UTC);
    if dashboard.is_some() {
        return (dashboard, 0);
    }
    let placeholders = take_out(out, node);
    (out::read(out).and_then(|read| yaml::parse_tree(&read, Tz::UTC)), placeholders)
}

fn take_out(out: &mut OutMap, node: &Node<'_>) -> usize {
    // The dashboard without its panels, then each panel in it alone.
    let mut shell = out.clone();
    shell.set("rows", rows_of(text_panel("nothing")));
    for list in ["links", "annotations", "variables"] {
        if is_readable(&shell) {
            break;
        }
        let mut without = shell.clone();
        if without.remove(list).is_none() || !is_readable(&without) {
            continue;
        }
        let parted = |out: &mut OutMap| {
            let Some(Out::List(items)) = out.remove(list) else { return };
            for item in items {
                let before = out.get(list).cloned();
                let mut kept = match &before {
                    Some(Out::List(kept)) => kept.clone(),
                    _ => Vec::new(),
                };
                let origin = item.as_map().map(|map| map.origin.clone()).filter(|origin| !origin.is_empty());
                kept.push(item);
                out.set(list, Out::List(kept));
                if !is_readable(out) {
                    note(
                        node,
                        origin.as_deref().unwrap_or("$"),
                        &format!("one of `{list}` cannot be read and is left out"),
                    );
                    match before {
                        Some(before) => out.set(list, before),
                        None => drop(out.remove(list)),
                    }
                }
            }
        };
        parted(&mut shell);
        match shell.get(list) {
            Some(kept) => out.set(list, kept.clone()),
            None => drop(out.remove(list)),
        }
    }
    if !is_readable(&shell) {
        // What it is that cannot be read, its reader says.
        return 0;
    }
    let mut placeholders = 0;
    let Some(Out::List(rows)) = out.get_mut("rows") else { return 0 };
    for row in rows {
        let Out::Map(row) = row else { continue };
        let Some(Out::List(panels)) = row.get_mut("panels") else { continue };
        for panel in panels {
            let Out::Map(panel) = panel else { continue };
            placeholders += usize::from(mend_panel(panel, &shell, node));
        }
    }
    placeholders
}

/// Whether nothing but a placeholder is left of the panel.
fn mend_panel(panel: &mut OutMap, shell: &OutMap, node: &Node<'_>) -> bool {
    let reads = |panel: &OutMap| {
        let mut alone = shell.clone();
        alone.set("rows", rows_of(panel.clone()));
        is_readable(&alone)
    };
    if reads(panel) {
        return false;
    }
    let origin = panel.origin.clone();
    for part in PARTS {
        let mut without = panel.clone();
        if without.remove(part).is_some() && reads(&without) {
            note(node, &origin, &format!("`{part}` cannot be read as they are and are left out"));
            *panel = without;
            return false;
        }
    }
    note(node, &origin, "the panel cannot be read as it is; a placeholder is shown");
    let mut placeholder = text_panel("This panel could not be taken over.");
    for key in ["title", "grid", "width", "height"] {
        if let Some(value) = panel.get(key) {
            placeholder.set(key, value.clone());
        }
    }
    placeholder.origin = origin;
    *panel =
        if reads(&placeholder) { placeholder } else { text_panel("This panel could not be taken over.") };
    true
}

fn note(node: &Node<'_>, path: &str, message: &str) {
    node.note_at(path.to_owned(), "unreadable", message);
}

fn is_readable(out: &OutMap) -> bool {
    out::read(out).is_some_and(|node| yaml::parse_tree(&node, Tz::UTC).is_some())
}

fn text_panel(words: &str) -> OutMap {
    let mut panel = OutMap::default();
    panel.set_text("type", "text");
    panel.set_text("content", words);
    panel
}

fn rows_of(panel: OutMap) -> Out {
    let mut row = OutMap::default();
    row.set("panels", Out::List(vec![Out::Map(panel)]));
    Out::List(vec![Out::Map(row)])
}
