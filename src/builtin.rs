//! The dashboards that ship inside the binary, so that it shows something wherever it runs.

/// Name and YAML text of each, in the order in which they are listed.
pub const DASHBOARDS: &[(&str, &str)] = &[
    ("cat-facts", include_str!("../dashboards/cat-facts.yaml")),
    ("prometheus", include_str!("../dashboards/prometheus.yaml")),
    ("node", include_str!("../dashboards/node.yaml")),
    ("gallery", include_str!("../dashboards/gallery.yaml")),
];

/// The text of the dashboard called `name`.
pub fn text(name: &str) -> Option<&'static str> {
    DASHBOARDS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::format::{testing, yaml};

    #[test]
    fn every_file_is_embedded() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/dashboards");
        let mut files: Vec<(String, String)> = std::fs::read_dir(directory)
            .expect("the directory")
            .map(|file| file.expect("a file").path())
            .map(|path| {
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                (name, std::fs::read_to_string(&path).expect("text"))
            })
            .collect();
        let mut embedded: Vec<(String, String)> =
            DASHBOARDS.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        files.sort();
        embedded.sort();
        assert_eq!(embedded, files);
    }

    #[test]
    fn every_dashboard_is_without_fault() {
        for (name, text) in DASHBOARDS {
            let checked = yaml::check(text, Tz::UTC, testing::kinds());
            assert_eq!(checked.problems, [], "{name}");
            assert_eq!(checked.dashboard.notes, [], "{name}");
            assert_eq!(checked.lints, [], "{name}");
            assert!(
                text.starts_with("# yaml-language-server: $schema=../docs/dashboard.schema.json\n"),
                "{name}"
            );
            assert!((1..=8).contains(&checked.dashboard.rows.len()), "{name}");
        }
    }
}
