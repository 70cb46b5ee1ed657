//! Keeps ARCHITECTURE.md true: which room may use which, and which libraries the core may know.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Every room of `src/`, each with the rooms that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("pattern", &[]),
    ("series", &[]),
    ("text", &[]),
    ("theme", &[]),
    ("time_range", &[]),
    ("unit", &[]),
    ("query", &["series"]),
    ("template", &["series"]),
    ("variable", &["pattern", "series", "time_range", "unit"]),
    ("reduce", &["series"]),
    ("field", &["pattern", "reduce", "text", "theme", "unit"]),
    ("transform", &["field", "reduce", "series", "template"]),
    ("chart", &["field", "reduce", "series", "text", "theme", "time_range", "unit"]),
    (
        "panel",
        &[
            "chart",
            "dashboard",
            "field",
            "query",
            "reduce",
            "series",
            "template",
            "text",
            "theme",
            "time_range",
            "transform",
            "unit",
        ],
    ),
    ("dashboard", &["field", "panel", "reduce", "theme", "time_range", "transform", "unit", "variable"]),
    (
        "format",
        &[
            "dashboard",
            "field",
            "panel",
            "reduce",
            "template",
            "text",
            "theme",
            "time_range",
            "transform",
            "unit",
            "variable",
        ],
    ),
    ("builtin", &["dashboard", "format"]),
    ("layout", &["dashboard", "panel"]),
    (
        "app",
        &[
            "dashboard",
            "field",
            "format",
            "keymap",
            "layout",
            "panel",
            "query",
            "series",
            "template",
            "text",
            "theme",
            "time_range",
            "ui",
            "variable",
        ],
    ),
    ("generate", &["text", "time_range"]),
    ("keymap", &["app"]),
    ("ui", &["app", "dashboard", "keymap", "panel", "text", "theme", "time_range"]),
    ("export", &["app", "chart", "panel", "series", "template", "text", "theme", "ui"]),
    ("config", &["theme", "time_range"]),
    ("source", &["config", "generate", "query", "series", "text", "time_range", "variable"]),
    ("engine", &["config", "source", "time_range"]),
    (
        "runtime",
        &[
            "app",
            "builtin",
            "dashboard",
            "export",
            "format",
            "generate",
            "query",
            "source",
            "text",
            "theme",
            "time_range",
            "ui",
            "variable",
        ],
    ),
    (
        "cli",
        &[
            "app",
            "builtin",
            "config",
            "dashboard",
            "engine",
            "export",
            "field",
            "format",
            "generate",
            "keymap",
            "layout",
            "panel",
            "query",
            "runtime",
            "series",
            "source",
            "text",
            "theme",
            "time_range",
            "ui",
            "variable",
        ],
    ),
];

/// Rooms of the shell, which alone may know the outside.
const SHELL: &[&str] = &["source", "config", "engine", "runtime", "cli"];

/// The one room that may know the crates that can do without promscope.
const ENGINE: &str = "engine";

/// Those crates.
const EMBEDDED: &[&str] = &["embedded_prometheus", "cat_facts"];

/// What makes the outside.
const OUTSIDE: &[&str] = &[
    "tokio::",
    "reqwest::",
    "crossterm::",
    "std::fs",
    "std::net",
    "std::thread",
    "SystemTime",
    "Instant::now",
    "Utc::now",
    "Local::now",
];

/// Files that only tests are made of; what they use the table need not allow.
const TEST_FILES: &[&str] =
    &["scenarios.rs", "tests.rs", "fixture.rs", "range_fixture.rs", "testing.rs", "hostile.rs"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("readable folder") {
        let path = entry.expect("readable entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Room to the lines of its files that are not tests, each with its place.
fn rooms() -> BTreeMap<String, Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let mut rooms: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for file in files {
        let name = file.strip_prefix(root).expect("below the root").display().to_string();
        let first =
            name["src/".len()..].split('/').next().expect("a part").trim_end_matches(".rs").to_owned();
        if matches!(first.as_str(), "lib" | "main")
            || TEST_FILES.iter().any(|file| name.ends_with(&format!("/{file}")))
        {
            continue;
        }
        let text = fs::read_to_string(&file).expect("readable source");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
        let lines = lines.map(|(index, line)| (format!("{name}:{}", index + 1), line.to_owned()));
        rooms.entry(first).or_default().extend(lines);
    }
    rooms
}

#[test]
fn rooms_use_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for (room, lines) in rooms() {
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("src/{room} is a room that the table does not know"));
            continue;
        };
        for (place, line) in lines {
            for used in line.split("crate::").skip(1) {
                let used: String = used
                    .chars()
                    .take_while(|c| c.is_ascii_lowercase() || *c == '_' || c.is_ascii_digit())
                    .collect();
                if !used.is_empty() && used != room && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("{place}: {room} may not use {used}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_knows_nothing_of_the_outside() {
    let mut wrong = Vec::new();
    for (room, lines) in rooms() {
        if SHELL.contains(&room.as_str()) {
            continue;
        }
        for (place, line) in lines {
            wrong.extend(
                OUTSIDE
                    .iter()
                    .filter(|word| line.contains(*word))
                    .map(|word| format!("{place}: {word} in {room}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_room_knows_the_embedded_crates() {
    let (mut wrong, mut uses) = (Vec::new(), 0);
    for (room, lines) in rooms() {
        for (place, line) in lines {
            let known = EMBEDDED.iter().filter(|name| line.contains(&format!("{name}::")));
            if room == ENGINE {
                uses += known.count();
            } else {
                wrong.extend(known.map(|name| format!("{place}: {name} in {room}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(uses > 0, "the room is there");
}

#[test]
fn text_reaches_the_buffer_by_one_way_only() {
    let mut wrong = Vec::new();
    for (room, lines) in rooms() {
        for (place, line) in lines {
            let writes =
                ["set_string", "set_stringn", "set_line", "set_span"].iter().any(|call| line.contains(call));
            if writes && room != "text" {
                wrong.push(format!("{place}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "use text::put\n{}", wrong.join("\n"));
}
