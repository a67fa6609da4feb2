//! The configs and profiles that are embedded in the program, so that it runs from any directory.

use std::sync::Arc;

use include_dir::{Dir, DirEntry, include_dir};

use super::source::Source;

static CONFIGS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/configs");
static PROFILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/agents");

/// What stands behind the name of an embedded text where it is shown.
const MARK: &str = " (shipped)";

/// The config that is run where none is named.
pub const BASELINE: &str = "baseline";

/// An embedded text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipped {
    /// Its name: the path without the ending, such as `baseline` or `stress/crash`.
    pub name: String,
    /// The text, under the name it is shown with.
    pub source: Arc<Source>,
}

/// The shipped configs by name, ascending.
#[must_use]
pub fn configs() -> Vec<Shipped> {
    all("configs", &CONFIGS)
}

/// The shipped profiles by name, ascending.
#[must_use]
pub fn profiles() -> Vec<Shipped> {
    all("agents", &PROFILES)
}

/// The shipped config of that name: its path without the ending, or the last part of it where only one has it.
///
/// # Examples
/// ```
/// use ballast::experiment::shipped;
/// assert!(shipped::config(shipped::BASELINE).is_some());
/// assert!(shipped::config("no_such_config").is_none());
/// ```
#[must_use]
pub fn config(name: &str) -> Option<Arc<Source>> {
    find(configs(), name)
}

/// The shipped profile of that name.
#[must_use]
pub fn profile(name: &str) -> Option<Arc<Source>> {
    find(profiles(), name)
}

/// True for a text that no directory holds.
#[must_use]
pub fn is_shipped(source: &Source) -> bool {
    source.name().ends_with(MARK)
}

fn find(all: Vec<Shipped>, name: &str) -> Option<Arc<Source>> {
    let last = |shipped: &Shipped| shipped.name.rsplit('/').next() == Some(name);
    let exact = all.iter().position(|shipped| shipped.name == name);
    let place = exact.or_else(|| match all.iter().filter(|shipped| last(shipped)).count() {
        1 => all.iter().position(last),
        _ => None,
    })?;
    all.into_iter().nth(place).map(|shipped| shipped.source)
}

fn all(root: &str, directory: &Dir<'_>) -> Vec<Shipped> {
    let mut found = Vec::new();
    collect(root, directory, &mut found);
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn collect(root: &str, directory: &Dir<'_>, found: &mut Vec<Shipped>) {
    for entry in directory.entries() {
        match entry {
            DirEntry::Dir(inner) => collect(root, inner, found),
            DirEntry::File(file) => {
                let path = file.path().to_string_lossy().replace('\\', "/");
                if let (Some(name), Some(text)) = (path.strip_suffix(".ron"), file.contents_utf8()) {
                    let source = Source::new(format!("{root}/{path}{MARK}"), text);
                    found.push(Shipped { name: name.to_owned(), source });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_path_is_enough_where_it_is_unique() {
        let shipped =
            |name: &str| Shipped { name: name.into(), source: Source::new(format!("{name}{MARK}"), "()") };
        let all = || vec![shipped("a"), shipped("x/a"), shipped("x/b"), shipped("y/c"), shipped("z/c")];
        let named = |name: &str| find(all(), name).map(|source| source.name().to_owned());
        assert_eq!(named("a").as_deref(), Some("a (shipped)"));
        assert_eq!(named("x/a").as_deref(), Some("x/a (shipped)"));
        assert_eq!(named("b").as_deref(), Some("x/b (shipped)"));
        assert_eq!(named("c"), None, "two have it");
    }
}
