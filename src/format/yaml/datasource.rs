//! The names of data sources in a file, held against those that are configured.

use super::keys;
use super::tree::{Node, Position};
use super::value::{self, Fields};
use crate::variable::{Variable, names};

/// Configured names that a message tells.
const NAMED: usize = 20;

/// What looks wrong with the data sources that a dashboard names: variables that it does not have and, where `known` says
/// which data sources there are, other names than theirs.
pub(super) fn lints(
    dashboard: &Fields<'_>,
    variables: &[Variable],
    known: Option<&[String]>,
) -> Vec<(Position, String)> {
    let mut lints = Vec::new();
    for (at, name) in places(dashboard) {
        let missing = names(name).find(|name| variables.iter().all(|variable| variable.name != *name));
        if let Some(missing) = missing {
            lints.push((at, format!("`datasource`: the dashboard has no variable `{missing}`")));
        } else if names(name).next().is_none()
            && let Some(known) = known
            && name != "default"
            && known.iter().all(|known| known != name)
        {
            let says = match known.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ") {
                list if list.is_empty() => "the configuration names none".to_owned(),
                list if known.len() > NAMED => format!("there are {list} and {} more", known.len() - NAMED),
                list => format!("there are: {list}"),
            };
            lints
                .push((at, format!("no data source is called {name:?}, so the one in use is asked; {says}")));
        }
    }
    lints
}

/// Every name, with its place.
fn places<'n>(dashboard: &Fields<'n>) -> Vec<(Position, &'n str)> {
    let of = |fields: &Fields<'n>| {
        let node = fields.get("datasource")?;
        Some((node.at, value::text(node)?))
    };
    let items = |fields: &Fields<'n>, name| -> &'n [Node] { fields.items(name) };
    let mut places: Vec<_> = of(dashboard).into_iter().collect();
    for node in items(dashboard, "variables") {
        let fields = Fields::new(node, &keys::VARIABLE);
        // Without a query it is the type of those that are offered.
        places.extend(of(&fields).filter(|_| fields.get("query").is_some()));
    }
    for node in items(dashboard, "annotations") {
        places.extend(of(&Fields::new(node, &keys::ANNOTATION)));
    }
    for row in items(dashboard, "rows") {
        for panel in items(&Fields::new(row, &keys::ROW), "panels") {
            let panel = Fields::new(panel, &keys::PANEL);
            places.extend(of(&panel));
            for query in items(&panel, "queries") {
                places.extend(of(&Fields::new(query, &keys::QUERY)));
            }
        }
    }
    places
}
