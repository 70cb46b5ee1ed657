//! The JSON Schema of the YAML format, for completion and hints in editors. It derives from the tables that the
//! reader uses, and from the registry of panel types.

use serde_json::{Map, Value, json};

use super::RESERVED_KEYS;
use super::yaml::keys::{
    DASHBOARD, Key, OVERRIDE_MATCHERS, PLANNED_TYPES, Shape, Support, TABLES, Table, VALUE, VARIABLE_KINDS,
};
use crate::field::Ramp;
use crate::panel::{KINDS, PanelKind};
use crate::reduce::Reduce;
use crate::theme;
use crate::unit::Unit;

/// Where the schema of the newest version is published.
const ID: &str = "https://raw.githubusercontent.com/promscope/promscope/main/docs/dashboard.schema.json";

/// The schema as text, as `promscope schema` prints it.
pub fn schema() -> String {
    schema_with(KINDS)
}

/// [`schema`] with other panel types than those registered.
pub fn schema_with(kinds: &[&'static PanelKind]) -> String {
    let mut kinds = kinds.to_vec();
    kinds.sort_by_key(|kind| kind.name);
    let kinds = kinds.as_slice();
    let mut root = table(&DASHBOARD, kinds);
    let definitions: Map<String, Value> = TABLES
        .iter()
        .filter(|table| table.name != DASHBOARD.name)
        .map(|keys| (keys.name.to_owned(), Value::Object(table(keys, kinds))))
        .collect();
    root.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
    root.insert("$id".into(), ID.into());
    root.insert("title".into(), "promscope dashboard".into());
    root.insert("description".into(), "A dashboard of promscope: rows of panels on Prometheus.".into());
    root.insert("$defs".into(), Value::Object(definitions));
    format!("{:#}\n", Value::Object(root))
}

fn table(table: &Table, kinds: &[&'static PanelKind]) -> Map<String, Value> {
    let properties: Map<String, Value> =
        table.keys.iter().map(|key| (key.name.to_owned(), property(key, kinds))).collect();
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("additionalProperties".into(), false.into());
    schema.insert("properties".into(), Value::Object(properties));
    if !table.required.is_empty() {
        schema.insert("required".into(), json!(table.required));
    }
    match table.name {
        "panel" => {
            schema.insert("not".into(), json!({ "required": ["query", "queries"] }));
            schema.insert("allOf".into(), kinds.iter().filter_map(|kind| options_of(kind, table)).collect());
        }
        "action" => {
            schema.insert("oneOf".into(), json!([{ "required": ["get"] }, { "required": ["post"] }]));
        }
        "annotation" => {
            schema.insert("oneOf".into(), json!([{ "required": ["query"] }, { "required": ["alerts"] }]));
        }
        "variable" => {
            let ways = VARIABLE_KINDS.map(|way| match way {
                // Beside a query it says whom that goes to.
                "datasource" => json!({ "required": [way], "not": { "required": ["query"] } }),
                way => json!({ "required": [way] }),
            });
            schema.insert("oneOf".into(), json!(ways));
        }
        "transform" => {
            schema.insert("minProperties".into(), 1.into());
            schema.insert("maxProperties".into(), 1.into());
        }
        "override" => {
            let ways = OVERRIDE_MATCHERS.map(|way| json!({ "required": [way] }));
            schema.insert("oneOf".into(), json!(ways));
            schema.insert("minProperties".into(), 2.into());
        }
        "mapping" => {
            let ways = json!([
                { "required": ["value"] },
                { "anyOf": [{ "required": ["from"] }, { "required": ["to"] }] },
                { "required": ["regex"] },
                { "required": ["special"] },
            ]);
            schema.insert("oneOf".into(), ways);
            schema.insert("anyOf".into(), json!([{ "required": ["text"] }, { "required": ["color"] }]));
        }
        _ => {}
    }
    schema
}

/// Forbids the options that panels of type `kind` do not read, and asks for the words of those that have some.
fn options_of(kind: &PanelKind, table: &Table) -> Option<Value> {
    let refused: Map<String, Value> = table
        .keys
        .iter()
        .filter(|key| key.support == Support::ByType && !kind.options.contains(&key.name))
        .map(|key| (key.name.to_owned(), false.into()))
        .collect();
    let mut then = Map::new();
    if kind.options.contains(&"content") {
        then.insert("required".into(), json!(["content"]));
    }
    if !refused.is_empty() {
        then.insert("properties".into(), Value::Object(refused));
    }
    let applies = json!({ "properties": { "type": { "const": kind.name } }, "required": ["type"] });
    (!then.is_empty()).then(|| json!({ "if": applies, "then": then }))
}

fn property(key: &Key, kinds: &[&'static PanelKind]) -> Value {
    let mut about = key.about.to_owned();
    if key.support == Support::ByType {
        let readers: Vec<&str> =
            kinds.iter().filter(|kind| kind.options.contains(&key.name)).map(|kind| kind.name).collect();
        about = format!("{about} For {} panels.", readers.join(" and "));
    }
    let mut schema = shape(&key.shape, kinds);
    schema.insert("description".into(), about.into());
    Value::Object(schema)
}

/// What a shape accepts. Texts are numbers too, because `title: 404` is read as it is written.
fn shape(shape: &Shape, kinds: &[&'static PanelKind]) -> Map<String, Value> {
    let value = match shape {
        Shape::Text => json!({ "type": ["string", "number", "boolean"] }),
        // Every other id is a suffix.
        Shape::Unit => json!({ "anyOf": [
            { "enum": Unit::known_ids().collect::<Vec<_>>() },
            { "type": ["string", "number", "boolean"] },
        ] }),
        Shape::FilledText => json!({ "type": ["string", "number", "boolean"], "pattern": "\\S" }),
        Shape::Integer(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Shape::Name => json!({ "type": "string", "pattern": "^[A-Za-z0-9_]*[A-Za-z_][A-Za-z0-9_]*$" }),
        Shape::Variable => {
            json!({ "type": "string", "pattern": "^\\s*([A-Za-z0-9_]+|\\$[A-Za-z0-9_]+|\\$\\{[A-Za-z0-9_]+\\})\\s*$" })
        }
        Shape::FlagOrText => json!({ "type": ["boolean", "string", "number"] }),
        Shape::TextOrList(limit) => {
            let text = json!({ "type": ["string", "number", "boolean"] });
            json!({ "anyOf": [text, { "type": "array", "items": text, "maxItems": limit }] })
        }
        Shape::Filters(limit) => json!({ "anyOf": [
            { "const": true },
            { "type": "array", "items": { "type": "string" }, "maxItems": limit, "examples": [["job=\"api\""]] },
        ] }),
        Shape::VariableValue => json!({ "anyOf": [
            { "type": ["string", "number", "boolean"] },
            reference(&VALUE),
        ] }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Choice(now, later) => {
            // A word of digits may be written as a number too.
            let words = now.iter().chain(*later).map(|word| json!(word));
            let numbers = now.iter().filter_map(|word| word.parse::<i64>().ok()).map(|number| json!(number));
            json!({ "enum": words.chain(numbers).collect::<Vec<_>>() })
        }
        Shape::Duration => duration(false),
        Shape::MinStep => {
            json!({ "anyOf": [duration(false), { "type": "string", "pattern": r"\$|\[\[", "examples": ["$interval"] }] })
        }
        Shape::Refresh => duration(true),
        Shape::Time => {
            json!({ "type": ["string", "number"], "examples": ["now-15m", "now-6h", "now/d", "now"] })
        }
        Shape::Zone => {
            json!({ "type": "string", "minLength": 1, "examples": ["browser", "utc", "Europe/Berlin"] })
        }
        Shape::Color => color(&[]),
        Shape::SeriesColor => {
            let words: Vec<&str> = ["palette", "thresholds"].into_iter().chain(Ramp::names()).collect();
            color(&words)
        }
        Shape::Regex => json!({ "type": ["string", "number"], "format": "regex" }),
        Shape::Reduce => json!({ "anyOf": [
            { "enum": Reduce::names().collect::<Vec<_>>() },
            { "type": "string", "pattern": "^p(0|[1-9][0-9]?|100)$" },
        ] }),
        Shape::LegendSort => {
            let words = Reduce::names().chain(["name"]);
            let both: Vec<String> = words.flat_map(|word| [word.to_owned(), format!("-{word}")]).collect();
            json!({ "anyOf": [
                { "enum": both },
                { "type": "string", "pattern": "^-?p(0|[1-9][0-9]?|100)$" },
            ] })
        }
        Shape::ActionKey => json!({ "anyOf": [
            { "type": "string", "minLength": 1, "maxLength": 1, "not": { "enum": reserved() } },
            { "type": "integer", "minimum": 1, "maximum": 9 },
        ] }),
        Shape::Url => json!({ "type": "string", "format": "uri", "pattern": "^[hH][tT][tT][pP][sS]?://" }),
        Shape::Special => {
            json!({ "enum": ["nan", "null", "null+nan", "true", "false", "empty", null, true, false] })
        }
        Shape::PanelType => panel_type(kinds),
        Shape::List(item, limit) => {
            let least = usize::from(!matches!(item, Shape::Map(table) if table.name == "query"));
            json!({ "type": "array", "items": self::shape(item, kinds), "minItems": least, "maxItems": limit })
        }
        Shape::Map(table) => reference(table),
        Shape::MapOf(value, limit) => {
            json!({ "type": "object", "additionalProperties": self::shape(value, kinds), "maxProperties": limit })
        }
        Shape::PatternOrNames(limit) => json!({ "anyOf": [
            self::shape(&Shape::FilledText, kinds),
            { "type": "array", "items": self::shape(&Shape::FilledText, kinds), "minItems": 1, "maxItems": limit },
        ] }),
        Shape::FlagOrMap(table) => json!({ "anyOf": [{ "type": "boolean" }, reference(table)] }),
        Shape::ChoiceOrMap(now, table) => json!({ "anyOf": [{ "enum": now }, reference(table)] }),
    };
    match value {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

fn color(besides: &[&'static str]) -> Value {
    let names = theme::color_names().chain(["grey"]).chain(besides.iter().copied());
    json!({ "anyOf": [
        { "enum": names.collect::<Vec<_>>() },
        { "type": "string", "pattern": "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$" },
    ] })
}

fn reference(table: &Table) -> Value {
    json!({ "$ref": format!("#/$defs/{}", table.name) })
}

fn duration(or_off: bool) -> Value {
    let units = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)(ms|s|m|h|d|w|y)";
    let pattern =
        if or_off { format!("^(off|({units})+|[0-9.]+)$") } else { format!("^(({units})+|[0-9.]+)$") };
    let examples = if or_off { json!(["5s", "30s", "1m", "off"]) } else { json!(["5s", "15s", "1m"]) };
    json!({ "type": ["string", "number"], "pattern": pattern, "exclusiveMinimum": 0, "examples": examples })
}

fn panel_type(kinds: &[&'static PanelKind]) -> Value {
    let known = kinds.iter().map(|kind| json!({ "const": kind.name, "description": kind.about }));
    let planned = PLANNED_TYPES
        .iter()
        .filter(|name| kinds.iter().all(|kind| kind.name != **name))
        .map(|name| json!({ "const": name, "description": "Not supported by this version yet." }));
    json!({ "oneOf": known.chain(planned).collect::<Vec<_>>() })
}

fn reserved() -> Vec<String> {
    RESERVED_KEYS.chars().map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing;

    /// Where the schema is checked in.
    const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/dashboard.schema.json");

    fn validator() -> jsonschema::Validator {
        let schema: Value = serde_json::from_str(&schema_with(testing::kinds())).expect("JSON");
        jsonschema::validator_for(&schema).expect("a valid schema")
    }

    fn json(yaml: &str) -> Value {
        let options = serde_saphyr::options! { strict_booleans: true };
        // JSON has no infinity; any number will do.
        serde_saphyr::from_str_with_options(&yaml.replace(".inf", "1"), options).expect("YAML")
    }

    #[test]
    fn the_schema_checked_in_is_up_to_date() {
        let schema = schema_with(testing::kinds());
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(PATH, &schema).expect("written");
        }
        let checked_in = std::fs::read_to_string(PATH).unwrap_or_default();
        assert!(
            checked_in == schema,
            "docs/dashboard.schema.json is old; run the tests with UPDATE_SCHEMA=1"
        );
    }

    #[test]
    fn shipped_dashboards_and_the_sample_of_all_keys_are_valid() {
        let validator = validator();
        let shipped = crate::builtin::DASHBOARDS.iter().map(|(_, text)| *text);
        for text in shipped.chain([testing::EVERY_KEY, testing::EVERY_LATER_KEY]) {
            let errors: Vec<String> = validator
                .iter_errors(&json(text))
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert_eq!(errors, Vec::<String>::new());
        }
    }

    #[test]
    fn schema_and_reader_refuse_the_same_mistakes() {
        let validator = validator();
        for (text, _, seen) in testing::MISTAKES {
            assert_eq!(validator.is_valid(&json(text)), *seen == testing::Seen::Reader, "{text}");
        }
    }
}
