//! Where targets come from: written in the configuration, or read from files (`file_sd_configs`).

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::config::{FileSdConfig, TargetGroup};

/// The largest file that is read.
const MAX_FILE_BYTES: u64 = 32 << 20;

/// The most files that one pattern may stand for.
const MAX_FILES: usize = 10_000;

/// The label that says which file a target is from.
const FILEPATH: &str = "__meta_filepath";

/// The groups of one `file_sd_configs` entry, by file; those of a file that is broken now are the last good ones.
#[derive(Debug, Default)]
pub(super) struct FileGroups {
    files: BTreeMap<PathBuf, Vec<TargetGroup>>,
}

impl FileGroups {
    /// Reads all files again. A file that cannot be read or parsed keeps its groups and is named in the answer; one
    /// that is gone takes its groups with it.
    pub(super) fn refresh(&mut self, config: &FileSdConfig, base_dir: &Path) -> Vec<String> {
        let mut errors = Vec::new();
        let mut found = BTreeMap::new();
        for pattern in &config.files {
            let paths = expand(&base_dir.join(pattern)).unwrap_or_else(|error| {
                errors.push(error);
                Vec::new()
            });
            for path in paths {
                let groups = read(&path).unwrap_or_else(|error| {
                    errors.push(format!("{}: {error}; its last targets are kept", path.display()));
                    self.files.get(&path).cloned().unwrap_or_default()
                });
                found.insert(path, groups);
            }
        }
        self.files = found;
        errors
    }

    /// All groups, file by file.
    pub(super) fn groups(&self) -> impl Iterator<Item = &TargetGroup> {
        self.files.values().flatten()
    }
}

/// The files that `pattern` stands for: `*` and `?` in its last part only.
fn expand(pattern: &Path) -> Result<Vec<PathBuf>, String> {
    let name = pattern.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !name.contains(['*', '?']) {
        return Ok(if pattern.exists() { vec![pattern.to_owned()] } else { Vec::new() });
    }
    let folder = pattern.parent().unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut paths = Vec::new();
    for entry in entries.flatten() {
        if matches(name.as_bytes(), entry.file_name().to_string_lossy().as_bytes()) {
            paths.push(entry.path());
            if paths.len() > MAX_FILES {
                return Err(format!("{} stands for more than {MAX_FILES} files", pattern.display()));
            }
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether `pattern` (`*` any bytes, `?` one) is all of `name`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    // Where the last star was, and what it has taken so far: the classic way without recursion.
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == b'?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                n = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGroup {
    #[serde(default)]
    targets: Vec<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

fn read(path: &Path) -> Result<Vec<TargetGroup>, String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(format!("larger than {MAX_FILE_BYTES} bytes"));
    }
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let groups: Vec<FileGroup> = match extension.to_str() {
        Some("json") => serde_json::from_str(&text).map_err(|error| error.to_string())?,
        Some("yml" | "yaml") if text.trim().is_empty() => Vec::new(),
        Some("yml" | "yaml") => serde_saphyr::from_str(&text).map_err(|error| error.to_string())?,
        _ => return Err("ends neither in .json nor in .yml or .yaml".into()),
    };
    let shown = path.display().to_string();
    let group = |(at, group): (usize, FileGroup)| {
        let mut labels = group.labels;
        labels.insert(FILEPATH.into(), shown.clone());
        TargetGroup { targets: group.targets, labels, source: format!("{shown}:{at}") }
    };
    Ok(groups.into_iter().enumerate().map(group).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(groups: &FileGroups) -> Vec<String> {
        groups.groups().flat_map(|group| group.targets.clone()).collect()
    }

    #[test]
    fn files_are_read_and_a_broken_one_keeps_its_targets() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.json", r#"[{"targets": ["a:1", "a:2"], "labels": {"zone": "x"}}]"#);
        write("b.yml", "- targets: ['b:1']\n- targets: ['b:2']\n  labels:\n    zone: y\n");
        write("c.txt", "[]");
        let config = FileSdConfig { files: vec!["a.json".into(), "*.y?l".into()], refresh_interval_ms: 1000 };
        let mut groups = FileGroups::default();
        assert_eq!(groups.refresh(&config, folder.path()), Vec::<String>::new());
        assert_eq!(addresses(&groups), ["a:1", "a:2", "b:1", "b:2"]);
        let first = groups.groups().next().unwrap();
        assert_eq!(first.labels["zone"], "x");
        assert_eq!(first.labels[FILEPATH], folder.path().join("a.json").display().to_string());

        write("a.json", "[{\"targets\": [");
        std::fs::remove_file(folder.path().join("b.yml")).unwrap();
        let errors = groups.refresh(&config, folder.path());
        assert_eq!(errors.len(), 1);
        assert!(errors[0].contains("a.json") && errors[0].contains("line 1"), "{errors:?}");
        assert_eq!(addresses(&groups), ["a:1", "a:2"]);

        write("a.json", r#"[{"targets": ["a:3"], "label": {}}]"#);
        assert!(groups.refresh(&config, folder.path())[0].contains("unknown field `label`"));
    }

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("*.json", "a.json", true),
            ("*.json", ".json", true),
            ("*.json", "a.jsonx", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-b-b", false),
            ("?.yml", "ab.yml", false),
            ("x", "x", true),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }
}
