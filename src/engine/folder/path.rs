//! The paths that a program names, as Vera's host understands them.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;

/// How many links a path may lead over; the system follows no more than that.
const MOST_LINKS: usize = 40;

/// A path as `pathlib` writes it, of which Vera's host makes a file's name: without
/// what says nothing.
pub fn plain(path: &str) -> String {
    let slashes = path.len() - path.trim_start_matches('/').len();
    // Two have a meaning of their own in some systems; three are one.
    let root = match slashes {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let parts = parts.collect::<Vec<_>>().join("/");
    match (root, parts.as_str()) {
        ("", "") => ".".to_owned(),
        (root, parts) => format!("{root}{parts}"),
    }
}

/// Whether a path leads out of `folder`, in which the program runs: by `..`, from
/// the root, or over a link. What the system does not find anyway does not.
///
/// Nobody else changes the folder meanwhile. `confined.py` has the same rule.
pub fn leads_out(folder: &Path, path: &str) -> bool {
    if path.starts_with('/') {
        return true;
    }
    let mut here: Vec<String> = Vec::new();
    let mut rest: VecDeque<String> = path.split('/').map(str::to_owned).collect();
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        match part.as_str() {
            "" | "." => continue,
            ".." => {
                if here.pop().is_none() {
                    return true;
                }
                continue;
            }
            _ => here.push(part),
        }
        let Ok(target) = fs::read_link(folder.join(here.join("/"))) else {
            continue;
        };
        links += 1;
        if links > MOST_LINKS {
            // The system says so.
            return false;
        }
        if target.is_absolute() {
            return true;
        }
        here.pop();
        for part in target.to_string_lossy().rsplit('/') {
            rest.push_front(part.to_owned());
        }
    }
    false
}

/// What is said of a program that opens such a path.
pub fn told(path: &str) -> String {
    format!(
        "the program opens {path:?}, which leads out of the folder that it runs in; what it reads and writes belongs in there"
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_is_written_as_pathlib_writes_it() {
        for (path, is) in [
            ("", "."),
            (".", "."),
            ("./", "."),
            ("a//b/./c/", "a/b/c"),
            ("./../a", "../a"),
            ("a/..", "a/.."),
            ("/", "/"),
            ("//a", "//a"),
            ("///a/", "/a"),
            (" a ", " a "),
        ] {
            assert_eq!(plain(path), is, "{path}");
        }
    }

    #[test]
    fn a_path_leads_out_by_name_and_by_links() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("folder");
        fs::create_dir_all(folder.join("in/deep")).unwrap();
        fs::write(outer.path().join("secret"), "").unwrap();
        for (target, link) in [
            ("../secret", "out"),
            ("/etc", "root"),
            ("in", "inner"),
            ("../in/deep", "in/around"),
            ("..", "in/deep/up"),
            ("out", "chain"),
            ("loop", "loop"),
            ("missing", "dangling"),
            ("../missing", "dangling-out"),
        ] {
            symlink(target, folder.join(link)).unwrap();
        }
        for path in [
            "a",
            "",
            ".",
            "in/../in",
            "inner/deep",
            "in/around/up/up/in",
            "loop",
            "dangling",
            "no/../..x",
            "in/deep/up/deep",
        ] {
            assert!(!leads_out(&folder, path), "{path}");
        }
        for path in [
            "/",
            "/etc/passwd",
            "..",
            "../folder/in",
            "in/../../secret",
            "out",
            "chain",
            "root/passwd",
            "in/around/up/../..",
            "inner/../../secret",
            "dangling-out",
        ] {
            assert!(leads_out(&folder, path), "{path}");
        }
    }
}
