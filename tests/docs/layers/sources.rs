//! What each file of a crate imports, read from its tokens. The items that are
//! only there in tests are cut out: they may look wherever they like.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::tokens::{self, Token};

/// A module as its path from the root of the crate; the root is empty.
pub type Module = Vec<String>;

/// A path as it was written, and the module that it was written in.
type Written = (Module, Vec<String>);

/// The files of a crate, each under the module that it is.
pub struct Sources {
    files: BTreeMap<Module, File>,
}

#[derive(Default)]
struct File {
    /// What is defined in it, by name.
    defines: BTreeSet<String>,
    /// What it imports.
    imports: Vec<Import>,
    /// The modules of which it imports everything.
    globs: Vec<Written>,
    /// The paths in its code.
    paths: Vec<Written>,
    /// The names in its code, outside of imports.
    names: BTreeSet<String>,
    /// The text that it holds, not that of its documentation.
    texts: Vec<String>,
    /// The modules that are there only in tests.
    only_tests: Vec<Module>,
}

struct Import {
    /// The name that it gets.
    name: String,
    written: Written,
    /// Whether others may take it from here.
    passed_on: bool,
}

impl Sources {
    /// The files below a folder such as `src`.
    pub fn below(root: &Path) -> Sources {
        let mut files = Vec::new();
        rust_files(root, &mut files);
        files.sort();
        let texts = files.into_iter().map(|file| {
            let text = fs::read_to_string(&file).unwrap();
            (file.strip_prefix(root).unwrap().to_owned(), text)
        });
        Sources::of(texts)
    }

    /// Files by their places below the root.
    pub fn of(texts: impl IntoIterator<Item = (PathBuf, String)>) -> Sources {
        let files = texts.into_iter().map(|(place, text)| {
            let module = module_at(&place);
            let mut file = File::default();
            file.read(&module, &tokens::read(&text));
            (module, file)
        });
        let mut files: BTreeMap<Module, File> = files.collect();
        let only_tests: Vec<Module> = files
            .values()
            .flat_map(|file| file.only_tests.clone())
            .collect();
        files.retain(|module, _| !only_tests.iter().any(|tests| module.starts_with(tests)));
        Sources { files }
    }

    /// All modules that are a file.
    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        self.files.keys()
    }

    /// The text in the code of a module.
    pub fn texts(&self, module: &Module) -> &[String] {
        &self.files[module].texts
    }

    /// The folder that a file belongs to: the one that is named as it is, if there
    /// is one, else the one that it stands in.
    pub fn folder(&self, module: &Module) -> Module {
        let inner = |other: &Module| other.len() > module.len() && other.starts_with(module);
        if self.files.keys().any(inner) {
            module.clone()
        } else {
            module[..module.len().saturating_sub(1)].to_vec()
        }
    }

    /// The files that a file takes something from. What a file only passes on is
    /// taken from where it is defined.
    pub fn imports(&self, module: &Module) -> BTreeSet<Module> {
        let file = &self.files[module];
        let imported = file.imports.iter().filter_map(|import| {
            let wanted = !import.passed_on || file.names.contains(&import.name);
            wanted.then_some(&import.written)
        });
        let all = imported.chain(&file.globs).chain(&file.paths);
        let mut found: BTreeSet<Module> =
            all.filter_map(|written| self.source(written, 0)).collect();
        found.remove(module);
        found
    }

    /// The file that a path leads to; none if it is not of this crate, or names a
    /// module as a whole.
    fn source(&self, (at, written): &Written, depth: usize) -> Option<Module> {
        assert!(depth < 32, "{written:?} in {at:?} leads in a circle");
        let path = self.absolute(at, written)?;
        let known = (0..=path.len()).rev();
        let mut known = known.filter(|&n| self.files.contains_key(&path[..n]));
        let length = known.next()?;
        let (module, rest) = path.split_at(length);
        let file = &self.files[module];
        let name = rest.first()?;
        if name != "*" && !file.defines.contains(name) {
            if let Some((at, first)) = file.imported(name) {
                let onward = [first, &rest[1..]].concat();
                return self.source(&(at.clone(), onward), depth + 1);
            }
            for (at, glob) in &file.globs {
                let mut onward = glob.clone();
                onward.pop();
                onward.push(name.clone());
                let found = self.source(&(at.clone(), onward), depth + 1);
                let found = found.filter(|it| self.files[it].defines.contains(name));
                if found.is_some() {
                    return found;
                }
            }
        }
        Some(module.to_vec())
    }

    /// A path from the root of the crate; none if it leads to another crate.
    fn absolute(&self, at: &Module, written: &[String]) -> Option<Module> {
        let first = written.first()?;
        let mut from = at.clone();
        let mut rest = written;
        match first.as_str() {
            "crate" => {
                from.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    from.pop().expect("no path leaves its crate");
                    rest = &rest[1..];
                }
            }
            name => {
                let own = [&at[..], &[name.to_owned()]].concat();
                if !self.files.contains_key(&own) {
                    // The name of something that this file has imported, else of
                    // another crate.
                    let file = (0..=at.len()).rev().find_map(|n| self.files.get(&at[..n]));
                    let (at, first) = file?.imported(name)?;
                    if first[0] == *name {
                        return None;
                    }
                    let onward = [first, &written[1..]].concat();
                    return self.absolute(at, &onward);
                }
            }
        }
        from.extend(rest.iter().cloned());
        Some(from)
    }
}

/// The module that a file is.
fn module_at(place: &Path) -> Module {
    let words = place.with_extension("");
    let words = words.iter().map(|word| word.to_str().unwrap().to_owned());
    let mut module: Module = words.collect();
    let last = module.last().map(String::as_str);
    if last == Some("mod") || (module.len() == 1 && last == Some("lib")) {
        module.pop();
    }
    module
}

/// The files of Rust below a folder.
pub fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

// --- Reading tokens ----------------------------------------------------------

/// What an item may begin with. What else an attribute may stand before, such as
/// a field, ends with a comma.
const ITEMS: [&str; 15] = [
    "fn",
    "mod",
    "use",
    "const",
    "static",
    "struct",
    "enum",
    "impl",
    "trait",
    "type",
    "unsafe",
    "async",
    "extern",
    "macro_rules",
    "let",
];

/// What gives a name to something.
const DEFINES: [&str; 9] = [
    "fn", "mod", "const", "static", "struct", "enum", "trait", "type", "union",
];

impl File {
    /// What a name stands for here, if it was imported.
    fn imported(&self, name: &str) -> Option<&Written> {
        let import = self.imports.iter().find(|import| import.name == name)?;
        Some(&import.written)
    }

    fn read(&mut self, at: &Module, tokens: &[Token]) {
        let mut i = 0;
        while i < tokens.len() {
            i += self.step(at, tokens, i);
        }
    }

    /// Reads what stands at `i`, and says how many tokens that is.
    fn step(&mut self, at: &Module, tokens: &[Token], i: usize) -> usize {
        let rest = &tokens[i..];
        if let Some((text, length)) = attribute(rest) {
            if is_only_for_tests(&text) {
                if is_punct(rest.get(1), '!') {
                    self.only_tests.push(at.clone());
                    return rest.len();
                }
                return length + self.cut(at, &rest[length..]);
            }
            if text.starts_with("doc") {
                return length;
            }
        }
        match &rest[0] {
            Token::Word(word) => {
                let word = word.clone();
                let previous = i.checked_sub(1).map(|before| &tokens[before]);
                let name = rest.get(1).and_then(ident);
                if word == "use" && !is_punct(rest.get(1), '<') {
                    let end = position(rest, ';');
                    let passed_on = is_visible(previous);
                    self.import(at, &[], &rest[1..end], passed_on);
                    return end + 1;
                }
                if let (true, Some(name)) = (DEFINES.contains(&word.as_str()), &name) {
                    self.defines.insert(name.clone());
                }
                if let (true, Some(name), Some(Token::Group(_, body))) =
                    (word == "mod", name, rest.get(2))
                {
                    let inner = [&at[..], &[name]].concat();
                    self.read(&inner, body);
                    return 3;
                }
                let (path, length) = path(rest);
                let before = tokens[i.saturating_sub(2)..i].iter();
                let colons = before.filter(|it| is_punct(Some(it), ':'));
                let is_whole = colons.count() < 2;
                if path.len() > 1 && is_whole {
                    self.paths.push((at.clone(), path.clone()));
                }
                self.names.extend(path);
                length
            }
            Token::Group(_, inner) => {
                self.read(at, inner);
                1
            }
            Token::Text(literal) => {
                self.texts.push(literal.clone());
                1
            }
            Token::Sign(_) => 1,
        }
    }

    /// How long the item is that stands next. A module that it declares is one of
    /// tests.
    fn cut(&mut self, at: &Module, rest: &[Token]) -> usize {
        let mut from = 0;
        while let Some((_, length)) = attribute(&rest[from..]) {
            from += length;
        }
        let head = rest[from..].iter().take_while(|token| match token {
            Token::Word(_) => true,
            Token::Group(bracket, _) => *bracket == '(',
            _ => false,
        });
        let head: Vec<String> = head.filter_map(ident).collect();
        let is_item = head.iter().any(|word| ITEMS.contains(&word.as_str()));
        let is_import = head.iter().any(|word| word == "use");
        if let Some(found) = head.iter().position(|word| word == "mod") {
            let name = head[found + 1].clone();
            self.only_tests.push([&at[..], &[name]].concat());
        }
        let ends = |token: &Token| match token {
            Token::Group(bracket, _) => is_item && !is_import && *bracket == '{',
            Token::Sign(sign) => *sign == ';' || (!is_item && *sign == ','),
            _ => false,
        };
        let end = rest[from..].iter().position(ends);
        end.map_or(rest.len(), |end| from + end + 1)
    }

    /// Reads the tree of an import below a path.
    fn import(&mut self, at: &Module, above: &[String], tree: &[Token], passed_on: bool) {
        for branch in tree.split(|token| is_punct(Some(token), ',')) {
            let words = branch.iter().filter_map(ident);
            let mut path: Module = above.iter().cloned().chain(words).collect();
            let alias = branch
                .iter()
                .position(|it| ident(it).is_some_and(|it| it == "as"));
            let mut name = path.last().cloned();
            if alias.is_some() {
                path.truncate(path.len() - 2);
            }
            match branch.last() {
                Some(Token::Group(_, inner)) => {
                    self.import(at, &path, inner, passed_on);
                    continue;
                }
                Some(Token::Sign('*')) => {
                    path.push("*".to_owned());
                    self.globs.push((at.clone(), path));
                    continue;
                }
                Some(_) => {}
                None => continue,
            }
            if path.len() > 1 && path.last().is_some_and(|word| word == "self") {
                path.pop();
                if alias.is_none() {
                    name = path.last().cloned();
                }
            }
            let mut name = name.expect("an import has a name");
            if name == "_" {
                // A trait, for its methods.
                name = format!("_ as {}", path.join("::"));
            }
            self.imports.push(Import {
                name,
                written: (at.clone(), path),
                passed_on,
            });
        }
    }
}

/// The text of the attribute that stands first, and its length.
fn attribute(rest: &[Token]) -> Option<(String, usize)> {
    if !is_punct(rest.first(), '#') {
        return None;
    }
    let inner = usize::from(is_punct(rest.get(1), '!'));
    match rest.get(1 + inner) {
        Some(Token::Group('[', tokens)) => {
            Some((tokens.iter().map(Token::to_string).collect(), 2 + inner))
        }
        _ => None,
    }
}

fn is_only_for_tests(attribute: &str) -> bool {
    attribute.starts_with("cfg(test)") || attribute.starts_with("cfg(all(test,")
}

fn is_punct(token: Option<&Token>, sign: char) -> bool {
    matches!(token, Some(Token::Sign(it)) if *it == sign)
}

fn ident(token: &Token) -> Option<String> {
    match token {
        Token::Word(word) => Some(word.clone()),
        _ => None,
    }
}

fn position(tokens: &[Token], sign: char) -> usize {
    let found = tokens.iter().position(|token| is_punct(Some(token), sign));
    found.unwrap_or(tokens.len())
}

/// Whether what comes next is for other files as well: `pub`, or `pub(...)`.
fn is_visible(previous: Option<&Token>) -> bool {
    match previous {
        Some(Token::Word(word)) => word == "pub",
        Some(Token::Group(bracket, _)) => *bracket == '(',
        _ => false,
    }
}

/// The words of the path that stands first, and the number of its tokens.
fn path(rest: &[Token]) -> (Vec<String>, usize) {
    let mut words = vec![ident(&rest[0]).expect("a path begins with a word")];
    let mut length = 1;
    while is_punct(rest.get(length), ':') && is_punct(rest.get(length + 1), ':') {
        let Some(word) = rest.get(length + 2).and_then(ident) else {
            break;
        };
        words.push(word);
        length += 3;
    }
    (words, length)
}
