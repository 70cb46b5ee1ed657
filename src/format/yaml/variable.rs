//! Variables, and what refers to them.

use std::collections::HashMap;

use super::keys::{self, SORTS, VARIABLE_KINDS};
use super::tree::{Node, Position};
use super::validate::{Report, cannot_be, one_of};
use super::value::{self, Fields};
use crate::variable::adhoc::Filter;
use crate::variable::{
    AUTO, Auto, Choice, Kind, Refresh, Sort, Variable, is_built_in, names, order, pattern::Pattern,
};

/// Reads all variables, and reports what is wrong with them alone and together. Those that do not say whom they ask, ask
/// `datasource`.
pub(super) fn variables(nodes: &[Node], datasource: Option<&str>, report: &mut Report) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    let mut places: HashMap<String, Position> = HashMap::new();
    for node in nodes {
        let fields = Fields::new(node, &keys::VARIABLE);
        let Some(name_node) = fields.get("name") else { continue };
        let Some(name) = value::name(name_node) else { continue };
        if places.insert(name.to_owned(), name_node.at).is_some() {
            report.problem(
                name_node.at,
                format!("two variables are called `{name}`; name one of them otherwise"),
            );
            continue;
        }
        if name.starts_with("__") && is_built_in(name) {
            report.problem(name_node.at, format!("`{name}` is filled in by itself; choose another name"));
        }
        if let Some(kind) = kind(&fields, report) {
            variables.push(variable(&fields, name, kind, report));
        }
    }
    if let Err(circle) = order::order(&variables) {
        let at = circle.first().and_then(|name| places.get(name)).copied();
        let says = match circle.as_slice() {
            [one] => format!("the values of variable `{one}` depend on itself; remove ${one} from its query"),
            _ => format!("the variables {} need each other; take one out of the circle", one_by_one(&circle)),
        };
        if let Some(at) = at {
            report.problem(at, says);
        }
    } else if let Some(datasource) = datasource {
        variables = inherited(variables, datasource);
    }
    variables
}

/// With the dashboard's data source where a variable says none, unless it is that variable that chooses it.
fn inherited(variables: Vec<Variable>, datasource: &str) -> Vec<Variable> {
    let mut filled = variables.clone();
    for variable in &mut filled {
        if variable.datasource.is_none() && matches!(variable.kind, Kind::Query(_)) {
            variable.datasource = Some(datasource.to_owned());
        }
    }
    if order::order(&filled).is_ok() { filled } else { variables }
}

fn one_by_one(names: &[String]) -> String {
    let mut names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.extend(names.first().cloned());
    names.join(" → ")
}

fn variable(fields: &Fields<'_>, name: &str, kind: Kind, report: &mut Report) -> Variable {
    let mut variable = Variable::new(name, kind);
    variable.label = fields.text("label");
    variable.description = fields.text("description");
    variable.hide = fields.flag("hide").unwrap_or(false);
    variable.multi = fields.flag("multi").unwrap_or(false);
    if let Some(all) = fields.get("all") {
        let flag = value::flag(all);
        variable.include_all = flag.unwrap_or(true);
        variable.all_value = value::text(all).filter(|_| flag.is_none()).map(str::to_owned);
    }
    if let Some((at, regex)) = fields.get("regex").and_then(|node| Some((node.at, value::text(node)?))) {
        // One with variables in it is known only when they are.
        if names(regex).next().is_none()
            && let Err(error) = Pattern::parse(regex)
        {
            report.problem(at, format!("`regex` is no regular expression: {error}"));
        }
        variable.regex = Some(regex.to_owned());
    }
    if matches!(variable.kind, Kind::Query(_)) {
        variable.datasource = fields.text("datasource");
    }
    variable.sort = fields.get("sort").and_then(value::text).and_then(sort).unwrap_or_default();
    variable.refresh = match fields.get("refresh").and_then(value::text) {
        Some("time") => Refresh::Time,
        Some("never") => Refresh::Never,
        _ => Refresh::Load,
    };
    if let Some(node) = fields.get("default") {
        let items = value::items(node);
        let texts: Vec<&str> = if items.is_empty() {
            value::text(node).into_iter().collect()
        } else {
            items.iter().filter_map(value::text).collect()
        };
        if texts.len() > 1 && !variable.multi {
            report.problem(node.at, "`default` has several values; a variable without `multi: true` has one");
        }
        variable.default = texts.into_iter().map(str::to_owned).collect();
    }
    variable
}

/// The kind, by the one key that says where values come from.
fn kind(fields: &Fields<'_>, report: &mut Report) -> Option<Kind> {
    // Beside a query it says whom that goes to.
    let is_kind = |name: &&&str| **name != "datasource" || fields.entry("query").is_none();
    let mut given = VARIABLE_KINDS.iter().filter(is_kind).filter_map(|name| fields.entry(name));
    let Some(entry) = given.next() else {
        let ways = one_of(&VARIABLE_KINDS);
        report.problem(fields.at, format!("a variable needs {ways}"));
        return None;
    };
    if let Some(second) = given.next() {
        let (first, second) = if entry.key_at < second.key_at { (entry, second) } else { (second, entry) };
        let message = format!("a variable has either `{}` or `{}`; keep one of them", first.key, second.key);
        report.problem(second.key_at, message);
        return None;
    }
    let node = &entry.node;
    let text = || value::text(node).unwrap_or_default().to_owned();
    let texts = || value::items(node).iter().filter_map(value::text);
    Some(match entry.key.as_str() {
        "query" => Kind::Query(text()),
        "values" => Kind::Custom(value::items(node).iter().filter_map(choice).collect()),
        "interval" => {
            let count = fields.integer("auto_count").map(|count| count as u32);
            let min_ms = fields.duration_ms("auto_min");
            let default = Auto::default();
            let auto =
                Auto { count: count.unwrap_or(default.count), min_ms: min_ms.unwrap_or(default.min_ms) };
            for item in value::items(node) {
                let is_fine = value::text(item).is_none_or(|text| {
                    text == AUTO || text.contains('$') || value::duration_ms(item).is_some()
                });
                if !is_fine {
                    let found = value::text(item).unwrap_or_default();
                    let message = cannot_be(
                        "each of `interval`",
                        found,
                        [AUTO].into_iter(),
                        "a duration such as 5m, or auto",
                    );
                    report.problem(item.at, message);
                }
            }
            Kind::Interval {
                values: texts().filter(|text| *text != AUTO).map(str::to_owned).collect(),
                auto: texts().any(|text| text == AUTO).then_some(auto),
            }
        }
        "constant" => Kind::Constant(text()),
        "textbox" => Kind::Textbox(text()),
        "datasource" => Kind::Datasource(text()),
        _ => Kind::AdHoc(texts().filter_map(|text| Filter::parse(text).ok()).collect()),
    })
}

fn choice(node: &Node) -> Option<Choice> {
    if let Some(text) = value::text(node) {
        return Some(Choice::plain(text));
    }
    let fields = Fields::new(node, &keys::VALUE);
    let value = fields.text("value")?;
    Some(Choice { text: fields.text("text").unwrap_or_else(|| value.clone()), value })
}

fn sort(word: &str) -> Option<Sort> {
    const ORDERS: [Sort; 9] = [
        Sort::None,
        Sort::Alphabetical,
        Sort::AlphabeticalDescending,
        Sort::Numerical,
        Sort::NumericalDescending,
        Sort::IgnoringCase,
        Sort::IgnoringCaseDescending,
        Sort::Natural,
        Sort::NaturalDescending,
    ];
    SORTS.iter().position(|name| *name == word).and_then(|index| ORDERS.get(index)).copied()
}

/// Reports references by `repeat` to variables that are not there or cannot be repeated by.
pub(super) fn check_repeat(at: Position, name: &str, variables: &[Variable], report: &mut Report) {
    match variables.iter().find(|variable| variable.name == name) {
        None if variables.is_empty() => {
            report.problem(
                at,
                format!("`repeat`: there is no variable `{name}`; the dashboard has no `variables`"),
            );
        }
        None => {
            let known: Vec<&str> = variables.iter().map(|variable| variable.name.as_str()).collect();
            report.problem(at, cannot_be("`repeat`", name, known.iter().copied(), &one_of(&known)));
        }
        Some(Variable { kind: Kind::Textbox(_) | Kind::AdHoc(_) | Kind::Constant(_), .. }) => {
            report.problem(at, format!("`repeat`: variable `{name}` has no values to repeat by"));
        }
        Some(_) => {}
    }
}
