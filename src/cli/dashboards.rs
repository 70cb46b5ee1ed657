//! From what the command line names to dashboards: files, folders, and those shipped inside the binary.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::app::Origin;
use crate::builtin;
use crate::runtime::scan::Target;

/// The folder that is shown when nothing is named.
const DEFAULT_FOLDER: &str = "dashboards";

/// What was named: the dashboards to begin with, and the files and folders to watch.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// In the order of the picker.
    pub(super) origins: Vec<Origin>,
    /// Where they, and others, may change.
    pub(super) targets: Vec<Target>,
}

/// What comes first of those that are shipped: where cat-facts is, its dashboard; over any other server the one that
/// every Prometheus has an answer for, so that the first picture is not an empty one.
const FIRST_ELSEWHERE: &str = "prometheus";

/// What `paths` mean. Without any: the folder `dashboards` where there is one, else all that are shipped, in an order
/// for a server `elsewhere`, which is one that was named, or for the default one.
pub(super) fn find(paths: &[PathBuf], elsewhere: bool) -> anyhow::Result<Named> {
    let mut named = Named::default();
    if paths.is_empty() {
        named.add(Path::new(DEFAULT_FOLDER)).ok().filter(|()| !named.origins.is_empty()).unwrap_or_else(
            || {
                named = Named { origins: shipped(elsewhere), targets: Vec::new() };
            },
        );
        return Ok(named);
    }
    for path in paths {
        named.add(path)?;
    }
    Ok(named)
}

/// All that are shipped.
fn shipped(elsewhere: bool) -> Vec<Origin> {
    let mut names: Vec<_> = builtin::DASHBOARDS.iter().map(|(name, _)| *name).collect();
    names.sort_by_key(|name| !elsewhere || *name != FIRST_ELSEWHERE);
    names.into_iter().map(|name| Origin::BuiltIn(name.to_owned())).collect()
}

impl Named {
    fn add(&mut self, path: &Path) -> anyhow::Result<()> {
        let shipped = path.to_str().filter(|name| builtin::text(name).is_some());
        let found = match shipped {
            _ if path.exists() => {
                let target = Target::new(&path.display().to_string());
                let files = target.files().with_context(|| format!("cannot read {}", path.display()))?;
                if files.is_empty() {
                    bail!("{}: no *.yaml or *.json file in this folder", path.display());
                }
                self.targets.push(target);
                files.into_iter().map(Origin::File).collect()
            }
            Some(name) => vec![Origin::BuiltIn(name.to_owned())],
            None => {
                let names: Vec<_> = builtin::DASHBOARDS.iter().map(|(name, _)| *name).collect();
                let names = names.join(", ");
                bail!("{}: no such file, and no shipped dashboard; there are {names}", path.display());
            }
        };
        for origin in found {
            if !self.origins.contains(&origin) {
                self.origins.push(origin);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_is_looked_at_first() {
        let names = |elsewhere: bool| -> Vec<String> {
            shipped(elsewhere).iter().map(|origin| format!("{origin:?}")).collect()
        };
        assert!(names(false)[0].contains("cat-facts"), "{:?}", names(false));
        assert!(names(true)[0].contains("prometheus"), "{:?}", names(true));
        assert_eq!(names(true).len(), builtin::DASHBOARDS.len());
    }
}
