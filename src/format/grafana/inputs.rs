//! Constants that a dashboard asks for when Grafana imports it (`__inputs`): filled in with what they come with, as
//! Grafana's own form proposes.

use std::borrow::Cow;

use super::json::{JSON_LIMIT_BYTES, Json};

/// Constants that are filled in; no dashboard has as many.
const CONSTANTS_LIMIT: usize = 64;

/// Fills `${NAME}` of constants into all texts of the file.
pub(super) fn fill(root: &mut Json) {
    let constants = constants(root);
    if !constants.is_empty() {
        let mut room_bytes = JSON_LIMIT_BYTES;
        fill_value(root, &constants, &mut room_bytes);
    }
}

/// `${NAME}` and what stands for it.
fn constants(root: &Json) -> Vec<(String, String)> {
    let Some(Json::List(inputs)) = super::wrapped::around(root, "__inputs") else { return Vec::new() };
    let constant = |input: &Json| {
        let text = |key| match get(input, key) {
            Some(Json::Text(text)) if !text.is_empty() => Some(text.clone()),
            Some(Json::Number(number)) => Some(super::node::written(*number)),
            _ => None,
        };
        let is_constant = text("type").is_some_and(|kind| kind == "constant");
        is_constant.then(|| Some((format!("${{{}}}", text("name")?), text("value")?))).flatten()
    };
    inputs.iter().filter_map(constant).take(CONSTANTS_LIMIT).collect()
}

fn get<'j>(map: &'j Json, key: &str) -> Option<&'j Json> {
    let Json::Map(entries) = map else { return None };
    entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// Stops once the file has grown by `room_bytes`.
fn fill_value(value: &mut Json, constants: &[(String, String)], room_bytes: &mut usize) {
    match value {
        Json::Text(text) if text.contains("${") => {
            let mut filled = Cow::Borrowed(text.as_str());
            for (name, constant) in constants {
                let growth = filled.matches(name.as_str()).count().saturating_mul(constant.len());
                if growth > 0
                    && let Some(left) = room_bytes.checked_sub(growth)
                {
                    *room_bytes = left;
                    filled = Cow::Owned(filled.replace(name.as_str(), constant));
                }
            }
            if let Cow::Owned(filled) = filled {
                *text = filled;
            }
        }
        Json::List(items) => {
            for item in items {
                fill_value(item, constants, room_bytes);
            }
        }
        Json::Map(entries) => {
            for (_, value) in entries {
                fill_value(value, constants, room_bytes);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    #[test]
    fn constants_are_filled_in_and_data_sources_are_not() {
        let text = r#"{"__inputs": [{"type": "constant", "name": "VAR_JOB", "value": "api"},
            {"type": "constant", "name": "VAR_NONE", "value": ""},
            {"type": "datasource", "name": "DS", "pluginId": "prometheus"}],
            "panels": [{"datasource": "${DS}", "targets": [{"expr": "up{job=\"${VAR_JOB}\", x=\"${VAR_NONE}\"}"}]}]}"#;
        let mut root = json::read(text).expect("reads").root;
        fill(&mut root);
        let Some(Json::List(panels)) = get(&root, "panels") else { panic!("panels") };
        assert_eq!(get(&panels[0], "datasource"), Some(&Json::Text("${DS}".to_owned())));
        let Some(Json::List(targets)) = get(&panels[0], "targets") else { panic!("targets") };
        let expr = r#"up{job="api", x="${VAR_NONE}"}"#;
        assert_eq!(get(&targets[0], "expr"), Some(&Json::Text(expr.to_owned())));
    }

    #[test]
    fn what_would_grow_without_end_stays() {
        let big = "x".repeat(1 << 20);
        let text = format!(
            r#"{{"__inputs": [{{"type": "constant", "name": "A", "value": "{big}"}}], "panels": ["{}"]}}"#,
            "${A}".repeat(100)
        );
        let mut root = json::read(&text).expect("reads").root;
        fill(&mut root);
        assert_eq!(get(&root, "panels"), Some(&Json::List(vec![Json::Text("${A}".repeat(100))])));
    }
}
