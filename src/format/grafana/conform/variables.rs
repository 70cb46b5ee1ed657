//! What the reader checks of variables across several keys, and of those that refer to them.

use super::super::node::Node;
use super::super::out::{Out, OutMap};
use crate::format::yaml::keys::VARIABLE_KINDS;
use crate::time_range::parse_duration_ms;
use crate::variable::adhoc::Filter;
use crate::variable::pattern::Pattern;
use crate::variable::{AUTO, Kind, Variable, is_built_in, names, order, references};

fn text(map: &OutMap, key: &str) -> Option<String> {
    match map.get(key) {
        Some(Out::Text(text) | Out::Plain(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Takes variables out that the reader would refuse, and references to variables that are not there.
pub(super) fn conform(out: &mut OutMap, node: &Node<'_>) {
    let mut variables: Vec<OutMap> = Vec::new();
    if let Some(Out::List(list)) = out.get("variables") {
        for one in list.iter().filter_map(Out::as_map) {
            let mut one = one.clone();
            match mended(&mut one, &variables, node) {
                Ok(()) => variables.push(one),
                Err(says) => node.note_at(
                    one.origin.clone(),
                    "unsupported-variable",
                    &format!("{says}; the variable is left out"),
                ),
            }
        }
    }
    let mut told = None;
    while let Err(circle) = order::order(&variables.iter().map(asked).collect::<Vec<_>>()) {
        let Some(at) = variables.iter().position(|one| text(one, "name").as_ref() == circle.first()) else {
            break;
        };
        if cut(&mut variables[at], &circle) {
            if told.replace(at) == Some(at) {
                continue;
            }
            node.note_at(
                variables[at].origin.clone(),
                "variable-circle",
                "the variable needs itself for its values; there it stands for all of them",
            );
            continue;
        }
        let one = variables.remove(at);
        node.note_at(
            one.origin,
            "unsupported-variable",
            "the variable needs itself for its values; it is left out",
        );
    }
    let choosers: Vec<String> = variables
        .iter()
        .filter(|one| one.get("datasource").is_some() && one.get("query").is_none())
        .filter_map(|one| text(one, "name"))
        .collect();
    for one in &mut variables {
        if one.get("query").is_some() {
            source(one, &choosers, node);
        }
    }
    for key in ["rows", "annotations"] {
        if let Some(value) = out.get_mut(key) {
            sources(value, &choosers, node);
        }
    }
    source(out, &choosers, node);
    let repeatable: Vec<String> = variables
        .iter()
        .filter(|one| ["textbox", "adhoc", "constant"].iter().all(|key| one.get(key).is_none()))
        .filter_map(|one| text(one, "name"))
        .collect();
    if variables.is_empty() {
        out.remove("variables");
    } else {
        out.set("variables", Out::List(variables.into_iter().map(Out::Map).collect()));
    }
    let Some((_, Out::List(rows))) = out.entries.iter_mut().find(|(key, _)| key == "rows") else { return };
    for row in rows {
        let Out::Map(row) = row else { continue };
        repeat(row, &repeatable, node);
        let Some((_, Out::List(panels))) = row.entries.iter_mut().find(|(key, _)| key == "panels") else {
            continue;
        };
        for panel in panels {
            if let Out::Map(panel) = panel {
                repeat(panel, &repeatable, node);
            }
        }
    }
}

/// Lets references to `names` in the query of a variable match everything; whether there were any.
fn cut(one: &mut OutMap, names: &[String]) -> bool {
    let Some(query) = text(one, "query") else { return false };
    let mut out = String::with_capacity(query.len());
    let mut from = 0;
    for (at, reference) in references(&query) {
        if names.iter().any(|name| name == reference.name) {
            out.push_str(&query[from..at]);
            out.push_str(".*");
            from = at + reference.whole.len();
        }
    }
    out.push_str(&query[from..]);
    one.set("query", Out::text(out));
    from > 0
}

/// Takes data sources out of all maps in `value` that a variable should choose which is not there.
fn sources(value: &mut Out, choosers: &[String], node: &Node<'_>) {
    match value {
        Out::List(items) => {
            for item in items {
                sources(item, choosers, node);
            }
        }
        Out::Map(map) => {
            source(map, choosers, node);
            for (_, value) in &mut map.entries {
                sources(value, choosers, node);
            }
        }
        Out::Text(_) | Out::Plain(_) => {}
    }
}

fn source(map: &mut OutMap, choosers: &[String], node: &Node<'_>) {
    let Some(name) = text(map, "datasource") else { return };
    if let Some(variable) = names(&name).find(|name| !choosers.iter().any(|chooser| chooser == name)) {
        map.remove("datasource");
        let says = format!("no variable `{variable}` chooses a data source; the one in use is asked");
        node.note_at(map.origin.clone(), "data-source", &says);
    }
}

/// Grafana shows a panel once whose variable is not there.
fn repeat(map: &mut OutMap, repeatable: &[String], node: &Node<'_>) {
    let Some(name) = text(map, "repeat") else {
        // Its name was none, which is said already: then how it is repeated says nothing either.
        map.remove("repeat_direction");
        map.remove("max_per_row");
        return;
    };
    if repeatable.contains(&name) {
        return;
    }
    for key in ["repeat", "repeat_direction", "max_per_row"] {
        map.remove(key);
    }
    node.note_at(
        map.origin.clone(),
        "repeat",
        &format!("there is no variable `{name}` to repeat by; it is shown once"),
    );
}

/// Takes out of a variable what the reader would refuse; an error where nothing would be left.
fn mended(one: &mut OutMap, before: &[OutMap], node: &Node<'_>) -> Result<(), String> {
    let name = text(one, "name").ok_or("its name is none that queries could use")?;
    if before.iter().any(|other| text(other, "name").as_ref() == Some(&name)) {
        return Err(format!("there is another variable `{name}`"));
    }
    if name.starts_with("__") && is_built_in(&name) {
        return Err(format!("`{name}` is filled in by itself"));
    }
    if let Some(pattern) = text(one, "regex")
        && names(&pattern).next().is_none()
        && let Err(error) = Pattern::parse(&pattern)
    {
        node.note_at(
            one.origin.clone(),
            "variable-regex",
            &format!("the pattern of `{name}` is left out: {error}"),
        );
        one.remove("regex");
    }
    if let Some((_, Out::List(values))) = one.entries.iter_mut().find(|(key, _)| key == "interval") {
        let readable = |value: &Out| {
            matches!(value, Out::Text(text) | Out::Plain(text)
                if text == AUTO || text.contains('$') || parse_duration_ms(text).is_ok())
        };
        left_out(values, readable, "is no interval such as 5m", &one.origin, node);
    }
    if let Some((_, Out::List(filters))) = one.entries.iter_mut().find(|(key, _)| key == "adhoc") {
        let readable = |filter: &Out| matches!(filter, Out::Text(text) if Filter::parse(text).is_ok());
        left_out(filters, readable, "is no filter that PromQL has", &one.origin, node);
        if filters.is_empty() {
            one.set("adhoc", Out::plain(true));
        }
    }
    if one.get("multi").is_none()
        && let Some(Out::List(values)) = one.get("default")
        && let Some(first) = values.first().cloned()
    {
        one.set("default", first);
    }
    let has_values = |key: &&&str| {
        one.get(key).is_some_and(|value| !matches!(value, Out::List(items) if items.is_empty()))
    };
    // Beside a query it says whom that goes to.
    let is_kind = |key: &&&str| **key != "datasource" || one.get("query").is_none();
    if VARIABLE_KINDS.iter().filter(is_kind).filter(has_values).count() == 1 {
        Ok(())
    } else {
        Err("it has no values".to_owned())
    }
}

/// Takes out of `values` what is not `readable`, with a note.
fn left_out(
    values: &mut Vec<Out>,
    readable: impl Fn(&Out) -> bool,
    says: &str,
    origin: &str,
    node: &Node<'_>,
) {
    values.retain(|value| {
        let is_readable = readable(value);
        if !is_readable && let Out::Text(text) | Out::Plain(text) = value {
            let says = format!("`{}` {says}; it is left out", crate::text::fit(text, 60));
            node.note_at(origin.to_owned(), "variable-values", &says);
        }
        is_readable
    });
}

/// The variable as far as others depend on it.
fn asked(one: &OutMap) -> Variable {
    let kind = Kind::Query(text(one, "query").unwrap_or_default());
    let mut variable = Variable::new(&text(one, "name").unwrap_or_default(), kind);
    variable.regex = text(one, "regex");
    variable.datasource = text(one, "datasource");
    variable
}
