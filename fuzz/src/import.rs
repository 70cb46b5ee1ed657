//! What must hold of any text that is taken for a dashboard of Grafana's.

use promscope::format::grafana;

/// Imports `data`. Nothing panics, and what could be imported is a dashboard that the YAML reader takes.
pub(crate) fn import(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(imported) = grafana::import(text, "x") else { return };
    assert!(imported.placeholders <= imported.panels, "{imported:?}");
    assert!(imported.supported_variables <= imported.variables, "{imported:?}");
    // A text of a megabyte in it is no fault of the importer's.
    if imported.yaml.len() < promscope::format::FILE_LIMIT_BYTES
        && let Err(problem) = grafana::read_back(&imported, chrono_tz::Tz::UTC)
    {
        panic!("{problem}\n{}", imported.yaml);
    }
}
