//! A file of `src/` as the rules read it: without comments and strings, tests marked.

use std::path::{Path, PathBuf};

/// A file of `src/`.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
    /// The text, with comments and the insides of strings blanked out.
    code: String,
    /// The byte from which on everything is tests.
    tests_from: usize,
    /// The byte at which a module of tests begins inside the file.
    inline_tests_from: usize,
}

/// A path such as `crate::world::clock`, and the line it stands on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
}

/// Every Rust file below `folder`, in the order of their names.
pub(crate) fn read_all(folder: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    collect(folder, &mut files);
    files.sort();
    let texts: Vec<String> = files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let test_only: Vec<PathBuf> =
        files.iter().zip(&texts).flat_map(|(path, text)| modules_of_tests(path, text)).collect();
    let root = folder.parent().unwrap();
    files
        .iter()
        .zip(&texts)
        .map(|(path, text)| {
            let whole = test_only.iter().any(|only| path.with_extension("").starts_with(only));
            Source::new(path.strip_prefix(root).unwrap().to_path_buf(), text, whole)
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The modules that `#[cfg(test)] mod name;` declares, as paths without extension.
fn modules_of_tests(path: &Path, text: &str) -> Vec<PathBuf> {
    let stem = path.file_stem().unwrap();
    let folder = path.parent().unwrap();
    let home = if ["mod", "lib", "main"].iter().any(|root| *root == stem) {
        folder.to_path_buf()
    } else {
        folder.join(stem)
    };
    let mut lines = text.lines().map(str::trim).peekable();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line != "#[cfg(test)]" {
            continue;
        }
        let name = lines.peek().and_then(|next| next.strip_prefix("mod ")?.strip_suffix(';'));
        found.extend(name.map(|name| home.join(name)));
    }
    found
}

impl Source {
    /// The file at `path` (from the root of the package on) with this text.
    pub(crate) fn new(path: PathBuf, text: &str, only_tests: bool) -> Self {
        let code = blanked(text);
        let inline = code.find("#[cfg(test)]\nmod ").unwrap_or(code.len());
        Self { path, tests_from: if only_tests { 0 } else { inline }, inline_tests_from: inline, code }
    }

    /// The path, for people.
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Below `src/`: `["venue", "pool"]`; the root itself is empty.
    pub(crate) fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src").unwrap().with_extension("");
        let mut parts: Vec<String> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
            parts.pop();
        }
        parts
    }

    /// The number of lines.
    pub(crate) fn lines(&self) -> usize {
        self.code.lines().count()
    }

    /// The line of that byte.
    fn line(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    /// The lines on which `word` stands as a word of its own, outside tests.
    pub(crate) fn places(&self, word: &str) -> Vec<usize> {
        let inside =
            |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let code = &self.code[..self.tests_from];
        let bytes = code.as_bytes();
        code.match_indices(word)
            .filter(|(at, _)| {
                let starts = !inside(word.as_bytes().first())
                    || !inside(at.checked_sub(1).and_then(|at| bytes.get(at)));
                let ends = !inside(word.as_bytes().last()) || !inside(bytes.get(at + word.len()));
                starts && ends
            })
            .map(|(at, _)| self.line(at))
            .collect()
    }

    /// Every path that begins at the root of the crate, tests included, and every one of a crate or `std` that stands in
    /// a `use`.
    pub(crate) fn imports(&self) -> Vec<Import> {
        let mut found = Vec::new();
        let depth = self.module().len();
        let mut rest = 0;
        while let Some(at) = next_path(&self.code, rest) {
            let (tree, end) = tree_at(&self.code, at);
            rest = end;
            // A test module inside the file is one step deeper.
            let inner = depth + usize::from(at >= self.inline_tests_from);
            for path in tree {
                if let Some(path) = from_root(path, inner, &self.module()) {
                    found.push(Import { line: self.line(at), path });
                }
            }
        }
        found
    }

    /// Every path in a `use` or in an expression, outside tests, as it stands there.
    pub(crate) fn paths(&self) -> Vec<Import> {
        let code = &self.code[..self.tests_from];
        let mut found = Vec::new();
        let mut rest = 0;
        while let Some(at) = next_path(code, rest) {
            let (tree, end) = tree_at(code, at);
            rest = end;
            found.extend(tree.into_iter().map(|path| Import { line: self.line(at), path }));
        }
        found
    }
}

/// Where the next word begins that `::` follows.
fn next_path(code: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let colons = at + code.get(at..)?.find("::")?;
        let head =
            code[from..colons].rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(from, |before| {
                from + before + code[from + before..].chars().next().map_or(1, char::len_utf8)
            });
        if head < colons {
            return Some(head);
        }
        at = colons + 2;
    }
}

/// The paths of the tree that begins at `at` (`a::{b, c::d}` is two), and where it ends.
fn tree_at(code: &str, at: usize) -> (Vec<Vec<String>>, usize) {
    let word = code[at..].find(|c: char| !c.is_alphanumeric() && c != '_').map_or(code.len(), |end| at + end);
    let head = code[at..word].to_owned();
    if !code[word..].starts_with("::") {
        return (vec![vec![head]], word);
    }
    let after = word + 2;
    if !code[after..].starts_with('{') {
        let next = code[after..].chars().next();
        if !next.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            return (vec![vec![head]], after);
        }
        let (tails, end) = tree_at(code, after);
        return (with_head(&head, tails), end);
    }
    let mut all = Vec::new();
    let mut place = after + 1;
    while let Some(skipped) = code[place..].find(|c: char| !c.is_whitespace() && c != ',') {
        place += skipped;
        if !code[place..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            let closes = code[place..].starts_with('}');
            place += code[place..].chars().next().map_or(1, char::len_utf8);
            if closes {
                break;
            }
            continue;
        }
        let (tails, end) = tree_at(code, place);
        all.extend(tails);
        place = end;
    }
    (with_head(&head, all), place)
}

fn with_head(head: &str, tails: Vec<Vec<String>>) -> Vec<Vec<String>> {
    tails.into_iter().map(|tail| std::iter::once(head.to_owned()).chain(tail).collect()).collect()
}

/// The path from the root of the crate on, if that is where it leads to.
fn from_root(path: Vec<String>, depth: usize, module: &[String]) -> Option<Vec<String>> {
    if path[0] == "crate" {
        return Some(path[1..].to_vec());
    }
    let ups = path.iter().take_while(|part| *part == "super").count();
    (ups > 0 && ups >= depth && !module.is_empty()).then(|| path[ups..].to_vec())
}

/// The text with comments and the insides of string and character literals replaced by blanks; lines stay lines.
fn blanked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_end(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

/// Where the comment or literal that begins at `at` ends; `at` if there is none.
fn literal_end(chars: &[char], at: usize) -> usize {
    let next = |offset: usize| chars.get(at + offset).copied().unwrap_or('\0');
    let find = |from: usize, stop: &dyn Fn(usize) -> bool| {
        (from..chars.len()).find(|place| stop(*place)).unwrap_or(chars.len())
    };
    let in_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match (chars[at], next(1)) {
        ('/', '/') => find(at, &|place| chars[place] == '\n'),
        ('/', '*') => find(at + 2, &|place| chars[place] == '/' && chars[place - 1] == '*') + 1,
        ('r', '"' | '#') if !in_word => {
            let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
            if next(1 + hashes) != '"' {
                return at;
            }
            let closes = |place: usize| {
                chars[place] == '"'
                    && chars[place + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
            };
            (find(at + 2 + hashes, &closes) + 1 + hashes).min(chars.len())
        }
        ('"', _) => {
            let mut place = at + 1;
            while place < chars.len() && chars[place] != '"' {
                place += if chars[place] == '\\' { 2 } else { 1 };
            }
            (place + 1).min(chars.len())
        }
        ('\'', '\\') => find(at + 3, &|place| chars[place] == '\'') + 1,
        ('\'', _) if next(2) == '\'' => at + 3,
        _ => at,
    }
}
