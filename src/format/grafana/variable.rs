//! Variables, of the classic schema and of v2, to `variables`.

use super::json::Json;
use super::node::Node;
use super::out::{Out, OutMap};
use super::source::{DataSource, is_prometheus};

/// A variable as any of Grafana's schemas has it: the map with `name`, and its kind in the classic words.
pub(super) struct VariableSource<'j> {
    pub(super) spec: Node<'j>,
    pub(super) kind: &'j str,
    /// What it says of its data source.
    pub(super) source: DataSource,
}

/// A variable in the format's keys; nothing where it has no equivalent, which is noted.
pub(super) fn variable(source: &VariableSource<'_>) -> Option<OutMap> {
    let spec = &source.spec;
    if spec.get("name").filled().is_none() {
        spec.note("unsupported-variable", "a variable without a name is left out");
        return None;
    }
    let mut out = head(spec)?;
    let is_chosen = values(source, &mut out)?;
    hidden(spec, &mut out);
    if is_chosen {
        chosen(spec, &mut out);
    }
    Some(out)
}

/// What a variable was saved with that has no equivalent, so that queries that name it can be asked: it offers that and
/// nothing else.
pub(super) fn saved(source: &VariableSource<'_>) -> Option<OutMap> {
    if source.kind == "datasource" {
        return None;
    }
    let spec = &source.spec;
    let mut out = head(spec)?;
    let values = saved_values(spec);
    if values.is_empty() {
        return None;
    }
    out.set("values", Out::List(values));
    hidden(spec, &mut out);
    chosen(spec, &mut out);
    Some(out)
}

fn saved_values(spec: &Node<'_>) -> Vec<Out> {
    let options = spec.get("options").items_or_none();
    let current = spec.dig(&["current", "value"]);
    let current = if current.is_list() { current.items_or_none() } else { vec![current] };
    let mut values: Vec<Out> = Vec::new();
    for value in options.iter().map(|option| option.get("value")).chain(current) {
        let Some(word) = value.word().filter(|word| !word.is_empty() && !word.starts_with("$__")) else {
            continue;
        };
        let value = Out::plain_or_text(&word);
        if values.len() < SAVED_LIMIT && !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// What becomes of a variable that has no equivalent.
fn fate(spec: &Node<'_>) -> &'static str {
    if saved_values(spec).is_empty() { "it is left out" } else { "it offers what it was saved with" }
}

/// Saved values that are taken over for want of others.
const SAVED_LIMIT: usize = 100;

/// Name, label and description.
fn head(spec: &Node<'_>) -> Option<OutMap> {
    let name = spec.get("name").filled()?;
    let mut out = OutMap { origin: spec.path(), ..OutMap::default() };
    out.set_text("name", name);
    if let Some(label) =
        spec.get("label").value_text().filter(|label| !label.trim().is_empty() && *label != name)
    {
        out.set_text("label", label);
    }
    if let Some(text) = spec.get("description").value_text().filter(|text| !text.trim().is_empty()) {
        out.set_text("description", text);
    }
    Some(out)
}

fn hidden(spec: &Node<'_>, out: &mut OutMap) {
    let is_hidden = match spec.get("hide").value {
        Json::Number(number) => number.total_cmp(&2.0).is_eq(),
        Json::Text(text) => matches!(text.as_str(), "hideVariable" | "2"),
        _ => false,
    };
    if is_hidden {
        out.set_plain("hide", true);
    }
}

/// How one chooses among its values, and what is chosen at first.
fn chosen(spec: &Node<'_>, out: &mut OutMap) {
    if spec.get("multi").flag() {
        out.set_plain("multi", true);
    }
    let all_value = spec.get("allValue").value_text().filter(|value| !value.is_empty());
    if spec.get("includeAll").flag() {
        match all_value {
            Some(value) => out.set_text("all", value),
            None => out.set_plain("all", true),
        }
    }
    default(spec, out);
}

/// What the variable offers; whether one of several values is chosen.
fn values(source: &VariableSource<'_>, out: &mut OutMap) -> Option<bool> {
    let spec = &source.spec;
    match source.kind {
        "query" => {
            if let DataSource::Foreign(kind) | DataSource::ForeignName(kind) = &source.source {
                spec.note(
                    "unsupported-variable",
                    format!("the variable asks `{kind}`, which is no Prometheus; {}", fate(spec)),
                );
                return None;
            }
            let Some(query) = query(spec) else {
                spec.note("unsupported-variable", format!("the variable has no query; {}", fate(spec)));
                return None;
            };
            out.set_text("query", query.trim());
            out.source = source.source.name().map(str::to_owned);
            regex(spec, out);
            if let Some(sort) = sort(&spec.get("sort")) {
                out.set_text("sort", sort);
            }
            match spec.get("refresh").word().as_deref() {
                Some("2" | "onTimeRangeChanged") => out.set_text("refresh", "time"),
                Some("0" | "never" | "false") => out.set_text("refresh", "never"),
                _ => {}
            }
            Some(true)
        }
        "custom" => {
            out.set("values", Out::List(custom(spec)));
            Some(true)
        }
        "switch" => {
            let values = switch(spec);
            out.set("values", Out::List(values.iter().map(|value| Out::plain_or_text(value)).collect()));
            Some(true)
        }
        "interval" => {
            interval(spec, out);
            Some(true)
        }
        "constant" => {
            let value = spec.get("query").word().or_else(|| spec.dig(&["current", "value"]).word())?;
            out.set("constant", Out::plain_or_text(&value));
            Some(false)
        }
        "textbox" => {
            let value = spec.get("query").word().filter(|value| !value.is_empty());
            let value = value.or_else(|| spec.dig(&["current", "value"]).word());
            out.set("textbox", Out::plain_or_text(&value.unwrap_or_default()));
            Some(false)
        }
        "datasource" => {
            let plugin = spec
                .get("pluginId")
                .value_text()
                .or_else(|| spec.get("query").value_text())
                .unwrap_or("prometheus");
            if !is_prometheus(plugin) {
                spec.note(
                    "unsupported-variable",
                    format!("the variable chooses a data source of type `{plugin}`; it is left out"),
                );
                return None;
            }
            out.set_text("datasource", "prometheus");
            regex(spec, out);
            Some(true)
        }
        "adhoc" => {
            let filters = ad_hoc(spec);
            out.set("adhoc", if filters.is_empty() { Out::plain(true) } else { Out::List(filters) });
            Some(false)
        }
        other => {
            let shown = if other.is_empty() { "without a type" } else { other };
            spec.note(
                "unsupported-variable",
                format!("variables of type `{shown}` have no equivalent; {}", fate(spec)),
            );
            None
        }
    }
}

/// The steps of an interval, and how the one that goes by the window is bounded.
fn interval(spec: &Node<'_>, out: &mut OutMap) {
    let mut values: Vec<Out> = Vec::new();
    if spec.get("auto").value_flag() {
        values.push(Out::text("auto"));
        for key in ["auto_count", "auto_min"] {
            let usual = if key == "auto_count" { "30" } else { "10s" };
            let word = spec.get(key).word().filter(|word| word != usual && !word.is_empty());
            if let Some(word) = word {
                out.set(key, Out::plain_or_text(&word));
            }
        }
    }
    let text = spec.get("query").value_text().unwrap_or_default();
    let texts = text.split(',').map(|value| value.trim().trim_matches(['"', '\'']));
    values.extend(texts.filter(|value| !value.is_empty() && *value != "auto").map(Out::plain_or_text));
    let limits: Vec<(String, Out)> = ["auto_count", "auto_min"]
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), out.remove(key)?)))
        .collect();
    out.set("interval", Out::List(values));
    out.entries.extend(limits);
}

/// The filters that are there at first.
fn ad_hoc(spec: &Node<'_>) -> Vec<Out> {
    let filters = spec.get("filters").items_or_none();
    let filters = if filters.is_empty() { spec.get("baseFilters").items_or_none() } else { filters };
    let filter = |filter: &Node<'_>| {
        let (key, value) = (filter.get("key").filled()?, filter.get("value").value_text()?);
        let operator = filter.get("operator").value_text().unwrap_or("=");
        let one_of = || {
            let values = filter.get("values").items_or_none();
            let values: Vec<&str> = values.iter().filter_map(Node::value_text).collect();
            let values = if values.is_empty() { vec![value] } else { values };
            values.into_iter().map(regex::escape).collect::<Vec<_>>().join("|")
        };
        match operator {
            "=" | "!=" | "=~" | "!~" => Some(Out::text(format!("{key}{operator}{value:?}"))),
            "=|" => Some(Out::text(format!("{key}=~{:?}", one_of()))),
            "!=|" => Some(Out::text(format!("{key}!~{:?}", one_of()))),
            _ => {
                filter.note(
                    "variable-values",
                    format!("PromQL has no filter `{operator}`; the one of `{key}` is left out"),
                );
                None
            }
        }
    };
    filters.iter().filter_map(filter).collect()
}

/// The query, however it is written.
fn query<'j>(spec: &Node<'j>) -> Option<String> {
    let query = spec.get("query");
    let text = |node: &Node<'j>| node.value_text().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    if let Some(text) = text(&query) {
        return Some(text);
    }
    // v2 has the query of the data source in a map of its own.
    let inner = if query.get("spec").is_map() { query.get("spec") } else { query };
    let written = text(&inner.get("query"))
        .or_else(|| text(&inner.get("expr")))
        .or_else(|| text(&inner.get("__legacyStringValue")));
    let asked = |key| text(&inner.get(key));
    written
        .or_else(|| match inner.get("qryType").number() {
            Some(0.0) => {
                Some(asked("match").map_or_else(
                    || "label_names()".to_owned(),
                    |selector| format!("label_names({selector})"),
                ))
            }
            Some(1.0) => Some(match (asked("metric"), asked("label")?) {
                (Some(metric), label) => format!("label_values({metric}, {label})"),
                (None, label) => format!("label_values({label})"),
            }),
            Some(2.0) => Some(format!("metrics({})", asked("metric").unwrap_or_else(|| ".*".to_owned()))),
            Some(3.0) => asked("varQuery").map(|query| format!("query_result({query})")),
            Some(4.0) => asked("seriesQuery"),
            _ => None,
        })
        .or_else(|| text(&spec.get("definition")))
}

fn regex(spec: &Node<'_>, out: &mut OutMap) {
    // A pattern that takes everything says nothing.
    let says = |pattern: &&str| !matches!(pattern.trim(), "" | ".*" | "/.*/" | "(.*)" | "/(.*)/");
    if let Some(pattern) = spec.get("regex").value_text().filter(says) {
        out.set_text("regex", pattern);
    }
}

/// Grafana's numbers and v2's words for the order of options.
fn sort(node: &Node<'_>) -> Option<&'static str> {
    match node.word()?.as_ref() {
        "1" | "alphabeticalAsc" => Some("alphabetical"),
        "2" | "alphabeticalDesc" => Some("-alphabetical"),
        "3" | "numericalAsc" => Some("numerical"),
        "4" | "numericalDesc" => Some("-numerical"),
        "5" | "alphabeticalCaseInsensitiveAsc" => Some("alphabetical-ignore-case"),
        "6" | "alphabeticalCaseInsensitiveDesc" => Some("-alphabetical-ignore-case"),
        "7" | "naturalAsc" => Some("natural"),
        "8" | "naturalDesc" => Some("-natural"),
        _ => None,
    }
}

/// The texts and values that the query of a custom variable lists: `a, text : b`, commas within one escaped by a
/// backslash. Grafana's rule: the last colon between two white spaces parts them, whatever stands before it.
pub(super) fn listed(query: &str) -> Vec<(String, String)> {
    let mut parts = vec![String::new()];
    let mut characters = query.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, parts.last_mut()) {
            ('\\', Some(part)) if characters.peek() == Some(&',') => {
                part.extend(characters.next());
            }
            (',', _) => parts.push(String::new()),
            (_, Some(part)) => part.push(character),
            (_, None) => {}
        }
    }
    let choice = |part: &String| {
        let parted = part.rmatch_indices(':').find_map(|(at, _)| {
            let (text, value) = (&part[..at], &part[at + 1..]);
            let is_parted = text.ends_with(char::is_whitespace) && value.starts_with(char::is_whitespace);
            let (text, value) = (text.trim(), value.trim());
            (is_parted && !text.is_empty() && !value.is_empty()).then(|| (text.to_owned(), value.to_owned()))
        });
        parted.unwrap_or_else(|| (part.trim().to_owned(), part.trim().to_owned()))
    };
    parts.iter().filter(|part| !part.trim().is_empty()).map(choice).collect()
}

/// The texts and values of a custom variable, which may be JSON: values, or maps of a value, its text and more.
pub(super) fn offered(spec: &Node<'_>) -> Vec<(String, String)> {
    let query = spec.get("query").value_text().unwrap_or_default();
    if spec.get("valuesFormat").value_text() != Some("json") {
        return listed(query);
    }
    let Ok(Json::List(items)) = super::json::read(query).map(|read| read.root) else {
        return Vec::new();
    };
    let word = |value: &Json| match value {
        Json::Text(text) => Some(text.clone()),
        Json::Number(number) => Some(super::node::written(*number)),
        Json::Flag(flag) => Some(flag.to_string()),
        _ => None,
    };
    let choice = |item: &Json| {
        let Json::Map(entries) = item else { return word(item).map(|value| (value.clone(), value)) };
        let named =
            |key: &str| entries.iter().find(|(name, _)| name == key).and_then(|(_, value)| word(value));
        let (text, value) = (named("text"), named("value"));
        let value = value.or_else(|| text.clone())?;
        Some((text.unwrap_or_else(|| value.clone()), value))
    };
    items.iter().filter_map(choice).collect()
}

/// What a switch stands for when it is on, and when it is off.
pub(super) fn switch(spec: &Node<'_>) -> [String; 2] {
    let options = spec.get("options").items_or_none();
    let value = |key, index: usize, usual: &str| {
        let saved = options.get(index).map(|option| option.get("value"));
        let own = spec.get(key).word().or_else(|| saved.as_ref().and_then(Node::word));
        own.map_or_else(|| usual.to_owned(), std::borrow::Cow::into_owned)
    };
    [value("enabledValue", 0, "true"), value("disabledValue", 1, "false")]
}

fn custom(spec: &Node<'_>) -> Vec<Out> {
    let mut values = Vec::new();
    for (text, value) in offered(spec) {
        if text == value {
            values.push(Out::plain_or_text(&value));
        } else {
            let mut choice = OutMap::default();
            choice.set("text", Out::plain_or_text(&text));
            choice.set("value", Out::plain_or_text(&value));
            values.push(Out::Map(choice));
        }
    }
    if values.is_empty() && spec.get("valuesFormat").value_text() == Some("json") {
        spec.get("query").note("variable-values", "the query lists no values in JSON");
    }
    if values.is_empty() {
        let saved = spec.get("options").items_or_none();
        let saved = saved.iter().filter_map(|option| option.get("value").word());
        values.extend(saved.filter(|value| value != "$__all").map(|value| Out::plain_or_text(&value)));
    }
    if values.is_empty() {
        // Without any the variable has one empty value.
        values.push(Out::text(""));
    }
    values
}

/// What the dashboard was saved with.
fn default(spec: &Node<'_>, out: &mut OutMap) {
    let chooses_source = out.get("datasource").is_some() && out.get("query").is_none();
    // The value of a data source is a uid of somebody's Grafana; the configuration has names.
    let current = spec.get("current");
    // A switch of v2 has its value there, and nothing else.
    let is_word = matches!(current.value, Json::Text(_));
    let value = if is_word { current } else { current.get(if chooses_source { "text" } else { "value" }) };
    let word = |node: &Node<'_>| match node.value {
        Json::Text(text) => Some(text.clone()),
        Json::Number(number) => Some(super::node::written(*number)),
        _ => None,
    };
    let chosen: Vec<String> = match value.value {
        Json::List(_) => value.items().iter().filter_map(word).collect(),
        _ => word(&value).into_iter().collect(),
    };
    let chosen: Vec<String> = chosen
        .into_iter()
        .filter(|text| !text.trim().is_empty())
        .filter(|text| !chooses_source || (text != "default" && !text.contains('$')))
        .map(|text| match text.as_str() {
            "$__all" => "All".to_owned(),
            text if text.starts_with("$__auto") => "auto".to_owned(),
            _ => text,
        })
        .collect();
    match chosen.as_slice() {
        [] => {}
        [one] => {
            // The first is chosen anyway.
            let first =
                ["values", "interval"].iter().find_map(|key| out.get(key)).and_then(|list| match list {
                    Out::List(items) => items.first().cloned(),
                    _ => None,
                });
            let first = match first {
                Some(Out::Text(text) | Out::Plain(text)) => Some(text),
                Some(Out::Map(choice)) => match choice.get("value") {
                    Some(Out::Text(text) | Out::Plain(text)) => Some(text.clone()),
                    _ => None,
                },
                _ => None,
            };
            let has_all = out.get("all").is_some();
            if has_all || first.as_deref() != Some(one) {
                out.set("default", Out::plain_or_text(one));
            }
        }
        several => {
            out.set("default", Out::List(several.iter().map(|value| Out::plain_or_text(value)).collect()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_values_are_split_by_grafanas_rule() {
        let listed = |query: &str| -> Vec<String> {
            listed(query).into_iter().map(|(text, value)| format!("{text}={value}")).collect()
        };
        assert_eq!(listed("a, b ,,c"), ["a=a", "b=b", "c=c"]);
        assert_eq!(listed("Production : prod, x:y, a : b : c"), ["Production=prod", "x:y=x:y", "a : b=c"]);
        assert_eq!(listed("a\\,b, text\\,s : 1\\,2"), ["a,b=a,b", "text,s=1,2"]);
        assert_eq!(listed("a :b, : c, a : , d\t:\ne"), ["a :b=a :b", ": c=: c", "a :=a :", "d=e"]);
        assert_eq!(listed("a\\b\0, \\"), ["a\\b\0=a\\b\0", "\\=\\"]);
        assert!(listed(" , ").is_empty());
    }
}
