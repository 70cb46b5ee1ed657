//! Which data source a panel or query asks: Grafana names it by type, uid, name, input or variable.

use std::collections::HashMap;

use super::json::Json;
use super::node::Node;

/// A data source, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DataSource {
    /// Nothing is said.
    Unsaid,
    /// A Prometheus, or what speaks its language: `$` and the variable that chooses it, or its uid or name, if it has one.
    Prometheus(Option<String>),
    /// Some server that nothing is known of but its uid or name, if it has one that is no variable.
    Unknown(Option<String>),
    /// Each query says its own.
    Mixed,
    /// The answers of another panel.
    OtherPanel,
    /// Calculated in Grafana from other queries.
    Expression,
    /// Another kind, with its name.
    Foreign(String),
    /// Another kind to judge by the name that people gave it; a query of PromQL says more.
    ForeignName(String),
}

/// What the dashboard says of data sources: its inputs and its variables, each with the plugin that it stands for.
#[derive(Debug, Default)]
pub(super) struct DataSources {
    inputs: HashMap<String, String>,
    variables: HashMap<String, String>,
}

/// Plugins that take PromQL.
const PROMETHEUS_WORDS: &[&str] = &["prometheus", "victoriametrics", "mimir", "cortex", "thanos"];
/// Other plugins, as people name their data sources.
const FOREIGN_WORDS: &[&str] = &[
    "loki",
    "victorialogs",
    "victoriametrics-logs",
    "influx",
    "elastic",
    "opensearch",
    "tempo",
    "jaeger",
    "zipkin",
    "graphite",
    "cloudwatch",
    "mysql",
    "postgres",
    "mssql",
    "clickhouse",
    "testdata",
    "stackdriver",
    "azure-monitor",
    "azuremonitor",
    "zabbix",
    "alertmanager",
    "opentsdb",
    "pyroscope",
    "infinity",
    "bigquery",
    "datadog",
    "sqlite",
    "json",
    "parca",
];

impl DataSources {
    pub(super) fn input(&mut self, name: &str, plugin: &str) {
        self.inputs.entry(name.to_owned()).or_insert_with(|| plugin.to_owned());
    }

    pub(super) fn variable(&mut self, name: &str, plugin: &str) {
        self.variables.entry(name.to_owned()).or_insert_with(|| plugin.to_owned());
    }

    /// What `datasource` stands for: a name, `{type, uid}`, or `{name}` beside the plugin in `group`.
    pub(super) fn read(&self, node: &Node<'_>, group: Option<&str>) -> DataSource {
        let (plugin, name) = match node.value {
            Json::Null => (None, None),
            Json::Text(name) => (None, Some(name.as_str())),
            Json::Map(_) => {
                (node.get("type").text(), node.get("uid").text().or_else(|| node.get("name").text()))
            }
            _ => {
                node.note("wrong-type", "a data source is a name or a map; it is left out");
                (None, None)
            }
        };
        self.of(plugin.or(group).filter(|plugin| !plugin.is_empty()), name.filter(|name| !name.is_empty()))
    }

    fn of(&self, plugin: Option<&str>, name: Option<&str>) -> DataSource {
        match name {
            Some("-- Mixed --") => return DataSource::Mixed,
            Some("-- Dashboard --") => return DataSource::OtherPanel,
            Some("__expr__") => return DataSource::Expression,
            Some("-- Grafana --" | "grafana") => return DataSource::Foreign("grafana".to_owned()),
            _ => {}
        }
        match plugin {
            Some("__expr__") => return DataSource::Expression,
            Some("mixed") => return DataSource::Mixed,
            Some("dashboard") => return DataSource::OtherPanel,
            Some("datasource") if name.is_none() => return DataSource::Foreign("grafana".to_owned()),
            _ => {}
        }
        // Grafana's own, which are named above; other names are none of its plugins.
        let plugin = plugin.filter(|plugin| *plugin != "datasource");
        let variable = name.and_then(variable);
        let chosen_by = variable.and_then(|name| self.variables.get_key_value(name));
        let input = variable.and_then(|name| self.inputs.get_key_value(name));
        let known = plugin.or(chosen_by.or(input).map(|(_, plugin)| plugin.as_str()));
        if let Some(plugin) = known {
            return if is_prometheus(plugin) {
                let chosen = chosen_by.map(|(name, _)| format!("${name}"));
                DataSource::Prometheus(chosen.or_else(|| name.and_then(own_name)))
            } else {
                DataSource::Foreign(plugin.to_owned())
            };
        }
        match name {
            None => DataSource::Unsaid,
            Some("default" | "${datasource}" | "$datasource") => DataSource::Unknown(None),
            Some(name) if is_logs(name) => DataSource::Foreign(name.to_owned()),
            Some(name) if is_foreign(name) => DataSource::ForeignName(name.to_owned()),
            Some(name) => DataSource::Unknown(own_name(name)),
        }
    }
}

impl DataSource {
    /// What a dashboard calls it, if it is a Prometheus that it names.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Prometheus(name) | Self::Unknown(name) => name.as_deref(),
            _ => None,
        }
    }
}

/// A uid or name that stands for one data source, whatever variables there are.
fn own_name(name: &str) -> Option<String> {
    let is_own = !name.trim().is_empty() && name != "default" && !name.contains('$') && !name.contains("[[");
    is_own.then(|| name.trim().to_owned())
}

/// Whether a plugin takes PromQL.
pub(super) fn is_prometheus(plugin: &str) -> bool {
    let plugin = plugin.to_ascii_lowercase();
    PROMETHEUS_WORDS.iter().any(|word| plugin.contains(word))
        && !plugin.contains("logs")
        && !plugin.contains("alertmanager")
}

/// Whether a plugin or name is known for another language.
pub(super) fn is_foreign(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    FOREIGN_WORDS.iter().any(|word| name.contains(word)) && !is_prometheus(&name)
}

/// Whether a name is that of a store of logs, whose queries look like PromQL at first sight.
fn is_logs(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["loki", "victorialogs", "victoriametrics-logs"].iter().any(|word| name.contains(word))
}

/// Whether a query reads logs, or is calculated from them: what PromQL has no signs for.
pub(super) fn is_logql(expr: &str) -> bool {
    // Outside of texts PromQL has no such sign.
    expr.contains('|') && bare(expr).contains('|')
}

/// What of an expression stands outside of texts and comments.
pub(super) fn bare(expr: &str) -> String {
    let mut bare = String::with_capacity(expr.len());
    let mut quote: Option<char> = None;
    let mut chars = expr.chars();
    while let Some(character) = chars.next() {
        match quote {
            Some('"' | '\'') if character == '\\' => {
                chars.next();
            }
            Some(open) if open == character => quote = None,
            Some(_) => {}
            None if matches!(character, '"' | '\'' | '`') => quote = Some(character),
            None if character == '#' => {
                chars.find(|character| *character == '\n');
            }
            None => bare.push(character),
        }
    }
    bare
}

/// The name in `$name`, `${name}` or `[[name]]`.
fn variable(text: &str) -> Option<&str> {
    let text = text.trim();
    let inner = text
        .strip_prefix("${")
        .and_then(|text| text.strip_suffix('}'))
        .or_else(|| text.strip_prefix("[[").and_then(|text| text.strip_suffix("]]")))
        .or_else(|| text.strip_prefix('$'))?;
    Some(inner.split(':').next().unwrap_or(inner))
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::super::node::Notes;
    use super::*;

    #[test]
    fn data_sources_are_told_apart() {
        let mut sources = DataSources::default();
        sources.input("DS_LOGS", "loki");
        sources.input("DS_P", "prometheus");
        sources.variable("ds", "prometheus");
        for (written, expected) in [
            ("null", DataSource::Unsaid),
            (r#""$ds""#, DataSource::Prometheus(Some("$ds".to_owned()))),
            (r#"{"uid": "${ds}"}"#, DataSource::Prometheus(Some("$ds".to_owned()))),
            (r#""${DS_P}""#, DataSource::Prometheus(None)),
            (r#"{"type": "prometheus", "uid": "x"}"#, DataSource::Prometheus(Some("x".to_owned()))),
            (
                r#"{"type": "grafana-amazonprometheus-datasource", "uid": "x"}"#,
                DataSource::Prometheus(Some("x".to_owned())),
            ),
            (r#""[[DS_LOGS]]""#, DataSource::Foreign("loki".to_owned())),
            (r#""My InfluxDB""#, DataSource::ForeignName("My InfluxDB".to_owned())),
            (r#""Loki eu""#, DataSource::Foreign("Loki eu".to_owned())),
            (r#"{"type": "datasource", "uid": "-- Mixed --"}"#, DataSource::Mixed),
            (r#"{"type": "datasource", "uid": "-- Dashboard --"}"#, DataSource::OtherPanel),
            (r#"{"type": "datasource", "uid": "grafana"}"#, DataSource::Foreign("grafana".to_owned())),
            (r#"{"type": "__expr__", "uid": "__expr__"}"#, DataSource::Expression),
            (r#"{"type": "datasource", "uid": "$ds"}"#, DataSource::Prometheus(Some("$ds".to_owned()))),
            (r#"{"type": "datasource"}"#, DataSource::Foreign("grafana".to_owned())),
            (r#""${other}""#, DataSource::Unknown(None)),
            (r#""production""#, DataSource::Unknown(Some("production".to_owned()))),
        ] {
            let read = json::read(written).expect("reads");
            let notes = Notes::default();
            assert_eq!(sources.read(&Node::root(&read.root, &notes), None), expected, "{written}");
        }
    }
}
