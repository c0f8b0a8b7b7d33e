//! Asking an interpreter for the Vera that it imports.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::error::ToolchainError;
use super::python::{self, last_line};
use crate::case::Problem;

/// What an interpreter says about the Vera that it imports.
#[derive(Deserialize)]
pub struct ImportedVera {
    /// Its version.
    pub version: String,
    /// The package's folder.
    pub package: PathBuf,
    /// What is installed beside it.
    pub packages: Vec<String>,
}

const PROBE: &str = r#"
import importlib.util, importlib.metadata, json, os, sys
package = sys.argv[1]
if package:
    spec = importlib.util.spec_from_file_location("vera", os.path.join(package, "__init__.py"), submodule_search_locations=[package])
    sys.modules["vera"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["vera"])
import vera
import lark, wasmtime
names = ("lark", "wasmtime", "z3-solver")
versions = []
for name in names:
    try:
        versions.append(f"{name}=={importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps({
    "version": str(getattr(vera, "__version__", "0+unknown")),
    "package": os.path.dirname(os.path.abspath(vera.__file__)),
    "packages": versions,
}))
"#;

/// Imports the package, or what the interpreter finds by itself; `next` is what to
/// do where that fails.
pub fn probe(
    python: &Path,
    package: Option<&Path>,
    next: &str,
) -> Result<ImportedVera, ToolchainError> {
    let cannot = |detail: String| cannot_import(python, &detail, next);
    let mut command = match package {
        Some(_) => python::plain(python),
        None => Command::new(python),
    };
    let output = command
        .args(["-B", "-P", "-c", PROBE])
        .arg(package.unwrap_or(Path::new("")))
        .stdin(Stdio::null())
        .output()
        .map_err(|why| cannot(why.to_string()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).map_err(|_| cannot(last_line(&python::printed(&output))))
}

/// What to say of an interpreter or environment that cannot import Vera.
pub fn cannot_import(python: &Path, detail: &str, next: &str) -> ToolchainError {
    Problem::new(format!("{} cannot import Vera: {detail}", python.display()))
        .next(next)
        .into()
}
