//! The files of a program: its own, and those that it imports.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use super::tokens::tokens;
use crate::case::{Problem, Sources};
use crate::files;

/// The largest file that is read as a program.
const LARGEST: u64 = 16 << 20;

/// The program in a file, with the modules that it imports where Vera looks for them.
/// What is not there, the compiler misses itself.
pub fn read(path: &Path) -> Result<Sources, Problem> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let main = path.file_name().and_then(|it| it.to_str());
    let main = main.ok_or_else(|| {
        Problem::new(format!("{} has no name in UTF-8", path.display()))
            .next("rename it: the name goes into reports")
    })?;
    let text = text(path)?;
    let mut found = BTreeMap::from([(main.to_owned(), text)]);
    let mut open = vec![PathBuf::from(main)];
    while let Some(importing) = open.pop() {
        let key = importing.to_string_lossy().into_owned();
        for module in imports(&found[&key]) {
            let beside = importing.parent().unwrap_or(Path::new("")).join(&module);
            // Beside the importing file, else from where the program stands.
            let there = [beside, module]
                .into_iter()
                .find(|it| folder.join(it).is_file());
            let Some(there) = there else { continue };
            let key = there.to_string_lossy().into_owned();
            if let Entry::Vacant(place) = found.entry(key) {
                place.insert(self::text(&folder.join(&there))?);
                open.push(there);
            }
        }
    }
    Ok(Sources {
        main: main.to_owned(),
        files: found,
    })
}

/// The text of a file.
fn text(path: &Path) -> Result<String, Problem> {
    let shown = path.display();
    if path.metadata().is_ok_and(|it| it.len() > LARGEST) {
        return Err(Problem::new(format!(
            "{shown} is larger than 16 MiB, which is no program"
        ))
        .next("name a Vera file"));
    }
    files::read_to_string(path).map_err(|why| {
        Problem::new(format!("{shown} cannot be read: {why}"))
            .next("name a Vera file, which is text in UTF-8")
    })
}

/// The files that a source imports, as Vera makes them of the names of modules.
fn imports(source: &str) -> Vec<PathBuf> {
    let words = tokens(source);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(|it| words[it].as_str());
        if word != "import" || !matches!(before, None | Some(";")) {
            continue;
        }
        let name = words[at + 1..]
            .iter()
            .take_while(|it| !["(", ";"].contains(&it.as_str()));
        let parts: Vec<&str> = name.map(String::as_str).filter(|it| *it != ".").collect();
        if !parts.is_empty() {
            found.push(PathBuf::from(format!("{}.vera", parts.join("/"))));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn imports_are_found_as_vera_finds_them() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "bug.vera",
            "-- import none;\nimport a.b(f);\nimport missing;\npublic fn main(@Unit -> @Int) {}",
        );
        write("a/b.vera", "import c;\nimport d(g);");
        write("a/c.vera", "import b;");
        write("d.vera", "");
        write("none.vera", "");
        let sources = read(&folder.path().join("bug.vera")).unwrap();
        assert_eq!(sources.main, "bug.vera");
        let names: Vec<&str> = sources.files.keys().map(String::as_str).collect();
        assert_eq!(names, ["a/b.vera", "a/c.vera", "bug.vera", "d.vera"]);
    }

    #[test]
    fn what_is_no_program_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let why = read(folder.path()).unwrap_err();
        assert!(why.what().contains("it is a directory"), "{why}");
        let binary = folder.path().join("x.vera");
        fs::write(&binary, [0xff, 0xfe]).unwrap();
        let why = read(&binary).unwrap_err();
        assert!(why.what().contains("cannot be read"), "{why}");
    }
}
