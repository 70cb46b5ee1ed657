//! Rule files: YAML to groups of rules whose expressions and templates are understood. The words of the errors are
//! Prometheus's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::template::Template;
use crate::config::{
    Config, ConfigError, Fault, Fields, Node, RULE, RULE_FILE, RULE_GROUP, Value, glob, read_file, read_yaml,
};
use crate::model::{METRIC_NAME, quote};
use crate::promql::{Engine, Query};

/// The most rules of all files.
pub const MAX_RULES: usize = 10_000;

/// A group as its file says.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) interval_ms: i64,
    /// How far back its expressions look, so that late samples are there.
    pub(super) query_offset_ms: i64,
    /// The most series or alerts of a rule; 0 for no limit.
    pub(super) limit: u64,
    pub(super) rules: Vec<Rule>,
    /// All that was said, to tell whether it changed.
    pub(super) definition: String,
}

/// A rule as its file says.
#[derive(Debug)]
pub(super) struct Rule {
    /// The series it records, or its alert.
    pub(super) name: String,
    pub(super) query: Query,
    /// Those of its group and its own.
    pub(super) labels: BTreeMap<String, String>,
    /// What an alert has besides; `None` records.
    pub(super) alerting: Option<Alerting>,
}

/// What only alerts have.
#[derive(Debug)]
pub(super) struct Alerting {
    pub(super) hold_ms: i64,
    pub(super) keep_firing_ms: i64,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) label_templates: Vec<(String, Template)>,
    pub(super) annotation_templates: Vec<(String, Template)>,
}

/// The groups of all rule files of a configuration, in the order of the files.
pub(super) fn load(config: &Config, engine: &Engine) -> Result<Vec<Group>, ConfigError> {
    let mut files: Vec<PathBuf> = Vec::new();
    for pattern in &config.rule_files {
        let path = config.base_dir.join(pattern);
        let found = glob(&path).map_err(|message| ConfigError { path: path.clone(), at: None, message })?;
        for file in found {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    let mut groups = Vec::new();
    for file in files {
        let text = read_file(&file)?;
        let default_interval_ms = config.global.evaluation_interval_ms;
        let found =
            parse(&text, &file, default_interval_ms, engine).map_err(|f| ConfigError::new(&file, f))?;
        groups.extend(found);
        let rules: usize = groups.iter().map(|group: &Group| group.rules.len()).sum();
        if rules > MAX_RULES {
            let message = format!("more than {MAX_RULES} rules in all files together");
            return Err(ConfigError { path: file, at: None, message });
        }
    }
    Ok(groups)
}

/// The groups of one file.
pub(super) fn parse(
    text: &str,
    file: &Path,
    default_interval_ms: i64,
    engine: &Engine,
) -> Result<Vec<Group>, Fault> {
    let root = read_yaml(text)?;
    let fields = Fields::open(&root, &RULE_FILE)?;
    let mut groups: Vec<Group> = Vec::new();
    for node in fields.items("groups")? {
        let fields = Fields::open(node, &RULE_GROUP)?;
        let name = fields.text("name")?.unwrap_or_default();
        if name.is_empty() {
            return Err(Fault::new(node.at, "Groupname must not be empty"));
        }
        if groups.iter().any(|group| group.name == name) {
            let message = format!("groupname: {} is repeated in the same file", quote(name));
            return Err(Fault::new(fields.get("name").map_or(node.at, |name| name.at), message));
        }
        let mut group = Group {
            name: name.to_owned(),
            file: file.display().to_string(),
            interval_ms: fields.duration_ms("interval")?.filter(|ms| *ms > 0).unwrap_or(default_interval_ms),
            query_offset_ms: fields.duration_ms("query_offset")?.unwrap_or(0),
            limit: fields.whole("limit")?.unwrap_or(0),
            rules: Vec::new(),
            definition: String::new(),
        };
        let labels = fields.text_map("labels", |name, _| label_name(name))?;
        let labels_at = fields.get("labels").map_or(node.at, |node| node.at);
        for (index, node) in fields.items("rules")?.iter().enumerate() {
            let reader =
                RuleReader { group: name, number: index + 1, group_labels: &labels, labels_at, engine };
            group.rules.push(reader.read(node)?);
        }
        group.definition = definition(&group);
        groups.push(group);
    }
    Ok(groups)
}

/// Everything about a group that makes it what it is.
fn definition(group: &Group) -> String {
    let rules: Vec<_> = group
        .rules
        .iter()
        .map(|rule| {
            let alerting = rule.alerting.as_ref().map(|a| (a.hold_ms, a.keep_firing_ms, &a.annotations));
            (&rule.name, rule.query.text(), &rule.labels, alerting)
        })
        .collect();
    format!("{:?}", (group.interval_ms, group.query_offset_ms, group.limit, rules))
}

fn label_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name == METRIC_NAME { Err(format!("invalid label name: {name}")) } else { Ok(()) }
}

/// Reads one rule; what it finds wrong names the rule.
struct RuleReader<'a> {
    group: &'a str,
    number: usize,
    group_labels: &'a BTreeMap<String, String>,
    labels_at: (u64, u64),
    engine: &'a Engine,
}

impl RuleReader<'_> {
    fn read(&self, node: &Node) -> Result<Rule, Fault> {
        let fields = Fields::open(node, &RULE)?;
        let record = fields.text_at("record")?.filter(|(_, name)| !name.is_empty());
        let alert = fields.text_at("alert")?.filter(|(_, name)| !name.is_empty());
        let name = alert.or(record).map_or("", |(_, name)| name);
        let fault = |at, message: String| {
            let (group, number) = (quote(self.group), self.number);
            Err(Fault::new(at, format!("group {group}, rule {number}, {}: {message}", quote(name))))
        };
        match (record, alert) {
            (Some((at, _)), Some(_)) => {
                return fault(at, "only one of 'record' and 'alert' must be set".into());
            }
            (None, None) => return fault(node.at, "one of 'record' or 'alert' must be set".into()),
            _ => {}
        }
        let Some((expr_at, expr)) = fields.text_at("expr")?.filter(|(_, expr)| !expr.is_empty()) else {
            return fault(node.at, "field 'expr' must be set in rule".into());
        };
        let query = match self.engine.parse(expr) {
            Ok(query) => query,
            Err(error) => return fault(expr_at, format!("could not parse expression: {error}")),
        };
        if let Some((at, name)) = record
            && let Err(message) = recording(&fields, name)?
        {
            return fault(at, message);
        }
        let own = fields.text_map("labels", |label, text| {
            label_name(label).and_then(|()| self.template(alert.is_some(), name, ("label", label), text))
        })?;
        let mut labels = self.group_labels.clone();
        labels.extend(own);
        let alerting = if alert.is_some() { Some(self.alerting(&fields, name, &labels)?) } else { None };
        Ok(Rule { name: name.to_owned(), query, labels, alerting })
    }

    /// Whether a template can be read, if it is one.
    fn template(
        &self,
        alerts: bool,
        name: &str,
        (what, key): (&str, &str),
        text: &str,
    ) -> Result<(), String> {
        if !alerts {
            return Ok(());
        }
        Template::parse(name, text).map(|_| ()).map_err(|error| {
            let (group, number) = (quote(self.group), self.number);
            format!("group {group}, rule {number}, {}: {what} {}: {error}", quote(name), quote(key))
        })
    }

    fn alerting(
        &self,
        fields: &Fields<'_>,
        name: &str,
        labels: &BTreeMap<String, String>,
    ) -> Result<Alerting, Fault> {
        let annotations = fields.text_map("annotations", |annotation, text| {
            if annotation.is_empty() {
                return Err(format!("invalid annotation name: {annotation}"));
            }
            self.template(true, name, ("annotation", annotation), text)
        })?;
        let templates = |map: &BTreeMap<String, String>| {
            map.iter()
                .map(|(key, text)| Ok((key.clone(), Template::parse(name, text)?)))
                .collect::<Result<Vec<_>, String>>()
                // Only the group's labels have not been looked at yet.
                .map_err(|message| Fault::new(self.labels_at, message))
        };
        Ok(Alerting {
            hold_ms: fields.duration_ms("for")?.unwrap_or(0),
            keep_firing_ms: fields.duration_ms("keep_firing_for")?.unwrap_or(0),
            label_templates: templates(labels)?,
            annotation_templates: templates(&annotations)?,
            annotations,
        })
    }
}

/// What a recording rule must not have.
fn recording(fields: &Fields<'_>, name: &str) -> Result<Result<(), String>, Fault> {
    let has_annotations = fields
        .get("annotations")
        .is_some_and(|node| !matches!(&node.value, Value::Map(entries) if entries.is_empty()));
    let wrong = if has_annotations {
        Some("invalid field 'annotations' in recording rule".to_owned())
    } else if fields.duration_ms("for")?.unwrap_or(0) != 0 {
        Some("invalid field 'for' in recording rule".into())
    } else if fields.duration_ms("keep_firing_for")?.unwrap_or(0) != 0 {
        Some("invalid field 'keep_firing_for' in recording rule".into())
    } else if name.contains(['{', '}']) {
        Some(format!("braces present in the recording rule name; should it be in expr?: {name}"))
    } else {
        None
    };
    Ok(wrong.map_or(Ok(()), Err))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(text: &str) -> Result<Vec<Group>, ConfigError> {
        let file = Path::new("rules.yml");
        parse(text, file, 60_000, &Engine::default()).map_err(|fault| ConfigError::new(file, fault))
    }

    fn error(text: &str) -> String {
        groups(text).map(|groups| groups.len()).expect_err(text).to_string()
    }

    /// A file with one group of these rules.
    fn rules(rules: &str) -> String {
        format!("groups:\n- name: g\n  rules:\n  - {rules}\n")
    }

    #[test]
    fn groups_and_rules() {
        let found = groups(
            "groups:\n- name: g\n  interval: 1m30s\n  query_offset: 5s\n  limit: 7\n  labels: {team: a, x: g}\n  rules:\n  - \
             {record: 'a:b', expr: 1 + 1, labels: {x: r}}\n  - {alert: A, expr: up == 0, for: 5m, keep_firing_for: 1m, \
             annotations: {s: '{{ $value }}'}}\n- {name: h}\n",
        )
        .unwrap();
        let group = &found[0];
        assert_eq!((group.interval_ms, group.query_offset_ms, group.limit), (90_000, 5_000, 7));
        assert_eq!(
            group.rules[0].labels,
            BTreeMap::from([("team".into(), "a".into()), ("x".into(), "r".into())])
        );
        let alerting = group.rules[1].alerting.as_ref().unwrap();
        assert_eq!((alerting.hold_ms, alerting.keep_firing_ms), (300_000, 60_000));
        assert_eq!((found[1].interval_ms, found[1].rules.len()), (60_000, 0));
        assert!(groups("").unwrap().is_empty());
    }

    #[test]
    fn mistakes_have_their_place() {
        for (text, expected) in [
            ("group: []\n", "1:1: there is no key `group` in a rule file; did you mean `groups`?"),
            ("groups: [{}]\n", "1:10: Groupname must not be empty"),
            ("groups:\n- name: g\n- name: g\n", "3:9: groupname: \"g\" is repeated in the same file"),
            ("groups: [{name: g, limit: x}]\n", "1:27: `limit` is a whole number from 0"),
            ("groups: [{name: g, labels: {__name__: x}}]\n", "1:29: invalid label name: __name__"),
            (
                "groups: [{name: g, interval: 5}]\n",
                "1:30: `interval`: not a valid duration string: \"5\"; write it like 1m30s",
            ),
            (
                &rules("{record: x, alert: y, expr: up}"),
                "4:14: group \"g\", rule 1, \"y\": only one of 'record' and 'alert' must be set",
            ),
            (&rules("{expr: up}"), "4:5: group \"g\", rule 1, \"\": one of 'record' or 'alert' must be set"),
            (&rules("{record: x}"), "4:5: group \"g\", rule 1, \"x\": field 'expr' must be set in rule"),
            (
                &rules("{record: x, expr: 'rate(up)'}"),
                "4:23: group \"g\", rule 1, \"x\": could not parse expression: 1:6: parse error: expected type range \
                 vector in call to function \"rate\", got instant vector",
            ),
            (
                &rules("{record: x, expr: up, form: 1m}"),
                "4:27: there is no key `form` in a rule; did you mean `for`?",
            ),
            (
                &rules("{record: x, expr: up, for: 1m}"),
                "4:14: group \"g\", rule 1, \"x\": invalid field 'for' in recording rule",
            ),
            (
                &rules("{record: x, expr: up, keep_firing_for: 1m}"),
                "4:14: group \"g\", rule 1, \"x\": invalid field 'keep_firing_for' in recording rule",
            ),
            (
                &rules("{record: x, expr: up, annotations: {a: b}}"),
                "4:14: group \"g\", rule 1, \"x\": invalid field 'annotations' in recording rule",
            ),
            (
                &rules("{record: 'x{a=\"b\"}', expr: up}"),
                "4:14: group \"g\", rule 1, \"x{a=\\\"b\\\"}\": braces present in the recording rule name; should it \
                 be in expr?: x{a=\"b\"}",
            ),
            (&rules("{alert: x, expr: up, labels: {__name__: b}}"), "4:35: invalid label name: __name__"),
            (&rules("{alert: x, expr: up, annotations: {'': b}}"), "4:40: invalid annotation name: "),
            (
                &rules("{alert: x, expr: up, annotations: {a: '{{ foo }}'}}"),
                "4:40: group \"g\", rule 1, \"x\": annotation \"a\": template: __alert_x:1: function \"foo\" not defined",
            ),
            (
                &rules("{alert: x, expr: up, labels: {a: '{{ $y }}'}}"),
                "4:35: group \"g\", rule 1, \"x\": label \"a\": template: __alert_x:1: undefined variable \"$y\"",
            ),
            (
                "groups: [{name: g, labels: {a: '{{'}, rules: [{alert: x, expr: up}]}]\n",
                "1:28: template: __alert_x:1: unclosed action",
            ),
        ] {
            assert_eq!(error(text), format!("rules.yml:{expected}"), "{text}");
        }
        // In a recording rule a label is no template.
        assert!(groups(&rules("{record: x, expr: up, labels: {a: '{{'}}")).is_ok());
    }

    #[test]
    fn what_says_the_same_is_the_same() {
        let definition = |text: &str| groups(text).unwrap().remove(0).definition;
        let one = definition(&rules("{alert: x, expr: up, for: 60s}"));
        assert_eq!(one, definition(&rules("{for: 1m, alert: x, expr: up}")));
        for other in
            ["{alert: x, expr: up, for: 61s}", "{alert: x, expr: up == 0, for: 1m}", "{record: x, expr: up}"]
        {
            assert_ne!(one, definition(&rules(other)), "{other}");
        }
    }

    #[test]
    fn files_are_found_by_patterns() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("b.rules.yml", "groups: [{name: b}]");
        write("a.rules.yml", "groups: [{name: a}]");
        write("c.yml", "groups: [{name: c}]");
        let path = folder.path().join("prometheus.yml");
        let config =
            Config::parse("rule_files: ['c.yml', '*.rules.yml', 'missing.yml', 'a.rules.yml']\n", &path)
                .unwrap();
        let found = load(&config, &Engine::default()).unwrap();
        assert_eq!(found.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["c", "a", "b"]);
        write("d.rules.yml", "groups: [{name: d, nonsense: 1}]");
        let error = load(&config, &Engine::default()).unwrap_err();
        assert!(error.path.ends_with("d.rules.yml") && error.at == Some((1, 20)), "{error}");
    }

    #[test]
    fn the_bench_file_loads() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bench/prometheus.yml");
        if !path.exists() {
            eprintln!("SKIPPED: no {}", path.display());
            return;
        }
        let config = Config::load(&path).unwrap_or_else(|error| panic!("{error}"));
        let groups = load(&config, &Engine::default()).unwrap_or_else(|error| panic!("{error}"));
        let names: Vec<_> = groups[0].rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["route:bench_requests:rate1m", "TargetDown", "HighRatio", "Never"]);
    }
}
