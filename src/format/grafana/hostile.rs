//! What files that nobody wrote in earnest do to an import: nothing but an error with its place, or a dashboard.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::format::FINDINGS_LIMIT;

/// One of each: the classic grid with rows, old rows with old panel types, and the newest schema.
fn samples() -> Vec<Value> {
    [
        include_str!("../../../fuzz/corpus/import/classic.json"),
        include_str!("../../../fuzz/corpus/import/old.json"),
        include_str!("../../../fuzz/corpus/import/v2.json"),
    ]
    .map(|text| serde_json::from_str(text).expect("JSON"))
    .to_vec()
}

/// The values of a tree, outermost first.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(entries) => entries.values().map(count).sum(),
        _ => 0,
    }
}

/// Replaces the value with the number `index`, as [`count`] counts.
fn replace(value: &mut Value, index: &mut usize, with: &Value) -> bool {
    if *index == 0 {
        *value = with.clone();
        return true;
    }
    *index -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, index, with)),
        Value::Object(entries) => entries.values_mut().any(|item| replace(item, index, with)),
        _ => false,
    }
}

/// Texts that have broken readers.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "\u{feff}",
    "$",
    "${",
    "$x",
    "[[",
    "{{",
    "/(",
    "/a/gi",
    "(?<a>",
    "1e999",
    "-1",
    "NaN",
    "null",
    "true",
    "now-9999999999y",
    "now/",
    "10s",
    "-5m",
    "1w1d",
    "#ff",
    "#zzzzzz",
    "red",
    "rgba(1,2,3",
    "$__all",
    "$__auto",
    "prometheus",
    "a: b",
    "- x",
    "'",
    "\"",
    "\n",
    "a\n\n  b\n",
    "\t",
    "# x",
    "&a",
    "*a",
    "!t",
    "|",
    ">",
    "%",
    "@",
    "`",
    "---",
    "...",
    "猫",
    "e\u{301}",
    "\u{202e}x",
    "\u{1b}[31m",
    "\u{85}",
    "\u{2028}",
    "\u{d7ff}\u{e000}",
    "~",
    "0x10",
    "1_000",
    "row",
    "timeseries",
    "stat",
    "gauge",
    "heatmap",
    "table",
    "text",
    "graph",
    "singlestat",
    "alertlist",
    "x > : y",
    "label_values(",
];

const KEYS: &[&str] = &[
    "type",
    "title",
    "panels",
    "rows",
    "targets",
    "expr",
    "options",
    "fieldConfig",
    "defaults",
    "overrides",
    "steps",
    "value",
    "kind",
    "spec",
    "elements",
    "layout",
    "templating",
    "list",
    "query",
    "current",
    "gridPos",
    "x",
    "h",
    "id",
    "",
    "a b",
    "名",
];

fn hostile() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>()
            .prop_map(|number| serde_json::Number::from_f64(number).map_or(Value::Null, Value::Number)),
        prop::sample::select(&[0.0, -0.0, 1e308, -1e308, 5e-324, 0.5, 24.0, 1e15]).prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        (1..5_000_usize).prop_map(|length| Value::from("x".repeat(length))),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(KEYS), inner), 0..5).prop_map(|entries| {
                Value::Object(
                    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>(),
                )
            }),
        ]
    })
}

/// All of a dashboard but where in a file it stands.
pub(super) fn without_places(mut dashboard: Dashboard) -> String {
    for note in &mut dashboard.notes {
        (note.line, note.column) = (None, None);
    }
    format!("{dashboard:#?}")
}

/// What must hold of any text.
fn holds(text: &str) -> Result<(), TestCaseError> {
    let imported = match import(text, "x") {
        Ok(imported) => imported,
        Err(problem) => {
            prop_assert!(!problem.message.is_empty());
            return Ok(());
        }
    };
    prop_assert!(imported.placeholders <= imported.panels, "{imported:?}");
    let read = match read_back(&imported, Tz::UTC) {
        Ok(read) => read,
        Err(problem) => return Err(TestCaseError::fail(format!("{problem}\n{}", imported.yaml))),
    };
    prop_assert_eq!(
        without_places(read),
        without_places(read_tree(&imported, Tz::UTC).expect("as its text"))
    );
    Ok(())
}

#[test]
fn the_samples_themselves_are_taken_over_whole() {
    for sample in samples() {
        let imported = import(&sample.to_string(), "x").expect("imports");
        assert_eq!(imported.placeholders, 0);
        read_back(&imported, Tz::UTC).unwrap_or_else(|problem| panic!("{problem}\n{}", imported.yaml));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Any value anywhere: either an error, or a dashboard that the reader takes.
    #[test]
    fn whatever_stands_where_something_else_should(
        which in 0..3_usize,
        changes in prop::collection::vec((0.0..1.0_f64, hostile()), 1..4),
    ) {
        let mut sample = samples().swap_remove(which);
        for (place, with) in changes {
            let mut index = (count(&sample) as f64 * place) as usize;
            replace(&mut sample, &mut index, &with);
        }
        holds(&sample.to_string())?;
    }

    /// A file that is cut off, or whose bytes are not what they were, is an error with its place or a dashboard.
    #[test]
    fn whatever_a_disk_or_an_editor_leaves(
        which in 0..3_usize,
        cut in prop::option::of(0.0..1.0_f64),
        edits in prop::collection::vec((0.0..1.0_f64, any::<char>()), 0..4),
    ) {
        let mut text: Vec<char> = samples().swap_remove(which).to_string().chars().collect();
        let place = |part: f64, length: usize| (part * length as f64) as usize;
        for (part, character) in edits {
            let at = place(part, text.len());
            text[at] = character;
        }
        let whole = text.len();
        text.truncate(cut.map_or(whole, |part| place(part, whole)));
        let text: String = text.into_iter().collect();
        if text.chars().count() < whole {
            let problem = import(&text, "x").expect_err("cut off");
            prop_assert!(problem.line.is_some() && problem.column.is_some(), "{problem:?}");
        }
        holds(&text)?;
    }
}

#[test]
fn texts_that_are_no_texts_have_their_place() {
    let error = |text: &str| import(text, "x").expect_err(text).to_string();
    assert_eq!(
        error("{\"title\": \"\\ud800\"}"),
        "line 1, column 18: this is no JSON that can be read: unexpected end of hex escape"
    );
    assert_eq!(
        error("{\"title\":\n \"a\0b\"}"),
        "line 2, column 4: this is no JSON that can be read: control character (\\u0000-\\u001F) found while parsing a string"
    );
    assert!(error("").starts_with("line 1, column 1: the JSON ends too early"));
    assert!(error("{\"panels\": [1, 2,]}").starts_with("line 1, column 18: "));
    assert!(error("[]").contains("no Grafana dashboard"));
    assert!(error("\u{feff}\u{feff}{}").starts_with("line 1, column 1: "), "{}", error("\u{feff}\u{feff}{}"));
    let deep = format!("{}1{}", "{\"panels\":[".repeat(100_000), "]}".repeat(100_000));
    assert!(error(&deep).ends_with("at most 64 levels are read"), "{}", error(&deep));
    let nul = import("{\"title\": \"a\\u0000b\", \"panels\": []}", "x").expect("an escaped NUL is a text");
    read_back(&nul, Tz::UTC).expect("which the reader takes");
}

/// More of everything than anyone has: bounded by what a dashboard may have, and said.
#[test]
fn masses_are_bounded_and_said() {
    let panel = r#"{"type":"stat","title":"x","targets":[{"expr":"up"}]}"#;
    let many = format!("{{\"panels\":[{}]}}", vec![panel; 20_000].join(","));
    let imported = import(&many, "x").expect("imports");
    assert_eq!((imported.panels, imported.placeholders), (20_000, 20_000 - PANELS_LIMIT));
    assert!(imported.notes.iter().any(|note| note.code == "too-many"), "{:?}", imported.notes.first());
    assert_eq!(read_back(&imported, Tz::UTC).expect("reads").panels.len(), PANELS_LIMIT);

    let odd = r#"{"type":7,"title":[],"targets":{},"gridPos":"x","options":[1]}"#;
    let many = format!("{{\"panels\":[{}]}}", vec![odd; 20_000].join(","));
    let imported = import(&many, "x").expect("imports");
    assert!(imported.notes.len() <= FINDINGS_LIMIT + 1, "{}", imported.notes.len());
    read_back(&imported, Tz::UTC).expect("reads");

    let long = format!("{{\"title\":\"{}\",\"panels\":[]}}", "x".repeat(4 << 20));
    let problem = read_back(&import(&long, "x").expect("imports"), Tz::UTC).expect_err("too long");
    assert!(problem.message.contains("bytes; at most 1048576 are read"), "{problem}");
}

/// What is looked up by name is found at once, however much there is: no time goes by the square of it.
#[test]
fn masses_of_names_are_looked_up() {
    const MANY: usize = 8_000;
    let each = |one: &dyn Fn(usize) -> String| (0..MANY).map(one).collect::<Vec<_>>().join(",");
    let elements = each(&|index| {
        format!(
            r#""e{index}":{{"kind":"Panel","spec":{{"title":"t{index}","vizConfig":{{"kind":"stat"}}}}}}"#
        )
    });
    let places = each(&|index| {
        let name = MANY - 1 - index;
        format!(r#"{{"kind":"GridLayoutItem","spec":{{"y":0,"x":0,"element":{{"name":"e{name}"}}}}}}"#)
    });
    let layout = format!(r#"{{"kind":"GridLayout","spec":{{"items":[{places}]}}}}"#);
    let newest = format!(r#"{{"elements":{{{elements}}},"layout":{layout}}}"#);
    let imported = import(&newest, "x").expect("imports");
    assert_eq!(imported.panels, MANY);
    assert!(!imported.notes.iter().any(|note| note.code == "unplaced"), "{:?}", imported.notes);
    assert!(imported.yaml.contains(&format!("t{}", MANY - 1)), "the first in the layout");

    let library = each(&|index| format!(r#""u{index}":{{"model":{{"type":"stat","title":"t{index}"}}}}"#));
    let panels = each(&|index| {
        format!(r#"{{"libraryPanel":{{"uid":"u{index}"}}}},{{"type":"stat","datasource":"${{D{index}}}"}}"#)
    });
    let inputs = each(&|index| format!(r#"{{"name":"D{index}","pluginId":"prometheus"}}"#));
    let classic = format!(r#"{{"__elements":{{{library}}},"__inputs":[{inputs}],"panels":[{panels}]}}"#);
    let imported = import(&classic, "x").expect("imports");
    assert_eq!(imported.panels, 2 * MANY);
    assert!(!imported.notes.iter().any(|note| note.code == "library-panel"), "{:?}", imported.notes);

    let names = each(&|index| format!(r#""n{index}":"to {index}""#));
    let order = each(&|index| format!(r#""n{index}":{index}"#));
    let options = format!(r#"{{"indexByName":{{{order}}},"renameByName":{{{names}}}}}"#);
    let table = format!(
        r#"{{"panels":[{{"type":"table","targets":[{{"expr":"up"}}],"transformations":[{{"id":"organize","options":{options}}}]}}]}}"#
    );
    let imported = import(&table, "x").expect("imports");
    assert!(imported.yaml.contains("to 0"), "{}", &imported.yaml[..2_000]);
}
