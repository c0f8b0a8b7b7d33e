//! What a scenario takes of its catalogue's common files.

use std::collections::BTreeMap;

use crate::scenario::error::ScenarioError;
use crate::scenario::folder::Folder;
use crate::scenario::script::Script;

/// The common files that a scenario uses.
pub struct CommonFiles<'a> {
    /// Modules by file name.
    pub modules: BTreeMap<&'a str, &'a str>,
    /// Scripts with their places.
    scripts: Vec<(String, &'a str)>,
}

/// The files that `uses` names.
pub fn used<'a>(
    folder: &'a Folder,
    uses: &'a [String],
    place: &str,
) -> Result<CommonFiles<'a>, ScenarioError> {
    let common = &folder.common;
    let mut used = CommonFiles {
        modules: BTreeMap::new(),
        scripts: Vec::new(),
    };
    for name in uses {
        let error = |what: String, next: &str| ScenarioError::wrong(place, what, next);
        let text = common.files.get(name).ok_or_else(|| {
            let there: Vec<&str> = common.files.keys().map(String::as_str).collect();
            let there = match there[..] {
                [] => "it holds nothing".to_owned(),
                _ => format!("it holds {}", there.join(", ")),
            };
            error(
                format!("`uses` names `{name}`, which is not in {}", common.path),
                &format!("name a file of that folder, which stands beside the axes; {there}"),
            )
        })?;
        if name.ends_with(".vera") {
            if folder.files.contains_key(name) {
                return Err(error(
                    format!("`uses` names `{name}`, and the folder has a file of that name"),
                    "rename one of the two",
                ));
            }
            used.modules.insert(name, text);
        } else if name.ends_with(".rhai") {
            used.scripts.push((format!("{}/{name}", common.path), text));
        } else {
            return Err(error(
                format!("`uses` names `{name}`, which is neither a module nor a script"),
                "name a .vera or a .rhai file",
            ));
        }
    }
    Ok(used)
}

/// The script of that name, which may call those that the scenario uses.
pub fn script(
    folder: &Folder,
    used: &CommonFiles<'_>,
    file: &str,
) -> Result<Option<Script>, ScenarioError> {
    let text = folder.files.get(file);
    let script = text.map(|text| {
        let own = Script::parse(text, &folder.place(file))?;
        used.scripts
            .iter()
            .try_fold(own, |script, (place, text)| script.with(text, place))
    });
    Ok(script.transpose()?)
}
