//! Reads dashboards: from files, bounded, and from those shipped inside the binary.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use chrono_tz::Tz;

use super::terminal::caught;
use crate::app::{LoadProblem, Origin};
use crate::builtin;
use crate::dashboard::Dashboard;
use crate::format::{FILE_LIMIT_BYTES, grafana, yaml};

/// Makes a dashboard of the text of the file at a path.
pub type Parse = Arc<dyn Fn(&str, &str) -> Result<Arc<Dashboard>, LoadProblem> + Send + Sync>;

/// Reads YAML, and Grafana's dashboards where a file's name or text says that it is one; `zone` is that of times without
/// one.
pub fn parser(zone: Tz) -> Parse {
    Arc::new(move |path, text| {
        let dashboard = if grafana::is_json(path, text) {
            let name = Path::new(path).file_stem().map_or_else(|| path.into(), OsStr::to_string_lossy);
            grafana::open(text, &name, zone)?
        } else if text.len() > FILE_LIMIT_BYTES {
            return Err(too_long(text.len() as u64, FILE_LIMIT_BYTES));
        } else {
            yaml::parse(text, zone)?
        };
        Ok(Arc::new(dashboard))
    })
}

/// Reads a dashboard wherever it comes from.
pub fn read_dashboard(origin: &Origin, zone: Tz) -> Result<Arc<Dashboard>, LoadProblem> {
    match origin {
        Origin::File(path) => load(path, &read(path)?, &parser(zone)),
        Origin::BuiltIn(name) => {
            let text = builtin::text(name)
                .ok_or_else(|| LoadProblem::whole_file(format!("no dashboard {name:?} is shipped")))?;
            load(name, text, &parser(zone))
        }
        Origin::Generated => Err(LoadProblem::whole_file("no metrics were looked at yet")),
    }
}

/// Reads a dashboard's file, bounded; the problem says what is wrong with it and what would be right.
pub fn read(path: &str) -> Result<String, LoadProblem> {
    // Grafana's dashboards come under any name, and are larger.
    let is_yaml =
        Path::new(path).extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    read_bounded(path, if is_yaml { FILE_LIMIT_BYTES } else { grafana::JSON_LIMIT_BYTES })
}

fn too_long(length: u64, limit: usize) -> LoadProblem {
    LoadProblem::whole_file(format!("the file has {length} bytes; at most {limit} are read"))
}

/// [`read`] for a file that holds JSON whatever its name.
pub fn read_json(path: &str) -> Result<String, LoadProblem> {
    read_bounded(path, grafana::JSON_LIMIT_BYTES)
}

fn read_bounded(path: &str, limit: usize) -> Result<String, LoadProblem> {
    let io = |error: std::io::Error| LoadProblem::whole_file(format!("cannot read the file: {error}"));
    // Opening a named pipe would wait for its other end.
    let metadata = fs::metadata(path).map_err(io)?;
    if !metadata.is_file() {
        return Err(LoadProblem::whole_file("not a file"));
    }
    if metadata.len() > limit as u64 {
        return Err(too_long(metadata.len(), limit));
    }
    let mut bytes = Vec::new();
    // It may grow while it is read.
    File::open(path).map_err(io)?.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() > limit {
        return Err(too_long(bytes.len() as u64, limit));
    }
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let mut lines = before.rsplit(|byte| *byte == b'\n');
        let last = lines.next().map(String::from_utf8_lossy).unwrap_or_default();
        LoadProblem {
            line: u32::try_from(lines.count() + 1).ok(),
            column: u32::try_from(last.chars().count() + 1).ok(),
            message: "not UTF-8 text; save the file as UTF-8".to_owned(),
        }
    })
}

/// Reads and parses; a panic of the parser is a problem of the file.
pub fn load(path: &str, text: &str, parse: &Parse) -> Result<Arc<Dashboard>, LoadProblem> {
    caught(|| parse(path, text))
        .unwrap_or_else(|panic| Err(LoadProblem::whole_file(format!("a defect of promscope: {panic}"))))
}
