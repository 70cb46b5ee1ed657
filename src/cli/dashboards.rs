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

/// What `paths` mean. Without any: the folder `dashboards` where there is one, else all that are shipped.
pub(super) fn find(paths: &[PathBuf]) -> anyhow::Result<Named> {
    let mut named = Named::default();
    if paths.is_empty() {
        named.add(Path::new(DEFAULT_FOLDER)).ok().filter(|()| !named.origins.is_empty()).unwrap_or_else(
            || {
                let shipped = builtin::DASHBOARDS.iter().map(|(name, _)| Origin::BuiltIn((*name).to_owned()));
                named = Named { origins: shipped.collect(), targets: Vec::new() };
            },
        );
        return Ok(named);
    }
    for path in paths {
        named.add(path)?;
    }
    Ok(named)
}

impl Named {
    fn add(&mut self, path: &Path) -> anyhow::Result<()> {
        let shipped = path.to_str().filter(|name| builtin::text(name).is_some());
        let found = match shipped {
            _ if path.exists() => {
                let target = Target::new(&path.display().to_string());
                let files = target.files().with_context(|| format!("cannot read {}", path.display()))?;
                if files.is_empty() {
                    bail!("{}: no *.yaml file in this folder", path.display());
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
